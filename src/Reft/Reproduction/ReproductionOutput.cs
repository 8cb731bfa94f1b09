using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Inputs;
using Reft.Reporting;

namespace Reft.Reproduction;

/// <summary>Writes what a comparison found: JSON without times, Markdown, a drawing and a page.</summary>
internal static class ReproductionOutput
{
    private static readonly JsonSerializerOptions _json = new(RunJson.Indented)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The figures as JSON: the same comparison, the same bytes.</summary>
    public static string ToJson(ReproductionResult result) => JsonSerializer.Serialize(Facts(result), _json) + "\n";

    /// <summary>Writes them.</summary>
    /// <param name="files">Where.</param>
    /// <param name="result">The figures.</param>
    /// <param name="figure">Greedy accuracies as a drawing: an SVG document.</param>
    public static void Write(ReproductionFiles files, ReproductionResult result, string figure)
    {
        AtomicFile.WriteAllText(files.Results, ToJson(result));
        AtomicFile.WriteAllText(files.Tables, ReproductionTables.Markdown(result));
        AtomicFile.WriteAllText(files.Figure, figure);
        AtomicFile.WriteAllText(files.Report, MatrixPage.Render(Path.GetFileName(Path.GetFullPath(files.Path)), new
        {
            Name = Path.GetFileName(Path.GetFullPath(files.Path)),
            result.Seeds,
            result.Missing,
            result.TestProblems,
            result.Titles,
            Figure = figure,
            result.Cells,
            result.Differences,
            Verdicts = result.Differences.Where(d => d.Decoding == "greedy").Select(d => new { d.Against, Text = ReproductionTables.Verdict(d, result.Titles) }),
            Arms = result.Arms.Select(arm => new
            {
                arm.Format,
                arm.Seed,
                arm.Arm,
                arm.Facts,
                Curve = arm.Facts.Dev.Select(point => new double[] { point.Step * arm.Facts.UpdatesPerStep, point.Accuracy }),
            }),
            Hours = result.Arms.Sum(arm => arm.Facts.Minutes) / 60,
        }));
    }

    private static object Facts(ReproductionResult result) => new
    {
        Format = 2,
        result.Seeds,
        result.Missing,
        result.TestProblems,
        Arms = result.Arms.Select(arm => new
        {
            arm.Format,
            arm.Seed,
            arm.Arm,
            arm.Facts.GradientSteps,
            arm.Facts.SamplesDrawn,
            arm.Facts.BestStep,
            arm.Facts.Temperature,
            arm.Facts.SampleAccuracy,
            arm.Facts.Dev,
            Decodings = arm.Decodings.Select(d => new { d.Name, d.K, d.Accuracy }),
            arm.Facts.Calibration,
        }),
        Table = result.Cells.Select(cell => new { cell.Format, cell.Arm, cell.Decoding, cell.K, cell.Spread }),
        result.Differences,
    };
}
