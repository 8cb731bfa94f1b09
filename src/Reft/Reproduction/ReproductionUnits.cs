using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reft.Evaluation;
using Reft.Inputs;

namespace Reft.Reproduction;

/// <summary>
/// What one format and seed of a comparison came to: every figure of every test problem, in a few kilobytes, so that it can be kept under
/// version control and a comparison of many hours goes on from it, on another machine too.
/// </summary>
/// <param name="Arms">Its arms.</param>
internal sealed record ReproductionUnit(IReadOnlyList<UnitArm> Arms);

/// <summary>An arm of a unit.</summary>
internal sealed record UnitArm
{
    /// <summary>Its name.</summary>
    public required string Arm { get; init; }

    /// <summary>The hash of all that decides it but the seed: who has other settings or problems does not take it.</summary>
    public required string Settings { get; init; }

    /// <summary>The version of Reft that made it.</summary>
    public required string Reft { get; init; }

    /// <summary>The processor that it was made on.</summary>
    public required string Processor { get; init; }

    /// <summary>What is known of its run.</summary>
    public required ArmFacts Facts { get; init; }

    /// <summary>The figures of the test problems by decoding, as <see cref="UnitFigures"/> writes them.</summary>
    public required IReadOnlyDictionary<string, string> Decodings { get; init; }
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
        RespectRequiredConstructorParameters = true,
    };

    private readonly ReproductionFiles _files = new(plan.Config.Folder);

    // Whoever asks for units has written the settings before, and they stay.
    private readonly Lazy<ILookup<string, string>> _settings = new(() =>
        File.ReadLines(new ReproductionFiles(plan.Config.Folder).Settings).ToLookup(line => line.Split(':')[0], StringComparer.Ordinal));

    /// <summary>The file of a unit; null where units are not kept.</summary>
    public string? PathOf(string format, ulong seed) =>
        plan.Config.Units is { } folder ? Path.Combine(folder, FormattableString.Invariant($"{format}-seed-{seed}.json")) : null;

    /// <summary>The arms of a unit that were made under these settings, in the plan's order.</summary>
    /// <exception cref="InputException">The file is no unit, or its figures are not of these problems.</exception>
    public IReadOnlyList<ArmResult> Read(FormatPlan format, ulong seed) => Kept(format, seed) is { Count: > 0 } kept
        ? [.. Result(kept, format, seed, Groups(format))]
        : [];

    /// <summary>The names of those arms, without working their figures out.</summary>
    /// <exception cref="InputException">The file is no unit.</exception>
    public IReadOnlySet<string> Names(FormatPlan format, ulong seed) => Kept(format, seed).Select(arm => arm.Arm).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether a unit has an arm that was made under other settings, and is therefore not taken.</summary>
    public bool IsOfOthers(FormatPlan format, ulong seed, Arm arm) =>
        UnitOf(format.Name, seed) is { } unit && unit.Arms.Any(kept => kept.Arm == arm.Name && kept.Settings != SettingsOf(format, arm));

    /// <summary>Writes arms into a unit, beside those that it holds of these settings.</summary>
    /// <param name="format">The format.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="arms">The arms.</param>
    /// <param name="maker">What made them.</param>
    public void Write(FormatPlan format, ulong seed, IEnumerable<ArmResult> arms, ReproductionMaker maker)
    {
        var path = PathOf(format.Name, seed)!; // Asked only where units are kept.
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!); // It lies in a folder.
        UnitArm[] made =
        [
            .. arms.Select(arm => new UnitArm
            {
                Arm = arm.Arm,
                Settings = SettingsOf(format, format.Arms.Single(a => a.Name == arm.Arm)),
                Reft = maker.Version,
                Processor = maker.Processor,
                Facts = arm.Facts,
                Decodings = arm.Decodings.ToDictionary(d => d.Name, d => UnitFigures.Write(d.Figures)),
            }),
        ];
        var all = Kept(format, seed).Where(kept => made.All(arm => arm.Arm != kept.Arm)).Concat(made)
            .OrderBy(arm => PlaceOf(format, arm.Arm));
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(new ReproductionUnit([.. all]), _json) + "\n");
    }

    private static int PlaceOf(FormatPlan format, string arm) => Enumerable.Range(0, format.Arms.Count).First(i => format.Arms[i].Name == arm);

    private IReadOnlyList<UnitArm> Kept(FormatPlan format, ulong seed)
    {
        var unit = UnitOf(format.Name, seed);
        return unit is null
            ? []
            : [.. format.Arms.Select(arm => unit.Arms.FirstOrDefault(kept => kept.Arm == arm.Name && kept.Settings == SettingsOf(format, arm))).OfType<UnitArm>()];
    }

    private ReproductionUnit? UnitOf(string format, ulong seed)
    {
        if (PathOf(format, seed) is not { } path || !File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<ReproductionUnit>(File.ReadAllText(path), _json);
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}: is no unit of a comparison ({OneLine.Of(error.Message)}); remove it", error);
        }
    }

    private string[] Groups(FormatPlan format) =>
        [.. new Problems.Files.ProblemFile(_files.Problems(format.Name, "test"), new Problems.Files.ProblemFileOptions()).Load().Select(p => p.GroupKey)];

    /// <summary>The arms of a unit, with the intervals worked out again.</summary>
    private IEnumerable<ArmResult> Result(IEnumerable<UnitArm> arms, FormatPlan format, ulong seed, string[] groups)
    {
        foreach (var arm in arms)
        {
            Decoding[] decodings;
            try
            {
                decodings = [.. arm.Decodings.Select(d => Of(d.Key, UnitFigures.Read(d.Value, groups.Length), groups))];
            }
            catch (FormatException error)
            {
                throw new InputException($"{PathOf(format.Name, seed)}: {error.Message}; remove it", error);
            }

            yield return new ArmResult(format.Name, seed, arm.Arm, arm.Facts, decodings, groups);
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

    /// <summary>The hash of the lines of the settings that an arm's figures hang on: its own, the format's, and the first arm's where it needs that.</summary>
    private string SettingsOf(FormatPlan format, Arm arm)
    {
        string[] parts =
        [
            "samples", "temperatures", "base", "model", format.Name, $"{format.Name} {arm.Name}", $"{format.Name} rewardModel",
            .. arm.NeedsWarmUp ? new[] { $"{format.Name} {format.First.Name}" } : [],
        ];
        var lines = parts.Order(StringComparer.Ordinal).SelectMany(part => _settings.Value[part]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..16];
    }
}

/// <summary>What makes a comparison, for the record.</summary>
/// <param name="Version">The version of Reft, with the commit where it is known.</param>
/// <param name="Processor">The processor.</param>
internal sealed record ReproductionMaker(string Version, string Processor);
