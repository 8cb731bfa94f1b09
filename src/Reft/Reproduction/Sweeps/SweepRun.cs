using System.Text.Json.Nodes;
using Reft.Configuration;
using Reft.Evaluation;
using Reft.Inputs;
using Reft.Training.Runs;

namespace Reft.Reproduction.Sweeps;

/// <summary>
/// Trains every point of a sweep with every seed, chooses the point that is best on dev, and looks at test with that one alone. What was
/// stopped anywhere goes on where it was, and ends in the same figures; several processes may share the runs.
/// </summary>
internal sealed class SweepRun(SweepPlan plan, IReproductionObserver observer, TimeProvider clock)
{
    private readonly ReproductionFiles _files = new(plan.Folder);
    private readonly StageLog _log = new(new ReproductionFiles(plan.Folder).Stages);

    /// <summary>Trains what is not trained yet.</summary>
    /// <returns>Whether all is done; false where it was asked to stop.</returns>
    /// <exception cref="InputException">The folder belongs to another sweep, or a run cannot be done.</exception>
    public bool Train(CancellationToken cancellation)
    {
        using var work = Join();
        return new StageRunner(_log, work, observer).Run(
            [
                .. plan.Seeds.SelectMany(seed => plan.Points.Select(point => new Stage(
                    Name(point, seed), [], token => observer.Train(plan.RunOf(point, seed), token).End == RunEnd.Finished))),
            ],
            _ => { },
            cancellation);
    }

    /// <summary>Looks at test with the chosen point's best checkpoint of every seed, where that was not done and there is a test set.</summary>
    /// <returns>Whether all is done; false where it was asked to stop.</returns>
    public bool Test(SweepPoint chosen, CancellationToken cancellation)
    {
        if (chosen.Config.Problems.Test.Count == 0)
        {
            return true;
        }

        using var work = Join();
        return new StageRunner(_log, work, observer).Run(
            [.. plan.Seeds.Select(seed => new Stage(Name(chosen, seed) + " on test", [], token => Test(chosen, seed, token)))], _ => { }, cancellation);
    }

    /// <summary>Refuses a folder that was begun with other settings, and notes what it holds: what <see cref="Train"/> does first.</summary>
    public void Prepare() => Join().Dispose();

    /// <summary>The figures of a sweep whose runs are done.</summary>
    public SweepResult Read()
    {
        var read = plan.Points.Select(point => plan.Seeds.Select(seed => Dev(point, seed)).ToArray()).ToArray();
        string[] problems = [.. read[0][0].Items.Select(item => item.Problem)];
        if (read.SelectMany(seeds => seeds).FirstOrDefault(run => !run.Items.Select(item => item.Problem).SequenceEqual(problems)) is { } other)
        {
            throw new InputException($"{other.Folder}: was evaluated on other dev problems than {read[0][0].Folder}; restore them, or name another folder with --output");
        }

        string[] groups = [.. read[0][0].Items.Select(item => item.DrawnWith)];
        var seconds = _log.Read().GroupBy(stage => stage.Stage).ToDictionary(stage => stage.Key, stage => stage.Sum(record => record.Seconds));
        var means = read.Select(seeds => seeds.Average(run => run.Accuracy.Value)).ToArray();
        // OrderBy keeps the grid's order of equals.
        int[] order = [.. Enumerable.Range(0, means.Length).OrderByDescending(i => means[i])];
        var chosen = read[order[0]];
        return new SweepResult(plan, [.. order.Select(i => Row(i))], ReadTest(plan.Points[order[0]]));

        SweepRow Row(int i)
        {
            var (point, seeds) = (plan.Points[i], read[i]);
            double[][] figures = [.. seeds.Select(run => run.Figures)];
            double[][] less = [.. figures.Zip(chosen, (own, other) => own.Zip(other.Figures, (a, b) => a - b).ToArray())];
            return new SweepRow(
                point,
                [.. plan.Seeds.Zip(seeds, (seed, run) => new SweepCell(seed, run.Step, run.Accuracy, Math.Round(seconds.GetValueOrDefault(Name(point, seed)) / 60, 2)))],
                SeedSpread.Of([.. seeds.Select(run => run.Accuracy.Value)]),
                Interval(figures, groups, seeds[0].Accuracy),
                i == order[0] ? null : Intervals.SeedsAndProblems(less, groups) ?? Intervals.PairedBootstrap(less[0], groups));
        }
    }

    private static string Name(SweepPoint point, ulong seed) => FormattableString.Invariant($"{point.Name}/seed-{seed}");

    private string TestFile(SweepPoint point, ulong seed) => Path.Combine(plan.Folder, point.Name, FormattableString.Invariant($"seed-{seed}.test.json"));

    private SharedWork Join()
    {
        var work = new SharedWork(_files.Locks);
        try
        {
            work.Join(first: () => StagedFile.RemoveLeftovers(plan.Folder));
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

    /// <summary>Points may be added and left out; one that was there has to be as it was.</summary>
    private void Begin()
    {
        var now = plan.Points.ToDictionary(point => point.Name, point => ConfigIdentity.Spell(point.Config with { Run = "", Seed = 0 }).Split('\n'));
        string[] before = File.Exists(_files.Settings) ? File.ReadAllLines(_files.Settings) : [];
        var parts = before.ToLookup(line => now.ContainsKey(line.Split(':')[0]));
        var text = string.Concat(now.SelectMany(point => point.Value.Select(line => $"{point.Key}: {line}\n")));
        SettingsText.Compare((plan.Folder, "--output"), string.Join('\n', parts[true]), text);
        AtomicFile.WriteAllText(_files.Settings, string.Concat(parts[false].Select(line => line + "\n")) + text);
    }

    private Run Dev(SweepPoint point, ulong seed)
    {
        var folder = new RunFolder(plan.RunOf(point, seed).Run);
        var step = JsonNode.Parse(File.ReadAllText(folder.Best))!["step"]!.GetValue<long>(); // The training loop wrote it.
        var greedy = EvaluationFile.Read(folder.Evaluation(step, "dev")).Greedy;
        return new Run(folder.Path, step, greedy.Accuracy, greedy.Items);
    }

    private SweepTest? ReadTest(SweepPoint chosen)
    {
        if (chosen.Config.Problems.Test.Count == 0 || !plan.Seeds.All(seed => _log.Done().Contains(Name(chosen, seed) + " on test")))
        {
            return null;
        }

        EvaluationPart[] parts = [.. plan.Seeds.Select(seed => EvaluationFile.Read(TestFile(chosen, seed)).Greedy)];
        string[] groups = [.. parts[0].Items.Select(item => item.DrawnWith)];
        double[][] figures = [.. parts.Select(part => part.Items.Select(item => item.IsCorrect ? 1.0 : 0).ToArray())];
        return new SweepTest(
            [.. parts.Select(part => part.Accuracy)], SeedSpread.Of([.. parts.Select(part => part.Accuracy.Value)]),
            Interval(figures, groups, parts[0].Accuracy), (int)Math.Ceiling(LineFile.Read(_files.TestLooks).Count() / (double)plan.Seeds.Count));
    }

    /// <summary>The interval over problems and seeds; Wilson's of the first seed where there is no other, or where nothing varies, as at 0.</summary>
    private static Estimate Interval(double[][] figures, string[] groups, Estimate first) =>
        Intervals.SeedsAndProblems(figures, groups) is { } both && both.High > both.Low ? both : first;

    private bool Test(SweepPoint point, ulong seed, CancellationToken cancellation)
    {
        var config = plan.RunOf(point, seed) with { Problems = point.Config.Problems };
        var file = TestFile(point, seed);
        if (File.Exists(file))
        {
            return true;
        }

        var verifier = RunVerifier.Create(config.Answers);
        using var held = verifier as IDisposable;
        var problems = RunProblems.Load(config, verifier).Test;
        var options = new EvaluationOptions { MaxTokens = config.Evaluation.MaxTokens, StopTokens = [0], Slots = config.Evaluation.Slots, Seed = seed };
        using var sampler = new CheckpointSampler(ReproductionRun.Best(new RunFolder(config.Run)), config, options);
        var result = sampler.Evaluate(problems, observer, cancellation);
        // The look first: it was taken, even if the file never gets written.
        new TestLedger(_files.TestLooks, clock).Record(result, ProblemsHash.Of(problems));
        EvaluationFile.Write(file, result);
        return true;
    }

    /// <summary>A run at its best on dev.</summary>
    private sealed record Run(string Folder, long Step, Estimate Accuracy, IReadOnlyList<EvaluationItem> Items)
    {
        public double[] Figures { get; } = [.. Items.Select(item => item.IsCorrect ? 1.0 : 0)];
    }
}
