using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Methods;
using Reft.Models;
using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Training;
using Reft.Training;
using Reft.Verification;

namespace Reft.Tests.Algorithms;

/// <summary>What every method on the policy's own samples must do, whatever its loss.</summary>
public sealed class FamilyTests : IDisposable
{
    private const int Vocabulary = 12;

    private static readonly UpdateOptions _free = new() { FirstRatioTolerance = 10 };

    private readonly PretrainedModel _model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
    private readonly Policy _policy;

    public FamilyTests()
    {
        _policy = new Policy(_model.Decoder);
        _policy.RequireGradients(true);
    }

    public void Dispose() => _policy.Dispose();

    public static TheoryData<string> Names => new(_make.Keys);

    private static readonly SortedDictionary<string, Func<Func<IReadOnlyList<PolicySequence>, float[][]>, ComposedAlgorithm>> _make =
        new(StringComparer.Ordinal)
        {
            ["grpo"] = reference => Grpo.Create(new GrpoOptions { Update = _free }, reference),
            ["dr-grpo"] = _ => DrGrpo.Create(new DrGrpoOptions { Update = _free }, maxTokens: 7),
            ["dapo"] = _ => Dapo.Create(new DapoOptions { Update = _free, LengthBuffer = 2 }, maxTokens: 7),
            ["gspo"] = _ => Gspo.Create(new GspoOptions { Update = _free, ClipLow = 0.1, ClipHigh = 0.1 }),
            ["rloo"] = reference => Rloo.Create(new RlooOptions { Update = _free }, reference),
            ["reinforce-plus-plus"] = reference => ReinforcePlusPlus.Create(new ReinforcePlusPlusOptions { Update = _free }, reference),
            ["reinforce-plus-plus by group"] = reference =>
                ReinforcePlusPlus.Create(new ReinforcePlusPlusOptions { Update = _free, GroupBaseline = true }, reference),
            ["remax"] = reference => ReMax.Create(new ReMaxOptions { Update = _free }, reference),
            ["cispo"] = _ => Cispo.Create(new CispoOptions { Update = _free }),
            ["verified-dpo"] = reference => VerifiedDpo.Create(new VerifiedDpoOptions(), reference),
            ["taco"] = reference => Taco.Create(new TacoOptions { Update = _free, Defer = new() { Deviations = 1 } }, reference),
            ["t1"] = reference => T1.Create(new T1Options { Update = _free, KlCoefficient = 0.02, EntropyCoefficient = 0.01 }, reference),
            ["uft"] = reference => Uft.Create(new UftOptions { Update = _free }, reference),
            ["rejection-sampling"] = _ => RejectionSampling.Create(new RejectionSamplingOptions()),
        };

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_AnyPartitionOfTheMiniBatch_IsTheSame(string name)
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            var algorithm = _make[name](Reference);
            var rows = algorithm.Prepare(Drawn(seed), _policy, new StepMetrics()).Where(t => !t.LeftOut).ToArray();
            var random = new CounterRandom(seed);

            var whole = Episodes.Gradient(_policy, algorithm, rows, [rows]);
            var order = rows.ToArray();
            random.Shuffle(order);
            var split = Episodes.Gradient(_policy, algorithm, order, [.. MicroBatches.Split(order, _ => 1, random.Between(1, 5))]);

            // Sums of float32 in another order.
            var largest = whole.Max(Math.Abs);
            Assert.InRange(largest, 1e-4, 1000);
            Assert.InRange(Episodes.Distance(whole, split), 0, 2e-6 * Math.Max(1, largest));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Training_TokenWithReward_IsLearned(string name)
    {
        // Right is a first token of 6 to 11: half of what a fresh policy draws. 16 problems, 8 samples of each.
        using var model = TinyModels.Llama(Vocabulary, seed: 3);
        using var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        using var frozen = TinyModels.Llama(Vocabulary, seed: 3);
        using var reference = new Policy(frozen.Decoder);
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var trainer = new Trainer(
            policy, new Toy(policy), _make[name](sequences => PolicyEvaluation.LogProbs(reference, sequences, 4096)), optimizer,
            Episodes.Options(3e-3));

        var right = Enumerable.Range(0, 40).Select(
            step => trainer.Step(step, TestContext.Current.CancellationToken)["verdict/correct_share"]).ToArray();

        Assert.InRange(right[0], 0.2, 0.8);
        Assert.True(right[^5..].Average() > 0.9, $"{name}: {right[0]:F2} right at first, {right[^5..].Average():F2} at last");
    }

    /// <summary>Nine rollouts of three problems, of which each has samples that are worth something and others that are not.</summary>
    private ScoredRollout[] Drawn(ulong seed) =>
    [
        .. Episodes.Drawn(_policy, Episodes.Random(seed, 9, Vocabulary), noise: 0.3, seed).Select((r, i) =>
        {
            var isRight = i is 0 or 4 or 5 or 6;
            return r with
            {
                Problem = new Problem($"p{i % 3}", "", ""),
                Reward = isRight ? 1 : 0,
                Baseline = i % 3 * 0.25,
                Verdict = new Verdict(r.SampleId, isRight ? Outcome.Correct : Outcome.Incorrect, "1", ""),
            };
        }),
    ];

    private static float[][] Reference(IReadOnlyList<PolicySequence> sequences) =>
        [.. sequences.Select(s => s.Tokens.Skip(s.PromptLength).Select(token => -2f - (0.05f * token)).ToArray())];

    private sealed class Toy(Policy policy) : IRolloutSource
    {
        private static readonly SamplingOptions _sampling = new()
        {
            Temperature = 1,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = 2,
            StopTokens = [0],
            Seed = 3,
        };

        public long StepsPerEpoch => 1;

        public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
        {
            var requests = Enumerable.Range(0, 16).SelectMany(
                p => Enumerable.Range(0, 8).Select(i => new GenerationRequest((ulong)p, i, [1 + (p % 8)]))).ToArray();
            return [.. new CompletionGenerator(policy.Decoder, 64).Generate(requests, _sampling, (ulong)step, cancellation: cancellation).Select(Score)];
        }

        public System.Text.Json.Nodes.JsonObject Save() => [];

        public void Restore(System.Text.Json.Nodes.JsonObject state)
        {
        }

        private static ScoredRollout Score(Completion completion)
        {
            var id = $"{completion.Request.Problem}#{completion.Request.Sample}";
            var isRight = completion.Tokens[0] >= 6;
            return new ScoredRollout
            {
                SampleId = id,
                Problem = new Problem($"{completion.Request.Problem}", "", ""),
                Tokens = [.. completion.Request.Prompt, .. completion.Tokens],
                PromptLength = 1,
                Roles = [.. completion.Tokens.Select(_ => TokenRole.Sampled)],
                LogProbs = completion.LogProbs,
                FinishReason = completion.FinishReason,
                Verdict = new Verdict(id, isRight ? Outcome.Correct : Outcome.Incorrect, "", ""),
                Reward = isRight ? 1 : 0,
                Baseline = 0.5,
            };
        }
    }
}
