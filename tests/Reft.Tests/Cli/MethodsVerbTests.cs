using System.Text.Json;
using Reft.Configuration;
using Reft.Hosting;
using Reft.Methods;

namespace Reft.Tests.Cli;

public sealed class MethodsVerbTests
{
    public static TheoryData<string> Methods => [.. Catalog.Default.MethodNames];

    public static TheoryData<string> Systems => [.. SystemPage.All.Select(system => system.Name)];

    [Fact]
    public async Task List_EveryMethod_HasALineWithWhereItIsFrom()
    {
        var (code, output, _) = await RunAsync("methods");

        Assert.Equal(App.Done, code);
        Assert.All(Catalog.Default.Methods, method => Assert.Contains(
            output.Split('\n'), line => line.StartsWith(method.Name + " ", StringComparison.Ordinal) && line.EndsWith($"[{method.Citation}]", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task List_SystemsThatAreNoMethods_HaveALineWithWhereTheyAreFrom()
    {
        var (_, output, _) = await RunAsync("methods");

        Assert.Equal(19, SystemPage.All.Count);
        string[] others = ["AdaBack", "interleaved reasoning", "RISE, edits of questions", "SFT and RL on functions", "SPaRFT", "CSVOR", "SGNN"];
        Assert.All(others, name => Assert.Contains(
            output.Split('\n'), line => line.StartsWith(name + " ", StringComparison.Ordinal) && line.EndsWith($"[{SystemPage.Find(name)!.Citation}]", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task Page_EverySystem_SaysWhatWasSeenAndHasAnExample(string name)
    {
        var system = SystemPage.Find(name)!;
        var (code, output, _) = await RunAsync("methods", system.Parts.FirstOrDefault(part => Catalog.Default.Find(part) is not null) ?? name);
        var (_, example, _) = await RunAsync("methods", name, "--example");

        Assert.Equal(App.Done, code);
        Assert.Contains(system.Parts.Concat(system.Configs), part => system.Section.Contains(part.Split(' ')[0].TrimEnd(':'), StringComparison.Ordinal)); // The section is its own.
        Assert.Contains(system.Paragraphs().Last().Text, output, StringComparison.Ordinal);
        Assert.InRange(system.Summary.Length, 20, 300);
        Assert.NotEmpty(ConfigFile.Parse(example, "example.yaml", []).Config.Method);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Page_EveryMethod_HasEveryOptionAndAnExampleOfItself(string name)
    {
        var method = Catalog.Default.Of(name);

        var (code, output, _) = await RunAsync("methods", name);

        Assert.Equal(App.Done, code);
        Assert.Contains(method.Guide, output, StringComparison.Ordinal);
        Assert.All(MethodOption.Of(method.Options), option => Assert.Contains($"  {option.Path}: {option.Default}", output, StringComparison.Ordinal));
        Assert.All(method.Formulas, formula => Assert.Contains($"  {formula.Text} ({formula.Source}", output, StringComparison.Ordinal));
        Assert.Equal(method.Unreplayed is not null, output.Contains("reft replay cannot know", StringComparison.Ordinal));
        var (_, example, _) = await RunAsync("methods", name, "--example");
        Assert.Equal(name, ConfigFile.Parse(example, "example.yaml", []).Config.Method);
    }

    [Fact]
    public async Task Json_IsJsonAlone()
    {
        var (_, all, _) = await RunAsync("methods", "--json");
        var (_, one, _) = await RunAsync("methods", "reft", "--json");

        using var list = JsonDocument.Parse(all);
        using var reft = JsonDocument.Parse(one);
        Assert.Equal(Catalog.Default.MethodNames, list.RootElement.EnumerateArray().Select(method => method.GetProperty("name").GetString()));
        Assert.Contains(reft.RootElement.GetProperty("options").EnumerateArray(), option => option.GetProperty("key").GetString() == "ppo.kl.coefficient");
    }

    [Theory]
    [InlineData("did you mean 'grpo'?", "methods", "grppo")]
    [InlineData("name it", "methods", "--example")]
    public async Task WrongInput_IsOneLine(string expected, params string[] args)
    {
        var (code, output, error) = await RunAsync(args);

        Assert.Equal((App.BadInput, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await App.RunAsync(args, new Terminal(output, error, TextReader.Null));
        return (code, output.ToString(), error.ToString());
    }
}
