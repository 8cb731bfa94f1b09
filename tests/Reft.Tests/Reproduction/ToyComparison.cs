using System.Diagnostics;
using Reft.Configuration;
using Reft.Reproduction;
using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Tests.Reproduction;

/// <summary>A comparison of all methods that takes seconds.</summary>
internal sealed class ToyComparison : IDisposable
{
    private const string Common = """
        model: { path: nowhere }
        problems:
          train: { file: FOLDER/train.jsonl }
          dev: { file: FOLDER/dev.jsonl }
        TEST
        answers: { style: number }
        optimizer: { learningRate: 3e-3, schedule: constant }
        invariants: { off: [reward-stuck, error-verdicts, kl-negative] }
        """;

    private const string Test = "  test: { file: FOLDER/test.jsonl }";

    /// <summary>How many problems are learned, and how many tested.</summary>
    public const int Train = 22;

    public const int TestProblems = 10;

    /// <summary>How many steps the first stage of all has, the base's training.</summary>
    public const int BaseSteps = 300;

    /// <summary>How many questions more there are, with answers alone, in more.jsonl.</summary>
    public const int More = 6;

    private readonly TemporaryFolder _folder = new();

    public ToyComparison()
    {
        // Sums of two digits, which a toy gets right now and then.
        string[] all = [.. Enumerable.Range(0, 36).Select(i => (7 * i) % 36).Select(i =>
            $"{{\"id\":\"s{i}\",\"question\":\"{i / 6} + {i % 6}?\",\"answer\":\"{(i / 6) + (i % 6)}\",\"solution\":\"{(i / 6) + (i % 6)}.\"}}\n")];
        File.WriteAllText(_folder["train.jsonl"], string.Concat(all[..Train]));
        File.WriteAllText(_folder["dev.jsonl"], string.Concat(all[Train..^TestProblems]));
        File.WriteAllText(_folder["test.jsonl"], string.Concat(all[^TestProblems..]));
        File.WriteAllText(_folder["more.jsonl"], string.Concat(all[..Train]) + string.Concat(Enumerable.Range(0, More).Select(i =>
            $"{{\"id\":\"m{i}\",\"question\":\"{i} + 0 + 1?\",\"answer\":\"{i + 1}\"}}\n")));
        Write("base.yaml", Common.Replace("{ path: nowhere }", "{ fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 96, vocabulary: 300 } }", StringComparison.Ordinal),
            "method: pretrain", $"training: {{ steps: {BaseSteps}, batchSize: 8, maxTokens: 96 }}");
        Write("sft.yaml", Common, "method: sft", "training: { epochs: 4, batchSize: 4, maxTokens: 96 }", "evaluation: { everyEpochs: 2, maxTokens: 24, slots: 2 }", Test);
        Write("online.yaml", Common, "method: online-self-training", "training: { steps: 2, batchSize: 4, maxTokens: 96 }",
            "evaluation: { everySteps: 1, maxTokens: 24 }", "rollouts: { maxTokens: 24 }");
        Write("reft.yaml", Common, "method: reft", "training: { steps: 2, batchSize: 4, maxTokens: 96 }",
            "evaluation: { everySteps: 1, maxTokens: 24 }", "rollouts: { maxTokens: 24 }");
        Write("reward.yaml", Common, "method: outcome-reward", "training: { epochs: 1, batchSize: 16, maxTokens: 96 }",
            "evaluation: { everyEpochs: 1 }", "rewardModel: { samples: anywhere.jsonl }");
    }

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    /// <summary>The comparison of all arms in a folder of its own.</summary>
    public ReproducePlan Plan(string name, params string[] sets) => Plan(name, ["sft", "offline", "online", "reft"], sets, hasRewardModel: true);

    /// <summary>The comparison of some arms in a folder of its own, without a reward model unless that is asked for.</summary>
    public ReproducePlan Plan(string name, string[] arms, string[] sets, bool hasRewardModel = false, string more = "")
    {
        var all = new Dictionary<string, string>
        {
            ["sft"] = $"{{ name: sft, title: SFT, config: {_folder["sft.yaml"]} }}",
            ["offline"] = $"{{ name: offline, title: Offline self-training, from: base, learns: warmUpSamples, config: {_folder["sft.yaml"]}, set: [training.epochs=2] }}",
            ["online"] = $"{{ name: online, title: Online self-training, config: {_folder["online.yaml"]} }}",
            ["reft"] = $"{{ name: reft, title: ReFT, config: {_folder["reft.yaml"]} }}",
            ["more"] = more,
        };
        File.WriteAllText(_folder["all.yaml"], $$"""
            folder: {{_folder[name]}}
            seeds: [1, 2]
            base: { config: {{_folder["base.yaml"]}} }
            samples: { train: 3, test: 4, keep: 2 }
            k: [2]
            formats:
              - name: Sums
                warmUpEpoch: 2
                arms: [{{string.Join(", ", arms.Select(arm => all[arm]))}}]
                rewardModel: {{(hasRewardModel ? $"{{ config: {_folder["reward.yaml"]} }}" : "null")}}
            """);
        return ReproduceFile.Load(_folder["all.yaml"], sets);
    }

    /// <summary>Runs what is missing, and stops at a moment; gives whether all is done.</summary>
    public static bool Run(ReproducePlan plan, Observer observer) =>
        new ReproductionRun(plan, observer, TimeProvider.System).Run(observer.Stop.Token);

    /// <summary>Starts <c>reft reproduce</c> of the plan that was made last.</summary>
    public Process Start(params string[] more) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Reft.Cli.dll"), "reproduce", _folder["all.yaml"], .. more])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!; // It is a new process.

    private void Write(string name, string common, params string[] more) => File.WriteAllText(
        _folder[name],
        $"run: {_folder["none"]}\n{common.Replace("TEST", more.Contains(Test) ? Test : "", StringComparison.Ordinal).Replace("FOLDER", _folder.Path, StringComparison.Ordinal)}\n"
        + string.Join('\n', more.Where(line => line != Test)) + "\n");

    /// <summary>Counts moments, and asks to stop at one of them.</summary>
    public sealed class Observer(int stopAt = int.MaxValue) : IReproductionObserver, ITrainingObserver, IDisposable
    {
        private readonly TaskCompletionSource _begins = new();
        private int _moments;

        /// <summary>Ends when the first stage begins.</summary>
        public Task Begins => _begins.Task;

        public CancellationTokenSource Stop { get; } = new();

        public List<string> Stages { get; } = [];

        public int Moments => _moments;

        public void Begun(string stage, int place, int of)
        {
            Stages.Add(stage);
            _begins.TrySetResult();
            Tick();
        }

        public RunOutcome Train(RunConfig config, CancellationToken cancellation)
        {
            using var run = TrainingRun.Prepare(new LoadedConfig(config, Provenance.None), this, TimeProvider.System);
            return run.Run(new RunFolder(config.Run).IsRun, "test", cancellation);
        }

        public void Progressed(string text) => Tick();

        public void Noted(string text) => Tick();

        public void Stepped(TrainingStep step, long of) => Tick();

        public void Noted(string note, bool isWarning)
        {
        }

        public void Dispose() => Stop.Dispose();

        private void Tick()
        {
            if (++_moments == stopAt)
            {
                Stop.Cancel();
            }
        }
    }
}
