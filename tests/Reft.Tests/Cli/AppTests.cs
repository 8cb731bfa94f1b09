using System.Diagnostics;
using System.Text.Json;
using Reft.Hosting;
using Reft.Hosting.Verbs;
using Reft.Runtime;
using Reft.Tests.Checkpoints;

namespace Reft.Tests.Cli;

/// <summary>The program as a user meets it: exit codes, JSON alone on standard output, one line for bad input.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class AppTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Verbs => [.. VerbCatalog.All.Select(v => v.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Help_EveryVerb_HasExamplesOfItself(string verb)
    {
        var run = await RunAsync(verb, "--help");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        var examples = run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..];
        Assert.Contains($"reft {verb}", examples, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Examples_EveryOne_Parses(string verb)
    {
        foreach (var example in VerbCatalog.All.Single(v => v.Name == verb).Examples)
        {
            // The part that runs reft, with a model that is not there: what is left to complain about is the model.
            var command = example[(example.IndexOf("reft ", StringComparison.Ordinal) + 5)..];
            var words = System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(command).ToArray();
            if (verb is "doctor" || words.Contains("--random"))
            {
                continue;
            }

            if (verb is "quickstart" or "pull" || words.Any(word => word.StartsWith("hf://", StringComparison.Ordinal)))
            {
                // It needs nothing, or the network alone, so it would run.
                var terminal = new Terminal(TextWriter.Null, TextWriter.Null, TextReader.Null);
                Assert.Empty(VerbCatalog.All.Single(v => v.Name == verb).Create(terminal).Parse(words[1..]).Errors);
                continue;
            }

            var run = await RunAsync([.. words.Select(w => w == "./model" ? _folder["none"] : w)]);

            Assert.True(run.Code == App.BadInput || !words.Contains("./model"), example);
            Assert.DoesNotContain("see reft", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Help_Root_ListsEveryVerb()
    {
        var run = await RunAsync("--help");

        Assert.Equal(App.Done, run.Code);
        Assert.All(VerbCatalog.All, verb => Assert.Contains($"  {verb.Name}", run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("opt")]
    public async Task Check_RandomModel_Passes(string family)
    {
        var run = await RunAsync("check", "--random", family, "--json");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        Assert.True(json.RootElement.GetProperty("passed").GetBoolean());
        Assert.True(json.RootElement.GetProperty("figures").GetArrayLength() >= 8);
    }

    [Fact]
    public async Task Check_DamagedModel_FailsWithOne()
    {
        await SaveModelAsync();
        var path = _folder["model.safetensors"];
        var bytes = File.ReadAllBytes(path);
        // The last weight becomes NaN.
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        File.WriteAllBytes(path, bytes);

        var run = await RunAsync("check", _folder.Path);

        Assert.Equal(App.Failed, run.Code);
    }

    [Fact]
    public async Task Doctor_Json_SaysWhatIsLoaded()
    {
        var run = await RunAsync("doctor", "--json");
        var plain = await RunAsync("doctor");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        foreach (var key in new[] { "system", "processor", "libtorch", "libtorch_source", "torchsharp_library", "backend" })
        {
            Assert.False(string.IsNullOrEmpty(json.RootElement.GetProperty(key).GetString()), key);
        }

        Assert.True(json.RootElement.GetProperty("ok").GetBoolean());
        Assert.True(json.RootElement.GetProperty("threads").GetInt32() >= 1);
        Assert.Contains("compatibility", plain.Output, StringComparison.Ordinal);
        Assert.Equal(GpuReport.Read().Gpus.Count, json.RootElement.GetProperty("gpus").GetArrayLength());
    }

    [Fact]
    public async Task GenerateAndScore_Json_AgreeOnLogProbs()
    {
        await SaveModelAsync();

        var generated = await RunAsync(
            "generate", _folder.Path, "--prompt", "3 apples", "--max-tokens", "5", "--samples", "3", "--seed", "9", "--json");

        Assert.Equal((App.Done, ""), (generated.Code, generated.Error));
        using var json = JsonDocument.Parse(generated.Output);
        var prompt = Golden.Ids(json.RootElement.GetProperty("prompt_ids"));
        Assert.Equal(9UL, json.RootElement.GetProperty("sampling").GetProperty("seed").GetUInt64());
        var completions = json.RootElement.GetProperty("completions").EnumerateArray().ToArray();
        Assert.Equal(3, completions.Length);
        foreach (var completion in completions)
        {
            int[] ids = [.. prompt, .. Golden.Ids(completion.GetProperty("ids"))];
            var scored = await RunAsync("score", _folder.Path, "--ids", string.Join(",", ids), "--json");
            using var scores = JsonDocument.Parse(scored.Output);
            var logProbs = scores.RootElement.GetProperty("log_probs").EnumerateArray().ToArray();
            Assert.Equal(ids, Golden.Ids(scores.RootElement.GetProperty("ids")));
            Assert.Equal(JsonValueKind.Null, logProbs[0].ValueKind);
            foreach (var (own, full) in completion.GetProperty("log_probs").EnumerateArray().Zip(logProbs[prompt.Length..]))
            {
                Assert.Equal(full.GetDouble(), own.GetDouble(), 1e-4);
            }
        }
    }

    [Fact]
    public async Task Generate_ModelWithChatTemplate_PutsThePromptIntoIt()
    {
        await SaveModelAsync();
        File.WriteAllText(_folder["chat_template.jinja"], "{% for m in messages %}{{ m.content }} apples{{ more }} {% endfor %}");
        string[] common = ["--prompt", "3", "--max-tokens", "2", "--temperature", "0", "--json"];

        var chat = await RunAsync(["generate", _folder.Path, "--system", "7", "--chat-set", "more=!", .. common]);
        var raw = await RunAsync(["generate", _folder.Path, "--raw", .. common]);
        var same = await RunAsync("generate", _folder.Path, "--raw", "--prompt", "7 apples! 3 apples! ", "--no-special", "--max-tokens", "1", "--json");
        var refused = await RunAsync(["generate", _folder.Path, "--raw", "--system", "7", .. common]);

        Assert.Equal((App.Done, App.Done, App.BadInput), (chat.Code, raw.Code, refused.Code));
        Assert.Contains("chat template", chat.Error, StringComparison.Ordinal);
        Assert.Equal("", raw.Error);
        Assert.Equal(Prompt(same.Output), Prompt(chat.Output));
        Assert.NotEqual(Prompt(raw.Output), Prompt(chat.Output));
        Assert.StartsWith("error: --system is for a chat template", refused.Error, StringComparison.Ordinal);

        static int[] Prompt(string output) => Golden.Ids(JsonDocument.Parse(output).RootElement.GetProperty("prompt_ids"));
    }

    [Fact]
    public async Task BadInput_EveryCase_IsOneLineAndExitsWithTwo()
    {
        await SaveModelAsync();
        var model = _folder.Path;
        var none = _folder["none"];
        string[][] cases =
        [
            ["nonsense"],
            ["generate"],
            ["generate", model],
            ["generate", model, "--prompt"],
            ["generate", model, "--prompt", "a", "--nonsense", "1"],
            ["generate", none, "--prompt", "a"],
            ["generate", model, "--prompt", ""],
            ["generate", model, "--prompt", string.Join(" ", Enumerable.Repeat("apples", 300))],
            ["generate", model, "--prompt", "a", "--max-tokens", "0"],
            ["generate", model, "--prompt", "a", "--max-tokens", "many"],
            ["generate", model, "--prompt", "a", "--temperature", "-1"],
            ["generate", model, "--prompt", "a", "--temperature", "1e-300"],
            ["generate", model, "--prompt", "a", "--top-k", "-2"],
            ["generate", model, "--prompt", "a", "--top-p", "0"],
            ["generate", model, "--prompt", "a", "--min-p", "1.5"],
            ["generate", model, "--prompt", "a", "--samples", "0"],
            ["generate", model, "--prompt", "a", "--batch", "0"],
            ["generate", model, "--prompt", "a", "--seed", "-1"],
            ["generate", model, "--prompt", "a", "--threads", "0"],
            ["generate", model, "--prompt", "a", "--dtype", "float8"],
            ["generate", model, "--prompt", "a", "--device", "tpu"],
            ["score", model],
            ["score", model, "--ids", "1,x"],
            ["score", model, "--ids", "1,99999"],
            ["score", model, "--ids", "1,99999999999"],
            ["score", model, "--ids", "-1"],
            ["score", model, "--ids", ","],
            ["score", model, "--ids", "1", "--text", "a"],
            ["score", model, "--ids", string.Join(",", Enumerable.Repeat("1", 300))],
            ["score", model, "--text", "a", "--file", "b"],
            ["score", model, "--file", none],
            ["check"],
            ["check", none],
            ["check", model, "--random", "llama"],
            ["check", "--random", "bert"],
            ["check", "--random", "llama", "--seed", "x"],
            ["check", Path.Combine(model, "config.json")],
            ["tokenize", none, "--text", "a"],
        ];

        foreach (var arguments in cases)
        {
            AssertBadInput(await RunAsync(arguments), string.Join(" ", arguments));
        }
    }

    [Theory]
    [InlineData("error: Required command was not provided; Unrecognized command or argument 'trian'; did you mean 'train'? (see reft --help)", "trian")]
    [InlineData("error: Unrecognized command or argument '--quite'; did you mean '--quiet'? (see reft train --help)", "train", "a.yaml", "--quite")]
    [InlineData("error: Unrecognized command or argument 'tarin': see reft train --help", "train", "a.yaml", "tarin")]
    public async Task Misspelt_VerbOrOption_IsAskedAbout(string expected, params string[] arguments)
    {
        var run = await RunAsync(arguments);

        AssertBadInput(run, arguments[0]);
        Assert.Equal(expected, run.Error.TrimEnd());
    }

    [Theory]
    [InlineData("config.json", "{", "config.json: not valid JSON")]
    [InlineData("config.json", """{"model_type":"bert"}""", "'model_type' is 'bert'")]
    [InlineData("config.json", """{"model_type":"llama"}""", "'hidden_size' is missing")]
    [InlineData("config.json", null, "a model folder needs config.json")]
    [InlineData("model.safetensors", null, "has neither model.safetensors nor")]
    [InlineData("model.safetensors", "", "model.safetensors")]
    [InlineData("model.safetensors", "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f{}", "model.safetensors")]
    [InlineData("tokenizer.json", "{", "tokenizer.json")]
    [InlineData("tokenizer.json", """{"model":{"type":"WordPiece","vocab":{}}}""", "WordPiece")]
    [InlineData("tokenizer.json", null, "no tokenizer")]
    [InlineData("generation_config.json", "[", "generation_config.json: not valid JSON")]
    public async Task BadFiles_Generate_IsOneLineThatNamesTheFile(string file, string? content, string expected)
    {
        await SaveModelAsync();
        if (content is null)
        {
            File.Delete(_folder[file]);
        }
        else
        {
            File.WriteAllBytes(_folder[file], System.Text.Encoding.Latin1.GetBytes(content));
        }

        var run = await RunAsync("generate", _folder.Path, "--prompt", "a", "--json");

        AssertBadInput(run, file);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadFiles_TruncatedAndLyingWeights_AreOneLine()
    {
        await SaveModelAsync();
        var path = _folder["model.safetensors"];
        var whole = File.ReadAllBytes(path);
        foreach (var length in new[] { 0, 7, 8, 9, 200, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(path, whole[..length]);
            AssertBadInput(await RunAsync("check", _folder.Path), $"{length} bytes");
        }

        File.WriteAllBytes(path, SafeTensorsBytes.File("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8));
        var run = await RunAsync("check", _folder.Path);
        AssertBadInput(run, "other weights");
        Assert.Contains("lacks 'model.embed_tokens.weight'", run.Error, StringComparison.Ordinal);
        Assert.Contains("holds unexpected 'a'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_Interrupted_SaysStoppedAndExitsWithOne()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the signals and the env of Linux");
        await SaveModelAsync(maxPositions: 100_000);
        // A shell's background jobs ignore SIGINT, and so would what they start.
        string[] arguments =
        [
            "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Reft.Cli.dll"), "generate", _folder.Path,
            "--prompt", "a", "--no-special", "--max-tokens", "99000",
        ];
        var start = new ProcessStartInfo("env", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        using var process = Process.Start(start)!;
        var buffer = new char[1];
        Assert.Equal(1, await process.StandardOutput.ReadAsync(buffer, TestContext.Current.CancellationToken));
        var rest = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var clock = Stopwatch.StartNew();
        if (!process.WaitForExit(TimeSpan.FromSeconds(30)))
        {
            process.Kill();
        }

        // It takes milliseconds; the bound is for busy machines.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
        Assert.Equal(App.Failed, process.ExitCode);
        Assert.Equal("Stopped.\n", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await rest;
    }

    private static void AssertBadInput(Run run, string what)
    {
        Assert.True(run.Code == App.BadInput, $"{what}: exit code {run.Code}: {run.Error}");
        Assert.True(run.Output.Length == 0, $"{what} printed {run.Output}");
        Assert.True(
            run.Error.StartsWith("error: ", StringComparison.Ordinal) && run.Error.IndexOf('\n') == run.Error.Length - 1,
            $"{what}: {run.Error}");
    }

    /// <summary>A small random model with its tokenizer, saved as a folder.</summary>
    private async Task SaveModelAsync(int maxPositions = 256)
    {
        using var made = Reft.Certification.RandomModel.Create(
            "llama", TorchSharp.torch.ScalarType.Float32, TorchSharp.torch.CPU, 1, _folder.Path).Model;
        made.Save(_folder.Path);
        await File.WriteAllTextAsync(_folder["generation_config.json"], "{}");
        if (maxPositions != 256)
        {
            var config = await File.ReadAllTextAsync(_folder["config.json"]);
            // Without an end, so that it is the interrupt that ends the run.
            config = config.Replace("\"max_position_embeddings\": 256", $"\"max_position_embeddings\": {maxPositions}", StringComparison.Ordinal)
                .Replace("\"eos_token_id\": 0", "\"eos_token_id\": null", StringComparison.Ordinal);
            await File.WriteAllTextAsync(_folder["config.json"], config);
        }
    }

    private static async Task<Run> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await App.RunAsync(arguments, new Terminal(output, error, TextReader.Null));
        return new Run(code, output.ToString(), error.ToString());
    }

    private sealed record Run(int Code, string Output, string Error);
}
