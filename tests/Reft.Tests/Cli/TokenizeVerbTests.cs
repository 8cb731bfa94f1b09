using System.Text.Json;
using Reft.Hosting;
using Reft.Tests.Text;

namespace Reft.Tests.Cli;

public sealed class TokenizeVerbTests
{
    [Fact]
    public async Task Tokenize_Json_PrintsIdsAndDecodedTextOnOneLine()
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"a":0,"é":1,"\n":2,"🙂":3}""", merges: "[]", options: """ "unk_token":null """,
            stages: """ "decoder":{"type":"Fuse"} """);

        var run = await RunAsync("tokenize", folder.Path, "--text", "aé\n🙂", "--json");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        Assert.Single(run.Output.TrimEnd('\n').Split('\n'));
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(["ids", "decoded"], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal([0, 1, 2, 3], json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal("aé\n🙂", json.RootElement.GetProperty("decoded").GetString());
    }

    [Fact]
    public async Task Tokenize_Plain_ListsTokensAndTheirCount()
    {
        using var folder = TokenizerFolder.WithJson();

        var run = await RunAsync("tokenize", folder.Path, "--text", "▁ab");

        Assert.Equal("       5  ▁a\n       3  b\n2 tokens\n", run.Output);
    }

    [Fact]
    public async Task Tokenize_StandardInputAndFile_AreRead()
    {
        using var folder = TokenizerFolder.WithJson().Write("text.txt", "ab");

        var fromInput = await RunAsync(new StringReader("ab"), "tokenize", folder.Path, "--file", "-", "--json");
        var fromFile = await RunAsync(
            "tokenize", Path.Combine(folder.Path, "tokenizer.json"), "--file", Path.Combine(folder.Path, "text.txt"), "--json");

        Assert.StartsWith("""{"ids":[4]""", fromInput.Output, StringComparison.Ordinal);
        Assert.Equal(fromInput.Output, fromFile.Output);
    }

    [Fact]
    public async Task Tokenize_AddSpecial_PutsSpecialTokensAround()
    {
        using var folder = TokenizerFolder.WithJson(
            stages: """ "post_processor":{"type":"BertProcessing","sep":["b",3],"cls":["a",2]} """);

        var run = await RunAsync("tokenize", folder.Path, "--text", "ab", "--add-special", "--json");

        Assert.StartsWith("""{"ids":[2,4,3]""", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokenize_TextWithAtSign_IsTakenAsText()
    {
        using var folder = TokenizerFolder.WithJson(vocabulary: """{"@":0,"a":1}""", merges: "[]", options: """ "unk_token":null """);

        var run = await RunAsync("tokenize", folder.Path, "--text", "@a", "--json");

        Assert.StartsWith("""{"ids":[0,1]""", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokenize_BadInput_PrintsOneLineAndExitsWithTwo()
    {
        using var folder = TokenizerFolder.WithJson();
        string[][] bad =
        [
            ["tokenize", folder.Path],
            ["tokenize", folder.Path, "--text", "a", "--file", "b"],
            ["tokenize", folder.Path, "--file", Path.Combine(folder.Path, "missing.txt")],
            ["tokenize", Path.Combine(folder.Path, "missing"), "--text", "a"],
        ];

        foreach (var arguments in bad)
        {
            var run = await RunAsync(arguments);

            Assert.Equal((App.BadInput, ""), (run.Code, run.Output));
            Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        }
    }

    [Fact]
    public async Task Tokenize_Help_ShowsExamples()
    {
        var run = await RunAsync("tokenize", "--help");

        Assert.Equal(App.Done, run.Code);
        Assert.Contains("Examples:\n  reft tokenize ./model --text", run.Output, StringComparison.Ordinal);
    }

    private static Task<Run> RunAsync(params string[] arguments) => RunAsync(TextReader.Null, arguments);

    private static async Task<Run> RunAsync(TextReader input, params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await App.RunAsync(arguments, new Terminal(output, error, input));
        return new Run(code, output.ToString(), error.ToString());
    }

    private sealed record Run(int Code, string Output, string Error);
}
