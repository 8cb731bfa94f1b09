using System.Text.RegularExpressions;

namespace Reft.Tests;

/// <summary>No option that nobody reads: every property of an options record is read outside of the record.</summary>
public sealed class OptionReadersTests
{
    private static readonly string[] _folders = ["Algorithms", "Methods", "Training", "Rollouts", "Generation", "Models"];

    public static TheoryData<string> Options => new(OptionTypes().Select(t => t.FullName!));

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_EveryProperty_IsReadBySomeone(string name)
    {
        var type = OptionTypes().Single(t => t.FullName == name);
        // Who reads an option knows its type by name; its own record, which checks it, does not count.
        var readers = Sources().Select(text => WithoutRecord(text, type.Name))
            .Where(text => Regex.IsMatch(text, $@"\b{type.Name}\b")).ToArray();

        var unread = type.GetProperties()
            .Where(p => p.CanWrite) // A computed property is no option.
            .Where(p => !readers.Any(text => Reads(text, p.Name)))
            .Select(p => p.Name);

        Assert.Empty(unread);
    }

    [Fact]
    public void WithoutRecord_File_LosesTheRecordAlone()
    {
        const string File = "record A\n{\n    int X => 1;\n}\n\npublic sealed record B\n{\n    int Y => A.X;\n}\n";

        Assert.Equal("\n\npublic sealed record B\n{\n    int Y => A.X;\n}\n", WithoutRecord(File, "A"));
        Assert.Equal(File, WithoutRecord(File, "C"));
    }

    [Theory]
    [InlineData("var x = _options.Epochs + 1;", true)]
    [InlineData("if (options.Epochs is { } e)", true)]
    [InlineData("new PpoOptions { Epochs = 3 }", false)]
    [InlineData("x with { Epochs = 3 }", false)]
    [InlineData("// reads options.Epochs", false)]
    [InlineData("/// <see cref=\"PpoOptions.Epochs\"/>", false)]
    [InlineData("options.EpochsDone", false)]
    [InlineData("options.Epochs = 3;", false)]
    [InlineData("options is { Epochs: 3 }", true)]
    public void Reads_Line_IsUnderstood(string line, bool expected) => Assert.Equal(expected, Reads(line, "Epochs"));

    [Fact]
    public void OptionTypes_KnownOnes_AreSeen() => Assert.Superset(
        new HashSet<string>
        {
            "PpoOptions", "KlOptions", "CrossEntropyOptions", "AdamWOptions", "TrainerOptions", "SamplingOptions",
            "PolicyRolloutOptions",
        },
        OptionTypes().Select(t => t.Name).ToHashSet());

    private static IEnumerable<Type> OptionTypes() => typeof(Reft.Algorithms.PpoOptions).Assembly.GetTypes()
        .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal))
        .Where(t => _folders.Contains(t.Namespace?.Split('.').ElementAtOrDefault(1)));

    private static IEnumerable<string> Sources() => Directory
        .EnumerateFiles(Path.Combine(ArchitectureTests.Repository(), "src"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
        .Select(File.ReadAllText);

    private static string WithoutRecord(string text, string type) =>
        Regex.Replace(text, $@"\brecord {type}\s*{{.*?\n}}", "", RegexOptions.Singleline);

    /// <summary>Whether a member of this name is read: after a dot and not written, or in a property pattern.</summary>
    private static bool Reads(string text, string property) => text.Split('\n')
        .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
        .Any(line => Regex.IsMatch(line, $@"\.{property}\b(?!\s*=[^=>])|[{{,]\s*{property}:"));
}
