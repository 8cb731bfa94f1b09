using System.Text.RegularExpressions;

namespace Reft.Tests;

/// <summary>What documents refer to is there: linked files, and the members that docs/algorithm.md names for each formula.</summary>
public sealed partial class DocumentReferenceTests
{
    private static readonly string Root = ArchitectureTests.Repository();

    [Fact]
    public void Links_ToFiles_LeadSomewhere()
    {
        var links = Documents().SelectMany(document => Link().Matches(File.ReadAllText(document))
            .Select(match => (Document: document, Target: match.Groups[1].Value)))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal)).ToArray();

        Assert.DoesNotContain(links, link => !Path.Exists(Path.Combine(Path.GetDirectoryName(link.Document)!, link.Target)));
        Assert.True(links.Length > 20, $"only {links.Length} links were seen");
    }

    [Fact]
    public void Algorithm_PlacesOfFormulas_AreInTheSources()
    {
        var text = File.ReadAllText(Path.Combine(Root, "docs", "algorithm.md"));
        var places = Place().Matches(text).Select(match => (File: match.Groups[1].Value, Members: match.Groups[2].Value)).ToArray();

        Assert.DoesNotContain(places, place => !IsThere(place.File, place.Members));
        Assert.True(places.Length > 25, $"only {places.Length} places were seen");
    }

    [Fact]
    public void Walk_Places_AreInTheSources()
    {
        var text = File.ReadAllText(Path.Combine(Root, "docs", "walk.md"));
        var places = WalkPlace().Matches(text).Select(match => (
            File: match.Groups[1].Value.Replace("Reft.Core/", "", StringComparison.Ordinal).Replace("Reft.Python/", "", StringComparison.Ordinal),
            Member: match.Groups[2].Value)).ToArray();

        Assert.DoesNotContain(places, place => !IsThere(place.File, place.Member));
        Assert.True(places.Length > 40, $"only {places.Length} places were seen");
    }

    [Theory]
    [InlineData("Algorithms/CrossEntropy", "Create", true)]
    [InlineData("Algorithms/CrossEntropy", "", true)]
    [InlineData("Algorithms/CrossEntropy", "Loss, ShapeNothing", false)]
    [InlineData("Algorithms/NoSuchFile", "", false)]
    [InlineData("Evaluation/Voting", "Ballot", true)]
    public void IsThere_Place_IsLookedUp(string file, string members, bool expected) => Assert.Equal(expected, IsThere(file, members));

    /// <summary>A file with members, or a folder with types.</summary>
    private static bool IsThere(string place, string members)
    {
        var path = Directory.GetDirectories(Path.Combine(Root, "src")).Select(project => Path.Combine(project, place))
            .FirstOrDefault(path => File.Exists(path + ".cs") || Directory.Exists(path));
        var text = path is null ? null
            : File.Exists(path + ".cs") ? File.ReadAllText(path + ".cs")
            : string.Concat(Directory.GetFiles(path, "*.cs").Select(File.ReadAllText));
        return text is not null && members.Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .All(member => Regex.IsMatch(text, $@"(class|record|enum|struct|[\w>?\])]) {Regex.Escape(member)}\b|^ +{Regex.Escape(member)},$", RegexOptions.Multiline));
    }

    private static IEnumerable<string> Documents() =>
    [
        .. Directory.GetFiles(Root, "*.md"), .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories),
    ];

    [GeneratedRegex(@"\]\(([^)#\s]+)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:Reft\.\w+/)?[A-Z]\w*(?:/[A-Z]\w*)*)(?:\.([A-Z]\w*))?`")]
    private static partial Regex WalkPlace();

    // In the second column, or in the text, in backticks; files of one cell stand behind one another.
    [GeneratedRegex(@"(?<=\| |; |`|, )([A-Z]\w+(?:/[A-Z]\w+)+)(?:: ([A-Z]\w*(?:, [A-Z]\w*(?!/))*))?(?= \||; |`|, )")]
    private static partial Regex Place();
}
