using System.Text.RegularExpressions;
using Parquet.Serialization;
using Reft.Hosting;

namespace Reft.Tests.Hub;

/// <summary>Every command of docs/from-hub-to-gguf.md, in its order, with a tiny model and a local server in the place of the hub.</summary>
[Collection(TensorCounting.Name)]
public sealed partial class WalkTests : IDisposable
{
    private static readonly string[] _variables = ["HF_ENDPOINT", "HF_HOME", "HF_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE"];

    // The tiny model's context is short, and it is to learn for two steps, not for an hour.
    private static readonly Dictionary<string, string[]> _smaller = new(StringComparer.Ordinal)
    {
        ["generate"] = ["--max-tokens", "8"],
        ["evaluate"] = ["--max-tokens", "8", "--limit", "3"],
        ["plan"] = Sets("training.maxTokens=300", "evaluation.maxTokens=8", "training.batchSize=2", "model.lora.rank=2"),
        ["train"] = Sets("training.maxTokens=300", "evaluation.maxTokens=8", "training.batchSize=2", "model.lora.rank=2"),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly string?[] _before = [.. _variables.Select(Environment.GetEnvironmentVariable)];

    public void Dispose()
    {
        foreach (var (name, value) in _variables.Zip(_before))
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Page_EveryCommand_DoesWhatItSays()
    {
        var model = SharedData.Require("models", "tinystories-656k");
        using var hub = await HubAsync(model);
        foreach (var (name, value) in _variables.Zip([hub.Endpoint.ToString(), _folder["hub"], null, null, null]))
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        var page = await File.ReadAllTextAsync(Path.Combine(ArchitectureTests.Repository(), "docs", "from-hub-to-gguf.md"));
        await File.WriteAllTextAsync(_folder["chat-lora.yaml"], Yaml().Match(page).Groups[1].Value);
        string[] commands = [.. Bash().Matches(page).SelectMany(block => block.Groups[1].Value.Split('\n')).Where(line => line.StartsWith("reft ", StringComparison.Ordinal))];
        foreach (var command in commands)
        {
            string[] words = [.. Word().Matches(command["reft ".Length..]).Select(word => word.Groups[1].Success ? word.Groups[1].Value : word.Value).Select(Place)];
            var (code, output, error) = await RunAsync(Smaller(words));

            Assert.True(code == App.Done, $"{command}: {code}: {output} {error}");
        }

        Assert.Equal(10, commands.Length);
        Assert.True(File.Exists(_folder["chat.gguf"]));
        Assert.True(File.Exists(_folder["runs/chat-lora/checkpoints/epoch-0001/chat_template.jinja"]));
        Assert.True(File.Exists(_folder["runs/chat-lora/checkpoints/epoch-0001/adapter/adapter_model.safetensors"]));

        // And once more without the network: all is there.
        Environment.SetEnvironmentVariable("HF_ENDPOINT", "http://127.0.0.1:1");
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");
        Assert.Equal(App.Done, (await RunAsync("score", "hf://Qwen/Qwen2.5-0.5B-Instruct", "--text", "Once")).Code);
        var (refused, _, why) = await RunAsync("score", "hf://Qwen/Qwen2.5-7B-Instruct", "--text", "Once");
        Assert.Equal(App.BadInput, refused);
        Assert.Contains("HF_HUB_OFFLINE is set", why, StringComparison.Ordinal);
    }

    private string[] Smaller(string[] words)
    {
        var all = words.ToList();
        foreach (var option in _smaller.GetValueOrDefault(words[0])?.Chunk(2) ?? [])
        {
            if (option[0] != "--set" && all.IndexOf(option[0]) is >= 0 and var at)
            {
                all.RemoveRange(at, 2);
            }

            all.AddRange(option);
        }

        return words[0] is "plan" or "train" ? [.. all, "--set", $"run={_folder["runs/chat-lora"]}"] : [.. all];
    }

    private static string[] Sets(params string[] values) => [.. values.SelectMany(value => new[] { "--set", value })];

    /// <summary>Paths of the page are in the test's folder.</summary>
    private string Place(string word) => word switch
    {
        _ when word.StartsWith("runs/", StringComparison.Ordinal) || word.EndsWith(".yaml", StringComparison.Ordinal)
            || word.EndsWith(".json", StringComparison.Ordinal) || word.EndsWith(".gguf", StringComparison.Ordinal) => _folder[word],
        _ => word,
    };

    private static async Task<LocalHub> HubAsync(string model)
    {
        var hub = new LocalHub { Repository = "Qwen/Qwen2.5-0.5B-Instruct" }.With(model);
        hub["chat_template.jinja"] =
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|end_story|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"u8.ToArray();
        hub.Repository = "datasets/openai/gsm8k";
        foreach (var (split, count) in new[] { ("train", 40), ("test", 5) })
        {
            using var stream = new MemoryStream();
            await ParquetSerializer.SerializeAsync(
                Enumerable.Range(1, count).Select(i => new Row { question = $"Tom has {i} apples and gets {split.Length}. How many has he?", answer = $"He has {i} + {split.Length} = <<{i}+{split.Length}={i + split.Length}>>{i + split.Length}.\n#### {i + split.Length}" }).ToArray(),
                stream);
            hub[$"main/{split}-00000-of-00001.parquet"] = stream.ToArray();
        }

        hub["README.md"] = "# GSM8K"u8.ToArray();
        return hub;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var input = new StringReader("");
        var code = await App.RunAsync(arguments, new Terminal(output, error, input), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Yaml();

    [GeneratedRegex("```bash\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Bash();

    [GeneratedRegex("\"([^\"]*)\"|\\S+")]
    private static partial Regex Word();

    /// <summary>GSM8K's columns, whose names are Parquet's.</summary>
    private sealed class Row
    {
        public string question { get; set; } = "";

        public string answer { get; set; } = "";
    }
}
