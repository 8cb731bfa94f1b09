using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Evaluation;
using Reft.Hosting;
using Reft.Tests.Evaluation;

namespace Reft.Tests.Cli;

/// <summary><c>reft evaluate</c> as a user meets it, on a model of which is known what it answers.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class EvaluateVerbTests(LearnedModel learned) : IClassFixture<LearnedModel>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_KnownModel_PrintsTheFigures()
    {
        // Two of six known answers are not what the model has learned.
        var run = await Evaluate("--problems", Problems(wrong: 2));

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        Assert.Contains("problems.jsonl: 6 problems of 5 kinds, style number (guessed", run.Output, StringComparison.Ordinal);
        Assert.Equal("66.7 %", Cell(run.Output, "accuracy"));
        // Wilson for 4 of 6: (2/3 + 0.3201 ± √(0.1423 + 0.1025)) / 1.6402 is 0.3000 and 0.9032.
        Assert.Equal("30.0 to 90.3 %", Cell(run.Output, "95% interval"));
        Assert.Equal("33.3 %", Cell(run.Output, "wrong answer"));
        Assert.Equal("0.0 %", Cell(run.Output, "truncated"));
        Assert.Equal("0.700", Cell(run.Output, "mean reward"));
    }

    [Fact]
    public async Task Evaluate_Output_IsWhatTheLibraryGives()
    {
        string[] options =
            ["--problems", Problems(), "--samples", "3", "--temperature", "1.5", "--top-p", "0.9", "--seed", "4"];

        var first = await Evaluate([.. options, "--output", _folder["sub/a.json"]]);
        await Evaluate([.. options, "--output", _folder["b.json"], "--slots", "2"]);

        Assert.Equal((App.Done, ""), (first.Code, first.Error));
        Assert.Equal(File.ReadAllBytes(_folder["sub/a.json"]), File.ReadAllBytes(_folder["b.json"]));
        var expected = learned.Evaluate(
            LearnedModel.Options with { Samples = 3, Temperature = 1.5, TopP = 0.9, Seed = 4 });
        expected = expected with { Set = "problems.jsonl", Step = null };
        Assert.Equal(EvaluationFile.ToJson(expected), File.ReadAllText(_folder["b.json"]));
        Assert.Contains("3 samples", first.Output, StringComparison.Ordinal);
        Assert.Equal(["b.json", "problems.jsonl"], _folder.Files);
    }

    [Fact]
    public async Task Evaluate_OtherForm_IsWhatAnswersAreReadIn()
    {
        // The model has learned the paper's form: nothing ends in tags.
        var run = await Evaluate("--problems", Problems(), "--form", "tagged", "--output", _folder["tagged.json"]);
        var compared = await Evaluate("--problems", Problems(), "--compare", _folder["tagged.json"]);

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        Assert.Contains("policy exact, form tagged", run.Output, StringComparison.Ordinal);
        Assert.Equal("100.0 %", Cell(run.Output, "no answer"));
        Assert.Contains("answers are given in form paper, in the baseline tagged", compared.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_FormThatTheStyleCannotBeGivenIn_IsRefused()
    {
        var run = await Evaluate("--builtin", "--style", "program", "--form", "tagged");

        Assert.Equal(App.BadInput, run.Code);
        Assert.Contains("--form is tagged, in which answers of style program cannot be given", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_Json_IsOneObjectAlone()
    {
        var run = await Evaluate("--problems", Problems(wrong: 3), "--samples", "2", "--json");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        var json = JsonNode.Parse(run.Output)!;
        Assert.Equal(0.5, json["greedy"]!["accuracy"]!["value"]!.GetValue<double>());
        Assert.Equal(5, json["sampled"]!["accuracy"]!["n"]!.GetValue<int>());
        Assert.True(json["greedy"]!["meanTokens"]!.GetValue<double>() > 5);
        Assert.Null(json["greedy"]!["items"]);
        Assert.Null(json["comparison"]);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Evaluate_Compare_SaysWhatFlipped()
    {
        var problems = Problems();
        await Evaluate("--problems", problems, "--output", _folder["short.json"], "--max-tokens", "3");

        var run = await Evaluate("--problems", problems, "--compare", _folder["short.json"]);
        var json = await Evaluate("--problems", problems, "--compare", _folder["short.json"], "--json");

        // All six are gained: the difference is 1 in every resample. They are five kinds, so p = 2 / 2⁵.
        string[] lines =
        [
            "greedy +100.0 points (95% +100.0 to +100.0), McNemar p = 0.0625", "gained 6: 'apples', 'pears', 'more', ",
            "lost 0", "note: max-tokens is 48, in the baseline 3",
        ];
        Assert.All(lines, line => Assert.Contains(line, run.Output, StringComparison.Ordinal));
        var comparison = JsonNode.Parse(json.Output)!["comparison"]!;
        Assert.Equal(2 / 32.0, comparison["pValue"]!.GetValue<double>(), 1e-12);
        Assert.Equal(6, comparison["gained"]!.AsArray().Count);
    }

    [Fact]
    public async Task Evaluate_TestLedger_CountsLooks()
    {
        var problems = Problems();
        string[] ledger = ["--problems", problems, "--test-ledger", _folder["looks.jsonl"]];

        var first = await Evaluate(ledger);
        // A part of the set is a look at the set.
        var second = await Evaluate([.. ledger, "--limit", "2"]);
        File.AppendAllText(_folder["looks.jsonl"], "{");
        var third = await Evaluate([.. ledger, "--json"]);

        Assert.Contains("look 1 at this test set", first.Output, StringComparison.Ordinal);
        Assert.Contains("look 2 at this test set", second.Output, StringComparison.Ordinal);
        Assert.Contains("2 problems", second.Output, StringComparison.Ordinal);
        Assert.Equal(3, JsonNode.Parse(third.Output)!["testLook"]!.GetValue<int>());
        Assert.StartsWith("warning: ", third.Error, StringComparison.Ordinal);
        Assert.Contains("line 3 cannot be read", third.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_GiveHeader_ReachesPromptAndVerifier()
    {
        var run = await Evaluate(
            "--builtin", "--split", "test", "--profile", "easy", "--count", "3", "--style", "program", "--give-header",
            "--policy", "paper", "--output", _folder["a.json"], "--max-tokens", "5");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        var result = EvaluationFile.Read(_folder["a.json"]);
        Assert.Equal(("built-in test", "Program", "Paper"), (result.Set, $"{result.Style}", $"{result.Policy}"));
        Assert.All(
            result.Greedy.Items,
            item => Assert.Contains("\ndef solution():\n    \"\"\"", item.Prompt, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Evaluate_SomePromptsTooLong_WarnsAndCounts()
    {
        var file = Problems();
        File.AppendAllText(file, Line("long", Long, "3"));

        var run = await Evaluate("--problems", file);

        Assert.Equal(App.Done, run.Code);
        Assert.StartsWith("warning: 1 of 7 prompts are too long", run.Error, StringComparison.Ordinal);
        Assert.Equal("14.3 %", Cell(run.Output, "prompt too long"));
        Assert.Equal("85.7 %", Cell(run.Output, "accuracy"));
    }

    [Fact]
    public async Task BadInput_EveryCase_IsOneLineAndExitsWithTwo()
    {
        var good = Problems();
        var (none, output, earlier) = (_folder["none"], _folder["out.json"], _folder["ok.json"]);
        await Evaluate("--problems", good, "--output", earlier);
        await Evaluate("--problems", good, "--output", _folder["two.json"], "--limit", "2");
        (string[] Arguments, string Expected)[] cases =
        [
            ([], "nothing to evaluate; name a file with --problems, or use --builtin"),
            (["--problems", none], "does not exist"),
            (["--problems", Write("empty.jsonl", "")], "is empty"),
            (["--problems", Write("bad.jsonl", "{\"id\":")], "bad.jsonl"),
            (["--problems", Write("no.jsonl", Line("a", "b", "lots")), "--style", "number"], "is no number answer"),
            (["--problems", Write("no.csv", "question\nWhy?\n")], "answer"),
            (["--problems", Write("long.jsonl", Line("long", Long, "3"))], "no problem fits the model"),
            (["--problems", good, "--builtin"], "name one"),
            (["--builtin", "--count", "0"], "--count is 0"),
            (["--problems", good, "--limit", "0"], "--limit is 0"),
            (["--problems", good, "--give-header"], "only programs have a header"),
            (["--problems", good, "--max-tokens", "0"], "--max-tokens is 0"),
            (["--problems", good, "--slots", "0"], "--slots is 0"),
            (["--problems", good, "--samples", "-1"], "--samples is -1"),
            (["--problems", good, "--samples", "2", "--temperature", "0"], "--temperature is 0 with 2 samples"),
            (["--problems", good, "--samples", "2", "--top-p", "2"], "--top-p is 2"),
            (["--problems", good, "--temperature", "0.5"], "--temperature is given, but no samples are drawn"),
            (["--problems", good, "--compare", none], "no such file"),
            (["--problems", good, "--compare", good], "is no evaluation"),
            (["--problems", good, "--compare", _folder["two.json"]], "'more' is not in the baseline"),
            (["--problems", Problems(1, "wrong.jsonl"), "--compare", earlier], "the known answer of problem 'apples'"),
            (["--problems", good, "--compare", earlier, "--policy", "paper"], "evaluate both under one"),
            (["--problems", good, "--output", _folder.Path], "is a folder"),
            (["--problems", good, "--output", good], "holds the problems"),
            (["--problems", good, "--test-ledger", _folder.Path], "cannot be used as the ledger"),
        ];

        foreach (var (arguments, expected) in cases)
        {
            string[] writing = arguments.Contains("--output") ? arguments : [.. arguments, "--output", output];
            var run = await Evaluate(writing);

            Assert.True((run.Code, run.Output) == (App.BadInput, ""), $"{string.Join(" ", arguments)}: {run}");
            Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
            Assert.Contains(expected, run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
            Assert.False(File.Exists(output));
        }

        Assert.DoesNotContain(_folder.Files, file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Evaluate_NoStopToken_SaysWhereToNameIt()
    {
        learned.Model.Save(_folder["model"]);
        learned.Tokenizer.Save(_folder["model"]);
        var config = JsonNode.Parse(File.ReadAllText(_folder["model/config.json"]))!.AsObject();
        config.Remove("eos_token_id");
        File.WriteAllText(_folder["model/config.json"], config.ToJsonString());
        File.Delete(_folder["model/generation_config.json"]);

        var named = await RunAsync("evaluate", _folder["model"], "--problems", Problems(), "--max-tokens", "48");
        File.WriteAllText(_folder["model/tokenizer_config.json"], "{}");
        File.Delete(_folder["model/special_tokens_map.json"]);
        var nameless = await RunAsync("evaluate", _folder["model"], "--problems", Problems());

        Assert.Equal((App.Done, "100.0 %"), (named.Code, Cell(named.Output, "accuracy")));
        Assert.Equal(App.BadInput, nameless.Code);
        Assert.Contains("name it as 'eos_token_id' in", nameless.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_Interrupted_WritesNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and the env of Linux");
        var (output, ledger) = (_folder["out.json"], _folder["looks.jsonl"]);
        string[] arguments =
        [
            "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Reft.Cli.dll"), "evaluate",
            learned.Folder, "--builtin", "--count", "4000", "--output", output, "--test-ledger", ledger,
        ];
        using var process = Process.Start(
            new ProcessStartInfo("env", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        // The ledger is opened right before the first token.
        while (!File.Exists(ledger) && !process.HasExited)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var written = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((App.Failed, "", "Stopped.\n"), (process.ExitCode, written, error));
        Assert.Equal(["looks.jsonl"], _folder.Files);
        Assert.Equal(0, new FileInfo(ledger).Length);
    }

    [Fact]
    public async Task Evaluate_PublishedModel_Runs()
    {
        var model = SharedData.Require("models", "tinystories-656k");

        var run = await RunAsync(
            "evaluate", model, "--builtin", "--profile", "easy", "--count", "8", "--max-tokens", "12", "--json");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        var shares = JsonNode.Parse(run.Output)!["greedy"]!["shares"]!;
        string[] outcomes = ["correct", "incorrect", "noAnswer", "timeout", "error"];
        Assert.Equal(1, outcomes.Sum(outcome => shares[outcome]!.GetValue<double>()), 1e-12);
    }

    [Theory]
    [InlineData("12/20 completions", 40, "12/20 completions")]
    [InlineData("12/20 completions", 18, "12/20 completions")]
    [InlineData("12/20 completions", 17, "12/20 completion")]
    [InlineData("12/20 completions", 0, "")]
    public void ProgressLine_NarrowTerminal_IsCut(string text, int width, string expected) =>
        Assert.Equal(expected, ProgressLine.Fit(text, width));

    private static readonly string Long = string.Join(' ', Enumerable.Repeat("apples", 400));

    /// <summary>What stands in the greedy column of a row.</summary>
    private static string Cell(string output, string row)
    {
        var line = output.Split('\n').Single(l => l.TrimStart().StartsWith(row + "  ", StringComparison.Ordinal));
        return line.Trim()[row.Length..].Trim().Split("  ")[0];
    }

    private static string Line(string id, string question, string answer) =>
        JsonSerializer.Serialize(new { id, question, answer }) + "\n";

    /// <summary>The problems that the model knows; the first ones with another known answer.</summary>
    private string Problems(int wrong = 0, string name = "problems.jsonl") => Write(name, string.Concat(
        LearnedModel.Problems.Select((p, i) => Line(p.Id, p.Question, i < wrong ? "77" : p.Answer))));

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    private Task<(int Code, string Output, string Error)> Evaluate(params string[] arguments)
    {
        string[] length = arguments.Contains("--max-tokens") ? [] : ["--max-tokens", "48"];
        return RunAsync(["evaluate", learned.Folder, .. length, .. arguments]);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new StringReader("");
        var terminal = new Terminal(output, error, input);
        var code = await App.RunAsync(arguments, terminal, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
