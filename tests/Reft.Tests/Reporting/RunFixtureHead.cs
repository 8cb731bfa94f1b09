namespace Reft.Tests.Reporting;

/// <summary>The small files of a made run.</summary>
internal static class RunFixtureHead
{
    public static void Write(string folder, RunFixtureOptions options)
    {
        Write(folder, "run.json", new
        {
            format = 1,
            method = options.Method,
            version = "0.1.0",
            commandLine = $"reft train configs/{options.Method}.yaml run=runs/first",
            machine = "Debian GNU/Linux 12 (bookworm), 2 cores",
            start = "2026-11-22T20:45:04.1842075+00:00",
            seed = 1,
            model = "d4c8074ab68b0954",
            parameters = 683136,
            trainedParameters = 683265,
            train = 64,
            dev = options.DevProblems,
            test = 0,
        });
        Write(folder, "status.json", new
        {
            state = options.State,
            step = options.Steps,
            of = options.State == "running" ? options.Steps + 50 : options.Steps,
            reason = options.State == "failed" ? "kl-collapse: the policy left its reference" : "",
            at = "2026-11-22T20:49:17.391734+00:00",
        });
        if (options.Evaluations > 0)
        {
            Write(folder, "best.json", new { step = options.Steps, accuracy = 0.65, checkpoint = $"checkpoints/step-{options.Steps:D6}" });
        }

        File.WriteAllText(Path.Combine(folder, "config.yaml"), Config(options));
        if (options.HasAlarms)
        {
            File.WriteAllLines(Path.Combine(folder, "alarms.jsonl"), Alarms(options).Select(RunFixture.Json));
        }
    }

    private static void Write(string folder, string name, object value) =>
        File.WriteAllText(Path.Combine(folder, name), RunFixture.Json(value));

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
