using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Training;
using Reft.Training.Runs;
using Reft.Verification;
using static TorchSharp.torch;

namespace Reft.Tests.Training.Runs;

/// <summary>A whole run of PPO on a toy task in a folder, of milliseconds a step: what crash tests interrupt.</summary>
internal sealed class ToyRun : IDisposable
{
    public const int Steps = 8;

    private const int Vocabulary = 12;
    private const int Width = 16;

    private readonly PretrainedModel _model = TinyModels.Llama(Vocabulary, Width);
    private readonly PretrainedModel _reference = TinyModels.Llama(Vocabulary, Width);
    private readonly ValueHead _head = new(Width, zero: false, seed: 1, CPU);
    private readonly Policy _policy;
    private readonly Policy _frozen;
    private readonly ComposedAlgorithm _algorithm;

    public ToyRun(string path)
    {
        Folder = new RunFolder(path);
        _policy = new Policy(_model.Decoder, _head);
        _frozen = new Policy(_reference.Decoder);
        _policy.RequireGradients(true);
        Optimizer = new AdamW(_policy.Parameters, new AdamWOptions());
        // The adaptive coefficient is a state that a resumed run must not lose.
        var options = new PpoOptions { Kl = new KlOptions { Coefficient = 0.05, Target = 0.5, Horizon = 100 } };
        _algorithm = Ppo.Create(options, sequences => PolicyEvaluation.LogProbs(_frozen, sequences, 4096));
    }

    internal RunFolder Folder { get; }

    public AdamW Optimizer { get; }

    public List<string> Notes { get; } = [];

    public List<string> Warnings { get; } = [];

    public string Origin { get; init; } = "toy";

    public int Slots { get; init; } = 16;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called after every step with the steps done.</summary>
    public Action<long>? AfterStep { get; init; }

    /// <summary>Files whose bytes depend on config and seed alone, by their paths in the folder.</summary>
    public SortedDictionary<string, string> Bytes() => Bytes(Folder.Path);

    /// <summary>The same of any run's folder.</summary>
    public static SortedDictionary<string, string> Bytes(string folder)
    {
        // config.yaml says where the run lies.
        string[] left = ["status.json", "timings.jsonl", "tensorboard", "run.json", "config.yaml", "report.html"];
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Where(file => !left.Contains(file.Split(Path.DirectorySeparatorChar)[0]) && !file.StartsWith(".lock", StringComparison.Ordinal));
        return new SortedDictionary<string, string>(files.ToDictionary(
            file => file,
            file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
                File.ReadAllBytes(Path.Combine(folder, file))))), StringComparer.Ordinal);
    }

    /// <summary>Fails with the names of the files that differ.</summary>
    public static void AssertSame(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.Empty(expected.Where(pair => actual[pair.Key] != pair.Value).Select(pair => pair.Key));
    }

    public RunOutcome Run(CancellationToken cancellation = default)
    {
        var options = Episodes.Options(3e-3);
        var trainer = new Trainer(_policy, new Source(_policy, Slots), _algorithm, Optimizer, options);
        var plan = new TrainingPlan
        {
            Steps = Steps,
            StepsPerEpoch = 4,
            EvaluateEvery = 4,
            Evaluate = (step, _) => new DevEvaluation(Accuracy(), "toy", path => AtomicFile.WriteAllText(path, $"{step}\n")),
            CheckpointEvery = 3,
            Keep = 2,
            KeepEpochs = [1],
            SaveModel = (path, _, _) => _model.Save(path),
            Origin = Origin,
        };
        Directory.CreateDirectory(Folder.Evaluations);
        return new TrainingLoop(plan, trainer, Optimizer, Folder, new Observer(this), Clock).Run(cancellation);
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        _head.Dispose();
        _model.Dispose();
        _reference.Dispose();
    }

    /// <summary>Moves with the weights, so that a wrong resume would choose another best checkpoint.</summary>
    private double Accuracy()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return Math.Abs(_model.Decoder.Parameters[0].Value.sum().item<float>()) % 1;
    }

    private sealed class Observer(ToyRun run) : ITrainingObserver
    {
        public void Stepped(TrainingStep step, long of) => run.AfterStep?.Invoke(step.Step + 1);

        public void Noted(string note, bool isWarning) => (isWarning ? run.Warnings : run.Notes).Add(note);
    }

    private sealed class Source(Policy policy, int slots) : IRolloutSource
    {
        private static readonly SamplingOptions Sampling = new()
        {
            Temperature = 1,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = 3,
            StopTokens = [0],
            Seed = 3,
        };

        public long StepsPerEpoch => 4;

        public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) =>
            [.. new CompletionGenerator(policy.Decoder, slots).Generate(
                [.. Enumerable.Range(0, 16).Select(i => new GenerationRequest((ulong)i, 0, [1 + (i % 5)]))],
                Sampling, (ulong)step, cancellation: cancellation).Select(Score)];

        public JsonObject Save() => [];

        public void Restore(JsonObject state)
        {
        }

        private static ScoredRollout Score(Completion completion)
        {
            var id = $"{completion.Request.Problem}";
            var outcome = completion.Tokens.Contains(7) ? Outcome.Correct : Outcome.Incorrect;
            return new ScoredRollout
            {
                SampleId = id,
                Problem = new Problem(id, "", "7"),
                Tokens = [.. completion.Request.Prompt, .. completion.Tokens],
                PromptLength = 1,
                Roles = [.. completion.Tokens.Select(_ => TokenRole.Sampled)],
                LogProbs = completion.LogProbs,
                FinishReason = completion.FinishReason,
                Verdict = new Verdict(id, outcome, "7", ""),
                Reward = outcome == Outcome.Correct ? 1 : 0.1,
            };
        }
    }
}
