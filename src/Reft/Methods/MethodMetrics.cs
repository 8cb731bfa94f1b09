using System.Text;
using Reft.Configuration;
using Reft.Training;
using Reft.Training.Invariants;
using Reft.Training.Schedules;

namespace Reft.Methods;

/// <summary>Which figures a method writes, and what follows from them.</summary>
internal static class MethodMetrics
{
    // A longer list says less than its beginning: 'reft methods NAME' has each one's.
    private const int MostNames = 4;

    /// <summary>Every figure of a method's <c>metrics.jsonl</c>.</summary>
    public static IReadOnlyList<Metric> Of(IMethod method) =>
    [
        .. new[]
            {
                TrainerMetrics.All, RolloutMetrics.OfAll, method.Reads.Contains("rollouts") ? RolloutMetrics.OfJudged : [],
                method.Reads.Contains(MethodKeys.DrawsElsewhere[0]) ? SamplerMetrics.All : [], method.Metrics,
            }
            .SelectMany(some => some).DistinctBy(metric => metric.Name),
    ];

    /// <summary>Those of all methods.</summary>
    public static IReadOnlyList<Metric> Of(Catalog catalog) => [.. catalog.Methods.SelectMany(Of).DistinctBy(metric => metric.Name)];

    /// <summary>The ids of the invariants that watch a method's figures.</summary>
    public static IReadOnlyList<string> Watched(IMethod method)
    {
        var names = Of(method).Select(metric => metric.Name).ToHashSet(StringComparer.Ordinal);
        return [.. InvariantCatalog.Figures.Where(pair => pair.Value is null || names.Contains(pair.Value)).Select(pair => pair.Key)];
    }

    /// <summary>The table of formulas of docs/algorithm.md.</summary>
    public static string Formulas(Catalog catalog)
    {
        var page = new StringBuilder("| formula | file: member | source | departure | methods |\n|---|---|---|---|---|\n");
        var all = catalog.Methods.Select(method => (method.Name, Formulas: method.Formulas.ToHashSet())).ToArray();
        foreach (var formula in catalog.Methods.SelectMany(method => method.Formulas).Distinct())
        {
            var by = Names([.. all.Where(method => method.Formulas.Contains(formula)).Select(method => method.Name)]);
            page.Append($"| {Cell(formula.Text)} | {formula.Place} | {Cell(formula.Source)} | {Cell(formula.Departure)} | {by} |\n");
        }

        return page.ToString();

        static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Names(string[] methods) => string.Join(", ", methods.Take(MostNames).Select(name => $"`{name}`"))
        + (methods.Length > MostNames ? FormattableString.Invariant($" and {methods.Length - MostNames} others") : "");

    /// <summary>The table of figures of docs/algorithm.md.</summary>
    public static string Write(Catalog catalog)
    {
        var page = new StringBuilder("| name | formula | healthy | written by |\n|---|---|---|---|\n");
        var all = catalog.Methods.ToDictionary(method => method.Name, method => Of(method).Select(metric => metric.Name).ToHashSet(StringComparer.Ordinal));
        var judged = catalog.Methods.Where(method => method.Reads.Contains("rollouts")).Select(method => method.Name).ToArray();
        foreach (var metric in Of(catalog).OrderBy(metric => metric.Name, StringComparer.Ordinal))
        {
            string[] writers = [.. all.Where(pair => pair.Value.Contains(metric.Name)).Select(pair => pair.Key)];
            var by = writers.Length == all.Count ? "all"
                : writers.SequenceEqual(judged) ? "all that roll out"
                : Names(writers);
            var healthy = metric.Healthy is { } range ? $"not {range.Beyond} (`{range.Id}`)" : "";
            var formula = metric.Formula.Replace("|", "\\|", StringComparison.Ordinal);
            page.Append($"| `{metric.Name}` | {formula}{(metric.IsSometimes ? " (sometimes)" : "")} | {healthy} | {by} |\n");
        }

        foreach (var curriculum in catalog.Curricula)
        {
            foreach (var metric in curriculum.Metrics)
            {
                page.Append($"| `{metric.Name}` | {metric.Formula}{(metric.IsSometimes ? " (sometimes)" : "")} | | curriculum `{curriculum.Name}` |\n");
            }
        }

        foreach (var metric in TrainerMetrics.OfTheProcess)
        {
            page.Append($"| `{metric.Name}` | {metric.Formula}{(metric.IsSometimes ? " (sometimes)" : "")} | | `timings.jsonl` of all |\n");
        }

        return page.ToString();
    }

    /// <summary>The least config of a method: enough to make its algorithm and nothing else.</summary>
    internal static RunConfig Least(IMethod method) => Least(method.Name) with { MethodOptions = method.Options.Default };

    /// <summary>The same of a method that gives its options otherwise.</summary>
    internal static RunConfig Least(string method) => new()
    {
        Method = method,
        Run = "run",
        Model = new(),
        Problems = new() { Train = [] },
        Answers = new() { Style = default },
        Training = new() { BatchSize = 1 },
        Optimizer = new() { LearningRate = 1, Schedule = new ConstantSchedule() },
    };
}
