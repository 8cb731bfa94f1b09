using System.Globalization;
using System.Text.Json;

namespace Reft.Reporting.Data;

/// <summary>Tables of a comparison's <c>results.json</c>.</summary>
internal sealed class ComparisonTables
{
    private readonly JsonElement _root;

    private ComparisonTables(JsonElement root) => _root = root;

    /// <summary>Reads the figures of a comparison; null where the folder has none.</summary>
    /// <exception cref="InputException">The file is no figures of a comparison.</exception>
    public static ComparisonTables? Read(string folder)
    {
        var path = Path.Combine(folder, "results.json");
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var stream = InputFile.OpenRead(path);
            using var document = InputFile.Guarded(path, () => JsonDocument.Parse(stream));
            var root = document.RootElement.Clone();
            return root.Integer("format") == 2
                ? new ComparisonTables(root)
                : throw new InputException($"{OneLine.Of(path)}: is not of format 2; make it anew with reft reproduce --so-far");
        }
        catch (JsonException error)
        {
            throw new InputException($"{OneLine.Of(path)}: is no JSON ({OneLine.Of(error.Message)})", error);
        }
    }

    /// <summary>A row for each arm, format, seed and way of decoding.</summary>
    public DataTable Results() => new(
        "results",
        [
            new("format", DataKind.Text), new("arm", DataKind.Text), new("seed", DataKind.Integer), new("decoding", DataKind.Text), new("k", DataKind.Integer),
            new("accuracy", DataKind.Number), new("low", DataKind.Number), new("high", DataKind.Number), new("n", DataKind.Integer),
            new("gradientSteps", DataKind.Integer), new("samplesDrawn", DataKind.Integer), new("bestStep", DataKind.Integer),
            new("temperature", DataKind.Number), new("sampleAccuracy", DataKind.Number),
        ],
        _root.Items("arms").SelectMany(arm => arm.Items("decodings").Select(decoding => new object?[]
        {
            arm.Text("format"), arm.Text("arm"), arm.Integer("seed"), decoding.Text("name"), decoding.Integer("k"), Part(decoding, "value"),
            Part(decoding, "low"), Part(decoding, "high"), decoding.Find("accuracy")?.Integer("n"), arm.Integer("gradientSteps"),
            arm.Integer("samplesDrawn"), arm.Integer("bestStep"), arm.Number("temperature"), arm.Number("sampleAccuracy"),
        })));

    /// <summary>Accuracies on test in %, means and deviations over seeds: arms and decodings down, formats across.</summary>
    public TextTable Shown()
    {
        JsonElement[] cells = [.. _root.Items("table")];
        string[] formats = [.. cells.Select(cell => cell.Text("format") ?? "").Distinct()];
        return new(
            "results", ["arm", "decoding", .. formats],
            [
                .. cells.GroupBy(cell => (Arm: cell.Text("arm") ?? "", Decoding: cell.Text("decoding") ?? "")).Select(row => (string[])
                [
                    row.Key.Arm, row.Key.Decoding,
                    .. formats.Select(format => row.FirstOrDefault(cell => cell.Text("format") == format).Find("spread") is { } spread ? Spelled(spread) : "–"),
                ]),
            ]);
    }

    private static string Spelled(JsonElement spread)
    {
        var mean = (100 * spread.Number("mean"))?.ToString("F1", CultureInfo.InvariantCulture) ?? "–";
        return spread.Number("standardDeviation") is { } deviation ? FormattableString.Invariant($"{mean} ± {100 * deviation:F1}") : mean;
    }

    private static double? Part(JsonElement decoding, string name) => decoding.Find("accuracy")?.Number(name);
}
