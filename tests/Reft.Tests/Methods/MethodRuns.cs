using System.Text.Json.Nodes;
using Reft.Answers;
using Reft.Configuration;
using Reft.Methods;
using Reft.Problems.Generated;
using Reft.Tests.Configuration;

namespace Reft.Tests.Methods;

/// <summary>Runs of seconds of whatever method, for what all of them must do.</summary>
internal static class MethodRuns
{
    /// <summary>A run of a method on a tiny fresh model.</summary>
    public static LoadedConfig Load(TemporaryFolder folder, Catalog catalog, string name, string method, int steps, params string[] sets)
    {
        var known = catalog.Of(method);
        string[] own =
        [
            .. known.Reads.Contains("rollouts") ? ["rollouts={maxTokens: 8, samplesPerProblem: 2}"] : Array.Empty<string>(),
            .. known.Reads.Contains("evaluation.maxTokens") ? ["evaluation.maxTokens=8"] : Array.Empty<string>(),
            // The toy's context is short.
            .. known.Options.Find("instruction") is { } instruction ? [$"{instruction}=Begin."] : Array.Empty<string>(),
            .. known.Options.Find("goal") is { } goal ? [$"{goal}=Right.", $"{known.Options.Name}.opposite=Wrong.", $"{known.Options.Name}.learned=2", $"{known.Options.Name}.miniBatch=0"] : Array.Empty<string>(),
            .. known.Options.Find("feedback") is { } feedback ? [$"{feedback}=No.", $"{known.Options.Name}.bestOf=2"] : Array.Empty<string>(),
            .. known.Options.Find("rewardModel") is { } && method == "abc" ? ["abc.by=policy"] : Array.Empty<string>(),
            .. method == "trice" ? ["rollouts.samplesPerProblem=1"] : Array.Empty<string>(),
            .. known.Options.Find("samples") is { } samples ? [$"{samples}={Samples(folder)}"] : Array.Empty<string>(),
        ];
        return ConfigFile.Parse(
            $"method: {method}\n" + Configs.SmallRun(folder[name], steps),
            "test.yaml",
            [.. own, .. sets],
            catalog);
    }

    /// <summary>A right and a wrong sample of every problem.</summary>
    private static string Samples(TemporaryFolder folder)
    {
        var path = folder["samples.jsonl"];
        var problems = new[] { (GeneratedSplit.Train, 12), (GeneratedSplit.Dev, 4) }.SelectMany(set => new GeneratedSource(
            new ProblemGenerator(GeneratorOptions.Easy with { Seed = 0, MaxSteps = 1, DistinctStructures = set.Item1 != GeneratedSplit.Train }),
            set.Item1, set.Item2, AnswerStyle.Program).Load());
        File.WriteAllText(path, string.Concat(problems.SelectMany(p => Enumerable.Range(0, 2).Select(i => new JsonObject
        {
            ["id"] = p.Id,
            ["sample"] = i,
            ["question"] = p.Question,
            ["answer"] = p.Answer,
            ["completion"] = $"def solution():\n    return {p.Answer}{(i == 0 ? "" : "000")}",
            ["outcome"] = i == 0 ? "correct" : "incorrect",
        }.ToJsonString() + "\n"))));
        return path;
    }
}
