using System.Globalization;

namespace Reft.Configuration.Checks;

/// <summary>What a schedule, the evaluations and the checkpoints cannot be together.</summary>
internal static class TrainingContradictions
{
    private const string Epochs = "training.epochs";
    private const string Steps = "training.steps";
    private const string StopEpochs = "training.stopAfterEpochs";
    private const string StopSteps = "training.stopAfterSteps";

    /// <summary>Whether anything is evaluated: dev as training goes on, or test at the end.</summary>
    public static bool Evaluates(RunConfig config) =>
        config.Evaluation.EveryEpochs is not null || config.Evaluation.EverySteps is not null
        || config.Problems.Test.Count > 0;

    /// <summary>The contradictions of a config.</summary>
    public static IEnumerable<Contradiction> Of(RunConfig config) =>
        [.. Length(config.Training), .. Stop(config.Training), .. Evaluation(config), .. Checkpoints(config), .. Sampler(config)];

    /// <summary>Draws of a filtered distribution have its log-probabilities, and what is trained is the distribution before it.</summary>
    private static IEnumerable<Contradiction> Sampler(RunConfig config)
    {
        if (config.Rollouts is { Server: not null, MinP: > 0 })
        {
            yield return new(
                "leaves tokens out, and a server's log-probabilities are then not those of the policy that is trained, which has them: every ratio would "
                + "be too small; remove it, or draw without rollouts.server",
                "rollouts.minP",
                "rollouts.server");
        }

        if (config.Rollouts is { Server: not null, Workers: not null })
        {
            yield return new("lease rollouts that the server draws already; remove one of the two", "rollouts.workers", "rollouts.server");
        }
    }

    private static IEnumerable<Contradiction> Length(TrainingSection training)
    {
        if (training.Epochs is null == training.Steps is null)
        {
            yield return new(
                training.Epochs is null ? "needs either epochs or steps" : "has both epochs and steps; give one of the two",
                "training",
                Epochs,
                Steps);
        }
    }

    private static IEnumerable<Contradiction> Stop(TrainingSection training)
    {
        if (training.StopAfterEpochs is not null && training.Epochs is null && training.Steps is not null)
        {
            yield return new("counts epochs, but the schedule counts steps; use stopAfterSteps", StopEpochs, Epochs, Steps);
        }

        if (training.StopAfterSteps is not null && training.Steps is null && training.Epochs is not null)
        {
            yield return new("counts steps, but the schedule counts epochs; use stopAfterEpochs", StopSteps, Epochs, Steps);
        }

        if (training.StopAfterEpochs > training.Epochs)
        {
            yield return new(Above(training.StopAfterEpochs, "epochs", training.Epochs), StopEpochs, Epochs);
        }

        if (training.StopAfterSteps > training.Steps)
        {
            yield return new(Above(training.StopAfterSteps, "steps", training.Steps), StopSteps, Steps);
        }
    }

    private static IEnumerable<Contradiction> Evaluation(RunConfig config)
    {
        var (evaluation, problems) = (config.Evaluation, config.Problems);
        if (evaluation.EveryEpochs is not null && evaluation.EverySteps is not null)
        {
            yield return new(
                "has both everyEpochs and everySteps; give one of the two",
                "evaluation",
                "evaluation.everyEpochs",
                "evaluation.everySteps");
        }

        var hasDev = problems.Dev.Count > 0 || problems.DevFraction > 0;
        if ((evaluation.EveryEpochs is not null || evaluation.EverySteps is not null) && !hasDev)
        {
            yield return new(
                "asks for evaluations, but there is no dev; give problems.dev or problems.devFraction",
                evaluation.EveryEpochs is not null ? "evaluation.everyEpochs" : "evaluation.everySteps",
                "problems.dev",
                "problems.devFraction");
        }

        if (evaluation.Samples == 0 && evaluation.Temperature != 1)
        {
            yield return new(
                "is for sampled completions, but evaluation.samples is 0; give samples, or remove it",
                "evaluation.temperature",
                "evaluation.samples");
        }
    }

    private static IEnumerable<Contradiction> Checkpoints(RunConfig config)
    {
        var last = config.Training.StopAfterEpochs ?? config.Training.Epochs;
        return config.Checkpoints.KeepEpochs.Where(epoch => epoch > last).Select(epoch => new Contradiction(
            string.Create(CultureInfo.InvariantCulture, $"has epoch {epoch}, but training ends after epoch {last}"),
            "checkpoints.keepEpochs",
            Epochs,
            StopEpochs));
    }

    private static string Above(long? stop, string name, long? total) => string.Create(
        CultureInfo.InvariantCulture, $"is {stop}: it must be at most {name}, {total}, the length of the schedule");
}
