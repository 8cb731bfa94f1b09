using System.Text.Json;
using Reft.Hosting;

namespace Reft.Tests.Cli;

public sealed class VerificationVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reft-verbs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Extract_PlainLines_WritesALineEach()
    {
        var (code, output, error) = await Run("The answer is $1,250.\n1/2\nno idea\n", "extract");

        Assert.Equal((0, ""), (code, error));
        Assert.Equal(3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("1\t1250\n2\t0.5\n3\t-\t", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extract_JsonLinesWithAnswers_GivesOutcomesAsJson()
    {
        const string Input = """
            {"id":"p","completion":"So.\nTherefore, the answer is: 7","answer_value":"7.0"}
            {"text":"So.\nTherefore, the answer is: 8","answer":7}

            {"completion":"nothing"}
            """;

        var (code, output, _) = await Run(Input, "extract", "-", "--policy", "paper", "--json");

        var rows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(0, code);
        Assert.Equal(["Correct", "Incorrect", "NoAnswer"], rows.Select(row => row.GetProperty("outcome").GetString()));
        Assert.Equal(["7.0", "8.0", null], rows.Select(row => row.GetProperty("value").GetString()));
        Assert.Equal("p", rows[0].GetProperty("id").GetString());
        Assert.Equal(4, rows[2].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Vote_Samples_CountsByValue()
    {
        const string Samples = """
            {"id":"a","completion":"The answer is 3.0","answer":"3"}
            {"id":"b","completion":"The answer is 5","answer":"6"}
            {"id":"a","completion":"The answer is 4","answer":"3"}
            {"id":"b","completion":"The answer is 5","answer":"6"}
            {"id":"a","completion":"The answer is 3.0000001","answer":"3"}
            {"id":"b","completion":"no idea","answer":"6"}
            """;

        var (code, output, error) = await Run(Samples, "vote", "-", "--k", "1,3", "--json");

        Assert.Equal((0, ""), (code, error));
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(1, report.GetProperty("voteless").GetInt32());
        // Of a's single samples two of three are right, of b's none; three together are right for a.
        Assert.Equal([1.0 / 3, 0.5], Values("majority"), Near);
        Assert.Equal([0.5, 0.5], Values("firstMajority"), Near);
        // By itself 3.0000001 is no right answer to a whole number; as a vote it is one for 3.
        Assert.Equal([1.0 / 6, 0.5], Values("pass"), Near);

        static bool Near(double a, double b) => Math.Abs(a - b) < 1e-12;

        IEnumerable<double> Values(string name) => report.GetProperty("rows").EnumerateArray()
            .Select(row => row.GetProperty(name).GetProperty("value").GetDouble());
    }

    [Theory]
    [InlineData("""{"id":"a","completion":"def solution():\n    return 3","answer":"3"}""", "style program (guessed; --style sets it)")]
    [InlineData("""{"id":"a","completion":"The answer is: B","answer":"B"}""", "style choice (guessed; --style sets it)")]
    [InlineData("""{"id":"a","completion":"The answer is: 3","answer":"3"}""", "style number (guessed; --style sets it)")]
    [InlineData("""{"id":"a","completion":"The answer is: 3","answer":"3"}""", "style number;", "--style", "number")]
    public async Task Vote_Style_IsGuessedAndSaid(string samples, string expected, params string[] more)
    {
        var (code, output, _) = await Run(samples, ["vote", "-", .. more]);

        Assert.Equal(0, code);
        Assert.Contains(expected, output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("0 samples have no vote", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"a","completion":"3","answer":"3"}""", "2", "--k: problem 'a' has 1 samples, not 2")]
    [InlineData("""{"id":"a","completion":"3","answer":"3"}""", "x", "--k: 'x' is no whole number of at least 1")]
    [InlineData("""{"completion":"3","answer":"3"}""", "1", "sample 1: lacks 'id', the problem's")]
    [InlineData("""{"id":"a","completion":"3"}""", "1", "sample 1: lacks 'answer' (or 'answer_value')")]
    [InlineData("""{"id":"a","completion":"3","answer":"three or so"}""", "1", "the answer 'three or so' cannot be read")]
    [InlineData("[{\"id\":\"a\",\"text\":\"3\",\"answer\":3},{\"id\":\"a\",\"text\":\"3\",\"answer\":4}]", "1",
        "the samples of problem 'a' do not have one and the same answer")]
    public async Task Vote_BadInput_IsRefused(string samples, string k, string expected)
    {
        var (code, _, error) = await Run(samples, "vote", "-", "--k", k);

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_Config_AuditsEverySetAsTheRunWouldReadIt()
    {
        var (config, problems) = (Path.Combine(_folder, "run.yaml"), Path.Combine(_folder, "mine.jsonl"));
        await File.WriteAllTextAsync(problems, """
            {"question":"What is 1 + 1?","answer":"2","solution":"def solution():\n    return 1 + 1"}
            {"question":"What is 2 + 3?","answer":"6","solution":"def solution():\n    return 2 + 3"}
            """, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(config, $$"""
            method: sft
            run: runs/a
            model: { fresh: { layers: 1, width: 8, heads: 1, feedForward: 8, context: 2048, vocabulary: 300 } }
            problems:
              train: { file: '{{problems}}' }
              dev: { generated: { profile: easy, split: dev, count: 20 } }
            answers: { style: program }
            training: { epochs: 1, batchSize: 1 }
            optimizer: { learningRate: 1e-3, schedule: constant }
            """, TestContext.Current.CancellationToken);

        var (code, output, error) = await Run("", "verify", config);
        var (mended, json, _) = await Run("", "verify", config, "--json", "--set", "problems.train={generated: {split: train, count: 9}}");

        Assert.Equal((1, ""), (code, error));
        Assert.Contains($"train of {config}: 2 problems, 2 with a solution", output, StringComparison.Ordinal);
        Assert.Contains("row 2 (mine_1), answer 6", output, StringComparison.Ordinal);
        Assert.Contains($"dev of {config}: 20 problems, 20 with a solution", output, StringComparison.Ordinal);
        Assert.EndsWith("FAILED\n", output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(0, mended);
        Assert.Equal(9, JsonDocument.Parse(json).RootElement.GetProperty("sets").GetProperty("train").GetProperty("problems").GetInt32());
    }

    [Theory]
    [InlineData("run.yaml", "--style", "number", "--style is for a problem file; a config says for itself how its problems are read")]
    [InlineData("run.jsonl", "--set", "seed=1", "--set changes a config; name a YAML file, or remove it")]
    public async Task Verify_OptionOfTheOtherKind_IsRefused(string file, string option, string value, string expected)
    {
        var (code, _, error) = await Run("", "verify", file, option, value);

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[\"#### 1\",\"#### 2\"]", "1\t1\n2\t2\n")]
    [InlineData("[{\"completion\":\"#### 1\"}]", "1\t1\n")]
    [InlineData("[5]\n", "1\t5\n")]
    [InlineData("{5}\n\n6\n", "1\t5\n2\t-\tNoAnswer\tno answer: the text is empty\n3\t6\n")]
    public async Task Extract_OtherInput_IsRead(string input, string expected) =>
        Assert.Equal(expected, (await Run(input, "extract")).Output.ReplaceLineEndings("\n"));

    [Fact]
    public async Task Extract_Gold_IsComparedWith() =>
        Assert.StartsWith("1\t42\tCorrect\t", (await Run("42.0", "extract", "--gold", "42")).Output,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("def solution():\n    return 7 / 2\n", "1\t3.5\n")]
    [InlineData("{\"completion\":\"def solution():\\n    return 1 / 0\"}", "1\t-\tError\tZeroDivisionError: division by zero\n")]
    public async Task Extract_Program_RunsIt(string input, string expected) =>
        Assert.Equal(expected, (await Run(input, "extract", "--style", "program")).Output.ReplaceLineEndings("\n"));

    [Fact]
    public async Task Extract_Choice_ReadsLetters() =>
        Assert.Equal("1\tc\n", (await Run("(C)", "extract", "--style", "choice")).Output.ReplaceLineEndings("\n"));

    [Theory]
    [InlineData("", "is empty", "extract")]
    [InlineData("{\"completion\":", "line 1: malformed JSON", "extract")]
    [InlineData("{\"answer\":\"1\"}", "lacks 'completion'", "extract")]
    [InlineData("{\"completion\":[]}", "'completion' is Array", "extract")]
    [InlineData("5", "--gold 'lots' cannot be read", "extract", "--gold", "lots")]
    [InlineData("5", "no-such-file cannot be read", "extract", "no-such-file")]
    [InlineData("5", "sometimes", "extract", "--policy", "sometimes")]
    [InlineData("", "name a file, or use --builtin", "verify")]
    [InlineData("", "does not exist", "verify", "no-such-file")]
    [InlineData("", "name one", "verify", "x", "--builtin")]
    [InlineData("", "--count is 0", "verify", "--builtin", "--count", "0")]
    public async Task Run_BadInput_IsOneLineAndExitCode2(string input, string expected, params string[] args)
    {
        var (code, output, error) = await Run(input, args);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_GoodFile_Passes()
    {
        var (code, output, error) = await Run("", "verify", Problems("12"));

        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("PASSED", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WrongGold_FailsAndNamesTheRow()
    {
        var (code, output, _) = await Run("", "verify", Problems("13"));

        Assert.Equal(1, code);
        Assert.Contains("row 2 (b), answer 13: the solution concludes 12", output, StringComparison.Ordinal);
        Assert.EndsWith("FAILED", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_Json_IsOneObjectAlone()
    {
        var (code, output, _) = await Run("", "verify", Problems("13"), "--json", "--policy", "paper");

        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal(1, code);
        Assert.False(report.GetProperty("passed").GetBoolean());
        Assert.Equal("Number", report.GetProperty("style").GetString());
        Assert.Equal("Paper", report.GetProperty("policy").GetString());
        var failed = report.GetProperty("checks").EnumerateArray()
            .Where(check => !check.GetProperty("passed").GetBoolean());
        Assert.All(failed, check => Assert.Equal(2, check.GetProperty("rows")[0].GetProperty("row").GetInt32()));
    }

    [Fact]
    public async Task Verify_UnstatedLimit_IsUsed()
    {
        var path = Path.Combine(_folder, "words.jsonl");
        await File.WriteAllTextAsync(
            path,
            """{"question":"How many are two and two?","answer":"4","solution":"Two and two are four."}""",
            TestContext.Current.CancellationToken);

        Assert.Equal(1, (await Run("", "verify", path)).Code);
        Assert.Equal(0, (await Run("", "verify", path, "--unstated-limit", "1")).Code);
        Assert.Equal(2, (await Run("", "verify", path, "--unstated-limit", "2")).Code);
    }

    [Fact]
    public async Task Verify_Overlap_ListsSharedRows()
    {
        var (_, output, _) = await Run("", "verify", Problems("12"), "--overlap", Problems("12", "other.json"));

        Assert.Contains("other.json: 2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_NamedColumns_AreRead()
    {
        var path = Path.Combine(_folder, "mine.csv");
        await File.WriteAllTextAsync(path, "key,text,label,why\n7,How many are 2 and 2?,4,2 + 2 = 4\n",
            TestContext.Current.CancellationToken);

        var (code, output, error) = await Run(
            "", "verify", path, "--id-column", "key", "--question-column", "text", "--answer-column", "label", "--solution-column", "why");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("1 problems, 1 with a solution", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("easy")]
    [InlineData("full")]
    public async Task Verify_Builtin_Passes(string profile) =>
        Assert.Equal(0,
            (await Run("", "verify", "--builtin", "--count", "200", "--profile", profile, "--seed", "3")).Code);

    [Theory]
    [InlineData("extract")]
    [InlineData("verify")]
    public async Task Help_EveryVerb_HasExamples(string verb)
    {
        var (code, output, _) = await Run("", verb, "--help");

        Assert.Equal(0, code);
        Assert.Contains($"  reft {verb}", output, StringComparison.Ordinal);
    }

    private string Problems(string secondAnswer, string name = "problems.json")
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, $$"""
            [{"item_id":"a","question":"Ben had 9 cups and broke 2. How many are left?","answer_cot":"9 - 2 = 7.","answer_value":"7.0"},
             {"item_id":"b","question":"Ann has 3 bags of 4 pears. How many pears?",
              "answer_cot":"3 * 4 = 12, not 13.\nTherefore, the answer is <12>.","answer_value":"{{secondAnswer}}"}]
            """);
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> Run(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await App.RunAsync(
            args, new Terminal(output, error, new StringReader(input)), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
