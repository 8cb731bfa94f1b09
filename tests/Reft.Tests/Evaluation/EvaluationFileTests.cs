using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Evaluation;

namespace Reft.Tests.Evaluation;

public sealed class EvaluationFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder["evaluations/step-000003.dev.json"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Read_IsTheSame()
    {
        var result = Evaluations.Of(true, false, true);
        var sampled = result with { Step = null, Sampled = Evaluations.Part([true, true, false]) };

        EvaluationFile.Write(File, sampled);
        var back = EvaluationFile.Read(File);

        Assert.Equal(EvaluationFile.ToJson(sampled), EvaluationFile.ToJson(back));
        Assert.Equal(sampled.Greedy.Items, back.Greedy.Items);
        Assert.Equal(sampled.Sampled.Accuracy, back.Sampled!.Accuracy);
        Assert.Null(back.Step);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void ToJson_Format_IsAsDecided()
    {
        using var json = JsonDocument.Parse(EvaluationFile.ToJson(Evaluations.Of(true, false)));

        var root = json.RootElement;
        Assert.Equal(
            ["format", "step", "set", "model", "style", "policy", "greedy", "sampled"],
            Names(root));
        Assert.Equal("1 3 dev number exact", $"{root.GetProperty("format")} {root.GetProperty("step")} " +
            $"{root.GetProperty("set")} {root.GetProperty("style")} {root.GetProperty("policy")}");
        var greedy = root.GetProperty("greedy");
        Assert.Equal(["sampling", "accuracy", "reward", "shares", "items"], Names(greedy));
        Assert.Equal(
            ["temperature", "topK", "topP", "minP", "maxTokens", "stopTokens", "seed"],
            Names(greedy.GetProperty("sampling")));
        Assert.Equal(["value", "low", "high", "n"], Names(greedy.GetProperty("accuracy")));
        Assert.Equal(
            ["correct", "incorrect", "noAnswer", "timeout", "error", "truncated", "promptTooLong"],
            Names(greedy.GetProperty("shares")));
        var item = greedy.GetProperty("items")[1];
        Assert.Equal(
            ["problem", "group", "sample", "prompt", "completion", "tokens", "finish", "outcome", "answer", "gold", "detail"],
            Names(item));
        Assert.Equal("stop incorrect", $"{item.GetProperty("finish")} {item.GetProperty("outcome")}");
        Assert.Equal(JsonValueKind.Null, item.GetProperty("answer").ValueKind);
    }

    [Theory]
    [InlineData("format", "2", "has format 2")]
    [InlineData("step", null, "is no evaluation")]
    [InlineData("policy", "7", "is no evaluation")]
    [InlineData("policy", "\"strict\"", "is no evaluation")]
    [InlineData("greedy", "null", "is no evaluation")]
    [InlineData("greedy.items", "[]", "has no items")]
    [InlineData("greedy.items.0.outcome", "\"incorrect\"", "has figures that its items do not give")]
    [InlineData("greedy.accuracy.value", "0.9", "has figures that its items do not give")]
    [InlineData("greedy.items.1.problem", "\"p0\"", "sample 0 of problem 'p0' twice")]
    [InlineData("greedy.items.0.sample", "4", "has sample 4 of problem 'p0'")]
    [InlineData("sampled.items.0.problem", "\"p7\"", "have different problems")]
    [InlineData("sampled.items.0.gold", null, "is no evaluation")]
    public void Read_DamagedFile_IsRefusedByName(string path, string? json, string expected)
    {
        var result = Evaluations.Of(true, false) with { Sampled = Evaluations.Part([true, false]) };
        var root = JsonNode.Parse(EvaluationFile.ToJson(result))!;
        var parts = path.Split('.');
        var parent = parts[..^1].Aggregate(root, (node, key) => int.TryParse(key, out var i) ? node[i]! : node[key]!);
        if (json is null)
        {
            parent.AsObject().Remove(parts[^1]);
        }
        else
        {
            parent[parts[^1]] = JsonNode.Parse(json);
        }

        AtomicFile.WriteAllText(File, root.ToJsonString());

        var message = Assert.Throws<InputException>(() => EvaluationFile.Read(File)).Message;

        Assert.StartsWith(File, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Read_CutOffAtEveryByte_IsRefused()
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(EvaluationFile.ToJson(Evaluations.Of(true)).TrimEnd());
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        for (var length = 0; length < bytes.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, bytes[..length]);

            Assert.Throws<InputException>(() => EvaluationFile.Read(File));
        }
    }

    [Fact]
    public void Read_Missing_SaysSo()
    {
        var error = Assert.Throws<InputException>(() => EvaluationFile.Read(_folder["x.json"]));

        Assert.Contains("no such file", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(p => p.Name);
}
