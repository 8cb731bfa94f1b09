using Reft.Numerics;
using Reft.Problems.Generated;
using Reft.Samplers;

namespace Reft.Configuration;

/// <summary>
/// The settings that tell one run from another, as text to be hashed. A key that a later version adds is part of it only where it differs
/// from its default, so that runs and their hashes outlive the versions of Reft; a default that is not neutral, or that changes, is
/// another run, and must be seen: the keys of the first version therefore always take part, with their values.
/// </summary>
internal static class ConfigIdentity
{
    /// <summary>The keys of the first version by what they lie in. A key that is added is not added here.</summary>
    private static readonly HashSet<string> _first =
    [
        .. Keys("", "method run seed model problems answers training optimizer rollouts reward ppo selfTraining rewardModel "
            + "crossEntropy evaluation checkpoints invariants"),
        .. Keys("model.", "path fresh dtype lora separateValueNetwork zeroValueHead activationCheckpointing dropout"),
        .. Keys("model.fresh.", "layers width heads keyValueHeads feedForward context tieEmbeddings vocabulary"),
        .. Keys("model.lora.", "rank alpha targets"),
        .. Keys("problems.", "train dev devFraction devLimit test"),
        .. Sets("", "file format columns gsm8kSolution generated"),
        .. Sets("columns.", "id question answer solution"),
        .. Sets("generated.", "profile split count solutions seed maxSteps plainPrograms"),
        .. Keys("answers.", "style policy giveProgramHeader engine"),
        .. Keys("training.", "epochs steps stopAfterEpochs stopAfterSteps batchSize maxTokens microBatchTokens microBatchesAtOnce"),
        .. Keys("optimizer.", "learningRate schedule warmupShare adam"),
        .. Keys("optimizer.adam.", "beta1 beta2 epsilon weightDecay maxGradientNorm"),
        .. Keys("rollouts.", "samplesPerProblem maxTokens temperature slots"),
        .. Keys("reward.", "correct partial noAnswer timeout error choice"),
        .. Keys("ppo.", "epochs miniBatch discount lambda clipLow clipHigh valueClip valueCoefficient kl whitensAdvantages aggregation "
            + "constantLength truncation truncationReward valueRateFactor valueWarmupSteps targetApproximateKl firstRatioTolerance "
            + "evaluationTokens"),
        .. Keys("ppo.kl.", "coefficient target horizon"),
        .. Keys("selfTraining.", "epochs miniBatch goldWeight"),
        .. Keys("rewardModel.", "samples mostPerProblem"),
        .. Keys("crossEntropy.", "aggregation constantLength"),
        .. Keys("evaluation.", "everyEpochs everySteps maxTokens samples temperature slots"),
        .. Keys("checkpoints.", "everySteps keep keepEpochs"),
        .. Keys("invariants.", "off rewardStuckSteps skippedSteps errorShare klLimit rewardCollapse entropyFloor negativeKlErrors "
            + "watchdogSeconds"),
    ];

    /// <summary>The text.</summary>
    /// <param name="config">The config; what changes nothing that is computed, such as the folder, is left out.</param>
    public static string Of(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Spell(config with
        {
            Run = "run",
            Problems = OfProblems(config.Problems),
            Model = config.Model with { Device = KindOf(config.Model.Device) },
            Training = config.Training with { MicroBatchesAtOnce = null, MaxTokens = config.Training.MostLearned },
            Rollouts = config.Rollouts with { Slots = 1, Server = OfServer(config.Rollouts.Server), Workers = null },
            Evaluation = config.Evaluation with { Slots = 1 },
            Invariants = config.Invariants with { WatchdogSeconds = 1 },
        });
    }

    /// <summary>That a server draws, and what is made of its draws, tells runs apart; where it is and how patiently it is asked does not.</summary>
    private static SamplingServer? OfServer(SamplingServer? server) => server is null ? null : new SamplingServer
    {
        Url = "url",
        Model = "model",
        Publish = WeightRoute.None,
        AcceptsStale = server.AcceptsStale,
        Correction = server.Correction,
        Truncation = server.Truncation,
    };

    /// <summary>
    /// Which problems a set draws is told by the problems themselves, whose hash stands beside this text: so a run of a version that drew
    /// others goes on where the config names its draw.
    /// </summary>
    private static ProblemsSection OfProblems(ProblemsSection problems)
    {
        return problems with { Train = Sets(problems.Train), Dev = Sets(problems.Dev), Test = Sets(problems.Test) };

        static IReadOnlyList<ProblemSet> Sets(IReadOnlyList<ProblemSet> sets) =>
            [.. sets.Select(set => set.Generated is WordProblems made ? set with { Generated = made with { DistinctStructures = null } } : set)];
    }

    /// <summary>The text of any record of settings.</summary>
    internal static string Spell(object record) => ConfigText.Write(record, Provenance.None, _first.Contains);

    /// <summary>Which of several GPUs computes changes nothing.</summary>
    private static string KindOf(string device) => ComputeDevice.TryParse(device, out var found) && found is not null ? found.Kind : device;

    private static IEnumerable<string> Keys(string section, string names) => names.Split(' ').Select(name => section + name);

    private static IEnumerable<string> Sets(string section, string names) =>
    [
        .. Keys($"problems.train.{section}", names), .. Keys($"problems.dev.{section}", names),
        .. Keys($"problems.test.{section}", names),
    ];
}
