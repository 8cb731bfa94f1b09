using Reft.Answers;
using Reft.Configuration.Binding;
using Reft.Problems.Files;
using Reft.Problems.Generated;

namespace Reft.Configuration.Checks;

/// <summary>What the sets of problems cannot be. Above all, nothing is trained on or chosen by what is tested on.</summary>
internal static class ProblemContradictions
{
    /// <summary>The contradictions of a config.</summary>
    public static IEnumerable<Contradiction> Of(RunConfig config)
    {
        var problems = config.Problems;
        Role[] roles = [new("train", problems.Train), new("dev", problems.Dev), new("test", problems.Test)];
        return
        [
            .. roles.SelectMany(role => role.Sets).SelectMany(set => Set(set, config.Answers, config.Method == "pretrain")),
            .. roles.SelectMany(role => role.Sets).SelectMany(set => Plain(set, config.Answers)),
            .. roles.SelectMany(role => role.Sets).SelectMany(set => Format(set, config.Catalog.Formats)),
            .. Shared(roles[0], roles[1]), .. Shared(roles[0], roles[2]), .. Shared(roles[1], roles[2]),
            .. Dev(problems, roles[1]), .. Answers(config.Answers),
        ];
    }

    private static IEnumerable<Contradiction> Set(PlacedSet placed, AnswersSection answers, bool pretrains)
    {
        var ((path, set), style) = (placed, answers.Style);
        if (set.File is null == set.Generated is null)
        {
            yield return new(
                set.File is null ? "needs either file or generated" : "has both file and generated; give one of the two",
                path,
                $"{path}.file",
                $"{path}.generated");
        }

        if (set.Generated is not null && set.File is null
            && set with { Generated = null } != new ProblemSet())
        {
            yield return new("tells how a file is read, but the problems are generated; remove format, columns and "
                + "gsm8kSolution", path, $"{path}.format", $"{path}.columns", $"{path}.gsm8kSolution");
        }

        if (set.Generated is { } generator && !generator.Takes(style))
        {
            var styles = Enum.GetValues<AnswerStyle>().Where(generator.Takes).Select(one => EnumNames.Of(one));
            yield return new(
                $"makes no {(style == AnswerStyle.Choice ? "multiple-choice problems" : $"problems of style {EnumNames.Of(style)}")}; "
                    + $"set answers.style to {string.Join(" or ", styles)}",
                $"{path}.generated",
                "answers.style");
        }

        if (set.Generated?.Form is { } form && form != answers.Form.Name)
        {
            yield return new(
                $"has answers of form {form}, and answers.form is {answers.Form.Name}; make them agree", $"{path}.generated", "answers.form");
        }

        if (set.Generated is { } generated && generated.Solutions > generated.Count)
        {
            yield return new(
                $"is {generated.Solutions}: it must be at most count, {generated.Count}",
                $"{path}.generated.solutions",
                $"{path}.generated.count");
        }

        if (set.Generated is WordProblems { MentalArithmeticRate: > 0 } && style != AnswerStyle.Program)
        {
            yield return new(
                $"is given, but the style is {EnumNames.Of(style)}, which has no programs; remove it",
                $"{path}.generated.mentalArithmeticRate",
                "answers.style");
        }

        // Only pre-training reads words and programs alike, as text.
        if (set.Gsm8kSolution is { } solution
            && (solution == Gsm8kSolution.Program ? style != AnswerStyle.Program : style == AnswerStyle.Program && !pretrains))
        {
            yield return new(
                $"is {EnumNames.Of(solution)}, but answers.style is {EnumNames.Of(style)}; make them agree",
                $"{path}.gsm8kSolution",
                "answers.style");
        }
    }

    private static IEnumerable<Contradiction> Format(PlacedSet placed, IReadOnlyList<IProblemFormat> formats)
    {
        string[] names = [.. ProblemFormats.NamesOf(formats)];
        if (!names.Contains(placed.Set.Format, StringComparer.Ordinal))
        {
            yield return new(
                $"is {OneLine.Quote(placed.Set.Format)}: it must be one of {string.Join(", ", names)}{NearName.Ask(placed.Set.Format, names)}",
                $"{placed.Path}.format");
        }
    }

    /// <summary>Files and splits that stand in two roles.</summary>
    private static IEnumerable<Contradiction> Shared(Role one, Role other)
    {
        var files = other.Sets.Where(placed => placed.Set.File is not null).ToLookup(placed => FullPath(placed.Set));
        var splits = other.Sets.ToLookup(placed => placed.Set.Generated?.Split);
        foreach (var (path, set) in one.Sets)
        {
            if (set.File is not null && files[FullPath(set)].FirstOrDefault() is { } file)
            {
                yield return new(
                    $"is the file of {file.Path} too; {one.Name} and {other.Name} must be different problems",
                    $"{path}.file",
                    $"{file.Path}.file");
            }

            if (set.Generated is { } generated && splits[generated.Split].FirstOrDefault() is { } same)
            {
                yield return new(
                    $"is the split of {same.Path} too; {one.Name} and {other.Name} must be different problems",
                    $"{path}.generated.split",
                    $"{same.Path}.generated.split");
            }
        }
    }

    private static string FullPath(ProblemSet set) => Path.GetFullPath(set.File!); // Callers ask for files only.

    private static IEnumerable<Contradiction> Plain(PlacedSet placed, AnswersSection answers)
    {
        var (path, set) = placed;
        if (set.Generated is not WordProblems { PlainPrograms: true })
        {
            yield break;
        }

        if (answers.Style != AnswerStyle.Program)
        {
            yield return new(
                $"is true, but the style is {EnumNames.Of(answers.Style)}, which has no programs; remove it",
                $"{path}.generated.plainPrograms",
                "answers.style");
        }
        else if (answers.GiveProgramHeader)
        {
            yield return new(
                "makes programs without a docstring, but giveProgramHeader gives one; choose one of the two",
                $"{path}.generated.plainPrograms",
                "answers.giveProgramHeader");
        }
    }

    private static IEnumerable<Contradiction> Dev(ProblemsSection problems, Role dev)
    {
        foreach (var (path, set) in dev.Sets.Where(placed => placed.Set.Generated?.Split == GeneratedSplit.Test))
        {
            yield return new(
                "is test: checkpoints are chosen by dev, and nothing may be chosen by test; use dev",
                $"{path}.generated.split");
        }

        if (problems.Dev.Count > 0 && problems.DevFraction > 0)
        {
            yield return new(
                "holds out a part of train, but problems.dev is given; give one of the two",
                "problems.devFraction",
                "problems.dev");
        }

        if (problems.DevLimit is not null && problems.Dev.Count == 0 && problems.DevFraction == 0)
        {
            yield return new(
                "limits dev, but there is none; give dev or devFraction",
                "problems.devLimit",
                "problems.dev",
                "problems.devFraction");
        }
    }

    private static IEnumerable<Contradiction> Answers(AnswersSection answers)
    {
        var style = EnumNames.Of(answers.Style);
        if (answers.GiveProgramHeader && answers.Style != AnswerStyle.Program)
        {
            yield return new(
                $"is true, but the style is {style}, and only programs have a header; remove it",
                "answers.giveProgramHeader",
                "answers.style");
        }

        if (!answers.Form.Takes(answers.Style))
        {
            yield return new($"is {answers.Form.Name}, which answers of style {style} cannot be given in; remove it", "answers.form", "answers.style");
        }

        if (answers.Engine != ProgramEngineKind.Managed && answers.Style != AnswerStyle.Program)
        {
            yield return new(
                $"runs programs, but the style is {style}; remove it", "answers.engine", "answers.style");
        }

        if (answers.Kinds.Count > 0 && (answers.Style != AnswerStyle.Number || answers.Policy != AnswerPolicy.Exact))
        {
            yield return new(
                "are told apart by style number and policy exact alone; remove them", "answers.kinds", "answers.style", "answers.policy");
        }
    }

    private sealed record Role(string Name, IEnumerable<PlacedSet> Sets)
    {
        public Role(string name, IReadOnlyList<ProblemSet> sets)
            : this(name, sets.Select((set, i) => new PlacedSet(ConfigPath.Item($"problems.{name}", i), set)).ToArray())
        {
        }
    }

    private sealed record PlacedSet(string Path, ProblemSet Set);
}
