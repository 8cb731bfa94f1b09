using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using Reft.Reproduction;

namespace Reft.Hosting.Plots;

/// <summary>
/// Greedy accuracies of a comparison as a drawing: formats across, a column an arm with a ring a seed, their mean, and whiskers for Student's
/// interval over seeds.
/// </summary>
internal static class ComparisonFigure
{
    /// <summary>The distance of two arms in pixels.</summary>
    private const int Column = 20;

    private static readonly MarkerType[] _shapes = [MarkerType.Circle, MarkerType.Square, MarkerType.Triangle, MarkerType.Diamond];

    /// <summary>Draws it, as an SVG document.</summary>
    /// <param name="result">The figures.</param>
    public static string Svg(ReproductionResult result)
    {
        string[] formats = [.. result.Cells.Select(cell => cell.Format).Distinct()];
        string[] arms = [.. result.Titles.Keys.Where(arm => result.Cells.Any(cell => cell.Arm == arm))];
        var plot = PlotStyle.Model();
        var step = 1.0 / (arms.Length + 1);
        foreach (var (arm, a) in arms.Select((arm, a) => (arm, a)))
        {
            var (color, shape) = (PlotStyle.Colors[a % PlotStyle.Colors.Count], _shapes[a / PlotStyle.Colors.Count % _shapes.Length]);
            var seeds = new ScatterSeries
            {
                Title = result.Titles[arm],
                MarkerType = shape,
                MarkerSize = 4,
                MarkerFill = OxyColors.Transparent,
                MarkerStroke = color,
                MarkerStrokeThickness = 1.5,
            };
            foreach (var cell in result.Cells.Where(cell => cell.Arm == arm && cell.Decoding == "greedy"))
            {
                var x = Array.IndexOf(formats, cell.Format) + (step * (a - ((arms.Length - 1) / 2.0)));
                if (cell.Spread is { Low: { } low, High: { } high })
                {
                    plot.Annotations.Add(Line(color, 1, new DataPoint(x, 100 * Math.Max(0, low)), new DataPoint(x, 100 * Math.Min(1, high))));
                }

                var mean = 100 * cell.Spread.Mean;
                plot.Annotations.Add(Line(color, 3, new DataPoint(x - (0.4 * step), mean), new DataPoint(x + (0.4 * step), mean)));
                seeds.Points.AddRange(cell.Seeds.Select(seed => new ScatterPoint(x, 100 * seed.Value)));
            }

            plot.Series.Add(seeds);
        }

        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Minimum = -0.5,
            Maximum = formats.Length - 0.5,
            MajorStep = 1,
            MinorTickSize = 0,
            MajorTickSize = 0,
            LabelFormatter = at => at >= 0 && at < formats.Length && at == Math.Floor(at) ? formats[(int)at] : "",
        });
        var left = PlotStyle.Left("greedy accuracy on test, %");
        (left.Minimum, left.Maximum, left.MajorStep) = (0, 100, 20);
        plot.Axes.Add(left);
        var (width, height) = (270 + Math.Max(400, Column * (arms.Length + 1) * formats.Length), Math.Max(400, 80 + (22 * arms.Length)));
        return PlotStyle.Svg(plot, width, height);
    }

    private static PolylineAnnotation Line(OxyColor color, double thickness, DataPoint from, DataPoint to)
    {
        var line = new PolylineAnnotation { Color = color, StrokeThickness = thickness, LineStyle = LineStyle.Solid };
        line.Points.AddRange([from, to]);
        return line;
    }
}
