using System.Globalization;
using System.Net;
using System.Text;

namespace Reft.Reproduction;

/// <summary>Greedy accuracies as a drawing (SVG): formats across, a line a method, a ring a seed, whiskers for Student's interval over seeds.</summary>
internal static class ReproductionFigure
{
    private const int Width = 720;
    private const int Height = 380;
    private const int Left = 50;
    private const int Right = 190;
    private const int Top = 20;
    private const int Bottom = 40;

    // Told apart by people who do not see red and green as two (Okabe and Ito).
    private static readonly string[] _colors = ["#000000", "#e69f00", "#56b4e9", "#d55e00", "#009e73"];

    /// <summary>Draws it.</summary>
    /// <param name="result">The figures.</param>
    public static string Svg(ReproductionResult result)
    {
        string[] formats = [.. result.Cells.Select(cell => cell.Format).Distinct()];
        ComparedMethod[] methods = [.. result.Cells.Select(cell => cell.Method).Distinct().Order()];
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" font-family="sans-serif" font-size="13" role="img">
            <title>Greedy accuracy on test, %</title>
            <rect width="{Width}" height="{Height}" fill="#ffffff"/>

            """);
        for (var percent = 0; percent <= 100; percent += 20)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Y(percent / 100.0)}H{Width - Right}\" stroke=\"#dddddd\"/>\n")
                .Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Y(percent / 100.0) + 4}\" text-anchor=\"end\">{percent}</text>\n");
        }

        foreach (var (format, i) in formats.Select((format, i) => (format, i)))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(i, 0)}\" y=\"{Height - 14}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(format)}</text>\n");
        }

        foreach (var (method, m) in methods.Select((method, m) => (method, m)))
        {
            var color = _colors[(int)method];
            var shift = m - ((methods.Length - 1) / 2.0);
            svg.Append(CultureInfo.InvariantCulture, $"<g stroke=\"{color}\" fill=\"none\">\n");
            foreach (var cell in result.Cells.Where(cell => cell.Method == method && cell.Decoding == "greedy"))
            {
                var x = X(Array.IndexOf(formats, cell.Format), shift);
                if (cell.Spread is { Low: { } low, High: { } high })
                {
                    svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x} {Y(Math.Max(0, low))}V{Y(Math.Min(1, high))}\"/>\n");
                }

                foreach (var seed in cell.Seeds)
                {
                    svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x}\" cy=\"{Y(seed.Value)}\" r=\"3\"/>\n");
                }

                svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x - 7} {Y(cell.Spread.Mean)}h14\" stroke-width=\"3\"/>\n");
            }

            var y = Top + 14 + (20 * m);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Width - Right + 14} {y - 4}h14\" stroke-width=\"3\"/>\n</g>\n")
                .Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right + 34}\" y=\"{y}\">{ReproductionTables.Title(method)}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();

        double X(int format, double shift) => Math.Round(Left + ((Width - Left - Right) * (format + 0.5) / formats.Length) + (18 * shift), 1);

        static double Y(double share) => Math.Round(Top + ((Height - Top - Bottom) * (1 - share)), 1);
    }
}
