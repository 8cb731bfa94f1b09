using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Numerics;
using Reft.Problems;

namespace Reft.Rollouts;

/// <summary>What a model is told to do, and what it is told in hindsight to have been told.</summary>
/// <param name="Goal">Stands before the question where the answer is to be right.</param>
/// <param name="Opposite">Stands there where it is to be wrong.</param>
internal sealed record HindsightInstructions(string Goal, string Opposite)
{
    /// <summary>A problem under an instruction.</summary>
    public static Problem Under(string instruction, Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return problem with { Question = $"{instruction} {problem.Question.TrimStart()}" };
    }
}

/// <summary>
/// Samples under the instruction to answer rightly, and beside them samples of now and before under the instruction that they in fact
/// followed, and once more under the other one (HIR, <see href="https://arxiv.org/abs/2302.05206"/>, section 4). What is relabelled belongs to
/// nobody's draw: it has no log-probabilities. The samples of before are part of a checkpoint.
/// </summary>
/// <param name="rollouts">Draws from the policy.</param>
/// <param name="instructions">The instructions.</param>
/// <param name="learned">How many relabelled samples a step has for each one drawn, at least 1.</param>
/// <param name="kept">How many samples are kept for each training problem, at least 1; the latest ones.</param>
internal sealed class HindsightRollouts(PolicyRollouts rollouts, HindsightInstructions instructions, int learned, int kept) : IRolloutSource
{
    /// <summary>Ends the id of a sample under the instruction that it followed.</summary>
    public const string Followed = "+";

    /// <summary>Ends the id of the same sample under the other instruction.</summary>
    public const string Ignored = "-";

    // Names the draw of what is learned again.
    private const ulong ReplaySalt = 0x41D_516;

    private readonly List<Memory> _memory = [];

    private sealed record Memory(string Problem, long Step, int Sample, bool IsCorrect, int[] Response, FinishReason Finish);

    /// <inheritdoc/>
    public long StepsPerEpoch => rollouts.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
    {
        var (options, problems) = (rollouts.Options, rollouts.ProblemsAt(step));
        var starts = problems.Select(problem => Start(problem, instructions.Goal, step)).ToArray();
        var drawn = rollouts.Draw(starts, step, options.Sampling, options.SamplesPerProblem, cancellation);
        rollouts.Observe(drawn);
        // Under the other instruction it may not fit into the context.
        var others = problems.Select(problem => Start(problem, instructions.Opposite, step).PromptTokens.Length).ToArray();
        _memory.AddRange(drawn.Select((rollout, i) => (Rollout: rollout, Place: i / options.SamplesPerProblem, Sample: i % options.SamplesPerProblem))
            .Where(drew => others[drew.Place] + drew.Rollout.ResponseLength <= rollouts.Context)
            .Select(drew => new Memory(
                drew.Rollout.Problem.Id, step, drew.Sample, drew.Rollout.Verdict is { IsCorrect: true },
                drew.Rollout.Tokens[drew.Rollout.PromptLength..], drew.Rollout.FinishReason)));
        _memory.RemoveRange(0, Math.Max(0, _memory.Count - (kept * rollouts.Problems.Count)));
        var byId = rollouts.Problems.ToDictionary(problem => problem.Id, StringComparer.Ordinal);
        return [.. drawn, .. Replayed(step, learned * drawn.Count).SelectMany((memory, i) => Pair(memory, byId[memory.Problem], i, step))];
    }

    /// <inheritdoc/>
    public JsonObject Save() => new()
    {
        ["rollouts"] = rollouts.Save(),
        ["memory"] = new JsonArray([.. _memory.Select(memory => (JsonNode)new JsonObject
        {
            ["problem"] = memory.Problem,
            ["step"] = memory.Step,
            ["sample"] = memory.Sample,
            ["correct"] = memory.IsCorrect,
            ["finish"] = (int)memory.Finish,
            ["ids"] = new JsonArray([.. memory.Response.Select(id => (JsonNode)id)]),
        })]),
    };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        rollouts.Restore(state["rollouts"] as JsonObject ?? throw new InputException("the rollouts' state lacks 'rollouts'"));
        _memory.Clear();
        foreach (var entry in state["memory"] as JsonArray ?? throw new InputException("the rollouts' state lacks 'memory'"))
        {
            _memory.Add(new Memory(
                Part("problem").GetValue<string>(), Part("step").GetValue<long>(), Part("sample").GetValue<int>(), Part("correct").GetValue<bool>(),
                [.. Part("ids").AsArray().Select(id => id!.GetValue<int>())], (FinishReason)Part("finish").GetValue<int>())); // No id is null.

            JsonNode Part(string name) => entry?[name] ?? throw new InputException($"a sample of the rollouts' state lacks '{name}'");
        }
    }

    /// <summary>So many of the memory, drawn without repeats until all of it is there.</summary>
    private IEnumerable<Memory> Replayed(long step, int count)
    {
        var order = new List<int>();
        for (var round = 0; order.Count < count && _memory.Count > 0; round++)
        {
            var all = Enumerable.Range(0, _memory.Count).ToArray();
            new CounterRandom(CounterRandom.Hash(CounterRandom.Hash(rollouts.Options.Seed, ReplaySalt), (ulong)step, (ulong)round)).Shuffle(all);
            order.AddRange(all.Take(count - order.Count));
        }

        return order.Select(i => _memory[i]);
    }

    private IEnumerable<ScoredRollout> Pair(Memory memory, Problem problem, int place, long step)
    {
        var (followed, ignored) = memory.IsCorrect ? (instructions.Goal, instructions.Opposite) : (instructions.Opposite, instructions.Goal);
        yield return Made(followed, Followed);
        yield return Made(ignored, Ignored);

        ScoredRollout Made(string instruction, string mark)
        {
            var start = Start(problem, instruction, step);
            return new ScoredRollout
            {
                SampleId = FormattableString.Invariant($"{place}:{problem.Id}@{memory.Step}#{memory.Sample}{mark}"),
                Problem = problem,
                Tokens = [.. start.PromptTokens, .. memory.Response],
                PromptLength = start.PromptTokens.Length,
                Roles = [.. memory.Response.Select(_ => TokenRole.Sampled)],
                FinishReason = memory.Finish,
                PolicyStep = memory.Step,
            };
        }
    }

    private Start Start(Problem problem, string instruction, long step) =>
        rollouts.StartOf(HindsightInstructions.Under(instruction, problem), step) with { Problem = problem };
}
