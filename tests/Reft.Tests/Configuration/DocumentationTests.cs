using System.Text.RegularExpressions;
using Reft.Configuration;
using Reft.Configuration.Binding;
using Reft.Methods;
using Reft.Problems.Files;

namespace Reft.Tests.Configuration;

/// <summary>docs/configuration.md says what RunConfig is.</summary>
public sealed partial class DocumentationTests
{
    private static readonly Dictionary<string, string[]> _rows = File
        .ReadLines(Path.Combine(ArchitectureTests.Repository(), "docs", "configuration.md"))
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
        Assert.True(_rows.Count > 90, $"only {_rows.Count} keys were seen");
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
            .Where(row => !row.Range.StartsWith("as `", StringComparison.Ordinal)
                && !Quoted().Matches(row.Range).Select(match => match.Groups[1].Value).SequenceEqual(row.Words))
            .Where(row => row.Path != "problems.train[].generated.split")
            .Select(row => row.Path);

        Assert.Empty(wrong);
    }

    [Fact]
    public void NamedThings_EveryOne_IsDocumented()
    {
        var kinds = Keys(typeof(RunConfig), "").Where(key => ConfigKey.IsNamed(key.Key.Element ?? key.Key.Type)).ToArray();

        Assert.Equal(5, kinds.Length);
        Assert.All(kinds, key => Assert.Equal(
            Catalog.Default.Of(key.Key.Element ?? key.Key.Type).Select(one => one.Name),
            Quoted().Matches(_rows[key.Path][2]).Select(match => match.Groups[1].Value)));
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

    private static bool IsSection(ConfigKey key) => key.Element is null && ConfigKey.IsRecord(key.Type);

    private static string Default(ConfigKey key, Type record)
    {
        var value = key.GetDefault(Activator.CreateInstance(record)!);
        return key.IsRequired ? "required" : key.Element is not null ? key.Unnamed ?? "[]" : ConfigText.Scalar(value);
    }

    /// <summary>Every key; the three lists of sets are alike, and only the first one's items are told.</summary>
    private static IEnumerable<(string Path, ConfigKey Key, Type Record)> Keys(Type record, string path)
    {
        foreach (var key in ConfigKey.Of(record, Catalog.Default))
        {
            var own = ConfigPath.Key(path, key.Name);
            yield return (own, key, record);
            var inner = key.Element ?? key.Type;
            var named = ConfigKey.IsNamed(inner) ? Catalog.Default.Of(inner) : [];
            foreach (var child in named.SelectMany(one => Keys(
                one.GetType(), key.Element is null || one.Name == key.Unnamed ? own : own + "[]")))
            {
                yield return child;
            }

            if (ConfigKey.IsRecord(inner) && own is not ("problems.dev" or "problems.test"))
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
