using System.Globalization;
using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Numerics;
using Reft.Problems;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Rollouts;

/// <summary>How a policy is rolled out.</summary>
internal sealed record PolicyRolloutOptions
{
    /// <summary>Problems of a step, at least 1.</summary>
    public required int ProblemsPerStep { get; init; }

    /// <summary>Samples of each problem, at least 1; ReFT takes 1.</summary>
    public required int SamplesPerProblem { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>What samples are worth: the sum.</summary>
    public required IReadOnlyList<IReward> Rewards { get; init; }

    /// <summary>The seed of the problems' order.</summary>
    public required ulong Seed { get; init; }
}

/// <summary>Rollouts of the current policy, verified and rewarded.</summary>
public sealed class PolicyRollouts : IRolloutSource
{
    private readonly IReadOnlyList<Problem> _problems;
    private readonly ICurriculum _curriculum;
    private readonly CompletionGenerator _generator;
    private readonly Tokenizer _tokenizer;
    private readonly IVerifier _verifier;
    private readonly PolicyRolloutOptions _options;
    private readonly EpochOrder _order;
    private readonly Heartbeat _heartbeat;

    /// <summary>Makes the source.</summary>
    /// <param name="problems">The training problems.</param>
    /// <param name="curriculum">Where rollouts start.</param>
    /// <param name="generator">Draws from the policy.</param>
    /// <param name="tokenizer">Makes the texts that are verified.</param>
    /// <param name="verifier">Judges them.</param>
    /// <param name="options">The rest.</param>
    /// <param name="heartbeat">Told of every sample that gets on; null for nobody.</param>
    internal PolicyRollouts(
        IReadOnlyList<Problem> problems, ICurriculum curriculum, CompletionGenerator generator, Tokenizer tokenizer,
        IVerifier verifier, PolicyRolloutOptions options, Heartbeat? heartbeat = null)
    {
        _problems = problems;
        _curriculum = curriculum;
        _generator = generator;
        _tokenizer = tokenizer;
        _verifier = verifier;
        _options = options;
        _heartbeat = heartbeat ?? new Heartbeat();
        _order = new EpochOrder(problems.Count, options.ProblemsPerStep, options.Seed);
    }

    /// <inheritdoc/>
    public long StepsPerEpoch => _order.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
    {
        var rollouts = Draw(ProblemsAt(step), step, _options.Sampling, _options.SamplesPerProblem, cancellation);
        _curriculum.Observe(rollouts);
        return rollouts;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => _curriculum.Figures;

    /// <summary>How the policy is rolled out.</summary>
    internal PolicyRolloutOptions Options => _options;

    /// <summary>The training problems.</summary>
    internal IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Tells the curriculum how rollouts went.</summary>
    internal void Observe(IReadOnlyList<ScoredRollout> rollouts) => _curriculum.Observe(rollouts);

    /// <summary>The problems that a step takes.</summary>
    internal IReadOnlyList<Problem> ProblemsAt(long step) => Picked(step) ?? [.. _order.At(step).Select(i => _problems[i])];

    /// <summary>The problems that the curriculum picks for a step; null where it leaves that to the order.</summary>
    internal IReadOnlyList<Problem>? Picked(long step) => _curriculum.Pick(step) is { } places ? [.. places.Select(i => _problems[i])] : null;

    /// <summary>Rollouts of a step's problems, verified and rewarded; the curriculum is not told of them.</summary>
    internal IReadOnlyList<ScoredRollout> Draw(
        IEnumerable<Problem> problems, long step, SamplingOptions sampling, int samples, CancellationToken cancellation)
    {
        var starts = problems.SelectMany(problem => Requests(problem, step, samples)).ToArray();
        var completions = _generator.Generate(
            [.. starts.Select(s => s.Request)], sampling, (ulong)step,
            (i, _) => _heartbeat.Beat("rollout", starts[i].Start.Problem.Id), cancellation);
        var texts = completions.Select((c, i) => Response(starts[i].Start, c)).ToArray();
        var judged = starts.Select((s, i) => new Sample(Id(s.Start, s.Request), texts[i], s.Start.Problem.Answer)
        {
            Given = s.Start.Given,
        }).ToArray();
        _heartbeat.Beat("verification", $"{judged.Length} samples from {judged[0].Id} on");
        var verdicts = _verifier.Verify(judged, cancellation);
        return [.. completions.Select((completion, i) =>
            Score(starts[i].Start, completion, texts[i], verdicts[judged[i].Id], step))];
    }

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["curriculum"] = _curriculum.Save() };

    /// <inheritdoc/>
    public void Restore(JsonObject state) => _curriculum.Restore(
        state["curriculum"] as JsonObject ?? throw new InputException("the rollouts' state lacks the curriculum's"));

    private static string Id(Start start, GenerationRequest request) =>
        string.Create(CultureInfo.InvariantCulture, $"{start.Problem.Id}#{request.Sample}");

    private IEnumerable<(Start Start, GenerationRequest Request)> Requests(Problem problem, long step, int samples)
    {
        var start = _curriculum.Choose(problem, step);
        int[] prompt = [.. start.PromptTokens, .. start.HintTokens];
        // By the id, not the place in the file: the draws stay the same when a problem is added.
        var key = CounterRandom.Hash(0, start.Problem.Id);
        for (var i = 0; i < samples; i++)
        {
            yield return (start, new GenerationRequest(key, i, prompt));
        }
    }

    private string Response(Start start, Completion completion) =>
        _tokenizer.DecodeResponse(start.PromptTokens, [.. start.HintTokens, .. completion.Tokens]);

    private ScoredRollout Score(Start start, Completion completion, string text, Verdict verdict, long step)
    {
        var rollout = Unpaid(start, completion, text, verdict, step);
        var parts = Rewarding.Parts(
            _options.Rewards, new JudgedSample(start.Problem, start.Given + text, verdict, _verifier.Style, rollout.IsTruncated));
        return rollout with { Reward = parts.Sum(part => part.Worth), RewardParts = Rewarding.Logged(parts) };
    }

    private static ScoredRollout Unpaid(Start start, Completion completion, string text, Verdict verdict, long step) => new()
    {
        SampleId = verdict.SampleId,
        Problem = start.Problem,
        Tokens = [.. completion.Request.Prompt, .. completion.Tokens],
        PromptLength = start.PromptTokens.Length,
        Roles =
        [
            .. start.HintTokens.Select(_ => TokenRole.Hint),
            .. completion.Tokens.Select(_ => TokenRole.Sampled),
        ],
        LogProbs = [.. start.HintTokens.Select(_ => 0f), .. completion.LogProbs],
        FinishReason = completion.FinishReason,
        Text = text,
        Verdict = verdict,
        PolicyStep = step,
    };
}
