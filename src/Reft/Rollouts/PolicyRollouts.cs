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

    /// <summary>Says how likely known answers are; null where no reward reads it.</summary>
    public KnownAnswers? Known { get; init; }

    /// <summary>Who draws in the policy's place; null for itself.</summary>
    public ForeignSampler? Foreign { get; init; }

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
    private readonly StepAccuracy _accuracy = new();

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
        foreach (var reward in options.Rewards)
        {
            Whole.Of(reward, "reward");
        }

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

    /// <summary>The most tokens of a sequence.</summary>
    internal int Context => _generator.Context;

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
        IEnumerable<Problem> problems, long step, SamplingOptions sampling, int samples, CancellationToken cancellation) =>
        Draw([.. problems.Select(problem => StartOf(problem, step))], step, sampling, samples, cancellation);

    /// <summary>Where a problem's rollouts start; of a problem in other words, its question asked otherwise.</summary>
    internal Start StartOf(Problem problem, long step) => _curriculum.Choose(problem, step);

    /// <summary>Rollouts from given starts, verified and rewarded; none for no start.</summary>
    /// <param name="from">The starts.</param>
    /// <param name="step">The step.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    /// <param name="samples">Samples of each start.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <param name="first">
    /// The number of the first sample of the start at a place; null for 0. Where a problem is started from more than once, draws and ids differ by it.
    /// </param>
    internal IReadOnlyList<ScoredRollout> Draw(
        IReadOnlyList<Start> from, long step, SamplingOptions sampling, int samples, CancellationToken cancellation, Func<int, int>? first = null)
    {
        if (from.Count == 0)
        {
            return [];
        }

        var starts = from.SelectMany((start, i) => Requests(start, first?.Invoke(i) ?? 0, samples)).ToArray();
        _options.Foreign?.Begin(step, cancellation);
        var completions = _generator.Generate(
            [.. starts.Select(s => s.Request)], sampling, (ulong)step,
            (i, _) => _heartbeat.Beat("rollout", starts[i].Start.Problem.Id), cancellation);
        // A greedy completion is no draw.
        var scores = sampling.IsGreedy ? null : _options.Foreign?.Score(completions);
        var texts = completions.Select((c, i) => Response(starts[i].Start, c)).ToArray();
        var judged = starts.Select((s, i) => new Sample(Id(s.Start, s.Request), texts[i], s.Start.Problem.Answer)
        {
            Given = s.Start.Given,
        }).ToArray();
        _heartbeat.Beat("verification", $"{judged.Length} samples from {judged[0].Id} on");
        var verdicts = _verifier.Verify(judged, cancellation);
        var batch = _accuracy.Next(step, judged.Count(sample => verdicts[sample.Id].IsCorrect), judged.Length);
        var known = _options.Known?.Likelihoods([.. starts.Select((s, i) => (s.Start.Problem, s.Start.PromptTokens, texts[i]))]);
        return [.. completions.Select((completion, i) =>
            Score(
                Scored(Unpaid(starts[i].Start, completion, texts[i], verdicts[judged[i].Id], step), completion, scores?[i]) with { KnownLikelihood = known?[i] },
                starts[i].Start.Given, batch))];
    }

    /// <inheritdoc/>
    public JsonObject Save()
    {
        var state = new JsonObject { ["curriculum"] = _curriculum.Save() };
        if (ReadsBatch)
        {
            state["accuracy"] = _accuracy.Save();
        }

        return state;
    }

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _curriculum.Restore(state["curriculum"] as JsonObject ?? throw new InputException("the rollouts' state lacks the curriculum's"));
        if (ReadsBatch)
        {
            _accuracy.Restore(state["accuracy"] as JsonObject ?? throw new InputException("the rollouts' state lacks the accuracy of the step before"));
        }
    }

    private bool ReadsBatch => _options.Rewards.Any(reward => reward.ReadsBatch);

    private static string Id(Start start, GenerationRequest request) =>
        string.Create(CultureInfo.InvariantCulture, $"{start.Problem.Id}#{request.Sample}");

    private static IEnumerable<(Start Start, GenerationRequest Request)> Requests(Start start, int first, int samples)
    {
        int[] prompt = [.. start.PromptTokens, .. start.HintTokens];
        // By the id, not the place in the file: the draws stay the same when a problem is added.
        var key = CounterRandom.Hash(0, start.Problem.Id);
        for (var i = 0; i < samples; i++)
        {
            yield return (start, new GenerationRequest(key, first + i, prompt) { Asked = start.PromptTokens.Length });
        }
    }

    private string Response(Start start, Completion completion) =>
        _tokenizer.DecodeResponse(start.PromptTokens, [.. start.HintTokens, .. completion.Tokens]);

    private ScoredRollout Score(ScoredRollout rollout, string given, BatchAccuracy batch)
    {
        // Its verdict is not null: it was just judged.
        var parts = Rewarding.Parts(_options.Rewards, new JudgedSample(rollout.Problem, given + rollout.Text, rollout.Verdict!, _verifier.Style, rollout.IsTruncated)
        {
            Batch = batch,
            KnownLikelihood = rollout.KnownLikelihood ?? 0,
        });
        return rollout with { Reward = parts.Sum(part => part.Worth), RewardParts = Rewarding.Logged(parts) };
    }

    /// <summary>A rollout whose tokens another sampler drew, with what the policy says of them; itself where there are no scores.</summary>
    private ScoredRollout Scored(ScoredRollout rollout, Completion completion, ForeignScores? scores)
    {
        if (scores is not { } policy)
        {
            return rollout;
        }

        var hints = new float[rollout.ResponseLength - completion.Tokens.Length];
        return rollout with
        {
            LogProbs = [.. hints, .. policy.LogProbs],
            SamplerLogProbs = rollout.LogProbs,
            ImportanceWeights = [.. hints.Select(_ => 1f), .. _options.Foreign!.Weigh(policy.LogProbs, completion.LogProbs)], // It gave the scores.
            Entropies = [.. hints, .. policy.Entropies],
        };
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
