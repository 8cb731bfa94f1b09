namespace Reft.Problems.Files;

/// <summary>The formats of problem files, in the order in which they are asked: what rows hold before how rows are written.</summary>
public static class ProblemFormats
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
    internal static IProblemFormat? Of(string name) => name == Auto ? null : Find(name)
        ?? throw new InputException($"there is no format {OneLine.Quote(name)} of problem files: Reft knows {string.Join(", ", Names)}");

    /// <summary>What configs and the command line may name.</summary>
    internal static IEnumerable<string> Names => All.Select(format => format.Name).Prepend(Auto);

    private static IProblemFormat? Find(string name) => All.FirstOrDefault(format => format.Name == name);
}
