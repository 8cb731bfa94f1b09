using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using Reft.Reporting;

namespace Reft.Hosting.Plots;

/// <summary>Curves of runs as drawings: a figure each, the runs over one another.</summary>
internal static class RunFigures
{
    private const double Width = 720;
    private const double Height = 320;

    /// <summary>The drawing of greedy accuracies on dev with their intervals; null where no run has any.</summary>
    public static string? Dev(IReadOnlyList<(string Name, RunRecord Run)> runs)
    {
        var plot = Plot("accuracy on dev, %");
        foreach (var ((name, run), r) in runs.Select((run, r) => (run, r)))
        {
            EvaluationRow[] rows = [.. run.Evaluations.Where(row => row.Set == "dev")];
            if (rows.Length == 0)
            {
                continue;
            }

            var color = ColorOf(r);
            var area = new AreaSeries { Color = OxyColors.Transparent, Color2 = OxyColors.Transparent, Fill = OxyColor.FromAColor(36, color) };
            area.Points.AddRange(rows.Select(row => new DataPoint(row.Step, 100 * row.Greedy.Accuracy.Low)));
            area.Points2.AddRange(rows.Select(row => new DataPoint(row.Step, 100 * row.Greedy.Accuracy.High)));
            var line = new LineSeries { Title = name, Color = color, StrokeThickness = 1.5, MarkerType = MarkerType.Circle, MarkerSize = 2.5, MarkerFill = color };
            line.Points.AddRange(rows.Select(row => new DataPoint(row.Step, 100 * row.Greedy.Accuracy.Value)));
            plot.Series.Add(area);
            plot.Series.Add(line);
        }

        return plot.Series.Count == 0 ? null : PlotStyle.Svg(plot, Width, Height);
    }

    /// <summary>The drawing of a figure of every step; null where no run has it. Where points stand for several steps they are their means.</summary>
    public static string? Of(string figure, IReadOnlyList<(string Name, RunRecord Run)> runs)
    {
        var plot = Plot(figure);
        foreach (var ((name, run), r) in runs.Select((run, r) => (run, r)))
        {
            foreach (var curves in new[] { run.Metrics, run.Timings })
            {
                if (curves.Figures.TryGetValue(figure, out var curve) && double.IsFinite(curve.Last))
                {
                    var line = new LineSeries { Title = name, Color = ColorOf(r), StrokeThickness = 1.2 };
                    // NaN is a gap.
                    line.Points.AddRange(curves.From.Zip(curve.Means, (step, mean) => new DataPoint(step, mean)));
                    plot.Series.Add(line);
                }
            }
        }

        return plot.Series.Count == 0 ? null : PlotStyle.Svg(plot, Width, Height);
    }

    private static PlotModel Plot(string title)
    {
        var plot = PlotStyle.Model();
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "step", MinorTickSize = 0, MinimumPadding = 0, MaximumPadding = 0.01 });
        plot.Axes.Add(PlotStyle.Left(title));
        return plot;
    }

    private static OxyColor ColorOf(int run) => PlotStyle.Colors[run % PlotStyle.Colors.Count];
}
