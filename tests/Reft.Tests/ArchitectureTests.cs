using System.Text.RegularExpressions;

namespace Reft.Tests;

/// <summary>Which folder of the library may use which: the table of docs/decisions/0001-layout.md.</summary>
public sealed partial class ArchitectureTests
{
    private const string All = "*";

    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Runtime"] = "",
        ["Numerics"] = "",
        ["Problems"] = "Numerics",
        ["Text"] = "Problems",
        ["Models"] = "Numerics",
        ["Checkpoints"] = "Numerics Models",
        ["Generation"] = "Numerics Models Text",
        ["Verification"] = "Problems",
        ["Rollouts"] = "Numerics Problems Text Generation Verification",
        ["Algorithms"] = "Numerics Models Rollouts",
        ["Evaluation"] = "Numerics Problems Text Models Generation Verification Rollouts",
        ["Training"] = "Numerics Problems Text Models Checkpoints Generation Verification Rollouts Algorithms Evaluation",
        ["Reporting"] = "Problems Text Verification Rollouts Evaluation Training",
        ["Composition"] = All,
    };

    private static readonly string Source = Path.Combine(Repository(), "src", "Reft");

    [Fact]
    public void Folders_EveryOne_IsInTheTable()
    {
        var folders = Directory.GetDirectories(Source).Select(f => Path.GetFileName(f)!).Except(["bin", "obj"]);

        Assert.Empty(folders.Except(Allowed.Keys));
    }

    [Fact]
    public void Files_Uses_AreAllowed()
    {
        var files = Files().ToArray();

        var wrong = files.SelectMany(file => Uses(file.Text)
            .Where(used => file.Folder.Length > 0 && used != file.Folder && Allowed.ContainsKey(used))
            .Where(used => Allowed[file.Folder] != All && !Allowed[file.Folder].Split(' ').Contains(used))
            .Select(used => $"{file.Path}: {file.Folder} may not use {used}"));

        Assert.Empty(wrong.Distinct());
        Assert.True(files.Length > 100, $"only {files.Length} files were seen");
    }

    [Fact]
    public void Files_AtTheRoot_UseNoFolder()
    {
        var wrong = Files().Where(f => f.Folder.Length == 0)
            .SelectMany(f => Uses(f.Text).Where(Allowed.ContainsKey).Select(used => $"{f.Path} uses {used}"));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Files_Namespace_EqualsTheFolder()
    {
        var wrong = Files().Where(f => !Declares(f)).Select(f => f.Path);

        Assert.Empty(wrong);

        static bool Declares(SourceFile file)
        {
            var folder = Path.GetDirectoryName(file.Path)!.Replace(Path.DirectorySeparatorChar, '.');
            var expected = folder.Length == 0 ? "Reft" : $"Reft.{folder}";
            return Namespace().Match(file.Text).Groups[1].Value == expected;
        }
    }

    [Fact]
    public void TestClasses_ThatCountTensors_RunAlone()
    {
        var wrong = typeof(ArchitectureTests).Assembly.GetTypes()
            .Where(t => t.IsDefined(typeof(NoTensorLeakAttribute), inherit: false))
            .Where(t => t.CustomAttributes.All(a => a.AttributeType != typeof(CollectionAttribute)));

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("using Reft.Models.Families;", "Models")]
    [InlineData("using static Reft.Text.Pipeline;", "Text")]
    [InlineData("using D = Reft.Models.Decoder;", "Models")]
    [InlineData("var x = new Reft.Generation.Sampler();", "Generation")]
    [InlineData("var x = global::Reft.Training.Trainer.Run();", "Training")]
    [InlineData("/// <see cref=\"Reft.Training.Trainer\"/>", "")]
    [InlineData("// as in Reft.Training", "")]
    [InlineData("namespace Reft.Training;", "")]
    [InlineData("throw new(\"Reft.Training is\");", "")]
    public void Uses_Line_AreFound(string line, string expected) => Assert.Equal(expected, string.Join(" ", Uses(line)));

    private static IEnumerable<string> Uses(string text) => text.Split('\n')
        .Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            && !line.StartsWith("namespace ", StringComparison.Ordinal))
        .SelectMany(line => Qualified().Matches(Quoted().Replace(line, "\"\"")))
        .Select(match => match.Groups[1].Value);

    private static IEnumerable<SourceFile> Files() => Directory
        .EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
        .Select(path => new SourceFile(Path.GetRelativePath(Source, path), File.ReadAllText(path)))
        .Where(file => file.Folder is not ("bin" or "obj"));

    /// <summary>The folder of the solution; the tests run from a folder inside it.</summary>
    internal static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Reft.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }

    [GeneratedRegex(@"(?<![\w.])(?:global::)?Reft\.([A-Z]\w*)")]
    private static partial Regex Qualified();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    private sealed record SourceFile(string Path, string Text)
    {
        public string Folder => Path.Split(System.IO.Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder : "";
    }
}
