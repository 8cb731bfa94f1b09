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
        var units = plan.Formats.SelectMany(format => plan.Config.Seeds.Select(seed => (Format: format, Seed: seed, Methods: Read(format, seed)))).ToArray();
        var methods = units.SelectMany(unit => unit.Methods ?? []).OrderBy(m => Array.FindIndex(units, unit => unit.Format.Name == m.Format))
            .ThenBy(m => m.Method).ToArray();
        if (methods.Length == 0)
        {
            throw new InputException($"{plan.Config.Folder}: nothing is done yet; run the comparison");
        }

        var groups = methods.GroupBy(m => (m.Format, m.Method)).ToArray();
        var cells = groups.SelectMany(group => group.First().Decodings.Select((decoding, d) =>
        {
            Estimate[] seeds = [.. group.Select(m => m.Decodings[d].Accuracy)];
            return new Cell(group.Key.Format, group.Key.Method, decoding.Name, decoding.K, seeds, SeedSpread.Of([.. seeds.Select(s => s.Value)]));
        })).ToArray();
        return new ReproductionResult
        {
            Seeds = plan.Config.Seeds,
            Missing = [.. units.Where(unit => unit.Methods is null).GroupBy(unit => unit.Format.Name)
                .Select(group => $"{group.Key} (seed{(group.Count() == 1 ? "" : "s")} {string.Join(", ", group.Select(unit => unit.Seed))})")],
            TestProblems = methods.GroupBy(m => m.Format).ToDictionary(g => g.Key, g => g.First().Decodings[0].Figures.Count),
            Methods = methods,
            Cells = cells,
            Differences =
            [
                .. groups.Where(group => group.Key.Method != ComparedMethod.Sft).SelectMany(group => Differences(
                    [.. group], [.. groups.Single(g => g.Key == (group.Key.Format, ComparedMethod.Sft))])),
            ],
        };
    }

    /// <summary>The methods of a format and seed: a unit's, or those of the folder, where all is done; null where it is not.</summary>
    public IReadOnlyList<MethodResult>? Read(FormatPlan format, ulong seed)
    {
        if (_units.Read(format.Name, seed) is { } unit)
        {
            return [.. _units.Results(unit, format.Name, seed, Groups(format))];
        }

        var done = ReproductionRun.DoneIn(_files);
        return ReproductionRun.StageNames(plan, format, seed).All(done.Contains)
            ? [.. ReproductionRun.MethodsOf(format).Select(method => Read(format, seed, method))]
            : null;
    }

    private string[] Groups(FormatPlan format) =>
        [.. new Problems.Files.ProblemFile(_files.Problems(format.Name, "test"), new Problems.Files.ProblemFileOptions()).Load().Select(p => p.GroupKey)];

    private static IEnumerable<Difference> Differences(MethodResult[] method, MethodResult[] sft) =>
        method[0].Decodings.Select((decoding, d) =>
        {
            double[] problems =
            [
                .. Enumerable.Range(0, decoding.Figures.Count).Select(problem =>
                    method.Average(m => m.Decodings[d].Figures[problem]) - sft.Average(m => m.Decodings[d].Figures[problem])),
            ];
            double[] seeds = [.. method.Zip(sft, (m, s) => m.Decodings[d].Accuracy.Value - s.Decodings[d].Accuracy.Value)];
            return new Difference(
                method[0].Format, method[0].Method, decoding.Name, decoding.K, Intervals.PairedBootstrap(problems, method[0].Groups), seeds, SeedSpread.Of(seeds))
            {
                Both = Intervals.SeedsAndProblems(
                    [.. method.Zip(sft, (m, s) => m.Decodings[d].Figures.Zip(s.Decodings[d].Figures, (a, b) => a - b).ToArray())], method[0].Groups),
            };
        });

    private MethodResult Read(FormatPlan format, ulong seed, ComparedMethod method)
    {
        var run = _files.Run(format.Name, seed, method);
        var store = new CheckpointStore(run);
        var last = store.Steps()[0];
        var state = CheckpointState.Read(Path.Combine(store.PathOf(last), CheckpointStore.TrainerFolder, "state.json"));
        var samples = SampleLine.Read(_files.Samples(format.Name, seed, method)).GroupBy(line => line.Id, StringComparer.Ordinal)
            .Select(group => group.ToArray()).ToArray();
        var ranked = Ranked(format, seed, method, samples);
        string[] groups = [.. samples.Select(group => group[0].GroupKey)];
        return new MethodResult
        {
            Groups = groups,
            Format = format.Name,
            Seed = seed,
            Method = method,
            GradientSteps = state.OptimizerSteps,
            SamplesDrawn = Drawn(format, seed, method, run),
            BestStep = state.Best?.Step ?? last,
            Temperature = ChosenTemperature.Read(_files.Temperature(format.Name, seed, method))?.Temperature ?? plan.Config.Samples.Temperature,
            Dev = Dev(run),
            UpdatesPerStep = (double)state.OptimizerSteps / Math.Max(1, last),
            Decodings = [.. Decodings(format, EvaluationFile.Read(_files.Greedy(format.Name, seed, method)), samples, ranked, groups)],
            SampleAccuracy = samples.Average(group => group.Average(line => line.IsCorrect ? 1.0 : 0)),
            Calibration = ranked is null ? null : Calibration.Of([.. ranked.SelectMany(r => r.Scores.Zip(r.IsRight))]),
        };
    }

    private RankedSamples[]? Ranked(FormatPlan format, ulong seed, ComparedMethod method, SampleLine[][] samples)
    {
        if (format.RewardModel is null)
        {
            return null;
        }

        var scores = JsonSerializer.Deserialize<double[]>(File.ReadAllText(_files.Scores(format.Name, seed, method)))!; // A list was written.
        var at = 0;
        return
        [
            .. samples.Select(group =>
            {
                at += group.Length;
                return RankedSamples.Of(
                    [.. group.Select(line => line.Verdict)], scores[(at - group.Length)..at], group[0].Answer, format.Sft.Answers.Style, format.Sft.Answers.Policy);
            }),
        ];
    }

    private IEnumerable<Decoding> Decodings(FormatPlan format, EvaluationResult greedy, SampleLine[][] samples, RankedSamples[]? ranked, string[] groups)
    {
        double[] right = [.. greedy.Greedy.Items.Select(item => item.IsCorrect ? 1.0 : 0)];
        yield return new Decoding(Greedy, 1, right, greedy.Greedy.Accuracy);
        Ballot[] ballots = [.. samples.Select(group => Ballot.Of(
            [.. group.Select(line => line.Verdict)], group[0].Answer, format.Sft.Answers.Style, format.Sft.Answers.Policy))];
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

    private long Drawn(FormatPlan format, ulong seed, ComparedMethod method, RunFolder run) => method switch
    {
        ComparedMethod.Sft => 0,
        // The warm-up's samples of the training problems.
        ComparedMethod.Offline => (long)plan.Config.Samples.Train * File.ReadLines(_files.Problems(format.Name, "train")).Count(),
        _ => File.ReadLines(run.Rollouts).LongCount(),
    };

    private static IReadOnlyList<(long Step, double Accuracy)> Dev(RunFolder run) =>
    [
        .. Directory.GetFiles(run.Evaluations, "step-*.dev.json").Order(StringComparer.Ordinal)
            .Select(EvaluationFile.Read).Select(e => (e.Step ?? 0, e.Greedy.Accuracy.Value)),
    ];
}
