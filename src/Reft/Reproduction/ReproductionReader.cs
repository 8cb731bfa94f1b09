using System.Text.Json;
using Reft.Evaluation;
using Reft.Evaluation.Reranking;
using Reft.Evaluation.Voting;
using Reft.Sampling;
using Reft.Training.Runs;

namespace Reft.Reproduction;

/// <summary>Reads what the stages of a comparison wrote, and works the table out.</summary>
internal sealed class ReproductionReader(ReproducePlan plan)
{
    private const string Greedy = "greedy";

    private readonly ReproductionFiles _files = new(plan.Config.Folder);
    private readonly ReproductionUnits _units = new(plan);

    /// <summary>The figures of a comparison whose stages are done.</summary>
    public ReproductionResult Read()
    {
        var units = plan.Formats.SelectMany(format => plan.Config.Seeds.Select(seed => (Format: format, Seed: seed, Arms: Read(format, seed)))).ToArray();
        string[] names = [.. plan.Formats.SelectMany(format => format.Arms).Select(arm => arm.Name).Distinct()];
        var arms = units.SelectMany(unit => unit.Arms).OrderBy(arm => Array.FindIndex(units, unit => unit.Format.Name == arm.Format))
            .ThenBy(arm => Array.IndexOf(names, arm.Arm)).ToArray();
        if (arms.Length == 0)
        {
            throw new InputException($"{plan.Config.Folder}: nothing is done yet; run the comparison");
        }

        var groups = arms.GroupBy(arm => (arm.Format, arm.Arm)).ToArray();
        var cells = groups.SelectMany(group => group.First().Decodings.Select((decoding, d) =>
        {
            Estimate[] seeds = [.. group.Select(arm => arm.Decodings[d].Accuracy)];
            return new Cell(group.Key.Format, group.Key.Arm, decoding.Name, decoding.K, seeds, SeedSpread.Of([.. seeds.Select(s => s.Value)]));
        })).ToArray();
        return new ReproductionResult
        {
            Seeds = plan.Config.Seeds,
            Missing = [.. plan.Formats.SelectMany(format => Missing(format, [.. units.Where(unit => unit.Format == format).Select(unit => (unit.Seed, unit.Arms))]))],
            Titles = plan.Formats.SelectMany(format => format.Arms).DistinctBy(arm => arm.Name).ToDictionary(arm => arm.Name, arm => arm.Title),
            TestProblems = arms.GroupBy(arm => arm.Format).ToDictionary(g => g.Key, g => g.First().Groups.Count),
            Arms = arms,
            Cells = cells,
            Differences =
            [
                .. plan.Formats.SelectMany(format => DifferencesOf(format, groups.Where(group => group.Key.Format == format.Name)
                    .ToDictionary(group => group.Key.Arm, group => group.ToArray()))),
            ],
        };
    }

    /// <summary>The differences of a format's arms, which come in the tables' order.</summary>
    private IEnumerable<Difference> DifferencesOf(FormatPlan format, Dictionary<string, ArmResult[]> arms)
    {
        var against = AgainstOf(format);
        for (var i = 0; i < against.Count; i++)
        {
            if (arms.TryGetValue(against[i], out var others))
            {
                // Of two that are both subtracted from, one difference is enough.
                foreach (var difference in arms.Where(arm => !against.Take(i + 1).Contains(arm.Key)).SelectMany(arm => Differences(arm.Value, others)))
                {
                    yield return difference;
                }
            }
        }
    }

    /// <summary>The arms that a format's others are subtracted from.</summary>
    private IReadOnlyList<string> AgainstOf(FormatPlan format) =>
        plan.Config.Against.Where(name => format.Arms.Any(arm => arm.Name == name)).ToArray() is { Length: > 0 } named ? named : [format.First.Name];

    /// <summary>The arms of a format and seed that are done: a unit's, or those of the folder.</summary>
    private IReadOnlyList<ArmResult> Read(FormatPlan format, ulong seed)
    {
        var kept = _units.Read(format, seed).ToDictionary(arm => arm.Arm);
        var done = ReproductionRun.DoneIn(_files);
        return
        [
            .. format.Arms.Select(arm => kept.GetValueOrDefault(arm.Name)
                ?? (ReproductionRun.StageNames(plan, format, seed, arm).All(done.Contains) ? Read(format, seed, arm) : null)).OfType<ArmResult>(),
        ];
    }

    /// <summary>What is not run of a format, in words: whole seeds, and arms of others.</summary>
    private static IEnumerable<string> Missing(FormatPlan format, IReadOnlyList<(ulong Seed, IReadOnlyList<ArmResult> Arms)> seeds)
    {
        var whole = seeds.Where(seed => seed.Arms.Count == 0).Select(seed => seed.Seed).ToArray();
        if (whole.Length > 0)
        {
            yield return $"{format.Name} ({Seeds(whole)})";
        }

        foreach (var arm in format.Arms)
        {
            var without = seeds.Where(seed => seed.Arms.Count > 0 && seed.Arms.All(done => done.Arm != arm.Name)).Select(seed => seed.Seed).ToArray();
            if (without.Length > 0)
            {
                yield return $"{format.Name}, {arm.Title} ({Seeds(without)})";
            }
        }

        static string Seeds(ulong[] seeds) => $"seed{(seeds.Length == 1 ? "" : "s")} {string.Join(", ", seeds)}";
    }

    private static IEnumerable<Difference> Differences(ArmResult[] arms, ArmResult[] others)
    {
        var pairs = arms.Join(others, arm => arm.Seed, other => other.Seed, (arm, other) => (Arm: arm, Other: other)).ToArray();
        return pairs.Length == 0 ? [] : pairs[0].Arm.Decodings.Select((decoding, d) =>
        {
            double[][] bySeed = [.. pairs.Select(pair => pair.Arm.Decodings[d].Figures.Zip(pair.Other.Decodings[d].Figures, (a, b) => a - b).ToArray())];
            double[] problems = [.. Enumerable.Range(0, decoding.Figures.Count).Select(problem => bySeed.Average(seed => seed[problem]))];
            double[] seeds = [.. pairs.Select(pair => pair.Arm.Decodings[d].Accuracy.Value - pair.Other.Decodings[d].Accuracy.Value)];
            var groups = pairs[0].Arm.Groups;
            return new Difference(
                pairs[0].Arm.Format, pairs[0].Arm.Arm, pairs[0].Other.Arm, decoding.Name, decoding.K, Intervals.PairedBootstrap(problems, groups), seeds, SeedSpread.Of(seeds))
            {
                Both = Intervals.SeedsAndProblems(bySeed, groups),
            };
        });
    }

    /// <summary>An arm whose stages are done.</summary>
    public ArmResult Read(FormatPlan format, ulong seed, Arm arm)
    {
        var run = _files.Run(format.Name, seed, arm.Name);
        var store = new CheckpointStore(run);
        var last = store.Steps()[0];
        var state = CheckpointState.Read(Path.Combine(store.PathOf(last), CheckpointStore.TrainerFolder, "state.json"));
        var samples = SampleLine.Read(_files.Samples(format.Name, seed, arm.Name)).GroupBy(line => line.Id, StringComparer.Ordinal)
            .Select(group => group.ToArray()).ToArray();
        var ranked = Ranked(format, seed, arm, samples);
        string[] groups = [.. samples.Select(group => group[0].GroupKey)];
        var stages = new StageLog(_files.Stages).Read();
        string[] own = [.. ReproductionRun.StageNames(plan, format, seed, arm)];
        double Seconds(Func<string, bool> counts) => stages.Where(stage => counts(stage.Stage)).Sum(stage => stage.Seconds);
        var facts = new ArmFacts
        {
            GradientSteps = state.OptimizerSteps,
            SamplesDrawn = Drawn(format, arm, run),
            BestStep = state.Best?.Step ?? last,
            UpdatesPerStep = (double)state.OptimizerSteps / Math.Max(1, last),
            Temperature = ChosenTemperature.Read(_files.Temperature(format.Name, seed, arm.Name))?.Temperature ?? plan.Config.Samples.Temperature,
            SampleAccuracy = samples.Average(group => group.Average(line => line.IsCorrect ? 1.0 : 0)),
            ProcessorSeconds = Math.Round(stages.Where(stage => stage.Stage == own[0]).Sum(stage => stage.ProcessorSeconds), 1),
            Minutes = Math.Round(Seconds(stage => own.Contains(stage)
                || (arm.Learns == ArmProblems.WarmUpSamples && stage == ReproductionRun.SamplesStage(format, seed))) / 60, 2),
            Dev = Dev(run),
            Calibration = ranked is null ? null : Calibration.Of([.. ranked.SelectMany(r => r.Scores.Zip(r.IsRight))]),
        };
        return new ArmResult(
            format.Name, seed, arm.Name, facts, [.. Decodings(format, EvaluationFile.Read(_files.Greedy(format.Name, seed, arm.Name)), samples, ranked, groups)], groups);
    }

    private RankedSamples[]? Ranked(FormatPlan format, ulong seed, Arm arm, SampleLine[][] samples)
    {
        if (format.RewardModel is null)
        {
            return null;
        }

        var scores = JsonSerializer.Deserialize<double[]>(File.ReadAllText(_files.Scores(format.Name, seed, arm.Name)))!; // A list was written.
        var at = 0;
        return
        [
            .. samples.Select(group =>
            {
                at += group.Length;
                return RankedSamples.Of(
                    [.. group.Select(line => line.Verdict)], scores[(at - group.Length)..at], group[0].Answer, format.First.Config.Answers.Style, format.First.Config.Answers.Policy);
            }),
        ];
    }

    private IEnumerable<Decoding> Decodings(FormatPlan format, EvaluationResult greedy, SampleLine[][] samples, RankedSamples[]? ranked, string[] groups)
    {
        double[] right = [.. greedy.Greedy.Items.Select(item => item.IsCorrect ? 1.0 : 0)];
        yield return new Decoding(Greedy, 1, right, greedy.Greedy.Accuracy);
        Ballot[] ballots = [.. samples.Select(group => Ballot.Of(
            [.. group.Select(line => line.Verdict)], group[0].Answer, format.First.Config.Answers.Style, format.First.Config.Answers.Policy))];
        foreach (var k in plan.Config.K.Append(plan.Config.Samples.Test).Distinct().Order())
        {
            yield return Of("maj", k, ballots.Select(ballot => SampleAccuracy.MajorityAt(ballot, k)), groups);
            if (ranked is not null)
            {
                yield return Of("rerank", k, ranked.Select(r => r.BestAt(k)), groups);
                yield return Of("weighted", k, ranked.Select(r => r.WeightedAt(k)), groups);
            }

            yield return Of("pass", k, ballots.Select(ballot => SampleAccuracy.PassAt(ballot.Samples, ballot.Correct, k)), groups);
        }
    }

    private static Decoding Of(string name, int k, IEnumerable<double> figures, string[] groups)
    {
        double[] all = [.. figures];
        return new Decoding(FormattableString.Invariant($"{name}@{k}"), k, all, Intervals.Mean(all, groups));
    }

    /// <summary>The completions that an arm learned from, or drew to choose what it learns; the warm-up's count for the arms that learn them.</summary>
    private long Drawn(FormatPlan format, Arm arm, RunFolder run) =>
        (arm.Learns == ArmProblems.WarmUpSamples ? (long)plan.Config.Samples.Train * File.ReadLines(_files.Problems(format.Name, "train")).Count() : 0)
        + (File.Exists(run.Rollouts) ? File.ReadLines(run.Rollouts).LongCount() : 0);

    private static IReadOnlyList<DevPoint> Dev(RunFolder run) =>
    [
        .. Directory.GetFiles(run.Evaluations, "step-*.dev.json").Order(StringComparer.Ordinal)
            .Select(EvaluationFile.Read).Select(e => new DevPoint(e.Step ?? 0, e.Greedy.Accuracy.Value)),
    ];
}
