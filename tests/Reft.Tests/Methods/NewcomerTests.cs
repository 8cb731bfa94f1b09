using System.Text.RegularExpressions;
using Reft.Methods;
using Reft.Models.Families;

namespace Reft.Tests.Methods;

/// <summary>What an addition costs: a thing of a catalog is known to its own file and to the catalog, and to no other source.</summary>
public sealed partial class NewcomerTests
{
    private static readonly (string Path, string Text)[] _sources =
    [
        .. Directory.GetFiles(Path.Combine(ArchitectureTests.Repository(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .Select(path => (path, Comment().Replace(File.ReadAllText(path), ""))),
    ];

    // These are Reft's subject: their algorithms, and the first runs of a user, have rooms of their own.
    private static readonly string[] _first = ["pretrain", "sft", "reft", "online-self-training", "outcome-reward"];

    public static TheoryData<string> Methods => [.. Catalog.Default.MethodNames.Except(_first)];

    public static TheoryData<string> Things =>
    [
        .. Catalog.Default.Answers.Cast<object>().Concat(Catalog.Default.Rewards).Concat(Catalog.Default.Curricula).Concat(Catalog.Default.Schedules)
            .Concat(Catalog.Default.Formats).Concat(Catalog.Default.Problems).Select(thing => thing.GetType().Name)
            // What configs are without a word, and what the first runs of a user are made of.
            .Except(["PaperForm", "RewardRule", "PlainCurriculumOptions", "WordProblems", "ConstantSchedule", "LinearSchedule"]),
    ];

    // A fresh model is a llama.
    public static TheoryData<string> Families => [.. ModelFamilies.All.Select(family => family.ModelType).Where(type => type != "llama")];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Method_IsKnownToItsFileAndTheCatalog(string name)
    {
        var options = Catalog.Default.Of(name).Options.Type.Name;

        var known = Files($@"\b{options}\b|""{Regex.Escape(name)}""").Where(path => !path.StartsWith("Reft.Python", StringComparison.Ordinal)); // Its module abc.

        Assert.Equal([Path.Combine("Reft", "Methods", options.Replace("Options", ".cs", StringComparison.Ordinal))], known);
        Assert.Contains(options.Replace("Options", "", StringComparison.Ordinal), File.ReadAllText(CatalogFile), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Things))]
    public void Thing_IsKnownToItsFileAndTheCatalog(string type)
    {
        var known = Files($@"\b{type}\b");

        Assert.Single(known, path => Path.GetFileName(path) is "Catalog.cs" or "ProblemFormats.cs");
        Assert.InRange(known.Length, 2, 2 + Extra(type));
    }

    /// <summary>But for other programs' names of it, in exports, and letters that have such names.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Family_IsKnownToItsFile(string type)
    {
        var known = Files($@"""{Regex.Escape(type)}""").Where(path => path.StartsWith($"Reft{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(path => !path.StartsWith(Path.Combine("Reft", "Exports"), StringComparison.Ordinal));

        Assert.StartsWith(Path.Combine("Reft", "Models", "Families"), Assert.Single(known), StringComparison.Ordinal);
    }

    // UFT's hints are a curriculum's options under its own section, chains of parities are read by the form that goes with them, and how many
    // samples agree with their thinking is a figure of the step, which a reward cannot write yet.
    private static int Extra(string type) => type is "ScheduledHintsOptions" or "ParityChain" or "ConsistencyReward" ? 1 : 0;

    private static string CatalogFile => Path.Combine(ArchitectureTests.Repository(), "src", "Reft", "Methods", "Catalog.cs");

    private static string[] Files(string pattern) =>
    [
        .. _sources.Where(source => Regex.IsMatch(source.Text, pattern))
            .Select(source => Path.GetRelativePath(Path.Combine(ArchitectureTests.Repository(), "src"), source.Path)).Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();
}
