using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
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

    // Told apart by people who do not see red and green as two (Okabe and Ito).
    private static readonly OxyColor[] _colors =
        [.. new[] { "#000000", "#e69f00", "#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#0072b2", "#8c7a00" }.Select(OxyColor.Parse)];

    private static readonly MarkerType[] _shapes = [MarkerType.Circle, MarkerType.Square, MarkerType.Triangle, MarkerType.Diamond];

    /// <summary>Draws it, as an SVG document.</summary>
    /// <param name="result">The figures.</param>
    public static string Svg(ReproductionResult result)
    {
        string[] formats = [.. result.Cells.Select(cell => cell.Format).Distinct()];
        string[] arms = [.. result.Titles.Keys.Where(arm => result.Cells.Any(cell => cell.Arm == arm))];
        var plot = new PlotModel
        {
            Background = OxyColors.White,
            PlotAreaBorderColor = OxyColor.Parse("#bbbbbb"),
            DefaultFont = "Arial",
            Padding = new OxyThickness(10, 8, 8, 12),
        };
        var step = 1.0 / (arms.Length + 1);
        foreach (var (arm, a) in arms.Select((arm, a) => (arm, a)))
        {
            var (color, shape) = (_colors[a % _colors.Length], _shapes[a / _colors.Length % _shapes.Length]);
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
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Left,
            Minimum = 0,
            Maximum = 100,
            MajorStep = 20,
            MinorTickSize = 0,
            Title = "greedy accuracy on test, %",
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColor.Parse("#e4e4e4"),
        });
        plot.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendBorderThickness = 0, LegendLineSpacing = 4 });
        var (width, height) = (270 + Math.Max(400, Column * (arms.Length + 1) * formats.Length), Math.Max(400, 80 + (22 * arms.Length)));
        var exporter = new SvgExporter
        {
            Width = width,
            Height = height,
            IsDocument = false,
            UseVerticalTextAlignmentWorkaround = true,
            TextMeasurer = new PixelMeasure(width, height),
        };
        return exporter.ExportToString(plot).ReplaceLineEndings("\n").TrimEnd() + "\n";
    }

    private static PolylineAnnotation Line(OxyColor color, double thickness, DataPoint from, DataPoint to)
    {
        var line = new PolylineAnnotation { Color = color, StrokeThickness = thickness, LineStyle = LineStyle.Solid };
        line.Points.AddRange([from, to]);
        return line;
    }

    /// <summary>Measures text in the drawing's pixels; the exporter's own measure is in points, and text would overlap.</summary>
    private sealed class PixelMeasure(double width, double height) : PdfRenderContext(width, height, OxyColors.White)
    {
        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
        {
            var points = base.MeasureText(text, fontFamily, fontSize, fontWeight);
            return new OxySize(points.Width * 96 / 72, points.Height * 96 / 72);
        }
    }
}
