namespace Reft.Problems.Files;

/// <summary>The formats of problem files, in the order in which they are asked: what rows hold before how rows are written.</summary>
internal static class ProblemFormats
{
    /// <summary>Stands for whichever format recognises the file.</summary>
    public const string Auto = "auto";

    /// <summary>Every format.</summary>
    public static IReadOnlyList<IProblemFormat> All { get; } =
    [
        new Gsm8kFormat(),
        new MathFormat(),
        new ParquetFormat(),
        new CsvFormat(),
        new PaperJsonFormat(),
        new JsonLinesFormat(),
    ];

    /// <summary>The format of a name; null for <see cref="Auto"/>.</summary>
    /// <exception cref="InputException">There is none of that name.</exception>
    internal static IProblemFormat? Of(string name, IReadOnlyList<IProblemFormat>? formats = null) => name == Auto ? null
        : (formats ?? All).FirstOrDefault(format => format.Name == name)
            ?? throw new InputException(
                $"there is no format {OneLine.Quote(name)} of problem files: Reft knows {string.Join(", ", NamesOf(formats ?? All))}");

    /// <summary>What configs and the command line may name of some formats.</summary>
    internal static IEnumerable<string> NamesOf(IEnumerable<IProblemFormat> formats) => formats.Select(format => format.Name).Prepend(Auto);
}
