using Reft.Problems;

namespace Reft.Tests.Reporting;

/// <summary>The small files of a made run.</summary>
internal static class RunFixtureHead
{
    public static void Write(string folder, RunFixtureOptions options)
    {
        File.WriteAllText(Path.Combine(folder, "run.json"), RunFixture.Json(new
        {
            format = 1,
            method = options.Method,
            version = "0.1.0",
            command = $"reft train configs/{options.Method}.yaml run=runs/first",
            machine = new { system = "Linux x64", processor = "2 cores" },
            start = "2026-11-22T20:45:04Z",
        }));
        File.WriteAllText(Path.Combine(folder, "status.json"), RunFixture.Json(new
        {
            state = options.State,
            step = options.Steps,
            why = options.State == "failed" ? "kl-collapse: the policy left its reference" : null,
        }));
        File.WriteAllText(Path.Combine(folder, "best.json"), RunFixture.Json(new { checkpoint = "step-000120", accuracy = 0.65 }));
        File.WriteAllText(Path.Combine(folder, "config.yaml"), Config(options));
        if (options.HasAlarms)
        {
            File.WriteAllLines(Path.Combine(folder, "alarms.jsonl"), Alarms(options).Select(RunFixture.Json));
        }
    }

    public static object Score(IReadOnlyList<(Problem Problem, RunFixtureAttempt Attempt)> items)
    {
        var right = (double)items.Count(item => item.Attempt.Outcome == "correct") / items.Count;
        var half = 1.96 * Math.Sqrt(right * (1 - right) / items.Count);
        return new
        {
            sampling = new { temperature = 0, maxTokens = 200 },
            accuracy = new { value = right, low = Math.Max(0, right - half), high = Math.Min(1, right + half), n = items.Count },
            reward = right + (0.1 * (0.84 - right)),
            shares = new Dictionary<string, double>
            {
                ["correct"] = Share("correct"),
                ["incorrect"] = Share("incorrect"),
                ["noAnswer"] = Share("noAnswer"),
                ["timeout"] = Share("timeout"),
                ["error"] = Share("error"),
                ["truncated"] = items.Average(item => item.Attempt.IsTruncated ? 1.0 : 0),
            },
            items = items.Select(item => new
            {
                problem = item.Problem.Id,
                sample = 0,
                prompt = $"Question:\n{item.Problem.Question}\nAnswer reasoning:\n",
                completion = item.Attempt.Text,
                tokens = item.Attempt.Text.Length / 4,
                finish = item.Attempt.IsTruncated ? "length" : "stop",
                outcome = item.Attempt.Outcome,
                answer = item.Attempt.Answer,
                gold = item.Problem.Answer,
                detail = item.Attempt.Detail,
            }),
        };

        double Share(string outcome) => items.Average(item => item.Attempt.Outcome == outcome ? 1.0 : 0);
    }

    private static IEnumerable<object> Alarms(RunFixtureOptions options)
    {
        foreach (var step in new[] { options.Steps / 10, (options.Steps / 10) + 1, options.Steps / 2 })
        {
            yield return new
            {
                step,
                id = "kl-negative",
                figure = -0.3,
                limit = -0.1,
                stops = false,
                meaning = "The mean KL of a batch is below 0 by more than chance explains: what is scored is not what was sampled.",
                remedy = "Run 'reft check' on the model; compare the sampler's temperature and filters with the trainer's.",
            };
        }
    }

    private static string Config(RunFixtureOptions options) => $"""
        method: {options.Method}                      # configs/first.yaml:1
        run: runs/first                   # command line
        seed: 1                           # default
        model:
          path: "runs/warm # up/checkpoints/epoch-0002"   # configs/first.yaml:4
          dtype: fp32                     # default
        training:
          epochs: 20                      # configs/first.yaml:8
          batchSize: 12                   # configs/first.yaml:9
          maxTokens: 1024                 # default
        optimizer:
          learningRate: 1e-05             # configs/first.yaml:11
          schedule: constant              # configs/first.yaml:12
        ppo:
          epochs: 2                       # default
          kl:
            coefficient: 0.05             # configs/first.yaml:15
        """;
}
