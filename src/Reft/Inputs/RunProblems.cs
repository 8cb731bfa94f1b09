using Reft.Answers;
using Reft.Configuration;
using Reft.Hub;
using Reft.Problems;
using Reft.Problems.Files;
using Reft.Training.Runs;
using Reft.Verification;

namespace Reft.Inputs;

/// <summary>The problems of a run: train, dev and test share no question.</summary>
internal sealed record RunProblems(IReadOnlyList<Problem> Train, IReadOnlyList<Problem> Dev, IReadOnlyList<Problem> Test)
{
    private const int Named = 3;

    /// <summary>Training problems whose question is in dev or test too, and which are therefore left out.</summary>
    public required IReadOnlyList<SharedQuestion> Shared { get; init; }

    /// <summary>What a person should look at in each set's files, by the set.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<ColumnNote>> Notes { get; init; }

    /// <summary>Reads every set of a config and audits the known answers.</summary>
    /// <exception cref="InputException">A file cannot be read, or an answer is not of the style.</exception>
    public static RunProblems Load(RunConfig config, IVerifier verifier)
    {
        var section = config.Problems;
        var (all, trainNotes) = Load(section.Train, "train", config);
        var (dev, devNotes) = Load(section.Dev, "validation", config);
        var (test, testNotes) = Load(section.Test, "test", config);
        if (section.DevFraction > 0)
        {
            var split = new TrainDevSplit { DevFraction = section.DevFraction }.Split(all);
            // Several solutions of one question, as self-training has them, are one dev problem.
            (all, dev) = (split.Train, [.. split.Dev.DistinctBy(p => p.Question)]);
        }

        dev = section.DevLimit is { } limit ? [.. dev.Take(limit)] : dev;
        RequireAnswers(verifier, "problems.train", all);
        RequireAnswers(verifier, "problems.dev", dev);
        RequireAnswers(verifier, "problems.test", test);
        IReadOnlyList<SharedQuestion> shared =
            [.. RepeatedQuestions.Across(all, dev), .. RepeatedQuestions.Across(all, test)];
        var left = shared.Select(pair => pair.Train.Id).ToHashSet(StringComparer.Ordinal);
        return new RunProblems([.. all.Where(p => !left.Contains(p.Id))], dev, test)
        {
            Shared = shared,
            Notes = new Dictionary<string, IReadOnlyList<ColumnNote>> { ["train"] = trainNotes, ["dev"] = devNotes, ["test"] = testNotes },
        };
    }

    /// <summary>Writes every problem once.</summary>
    public void Write(RunFolder folder)
    {
        var all = new[] { ("train", Train), ("dev", Dev), ("test", Test) }
            .SelectMany(set => set.Item2.Select(problem => (Set: set.Item1, Problem: problem)));
        AtomicFile.WriteJsonLines(folder.Problems, all, RunJson.Line, (json, line) =>
        {
            json.WriteString("id", line.Problem.Id);
            json.WriteString("set", line.Set);
            json.WriteString("question", line.Problem.Question);
            json.WriteString("answer", line.Problem.Answer);
            json.WriteString("solution", line.Problem.Solution);
            if (line.Problem.Group is not null)
            {
                json.WriteString("group", line.Problem.Group);
            }
        });
    }

    private static (IReadOnlyList<Problem> Problems, IReadOnlyList<ColumnNote> Notes) Load(
        IReadOnlyList<ProblemSet> all, string split, RunConfig config)
    {
        ProblemSet[] sets = [.. all.SelectMany(set => Local(set, split))];
        var contents = sets.Select(set => Load(set, config)).ToArray();
        // Ids are unique inside a file; draws depend on them, so they have to be unique inside the run.
        return (
            [.. contents.SelectMany((set, i) => set.Problems.Select(p => sets.Length == 1 ? p : p with { Id = $"{i}:{p.Id}" }))],
            [.. contents.SelectMany(set => set.Notes)]);
    }

    /// <summary>A set of the hub is its files.</summary>
    private static IEnumerable<ProblemSet> Local(ProblemSet set, string split) =>
        set.File is null ? [set] : new HubPaths().Files(set.File, split).Select(file => set with { File = file });

    private static (IReadOnlyList<Problem> Problems, IReadOnlyList<ColumnNote> Notes) Load(ProblemSet set, RunConfig config)
    {
        var answers = config.Answers;
        if (set.Generated is { } made)
        {
            var all = made.Make(answers.Style);
            return ([.. all.Select((p, i) => i < (made.Solutions ?? all.Count) ? p : p with { Solution = null })], []);
        }

        var solution = set.Gsm8kSolution
            ?? (answers.Style == AnswerStyle.Program ? Gsm8kSolution.Program : Gsm8kSolution.Stripped);
        var contents = new ProblemFile(
            set.File!, // A set has a file where it is not generated: the config was validated.
            new ProblemFileOptions
            {
                Format = ProblemFormats.Of(set.Format, config.Catalog.Formats),
                Formats = config.Catalog.Formats,
                Columns = set.Columns,
                Gsm8kSolution = solution,
            }).Read();
        return (contents.Problems, [.. contents.Notes.Select(note => note with { Detail = $"{set.File}: {note.Detail}" })]);
    }

    private static void RequireAnswers(IVerifier verifier, string path, IReadOnlyList<Problem> problems)
    {
        var bad = problems.Select(p => (Problem: p, Why: verifier.WhyUnreadable(p.Answer))).Where(p => p.Why is not null).ToArray();
        if (bad.Length > 0)
        {
            var named = bad.Take(Named).Select(p => $"{p.Problem.Id} (row {p.Problem.Row}): {OneLine.Of(p.Why!)}"); // Not null: selected.
            throw new InputException(
                $"{path}: {bad.Length} of {problems.Count} answers cannot be read as a {verifier.Style}: "
                + $"{string.Join("; ", named)}; mend them, or name another style or policy under answers");
        }
    }
}
