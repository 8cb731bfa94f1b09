using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace Reft.Hosting.Plots;

/// <summary>What all drawings have in common.</summary>
internal static class PlotStyle
{
    /// <summary>Told apart by people who do not see red and green as two (Okabe and Ito).</summary>
    public static IReadOnlyList<OxyColor> Colors { get; } =
        [.. new[] { "#000000", "#e69f00", "#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#0072b2", "#8c7a00" }.Select(OxyColor.Parse)];

    /// <summary>An empty drawing with a legend to its right.</summary>
    public static PlotModel Model()
    {
        var plot = new PlotModel
        {
            Background = OxyColors.White,
            PlotAreaBorderColor = OxyColor.Parse("#bbbbbb"),
            DefaultFont = "Arial",
            Padding = new OxyThickness(10, 8, 8, 12),
        };
        plot.Legends.Add(new Legend { LegendPlacement = LegendPlacement.Outside, LegendPosition = LegendPosition.RightTop, LegendBorderThickness = 0, LegendLineSpacing = 4 });
        return plot;
    }

    /// <summary>The axis at the left.</summary>
    public static LinearAxis Left(string title) => new()
    {
        Position = AxisPosition.Left,
        MinorTickSize = 0,
        Title = title,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = OxyColor.Parse("#e4e4e4"),
    };

    /// <summary>The drawing as an SVG document of so many pixels.</summary>
    public static string Svg(PlotModel plot, double width, double height)
    {
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
