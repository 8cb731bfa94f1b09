using System.Globalization;
using Reft.Methods;

namespace Reft.Reporting;

/// <summary>What the page's script reads, as JSON.</summary>
internal static class ReportData
{
    /// <summary>The data of a run's page.</summary>
    public static string Write(RunRecord run, ReportSummary summary, ReportLimits limits, Catalog catalog) => PageJson.Write(new
    {
        Format = 1,
        Run = run.Name,
        run.Method,
        run.State,
        run.Why,
        Facts = RunFacts.Of(run).Select(fact => fact with { Value = limits.Cut(fact.Value) }),
        summary.Sentences,
        summary.Dev,
        summary.Trends,
        run.Notes,
        Metrics = (run.Method is { } name && catalog.Find(name) is { } method ? MethodMetrics.Of(method) : []).Concat(catalog.Curricula.SelectMany(c => c.Metrics)).Select(metric => new
        {
            metric.Name,
            Note = metric.Formula,
            metric.Chart?.Group,
            metric.Chart?.Title,
            metric.Chart?.Label,
            Share = metric.Chart?.IsShare,
            Zero = metric.Chart?.FromZero,
            Bounds = metric.Chart is { Bounds.Count: 2 } chart ? chart.Bounds : null,
        }),
        Curves = new[] { Points(run.Metrics), Points(run.Timings) },
        Evaluations = Table(run.Evaluations, limits.Evaluations),
        EvaluationCount = run.Evaluations.Count,
        run.Rerankings,
        Chosen = run.Best.TryGetValue("step", out var chosen) ? long.Parse(chosen, CultureInfo.InvariantCulture) : (long?)null,
        run.TestLooks,
        run.Alarms,
        run.Completions,
        run.Shown,
        run.Prompt,
        run.Problems,
        Flips = new { Steps = run.DevSteps, Counts = summary.Flips, Items = run.Flips.Shown },
        Config = ReportLimits.Cut(run.Config.Text, limits.ConfigLength),
    });

    private static object Points(Curves curves) => new
    {
        curves.From,
        To = curves.Stride > 1 ? curves.To : null,
        curves.Stride,
        curves.Steps,
        Figures = curves.Figures.ToDictionary(pair => pair.Key, pair => new
        {
            Mean = pair.Value.Means,
            // Where a point is one step they are the mean.
            Low = curves.Stride > 1 ? pair.Value.Low : null,
            High = curves.Stride > 1 ? pair.Value.High : null,
        }),
    };

    /// <summary>Evenly spaced where there are too many; the last of each set is always there.</summary>
    private static IEnumerable<EvaluationRow> Table(IReadOnlyList<EvaluationRow> all, int count) => all.Count <= count
        ? all
        : all.GroupBy(evaluation => evaluation.Set).SelectMany(set =>
            RolloutPicker.EvenlySpaced([.. set], Math.Max(1, (int)((long)count * set.Count() / all.Count)))
                .Append(set.Last()).Distinct());
}
