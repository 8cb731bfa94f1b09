using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Evaluation;
using Reft.Inputs;
using Reft.Problems;
using Reft.Sampling;
using Reft.Text;
using Reft.Training.Runs;

namespace Reft.Reproduction;

/// <summary>Who is told how a comparison gets on.</summary>
internal interface IReproductionObserver
{
    /// <summary>A stage begins.</summary>
    /// <param name="stage">Its name.</param>
    /// <param name="place">Which, from 1.</param>
    /// <param name="of">How many there are.</param>
    void Begun(string stage, int place, int of);

    /// <summary>Trains a run, or goes on with it, and shows it.</summary>
    RunOutcome Train(RunConfig config, CancellationToken cancellation);

    /// <summary>How far a stage that is no run is.</summary>
    void Progressed(string text);

    /// <summary>A stage that is no run has something to say at its end.</summary>
    void Noted(string text);
}

/// <summary>
/// Runs a comparison, a stage after the other. Every stage writes files that are whole or can be gone on with, and is entered in a
/// log when it is done, so a comparison that was stopped anywhere goes on where it was and ends in the same figures. Several
/// processes may run the same one: each takes a stage that nobody has and whose needs are done.
/// </summary>
internal sealed class ReproductionRun(ReproducePlan plan, IReproductionObserver observer, TimeProvider clock)
{
    private readonly ReproductionFiles _files = new(plan.Config.Folder);
    private readonly ReproductionUnits _units = new(plan);

    /// <summary>The formats, and arms as FORMAT/ARM, that are run now; empty for all.</summary>
    public IReadOnlyCollection<string> Only { get; init; } = [];

    /// <summary>What is entered in units as their maker.</summary>
    public ReproductionMaker Maker { get; init; } = new("", "");

    /// <summary>Does what is missing, and waits for what others do of it.</summary>
    /// <returns>Whether all is done; false where it was asked to stop.</returns>
    /// <exception cref="InputException">The folder belongs to another comparison, or a stage cannot be done.</exception>
    public bool Run(CancellationToken cancellation)
    {
        using var work = Join();
        return new StageRunner(new StageLog(_files.Stages), work, observer).Run([.. Stages()], done => Keep(work, done), cancellation);
    }

    /// <summary>Writes the problems, and refuses a folder that was begun with other settings: what <see cref="Run"/> does first.</summary>
    /// <exception cref="InputException">The folder belongs to another comparison, or problems cannot be read.</exception>
    public void Prepare() => Join().Dispose();

    private SharedWork Join()
    {
        var work = new SharedWork(_files.Locks);
        try
        {
            work.Join(first: () => StagedFile.RemoveLeftovers(plan.Config.Folder));
            using var alone = work.Alone();
            Begin();
            return work;
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    /// <summary>The stages that a comparison's log has as done.</summary>
    public static HashSet<string> DoneIn(ReproductionFiles files) => new StageLog(files.Stages).Done();

    /// <summary>The stages that an arm of a format and seed has of its own.</summary>
    public static IEnumerable<string> StageNames(ReproducePlan plan, FormatPlan format, ulong seed, Arm arm) =>
        new ReproductionRun(plan, NoObserver.Instance, TimeProvider.System).Stages(format, seed, arm, []).Select(stage => stage.Name);

    /// <summary>The name of the stage in which the warm-up draws samples.</summary>
    public static string SamplesStage(FormatPlan format, ulong seed) => Prefix(format, seed) + "warm-up samples";

    /// <summary>Writes the arms that are done into units that do not have them yet.</summary>
    private void Keep(SharedWork work, HashSet<string> done)
    {
        if (plan.Config.Units is null)
        {
            return;
        }

        foreach (var (format, seed, arms) in Pending().ToArray())
        {
            Arm[] ended = [.. arms.Where(arm => Stages(format, seed, arm, []).All(stage => done.Contains(stage.Name)))];
            if (ended.Length > 0)
            {
                using var alone = work.Alone();
                var reader = new ReproductionReader(plan);
                _units.Write(format, seed, ended.Select(arm => reader.Read(format, seed, arm)), Maker);
            }
        }
    }

    /// <summary>The arms that no unit holds, of those that are run now.</summary>
    private IEnumerable<(FormatPlan Format, ulong Seed, IReadOnlyList<Arm> Arms)> Pending()
    {
        foreach (var seed in plan.Config.Seeds)
        {
            foreach (var format in plan.Formats)
            {
                var kept = _units.Names(format, seed);
                Arm[] arms = [.. format.Arms.Where(arm => IsAsked(format, arm) && !kept.Contains(arm.Name))];
                if (arms.Length > 0)
                {
                    yield return (format, seed, arms);
                }
            }
        }
    }

    private bool IsAsked(FormatPlan format, Arm arm) => Only.Count == 0 || Only.Contains(format.Name) || Only.Contains($"{format.Name}/{arm.Name}");

    /// <summary>Writes the problems, and refuses a folder that was begun with other settings or problems.</summary>
    private void Begin()
    {
        var settings = new List<string>(plan.Settings.Split('\n'));
        var sets = new List<(string Path, IReadOnlyList<Problem> Problems)>();
        foreach (var format in plan.Formats)
        {
            var problems = Read(format, format.First.Config);
            foreach (var (name, set) in new[] { ("train", problems.Train), ("dev", problems.Dev), ("test", problems.Test) })
            {
                settings.Add($"{format.Name}: {name} {ProblemsHash.Of(set)}");
                sets.Add((_files.Problems(format.Name, name), set));
            }

            foreach (var arm in format.Arms.Where(arm => arm.Learns == ArmProblems.More))
            {
                var set = More(format, arm, problems);
                settings.Add($"{format.Name} {arm.Name}: train {ProblemsHash.Of(set)}");
                sets.Add((_files.Problems(format.Name, ReproductionFiles.TrainSet(arm)), set));
            }
        }

        var text = string.Join('\n', settings) + "\n";
        if (File.Exists(_files.Settings))
        {
            SettingsText.Compare((plan.Config.Folder, "--set folder=…"), File.ReadAllText(_files.Settings), text);
        }

        foreach (var (path, set) in sets)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // It lies in a folder.
            SelfTrainingSet.Write(path, set);
        }

        AtomicFile.WriteAllText(_files.Settings, text);
    }

    private static RunProblems Read(FormatPlan format, RunConfig config)
    {
        var verifier = RunVerifier.Create(config.Answers);
        using var held = verifier as IDisposable;
        var problems = RunProblems.Load(config, verifier);
        return problems.Test.Count > 0 ? problems : throw new InputException(
            $"format {format.Name}: the config of its first arm, {format.First.Name}, has no problems.test, which arms are compared on");
    }

    /// <summary>The problems of an arm that has more: everybody's, and others.</summary>
    private static IReadOnlyList<Problem> More(FormatPlan format, Arm arm, RunProblems problems)
    {
        var all = Read(format, arm.Config with { Problems = arm.Config.Problems with { Test = format.First.Config.Problems.Test } }).Train;
        var first = all.Take(problems.Train.Count).Select(problem => (problem.Id, problem.Question, problem.Answer));
        return all.Count > problems.Train.Count && first.SequenceEqual(problems.Train.Select(problem => (problem.Id, problem.Question, problem.Answer)))
            ? all
            : throw new InputException(
                $"format {format.Name}: the problems.train of {arm.Name} must begin with those of {format.First.Name}, in their order, and go on with others");
    }

    private IEnumerable<Stage> Stages()
    {
        string[] needs = [];
        var pending = Pending().ToArray();
        foreach (var (format, seed, arms) in pending)
        {
            foreach (var arm in arms.Where(arm => _units.IsOfOthers(format, seed, arm)))
            {
                observer.Noted($"{_units.PathOf(format.Name, seed)}: {arm.Name} was made under other settings, and is made anew");
            }
        }

        if (plan.Base is { } start && pending.Length > 0)
        {
            yield return new Stage("base", [], Trained(() => start with { Run = _files.Base.Path }));
            needs = ["base"];
        }

        foreach (var (format, seed, arms) in pending)
        {
            // An arm that is there is trained again where others need its checkpoints, which no unit holds.
            if (!arms.Contains(format.First) && arms.Any(arm => arm.NeedsWarmUp))
            {
                yield return Training(format, seed, format.First, needs);
            }

            if (format.RewardModel is not null || arms.Any(arm => arm.Learns == ArmProblems.WarmUpSamples))
            {
                yield return new Stage(SamplesStage(format, seed), [Name(format, seed, format.First)], token => SampleWarmUp(format, seed, WarmUp(format, seed), token));
            }

            foreach (var stage in arms.SelectMany(arm => Stages(format, seed, arm, needs)))
            {
                yield return stage;
            }
        }
    }

    private IEnumerable<Stage> Stages(FormatPlan format, ulong seed, Arm arm, string[] needs)
    {
        var name = Name(format, seed, arm);
        yield return Training(format, seed, arm, needs);
        yield return new Stage(name + " on test", [name], token => Test(format, seed, arm, token));
        if (format.RewardModel is { } reward)
        {
            yield return new Stage(name + " reward model", [name, SamplesStage(format, seed)], Trained(() => Reward(format, seed, arm, reward)));
            yield return new Stage(name + " scores", [name + " on test", name + " reward model"], token => Score(format, seed, arm, token));
        }
    }

    private Stage Training(FormatPlan format, ulong seed, Arm arm, string[] needs)
    {
        string[] all =
        [
            .. arm.From == ArmStart.Base ? needs : [], .. arm.NeedsWarmUp ? new[] { Name(format, seed, format.First) } : [],
            .. arm.Learns == ArmProblems.WarmUpSamples ? new[] { SamplesStage(format, seed) } : [],
        ];
        return new Stage(Name(format, seed, arm), all, Trained(() =>
        {
            var config = Placed(format, seed, arm, arm.From == ArmStart.Base ? BaseModel() : WarmUp(format, seed));
            if (arm == format.First && format.WarmUpEpoch > 0)
            {
                config = config with { Checkpoints = config.Checkpoints with { KeepEpochs = [.. config.Checkpoints.KeepEpochs.Append(format.WarmUpEpoch).Distinct()] } };
            }

            if (arm.Learns == ArmProblems.WarmUpSamples)
            {
                Select(format, seed, arm);
                config = config with { Problems = config.Problems with { Train = [new ProblemSet { File = _files.WarmUpSet(format.Name, seed, arm.Name) }] } };
            }

            return config;
        }));
    }

    private static string Prefix(FormatPlan format, ulong seed) => FormattableString.Invariant($"{format.Name}/seed-{seed}/");

    private static string Name(FormatPlan format, ulong seed, Arm arm) => Prefix(format, seed) + arm.Name;

    private string WarmUp(FormatPlan format, ulong seed) =>
        Path.Combine(_files.Run(format.Name, seed, format.First.Name).Checkpoints, FormattableString.Invariant($"epoch-{format.WarmUpEpoch:D4}"));

    private Func<CancellationToken, bool> Trained(Func<RunConfig> config) =>
        cancellation => observer.Train(config(), cancellation).End == RunEnd.Finished;

    /// <summary>A config with its place, seed, problems and model: a folder, or null for the config's own fresh one.</summary>
    private RunConfig Placed(FormatPlan format, ulong seed, Arm arm, string? model) => arm.Config with
    {
        Run = _files.Run(format.Name, seed, arm.Name).Path,
        Seed = seed,
        Model = model is null ? arm.Config.Model : arm.Config.Model with { Path = model, Fresh = null },
        Problems = Problems(format, ReproductionFiles.TrainSet(arm)),
    };

    private RunConfig Reward(FormatPlan format, ulong seed, Arm arm, RunConfig config) => config with
    {
        Run = _files.RewardRun(format.Name, seed, arm.Name).Path,
        Seed = seed,
        Model = config.Model with { Path = Best(_files.Run(format.Name, seed, arm.Name)), Fresh = null },
        Problems = Problems(format),
        MethodOptions = config.Options<RewardModelSection>() with { Samples = _files.WarmUpSamples(format.Name, seed) },
    };

    private ProblemsSection Problems(FormatPlan format, string train = "train") => new()
    {
        Train = [new ProblemSet { File = _files.Problems(format.Name, train) }],
        Dev = new FileInfo(_files.Problems(format.Name, "dev")).Length == 0 ? [] : [new ProblemSet { File = _files.Problems(format.Name, "dev") }],
    };

    private IReadOnlyList<Problem> Load(FormatPlan format, string set)
    {
        var path = _files.Problems(format.Name, set);
        return new FileInfo(path).Length == 0 ? [] : new Problems.Files.ProblemFile(path, new Problems.Files.ProblemFileOptions()).Load();
    }

    /// <summary>The base model's folder; null where each run makes a fresh one.</summary>
    private string? BaseModel() => plan.Base is null ? plan.Config.Model : Best(_files.Base);

    /// <summary>The best checkpoint on dev; the newest where nothing was evaluated.</summary>
    internal static string Best(RunFolder run) => File.Exists(run.Best)
        ? Path.Combine(run.Path, JsonNode.Parse(File.ReadAllText(run.Best))!["checkpoint"]!.GetValue<string>()) // The training loop wrote it.
        : new CheckpointStore(run).PathOf(new CheckpointStore(run).Steps()[0]);

    private void Select(FormatPlan format, ulong seed, Arm arm)
    {
        var train = Load(format, "train");
        // The file holds samples of dev questions too, for reward models; they are nobody's to learn.
        var (learned, counts) = SelfTrainingSet.Make(
            _files.WarmUpSamples(format.Name, seed), train, format.First.Config.Answers.Style, format.First.Config.Answers.Policy, plan.Config.Samples.Keep,
            plan.Config.Samples.Pick, seed, train.Select(problem => problem.Id).ToHashSet(StringComparer.Ordinal));
        SelfTrainingSet.Write(_files.WarmUpSet(format.Name, seed, arm.Name), learned);
        observer.Noted(FormattableString.Invariant(
            $"{learned.Count} solutions to learn: {counts.Kept} correct and different samples, and {counts.Gold} gold"));
    }

    private bool SampleWarmUp(FormatPlan format, ulong seed, string warmUp, CancellationToken cancellation)
    {
        using var sampler = Open(format, seed, warmUp, plan.Config.Samples.Train);
        return sampler.Fill(
            _files.WarmUpSamples(format.Name, seed), [.. Load(format, "train"), .. Load(format, "dev")], observer, cancellation);
    }

    private bool Test(FormatPlan format, ulong seed, Arm arm, CancellationToken cancellation)
    {
        var problems = Load(format, "test");
        var best = Best(_files.Run(format.Name, seed, arm.Name));
        using var sampler = Open(format, seed, best, plan.Config.Samples.Test, Temperature(format, seed, arm, best, cancellation));
        var greedy = _files.Greedy(format.Name, seed, arm.Name);
        if (!File.Exists(greedy))
        {
            var result = sampler.Evaluate(problems, observer, cancellation);
            // The look first: it was taken, even if the file never gets written.
            new TestLedger(_files.TestLooks, clock).Record(result, ProblemsHash.Of(problems));
            EvaluationFile.Write(greedy, result);
            observer.Noted(FormattableString.Invariant(
                $"greedy accuracy on test {result.Greedy.Accuracy.Value:P1} (95% {result.Greedy.Accuracy.Low:P1} to {result.Greedy.Accuracy.High:P1}, {problems.Count} problems)"));
        }

        return sampler.Fill(_files.Samples(format.Name, seed, arm.Name), problems, observer, cancellation);
    }

    /// <summary>The temperature of a method's test samples: that whose votes are right most often on dev.</summary>
    private double Temperature(FormatPlan format, ulong seed, Arm arm, string checkpoint, CancellationToken cancellation)
    {
        var settings = plan.Config.Samples;
        if (settings.Temperatures.Count == 0)
        {
            return settings.Temperature;
        }

        var path = _files.Temperature(format.Name, seed, arm.Name);
        if (ChosenTemperature.Read(path) is { } chosen)
        {
            return chosen.Temperature;
        }

        var dev = Load(format, "dev");
        var tried = new List<TriedTemperature>();
        foreach (var temperature in settings.Temperatures)
        {
            var samples = _files.DevSamples(format.Name, seed, arm.Name, temperature);
            using var sampler = Open(format, seed, checkpoint, settings.Test, temperature);
            sampler.Fill(samples, dev, observer, cancellation);
            tried.Add(new TriedTemperature(temperature, ChosenTemperature.Majority(samples, format.First.Config.Answers, settings.Test)));
        }

        chosen = ChosenTemperature.Of(tried);
        chosen.Write(path);
        observer.Noted(FormattableString.Invariant($"dev chooses temperature {chosen.Temperature}"));
        return chosen.Temperature;
    }

    private CheckpointSampler Open(FormatPlan format, ulong seed, string path, int samples, double? temperature = null) => new(
        path, format.First.Config, new EvaluationOptions
        {
            MaxTokens = format.First.Config.Evaluation.MaxTokens,
            StopTokens = [0],
            Slots = format.First.Config.Evaluation.Slots,
            Samples = samples,
            Temperature = temperature ?? plan.Config.Samples.Temperature,
            TopK = plan.Config.Samples.TopK,
            Seed = seed,
        });

    private bool Score(FormatPlan format, ulong seed, Arm arm, CancellationToken cancellation)
    {
        var path = Best(_files.RewardRun(format.Name, seed, arm.Name));
        var section = format.RewardModel!.Model; // There is one: it has this stage.
        using var model = RewardModel.Load(
            path, RunModel.Dtype(section), RunModel.Device(section));
        var template = (format.First.Config.Answers.Template with { GiveProgramHeader = model.GivesProgramHeader }).For(path);
        var lines = SampleLine.Read(_files.Samples(format.Name, seed, arm.Name)).ToArray();
        var (scores, tooLong) = new RewardScorer(model, template, Tokenizer.Load(path)).Score(
            [.. lines.Select(line => (line.Question, line.Completion))],
            (read, all) => observer.Progressed($"{read} of {all} different samples are read"), cancellation);
        if (tooLong > 0)
        {
            observer.Noted($"{tooLong} samples are longer than the reward model reads, and score 0");
        }

        AtomicFile.WriteAllText(_files.Scores(format.Name, seed, arm.Name), JsonSerializer.Serialize(scores) + "\n");
        return true;
    }

    /// <summary>Tells nobody; stages are only named.</summary>
    private sealed class NoObserver : IReproductionObserver
    {
        public static NoObserver Instance { get; } = new();

        public void Begun(string stage, int place, int of)
        {
        }

        public RunOutcome Train(RunConfig config, CancellationToken cancellation) => throw new InvalidOperationException("nothing is run");

        public void Progressed(string text)
        {
        }

        public void Noted(string text)
        {
        }
    }
}
