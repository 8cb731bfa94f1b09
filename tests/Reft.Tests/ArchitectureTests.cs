using System.Text.RegularExpressions;

namespace Reft.Tests;

/// <summary>Which folder of the library may use which: the table of docs/decisions/0001-layout.md.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>
    /// The folders of each library, and which of the others each may use besides <c>Files</c>, which is free for all. A library whose
    /// namespaces begin with its own name, as the interpreter's do, is one folder to the others.
    /// </summary>
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Reft.Core/Files"] = "",
        ["Reft.Core/Answers"] = "",

        ["Reft.Python"] = "",

        ["Reft/Runtime"] = "",
        ["Reft/Supervision"] = "",
        ["Reft/Hub"] = "",
        ["Reft/Numerics"] = "",
        ["Reft/Problems"] = "Answers Numerics",
        ["Reft/Text"] = "Answers Python Supervision Problems",
        ["Reft/Ranks"] = "",
        ["Reft/Models"] = "Numerics Ranks",
        ["Reft/Checkpoints"] = "Hub Numerics Models",
        ["Reft/Generation"] = "Numerics Ranks Models Text",
        ["Reft/Samplers"] = "Supervision Models Text Generation",
        ["Reft/Verification"] = "Ranks Answers Python Supervision Problems",
        ["Reft/Rollouts"] = "Answers Supervision Numerics Problems Text Generation Verification",
        ["Reft/Algorithms"] = "Ranks Supervision Numerics Models Rollouts",
        ["Reft/Evaluation"] = "Answers Numerics Problems Text Models Generation Verification Rollouts",
        ["Reft/Training"] =
            "Ranks Answers Supervision Numerics Problems Text Models Checkpoints Generation Verification Rollouts Algorithms Evaluation",

        ["Reft/Configuration"] = "Answers Numerics Problems Text Models Samplers Verification Rollouts Algorithms Training Methods",
        ["Reft/Inputs"] = "Ranks Answers Python Runtime Supervision Hub Numerics Problems Text Models Checkpoints Verification Training Configuration",
        ["Reft/Inference"] = "Answers Runtime Problems Text Checkpoints Generation Verification Evaluation Configuration Inputs Hub",
        ["Reft/Sampling"] =
            "Answers Numerics Problems Text Models Checkpoints Verification Rollouts Algorithms Evaluation Training Inputs",
        ["Reft/Methods"] = "Answers Supervision Numerics Problems Text Models Checkpoints Generation Samplers Verification Rollouts Algorithms "
            + "Evaluation Training Configuration Inputs Sampling",
        ["Reft/Planning"] = "Numerics Problems Text Models Training Configuration Inputs Methods Generation",
        ["Reft/Leases"] = "Ranks Supervision Numerics Models Checkpoints Generation Configuration",
        ["Reft/Runs"] = "Ranks Runtime Supervision Hub Numerics Problems Text Models Checkpoints Verification Evaluation Training Configuration Inputs "
            + "Methods Planning Leases",
        ["Reft/Serving"] = "Numerics Text Models Checkpoints Generation Inputs",
        ["Reft/Exports"] = "Text Models Checkpoints",
        ["Reft/Certification"] = "Numerics Text Models Checkpoints Generation",
        ["Reft/Reporting"] = "Answers Problems Text Verification Rollouts Evaluation Training Methods",
        ["Reft/Replay"] =
            "Answers Problems Text Models Generation Verification Rollouts Algorithms Training Configuration Inputs Methods",
        ["Reft/Diagnosis"] = "Training Configuration Methods",
        ["Reft/Reproduction"] = "Answers Problems Text Checkpoints Verification Evaluation Training Configuration Inputs Methods Sampling "
            + "Runs Reporting",
        ["Reft/Quickstart"] = "Answers Problems Algorithms Evaluation Training Configuration Methods",

        ["Reft.Chat"] = "Text Generation Verification Serving",
        ["Reft.Server"] = "Supervision Text Configuration Generation Serving",
        ["Reft.Hosting"] = "Ranks Answers Python Runtime Supervision Hub Numerics Problems Text Models Checkpoints Generation Verification Rollouts "
            + "Evaluation Training Configuration Inputs Inference Sampling Methods Planning Leases Runs Serving Exports Certification Reporting Replay "
            + "Diagnosis Reproduction Quickstart Server",
    };

    /// <summary>The libraries, each with the libraries and packages that it refers to.</summary>
    private static readonly Dictionary<string, string[]> Projects = new(StringComparer.Ordinal)
    {
        ["Reft.Core"] = [],
        ["Reft.Python"] = ["Reft.Core"],
        ["Reft"] = ["CsvHelper", "Microsoft.Extensions.Logging.Abstractions", "Parquet.Net", "Reft.Core", "Reft.Python", "System.IO.Hashing", "TorchSharp", "YamlDotNet"],
        ["Reft.Chat"] =
        [
            "Microsoft.Extensions.AI.Abstractions", "Microsoft.Extensions.AI.Evaluation", "Microsoft.Extensions.DependencyInjection.Abstractions",
            "Reft",
        ],
        ["Reft.Server"] = ["Microsoft.AspNetCore.App", "Reft"],
        ["Reft.Hosting"] = ["NATS.Client.JetStream", "OpenTelemetry", "OpenTelemetry.Exporter.OpenTelemetryProtocol", "OxyPlot.Core", "Reft", "Reft.Server", "Spectre.Console", "System.CommandLine"],
    };

    private static readonly string Source = Path.Combine(Repository(), "src");

    [Fact]
    public void Folders_EveryOne_IsInTheTable() =>
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), Files().Select(f => f.Folder).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Files_Uses_AreAllowed()
    {
        var files = Files().ToArray();

        var wrong = files.SelectMany(file => Uses(file.Text)
            .Where(used => Names.Contains(used) && used != NameOf(file.Folder) && used != "Files")
            .Where(used => !Allowed[file.Folder].Split(' ').Contains(used))
            .Select(used => $"{file.Path}: {file.Folder} may not use {used}"));

        Assert.Empty(wrong.Distinct());
        Assert.True(files.Length > 100, $"only {files.Length} files were seen");
    }

    [Fact]
    public void Folders_Uses_RunOneWay()
    {
        // A folder stands below what may use it; only settings and methods, which name each other, may do so both ways.
        var below = Allowed.Keys.Select(NameOf).ToArray();
        var wrong = Allowed.SelectMany(pair => pair.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Where(used => Array.IndexOf(below, used) > Array.IndexOf(below, NameOf(pair.Key)))
                .Select(used => $"{NameOf(pair.Key)} {used}"));

        Assert.Equal(["Configuration Methods"], wrong);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Project_References_AreThoseOfTheTable(string name)
    {
        var text = File.ReadAllText(Path.Combine(Source, name, $"{name}.csproj"));

        var references = Reference().Matches(text).Select(m => Path.GetFileNameWithoutExtension(m.Groups[2].Value) is var last
            && m.Groups[1].Value == "Project" ? last : m.Groups[2].Value);

        Assert.Equal(Projects[name], references.Order(StringComparer.Ordinal));
    }

    public static TheoryData<string> Libraries => [.. Projects.Keys];

    [Fact]
    public void Files_Namespace_EqualsTheFolder()
    {
        var wrong = Files().Where(f => !Declares(f)).Select(f => f.Path);

        Assert.Empty(wrong);

        static bool Declares(SourceFile file)
        {
            var folder = Path.GetDirectoryName(file.Path)!.Replace(Path.DirectorySeparatorChar, '.');
            var expected = folder.StartsWith("Reft.Core.", StringComparison.Ordinal) ? "Reft" + folder["Reft.Core".Length..] : folder;
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
        .Where(file => Projects.ContainsKey(file.Path.Split(Path.DirectorySeparatorChar)[0])
            && file.Path.Split(Path.DirectorySeparatorChar)[1] is not ("bin" or "obj"));

    private static readonly HashSet<string> Names = [.. Allowed.Keys.Select(NameOf)];

    /// <summary>A folder's part of the namespace: what stands after <c>Reft.</c>.</summary>
    private static string NameOf(string folder) => folder.Split('/', '.')[^1];

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

    [GeneratedRegex("<(Project|Package|Framework)Reference Include=\"([^\"]+)\"")]
    private static partial Regex Reference();

    private sealed record SourceFile(string Path, string Text)
    {
        public string Folder => Path.Split(System.IO.Path.DirectorySeparatorChar) switch
        {
            [var project and ("Reft.Python" or "Reft.Chat" or "Reft.Server" or "Reft.Hosting"), ..] => project,
            [var project, var folder, _, ..] => $"{project}/{folder}",
            [var project, ..] => project,
            _ => "",
        };
    }
}
