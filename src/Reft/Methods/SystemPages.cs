using System.Text.RegularExpressions;

namespace Reft.Methods;

/// <summary>A system that stands beside ReFT, as docs/methods.md has it.</summary>
/// <param name="Name">What its paper calls it.</param>
/// <param name="Source">Its paper: an arXiv number, or where it was printed.</param>
/// <param name="Parts">What it is called in a config: a method, a reward, a curriculum, a generator.</param>
/// <param name="Kind">What these are.</param>
/// <param name="Configs">Its experiments, files of configs/methods.</param>
/// <param name="Section">What is said of it, Markdown, without the heading.</param>
internal sealed partial record SystemPage(
    string Name, string Source, IReadOnlyList<string> Parts, string Kind, IReadOnlyList<string> Configs, string Section)
{
    private const string Page = "Reft.Systems.md";
    private const string Table = "| system | arXiv | name | is a | experiment |";

    /// <summary>All of them, in the page's order.</summary>
    public static IReadOnlyList<SystemPage> All { get; } = Read();

    /// <summary>Its citation.</summary>
    public string Citation => char.IsDigit(Source[0]) ? $"arXiv {Source}" : Source;

    /// <summary>What it is, in its section's first sentence.</summary>
    public string Summary => FirstSentence().Match(Paragraphs().First().Text.Replace("**What it is.** ", "", StringComparison.Ordinal)).Value.TrimEnd('.', ':');

    /// <summary>The example that comes with Reft, as the text of a config.</summary>
    public string Example => MethodExamples.Read(Configs[0]) ?? throw new InvalidOperationException($"{Configs[0]}: is not among the examples");

    /// <summary>Finds one by its name or by what it is called in a config; null if there is none.</summary>
    public static SystemPage? Find(string name) =>
        All.FirstOrDefault(system => string.Equals(system.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? All.FirstOrDefault(system => system.Parts.Contains(name, StringComparer.Ordinal));

    /// <summary>The section's paragraphs, each one line, and its tables as they are.</summary>
    public IEnumerable<PageLine> Paragraphs()
    {
        var text = new List<string>();
        var isCode = false;
        foreach (var line in Section.Split('\n').Append(""))
        {
            var isWhole = isCode || line.StartsWith('|') || line.StartsWith("```", StringComparison.Ordinal);
            isCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (text.Count > 0 && (isWhole || line.Length == 0 || line.StartsWith("**", StringComparison.Ordinal) || line.StartsWith("- ", StringComparison.Ordinal)))
            {
                yield return new PageLine(string.Join(' ', text.Select(part => part.Trim())));
                text.Clear();
            }

            if (isWhole)
            {
                yield return new PageLine(line, IsWhole: true);
            }
            else if (line.Length > 0)
            {
                text.Add(line);
            }
        }
    }

    private static SystemPage[] Read()
    {
        using var reader = new StreamReader(typeof(SystemPage).Assembly.GetManifestResourceStream(Page)!); // It is embedded.
        var text = reader.ReadToEnd().ReplaceLineEndings("\n");
        var rows = text[text.IndexOf(Table, StringComparison.Ordinal)..].Split('\n').Skip(2).TakeWhile(line => line.StartsWith('|')).ToArray();
        // The sections behind the table are in its order.
        var sections = text[text.IndexOf(Table, StringComparison.Ordinal)..].Split("\n## ").Skip(1).Select(section => section[(section.IndexOf('\n', StringComparison.Ordinal) + 1)..].Trim('\n'));
        return [.. rows.Zip(sections, (row, section) =>
        {
            string[] cells = [.. row.Trim('|').Split('|').Select(cell => cell.Trim())];
            return new SystemPage(cells[0], cells[1], Quoted(cells[2]), cells[3], Quoted(cells[4]), section);
        })];
    }

    private static string[] Quoted(string cell) => [.. InQuotes().Matches(cell).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InQuotes();

    [GeneratedRegex(@"^(?:`[^`]*`|[^`.:]|[.:](?!\s|$))*")]
    private static partial Regex FirstSentence();
}
