using System.Text.RegularExpressions;
using Reft.Configuration;
using Reft.Configuration.Binding;
using Reft.Methods;
using Reft.Problems.Files;

namespace Reft.Tests.Configuration;

/// <summary>docs/configuration.md says what RunConfig is.</summary>
public sealed partial class DocumentationTests
{
    private static string Page => Path.Combine(ArchitectureTests.Repository(), "docs", "configuration.md");

    private static readonly Dictionary<string, string[]> _rows = File
        .ReadLines(Page)
        .TakeWhile(line => line != "## What the catalog holds")
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(cells => cells[1].Trim('`'), cells => cells[2..], StringComparer.Ordinal);

    [Fact]
    public void Keys_EveryOne_IsDocumentedAndEveryDocumentedOneExists()
    {
        var keys = Keys(typeof(RunConfig), "").ToArray();

        // Sections whose keys have rows need none of their own.
        Assert.Empty(keys.Where(key => !IsSection(key.Key) || key.Key.IsNullable).Select(key => key.Path).Except(_rows.Keys));
        Assert.Empty(_rows.Keys.Except(keys.Select(key => key.Path)));
        Assert.True(_rows.Count > 80, $"only {_rows.Count} keys were seen");
    }

    [Fact]
    public void Defaults_EveryOne_IsTheDocumentedOne()
    {
        var wrong = Keys(typeof(RunConfig), "").Where(key => !IsSection(key.Key) || key.Key.IsNullable)
            .Select(key => (key.Path, Documented: _rows[key.Path][1], Actual: Default(key.Key, key.Record)))
            .Where(row => row.Documented != row.Actual);

        Assert.Empty(wrong);
    }

    [Fact]
    public void Words_EveryOne_IsDocumented()
    {
        var wrong = Keys(typeof(RunConfig), "").Where(key => key.Key.Type.IsEnum)
            .Select(key => (key.Path, Range: _rows[key.Path][2], Words: EnumNames.Of(key.Key.Type)))
            .Where(row => !Quoted().Matches(row.Range).Select(match => match.Groups[1].Value).SequenceEqual(row.Words))
            .Where(row => row.Path != "problems.train[].generated.split")
            .Select(row => row.Path);

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("named")]
    [InlineData("methods")]
    public void Catalog_IsDocumentedAsItDescribesItself(string part)
    {
        var written = part == "named" ? OptionTable.Named(Catalog.Default) : OptionTable.Methods(Catalog.Default);
        var page = File.ReadAllText(Page).ReplaceLineEndings("\n");
        var (start, end) = ($"<!-- {part}: written by the tests -->\n", $"<!-- end {part} -->\n");
        var (from, to) = (page.IndexOf(start, StringComparison.Ordinal) + start.Length, page.IndexOf(end, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("REFT_UPDATE_SNAPSHOTS") == "1")
        {
            page = page[..from] + written + page[to..];
            File.WriteAllText(Page, page);
            to = from + written.Length;
        }

        Assert.Equal(written, page[from..to]);
    }

    [Fact]
    public void Formats_EveryOne_IsDocumented()
    {
        var words = Quoted().Matches(_rows["problems.train[].format"][2]).Select(match => match.Groups[1].Value);
        var table = File.ReadLines(Path.Combine(ArchitectureTests.Repository(), "docs", "verification.md"))
            .SkipWhile(line => !line.StartsWith("| format |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|', StringSplitOptions.TrimEntries));

        Assert.Equal(ProblemFormats.NamesOf(ProblemFormats.All), words);
        Assert.Equal(
            ProblemFormats.All.Select(format => ($"`{format.Name}`", format.Summary)), table.Select(cells => (cells[1], cells[2])));
    }

    [Theory]
    [InlineData("formulas")]
    [InlineData("metrics")]
    public void Algorithm_EveryMethods_IsDocumented(string part)
    {
        var path = Path.Combine(ArchitectureTests.Repository(), "docs", "algorithm.md");
        var page = File.ReadAllText(path).ReplaceLineEndings("\n");
        var start = $"<!-- {part}: written by the tests -->\n";
        var (from, to) = (page.IndexOf(start, StringComparison.Ordinal) + start.Length, page.IndexOf($"<!-- end {part} -->", StringComparison.Ordinal));
        var written = part == "metrics" ? MethodMetrics.Write(Catalog.Default) : MethodMetrics.Formulas(Catalog.Default);
        if (Environment.GetEnvironmentVariable("REFT_UPDATE_SNAPSHOTS") == "1")
        {
            page = page[..from] + written + page[to..];
            File.WriteAllText(path, page);
            to = from + written.Length;
        }

        Assert.Equal(written, page[from..to]);
    }

    private static bool IsSection(ConfigKey key) => key.Element is null && ConfigKey.IsRecord(key.Type);

    private static string Default(ConfigKey key, Type record)
    {
        var value = key.GetDefault(Activator.CreateInstance(record)!);
        return key.IsRequired ? "required" : key.Element is not null ? key.Unnamed ?? "[]" : ConfigText.Scalar(value);
    }

    /// <summary>Every key but those of the catalog; the three lists of sets are alike, and only the first one's items are told.</summary>
    private static IEnumerable<(string Path, ConfigKey Key, Type Record)> Keys(Type record, string path)
    {
        foreach (var key in ConfigKey.Of(record))
        {
            var own = ConfigPath.Key(path, key.Name);
            yield return (own, key, record);
            var inner = key.Element ?? key.Type;
            if (ConfigKey.IsRecord(inner) && !ConfigKey.IsNamed(inner) && own is not ("problems.dev" or "problems.test"))
            {
                foreach (var child in Keys(inner, key.Element is null ? own : own + "[]"))
                {
                    yield return child;
                }
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
