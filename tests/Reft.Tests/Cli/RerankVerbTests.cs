using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Hosting;
using Reft.Models;
using Reft.Rollouts;
using Reft.Tests.Evaluation;
using static TorchSharp.torch;

namespace Reft.Tests.Cli;

/// <summary><c>reft rerank</c> as a user meets it.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class RerankVerbTests(LearnedModel learned) : IClassFixture<LearnedModel>, IDisposable
{
    private static readonly string[] _completions = ["It is 15.\nTherefore, the answer is: 15", "no idea", "Therefore, the answer is: 4"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rerank_Samples_ScoresEachAsTheModelDoes()
    {
        var (reward, samples) = (Reward(), Samples());

        var run = await Run("rerank", reward, samples, "--k", "1,3", "--output", _folder["scored.jsonl"], "--json");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal((6, 18, 6), ((int)report["problems"]!, (int)report["samples"]!, (int)report["voteless"]!));
        // Two problems' answer is 15, one's is 4: three of eighteen samples are right.
        Assert.Equal(3 / 18.0, (double)report["rows"]![0]!["best"]!["value"]!, 1e-12);
        Assert.Equal(0.5, (double)report["rows"]![1]!["pass"]!["value"]!, 1e-12);
        var lines = File.ReadLines(_folder["scored.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        var best = lines.GroupBy(line => line.GetProperty("id").GetString())
            .Select(group => group.Where(line => line.GetProperty("value").GetString() is not null).MaxBy(line => line.GetProperty("score").GetDouble()))
            .Count(line => line.GetProperty("outcome").GetString() == "correct");
        Assert.Equal(best / 6.0, (double)report["rows"]![1]!["best"]!["value"]!, 1e-12);
        using var model = RewardModel.Load(reward, ScalarType.Float32, CPU);
        foreach (var (line, i) in lines.Select((line, i) => (line, i)))
        {
            var problem = LearnedModel.Problems[i / 3];
            var tokens = LabelledSample.Tokens(problem.Question, _completions[i % 3], LearnedModel.Template, learned.Tokenizer);
            var log = PolicyEvaluation.LogProbs(model.Classifier, [new PolicySequence([.. tokens, RewardModel.Right], tokens.Length)], 99)[0][0];
            Assert.Equal(MathF.Exp(log), line.GetProperty("score").GetDouble(), 1e-5);
        }
    }

    [Fact]
    public async Task Rerank_Table_HasARowOfEveryK()
    {
        var run = await Run("rerank", Reward(), Samples());

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        Assert.Contains("6 problems, 18 samples, style number (guessed; --style sets it), 16.7 % of them right; 6 have no answer", run.Output, StringComparison.Ordinal);
        Assert.Contains("expected calibration error", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, run.Output.Split('\n').Count(line => line.StartsWith("│ 1 ", StringComparison.Ordinal) || line.StartsWith("│ 3 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rerank_TrainedModelAndItsReference_ScoresByTheImplicitReward()
    {
        const double Beta = 0.5;
        var (trained, samples) = (Changed(), Samples());

        var run = await Run("rerank", trained, samples, "--reference", learned.Folder, "--beta", "0.5", "--output", _folder["scored.jsonl"], "--json");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        using var policy = PretrainedModel.Load(trained, ScalarType.Float32, CPU);
        var scores = File.ReadLines(_folder["scored.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("score").GetDouble()).ToArray();
        for (var i = 0; i < scores.Length; i++)
        {
            var prompt = learned.Tokenizer.Encode(LearnedModel.Template.Prompt(LearnedModel.Problems[i / 3].Question), addSpecialTokens: false);
            int[] tokens = [.. prompt, .. learned.Tokenizer.Encode(_completions[i % 3], addSpecialTokens: false), learned.Tokenizer.EosId!.Value]; // It has one.
            Assert.Equal(1 / (1 + Math.Exp(-Beta * (Sum(policy, tokens, prompt.Length) - Sum(learned.Model, tokens, prompt.Length)))), scores[i], 1e-5);
        }

        Assert.True(scores.Distinct().Count() > 9, "scores that tell nothing apart");

        static double Sum(PretrainedModel model, int[] tokens, int prompt) =>
            PolicyEvaluation.LogProbs(new Policy(model.Decoder), [new PolicySequence(tokens, prompt)], 99)[0].Sum(p => (double)p);
    }

    [Fact]
    public async Task Rerank_WrongInput_IsToldInOneLine()
    {
        var samples = Samples();
        File.WriteAllText(_folder["bare.jsonl"], """{"id":"a","completion":"3","answer":"3"}""");

        await Refused("is no reward model", "rerank", learned.Folder, samples);
        await Refused("lacks 'question'", "rerank", learned.Folder, _folder["bare.jsonl"]);
        await Refused("no such folder", "rerank", _folder["nowhere"], samples);
        await Refused("--k: problem 'apples' has 3 samples, not 9", "rerank", learned.Folder, samples, "--k", "9");
        await Refused("scores texts and writes none", "generate", Reward(), "--prompt", "a", "--max-tokens", "2");
    }

    private static async Task Refused(string expected, params string[] arguments)
    {
        var run = await Run(arguments);
        Assert.Equal((App.BadInput, ""), (run.Code, run.Output));
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>The learned model with other weights.</summary>
    private string Changed()
    {
        using var model = PretrainedModel.Load(learned.Folder, ScalarType.Float32, CPU);
        foreach (var parameter in model.Decoder.Parameters)
        {
            using var before = parameter.Value.clone();
            using var after = before * 1.01f;
            parameter.Value.copy_(after);
        }

        model.Save(_folder["trained"]);
        learned.Tokenizer.Save(_folder["trained"]);
        return _folder["trained"];
    }

    private string Reward()
    {
        using var model = RewardModel.Begin(learned.Model, givesHeader: false, seed: 3);
        model.Save(_folder["reward"], endToken: 0);
        learned.Tokenizer.Save(_folder["reward"]);
        return _folder["reward"];
    }

    private string Samples()
    {
        File.WriteAllText(_folder["samples.jsonl"], string.Concat(LearnedModel.Problems.SelectMany(problem => _completions.Select(text =>
            new JsonObject
            {
                ["id"] = problem.Id,
                ["question"] = problem.Question,
                ["answer"] = problem.Answer,
                ["completion"] = text,
            }.ToJsonString() + "\n"))));
        return _folder["samples.jsonl"];
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new StringReader("");
        var code = await App.RunAsync(arguments, new Terminal(output, error, input), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
