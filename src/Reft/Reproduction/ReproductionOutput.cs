using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Inputs;
using Reft.Reporting;

namespace Reft.Reproduction;

/// <summary>Writes what a comparison found: JSON without times, Markdown, and a page.</summary>
internal static class ReproductionOutput
{
    private static readonly JsonSerializerOptions _json = new(RunJson.Indented)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The figures as JSON: the same comparison, the same bytes.</summary>
    public static string ToJson(ReproductionResult result) => JsonSerializer.Serialize(Facts(result), _json) + "\n";

    /// <summary>Writes all three.</summary>
    public static void Write(ReproductionFiles files, ReproductionResult result)
    {
        var stages = new StageLog(files.Stages).Read();
        AtomicFile.WriteAllText(files.Results, ToJson(result));
        AtomicFile.WriteAllText(files.Tables, ReproductionTables.Markdown(result, stages));
        AtomicFile.WriteAllText(files.Figure, ReproductionFigure.Svg(result));
        AtomicFile.WriteAllText(files.Report, MatrixPage.Render(Path.GetFileName(Path.GetFullPath(files.Path)), new
        {
            Name = Path.GetFileName(Path.GetFullPath(files.Path)),
            result.Seeds,
            result.TestProblems,
            Titles = Enum.GetValues<ComparedMethod>().ToDictionary(ReproductionFiles.Name, ReproductionTables.Title),
            result.Cells,
            result.Differences,
            Methods = result.Methods.Select(m => new
            {
                m.Format,
                m.Seed,
                m.Method,
                m.GradientSteps,
                m.SamplesDrawn,
                m.BestStep,
                m.SampleAccuracy,
                Minutes = ReproductionTables.Minutes(stages, result, m.Format, m.Method),
                Curve = m.Dev.Select(point => new double[] { point.Step * m.UpdatesPerStep, point.Accuracy }),
                m.Calibration,
            }),
            Hours = stages.Sum(stage => stage.Seconds) / 3600,
        }));
    }

    private static object Facts(ReproductionResult result) => new
    {
        Format = 1,
        result.Seeds,
        result.Missing,
        result.TestProblems,
        Methods = result.Methods.Select(m => new
        {
            m.Format,
            m.Seed,
            m.Method,
            m.GradientSteps,
            m.SamplesDrawn,
            m.BestStep,
            m.Temperature,
            m.SampleAccuracy,
            Dev = m.Dev.Select(point => new { point.Step, point.Accuracy }),
            Decodings = m.Decodings.Select(d => new { d.Name, d.K, d.Accuracy }),
            m.Calibration,
        }),
        Table = result.Cells.Select(cell => new { cell.Format, cell.Method, cell.Decoding, cell.K, cell.Spread }),
        result.Differences,
    };
}
