using System.Security.Cryptography;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Evaluation.Reranking;
using Reft.Evaluation.Voting;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Sampling;
using Reft.Training.Runs;
using Reft.Verification;

namespace Reft.Methods;

/// <summary>
/// Labelled samples × cross-entropy of two classes: an outcome reward model (ReFT, section 4.4). It is chosen by how often its
/// best sample of a dev problem is right.
/// </summary>
internal sealed class OutcomeRewardMethod : IMethod
{
    /// <inheritdoc/>
    public string Name => "outcome-reward";

    /// <inheritdoc/>
    public string Summary => "cross-entropy of two classes on labelled samples: a model that tells which answers are right";

    /// <inheritdoc/>
    public string Citation => "ReFT, section 4.4";

    /// <inheritdoc/>
    public string Guide =>
        "A model that tells from a question and a solution whether the answer is right, to choose among samples with reft "
        + "rerank. It is begun from model.path, whole: the language head is left out and a head of two classes trained with the "
        + "trunk; checkpoints are folders of Transformers' ...ForSequenceClassification, and the best one is that whose best-of-n "
        + "on dev samples is right most often. Samples of dev problems may stand in the same file; problems.test and the keys of "
        + "generation are refused, for nothing is generated. training.maxTokens counts question and solution.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("rewardModel", new RewardModelSection());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = ["model.dropout"];

    /// <inheritdoc/>
    public string Use =>
        "It reads `Question:\\n…\\nAnswer reasoning:\\n` and a solution, and tells from the last token whether the answer is right: "
        + "label 1 is `right`. It writes nothing; `reft rerank` uses it.";

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new("two classes on the last token, cross-entropy over the batch's samples", "Models/ClassHead: LogProbs", "paper, section 4.4; program")
        {
            Departure = "chosen on dev by best-of-n, never on test; too long samples are left out and counted, not cut",
        },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => CrossEntropy.Create(new CrossEntropyOptions()).Metrics;

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        if (config.Options<RewardModelSection>().Samples is null)
        {
            yield return new("is missing: name a file of 'reft sample'", "rewardModel.samples", "rewardModel", "method");
        }
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        var (config, options) = (parts.Config, parts.Config.Options<RewardModelSection>());
        var path = options.Samples!; // The config was validated.
        var samples = SampleLine.Read(path).ToLookup(line => line.Id, StringComparer.Ordinal);
        var learned = Of(parts.Train, samples, path)
            .DistinctBy(pair => (pair.Problem.Id, pair.Line.Completion))
            .GroupBy(pair => pair.Problem.Id, StringComparer.Ordinal)
            .SelectMany(group => group.Take(options.MostPerProblem ?? int.MaxValue))
            .Select(pair => new LabelledSample(pair.Problem, pair.Line.Completion, pair.Line.IsCorrect)).ToArray();
        if (learned.Length == 0)
        {
            throw new InputException(
                $"rewardModel.samples: {path} holds no sample of the {parts.Train.Count} training problems; "
                + "draw some with 'reft sample' from the same problems");
        }

        var model = RewardModel.Begin(parts.Model.Model, config.Answers.GiveProgramHeader, config.Seed);
        try
        {
            var source = new LabelledSamples(
                learned, parts.Template, parts.Model.Tokenizer, RewardModel.Wrong, RewardModel.Right,
                Math.Min(config.Training.MostLearned, model.MaxTokens), config.Training.BatchSize, config.Seed);
            var dev = Of(parts.Dev, samples, path).ToArray();
            return new MethodSetup(model.Classifier, source, CrossEntropy.Create(new CrossEntropyOptions()))
            {
                UpdatesPerStep = 1,
                Notes = Notes(parts, samples, source),
                Owned = [model],
                Save = folder =>
                {
                    model.Save(folder, parts.Model.StopToken);
                    parts.Model.SaveTokenizer(folder);
                },
                Evaluate = dev.Length == 0 ? null : Evaluation(parts, model, dev),
                Inputs = Convert.ToHexStringLower(SHA256.HashData(InputFile.Guarded(path, () => File.ReadAllBytes(path)))),
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static IEnumerable<(Problem Problem, SampleLine Line)> Of(
        IReadOnlyList<Problem> problems, ILookup<string, SampleLine> samples, string path) =>
        problems.SelectMany(problem => samples[problem.Id].Select(line => line.Question == problem.Question
            ? (problem, line)
            : throw new InputException(
                $"rewardModel.samples: {path} has another question for problem {OneLine.Quote(problem.Id)}; "
                + "its samples are of other problems")));

    private static List<string> Notes(
        MethodParts parts, ILookup<string, SampleLine> samples, LabelledSamples source)
    {
        var problems = source.All.DistinctBy(r => r.Problem.Id).Count();
        var right = source.All.Average(r => r.Tokens[^1] == RewardModel.Right ? 1.0 : 0);
        var notes = new List<string>
        {
            FormattableString.Invariant($"{source.All.Count} different samples of {problems} problems, {right:P1} of them right"),
        };
        var known = parts.Train.Concat(parts.Dev).Select(p => p.Id).ToHashSet(StringComparer.Ordinal);
        var strange = samples.Where(group => !known.Contains(group.Key)).Sum(group => group.Count());
        if (strange > 0)
        {
            notes.Add($"{strange} samples are of problems that this run does not have, and are left out");
        }

        if (source.LeftOut > 0)
        {
            notes.Add($"{source.LeftOut} of {source.All.Count + source.LeftOut} samples are longer than {parts.Config.Training.MostLearned} tokens and are left out");
        }

        if (parts.Dev.Count > 0 && !parts.Dev.Any(p => samples.Contains(p.Id)))
        {
            notes.Add("there is no sample of a dev problem: the last checkpoint counts as the best");
        }

        return notes;
    }

    private static Func<long, DevEvaluation> Evaluation(
        MethodParts parts, RewardModel model, IReadOnlyList<(Problem Problem, SampleLine Line)> dev)
    {
        var verdicts = parts.Verifier.Verify(
            [.. dev.Select((pair, i) => new Sample($"{i}", pair.Line.Completion, pair.Problem.Answer))]);
        int[][] groups = [.. Enumerable.Range(0, dev.Count).GroupBy(i => dev[i].Problem.Id, StringComparer.Ordinal).Select(g => g.ToArray())];
        var sizes = SampleSizes.Of(groups.Min(group => group.Length));
        var scorer = new RewardScorer(model, parts.Template, parts.Model.Tokenizer, parts.Config.Training.MicroBatchTokens);
        return step =>
        {
            var (scores, _) = scorer.Score([.. dev.Select(pair => (pair.Problem.Question, pair.Line.Completion))]);
            var report = RerankReport.Of(
                [.. groups.Select(group => RankedSamples.Of(
                    [.. group.Select(i => verdicts[$"{i}"])], [.. group.Select(i => scores[i])], dev[group[0]].Problem.Answer, parts.Config.Answers.Style,
                    parts.Config.Answers.Policy))],
                [.. groups.Select(group => dev[group[0]].Problem.GroupKey)], sizes);
            var best = report.Rows[^1];
            return new DevEvaluation(
                best.Best.Value,
                FormattableString.Invariant(
                    $"dev best-of-{best.K} {best.Best.Value:P1} (95% {best.Best.Low:P1} to {best.Best.High:P1}), majority {best.Majority.Value:P1}, one of {best.K} right {best.Pass.Value:P1}; calibration error {report.Calibration.ExpectedError:F3}, {report.Problems} problems"),
                file => RerankFile.Write(Path.ChangeExtension(file, RerankFile.Extension), new RerankRecord(step, "dev", report)));
        };
    }
}
