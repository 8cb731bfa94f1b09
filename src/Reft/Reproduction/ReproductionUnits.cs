using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Evaluation;
using Reft.Evaluation.Reranking;
using Reft.Inputs;

namespace Reft.Reproduction;

/// <summary>
/// What one format and seed of a comparison came to: every figure of every test problem, in a few kilobytes, so that it can be kept under
/// version control and a comparison of many hours goes on from it, on another machine too.
/// </summary>
internal sealed record ReproductionUnit
{
    /// <summary>The hash of all that decides it but the seed: who has other settings or problems does not take it.</summary>
    public required string Settings { get; init; }

    /// <summary>The version of Reft that made it.</summary>
    public required string Reft { get; init; }

    /// <summary>The processor that it was made on.</summary>
    public required string Processor { get; init; }

    /// <summary>How long its stages took.</summary>
    public required double Minutes { get; init; }

    /// <summary>The methods.</summary>
    public required IReadOnlyList<UnitMethod> Methods { get; init; }
}

/// <summary>A method of a unit: <see cref="MethodResult"/> as it is written.</summary>
internal sealed record UnitMethod
{
    public required ComparedMethod Method { get; init; }

    public required long GradientSteps { get; init; }

    public required long SamplesDrawn { get; init; }

    public required long BestStep { get; init; }

    public required double UpdatesPerStep { get; init; }

    public required double Temperature { get; init; }

    public required double SampleAccuracy { get; init; }

    /// <summary>Steps and accuracies.</summary>
    public required IReadOnlyList<double[]> Dev { get; init; }

    /// <summary>The figures of the test problems by decoding, as <see cref="UnitFigures"/> writes them.</summary>
    public required IReadOnlyDictionary<string, string> Decodings { get; init; }

    public Calibration? Calibration { get; init; }
}

/// <summary>A figure for every problem as text: hexadecimal bits where all are 0 or 1, the first problem first, else numbers.</summary>
internal static class UnitFigures
{
    private const string Bits = "bits ";

    /// <summary>Writes them.</summary>
    public static string Write(IReadOnlyList<double> figures)
    {
        if (figures.Any(figure => figure is not (0 or 1)))
        {
            return string.Join(' ', figures.Select(figure => figure.ToString("R", CultureInfo.InvariantCulture)));
        }

        var bytes = new byte[(figures.Count + 7) / 8];
        for (var i = 0; i < figures.Count; i++)
        {
            bytes[i / 8] |= (byte)(figures[i] == 1 ? 0x80 >> (i % 8) : 0);
        }

        return Bits + Convert.ToHexStringLower(bytes);
    }

    /// <summary>Reads them.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="count">How many there must be.</param>
    /// <exception cref="FormatException">There are others.</exception>
    public static IReadOnlyList<double> Read(string text, int count)
    {
        if (!text.StartsWith(Bits, StringComparison.Ordinal))
        {
            double[] numbers = [.. text.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            return numbers.Length == count ? numbers : throw new FormatException($"{numbers.Length} figures in place of {count}");
        }

        var bytes = Convert.FromHexString(text[Bits.Length..]);
        return bytes.Length == (count + 7) / 8
            ? [.. Enumerable.Range(0, count).Select(i => (bytes[i / 8] & (0x80 >> (i % 8))) == 0 ? 0.0 : 1)]
            : throw new FormatException($"{8 * bytes.Length} bits for {count} figures");
    }
}

/// <summary>The units of a comparison: a file each, <c>FORMAT-seed-N.json</c>.</summary>
/// <param name="plan">The comparison.</param>
internal sealed class ReproductionUnits(ReproducePlan plan)
{
    private static readonly JsonSerializerOptions _json = new(RunJson.Indented)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectRequiredConstructorParameters = true,
    };

    private readonly ReproductionFiles _files = new(plan.Config.Folder);

    /// <summary>The file of a unit; null where units are not kept.</summary>
    public string? PathOf(string format, ulong seed) =>
        plan.Config.Units is { } folder ? Path.Combine(folder, FormattableString.Invariant($"{format}-seed-{seed}.json")) : null;

    /// <summary>A unit that is there and was made under these settings; null where there is none.</summary>
    /// <exception cref="InputException">The file is no unit.</exception>
    public ReproductionUnit? Read(string format, ulong seed)
    {
        if (PathOf(format, seed) is not { } path || !File.Exists(path))
        {
            return null;
        }

        try
        {
            var unit = JsonSerializer.Deserialize<ReproductionUnit>(File.ReadAllText(path), _json);
            return unit?.Settings == SettingsOf(format) ? unit : null;
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}: is no unit of a comparison ({OneLine.Of(error.Message)}); remove it", error);
        }
    }

    /// <summary>Whether a unit is there that was made under other settings, and is therefore not taken.</summary>
    public bool IsOfOthers(string format, ulong seed) => File.Exists(PathOf(format, seed)) && Read(format, seed) is null;

    /// <summary>Writes a unit.</summary>
    /// <param name="format">The format.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="methods">Its methods.</param>
    /// <param name="maker">What made it.</param>
    public void Write(string format, ulong seed, IEnumerable<MethodResult> methods, ReproductionMaker maker)
    {
        var prefix = FormattableString.Invariant($"{format}/seed-{seed}/");
        var path = PathOf(format, seed)!; // Asked only where units are kept.
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!); // It lies in a folder.
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(
            new ReproductionUnit
            {
                Settings = SettingsOf(format),
                Reft = maker.Version,
                Processor = maker.Processor,
                Minutes = Math.Round(new StageLog(_files.Stages).Read()
                    .Where(stage => stage.Stage.StartsWith(prefix, StringComparison.Ordinal)).Sum(stage => stage.Seconds) / 60, 1),
                Methods =
                [
                    .. methods.Select(m => new UnitMethod
                    {
                        Method = m.Method,
                        GradientSteps = m.GradientSteps,
                        SamplesDrawn = m.SamplesDrawn,
                        BestStep = m.BestStep,
                        UpdatesPerStep = m.UpdatesPerStep,
                        Temperature = m.Temperature,
                        SampleAccuracy = m.SampleAccuracy,
                        Dev = [.. m.Dev.Select(point => new[] { point.Step, point.Accuracy })],
                        Decodings = m.Decodings.ToDictionary(d => d.Name, d => UnitFigures.Write(d.Figures)),
                        Calibration = m.Calibration,
                    }),
                ],
            }, _json) + "\n");
    }

    /// <summary>The methods of a unit, with the intervals worked out again.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="format">Its format.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="groups">The group of each test problem.</param>
    /// <exception cref="InputException">Its figures are not of these problems.</exception>
    public IEnumerable<MethodResult> Results(ReproductionUnit unit, string format, ulong seed, IReadOnlyList<string> groups)
    {
        foreach (var m in unit.Methods)
        {
            Decoding[] decodings;
            try
            {
                decodings = [.. m.Decodings.Select(d => Of(d.Key, UnitFigures.Read(d.Value, groups.Count), groups))];
            }
            catch (FormatException error)
            {
                throw new InputException($"{PathOf(format, seed)}: {error.Message}; remove it", error);
            }

            yield return new MethodResult
            {
                Format = format,
                Seed = seed,
                Method = m.Method,
                Groups = groups,
                GradientSteps = m.GradientSteps,
                SamplesDrawn = m.SamplesDrawn,
                BestStep = m.BestStep,
                UpdatesPerStep = m.UpdatesPerStep,
                Temperature = m.Temperature,
                SampleAccuracy = m.SampleAccuracy,
                Dev = [.. m.Dev.Select(point => ((long)point[0], point[1]))],
                Decodings = decodings,
                Calibration = m.Calibration,
                Minutes = unit.Minutes,
            };
        }
    }

    /// <summary>A decoding with its interval: Wilson's where it takes one completion, else the bootstrap, both over groups.</summary>
    private static Decoding Of(string name, IReadOnlyList<double> figures, IReadOnlyList<string> groups)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        return at < 0
            ? new Decoding(name, 1, figures, Intervals.Wilson(Intervals.Clusters(figures, groups)))
            : new Decoding(name, int.Parse(name[(at + 1)..], CultureInfo.InvariantCulture), figures, Intervals.Mean(figures, groups));
    }

    /// <summary>The hash of the lines of the settings that a format's figures hang on.</summary>
    private string SettingsOf(string format)
    {
        var lines = File.ReadLines(_files.Settings).Where(line => line.Split(':')[0] is var part
            && (part is "samples" or "temperatures" or "base" or "model" || part == format || part.StartsWith(format + " ", StringComparison.Ordinal)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..16];
    }
}

/// <summary>What makes a comparison, for the record.</summary>
/// <param name="Version">The version of Reft, with the commit where it is known.</param>
/// <param name="Processor">The processor.</param>
internal sealed record ReproductionMaker(string Version, string Processor);
