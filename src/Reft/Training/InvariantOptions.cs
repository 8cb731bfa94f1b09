using Reft.Training.Invariants;

namespace Reft.Training;

/// <summary>The limits of the live invariants. What each means is in docs/invariants.md.</summary>
public sealed record InvariantOptions
{
    /// <summary>Ids of invariants that are not watched.</summary>
    public IReadOnlyList<string> Off { get; init; } = [];

    /// <summary>Steps in a row without any reward above the least possible after which <c>reward-stuck</c> stops the run.</summary>
    public int RewardStuckSteps { get; init; } = 20;

    /// <summary>Skipped steps in a row after which <c>not-finite</c> stops the run.</summary>
    public int SkippedSteps { get; init; } = 5;

    /// <summary>The share of error verdicts above which <c>error-verdicts</c> fires, in [0, 1].</summary>
    public double ErrorShare { get; init; } = 0.95;

    /// <summary>KL of a sequence to the reference in nats above which <c>kl-collapse</c> stops the run.</summary>
    public double KlLimit { get; init; } = 100;

    /// <summary>
    /// The share of the best exponential mean of correct samples below which <c>reward-collapse</c> stops the run, in [0, 1).
    /// </summary>
    public double RewardCollapse { get; init; } = 0.25;

    /// <summary>Entropy of a token in nats below which <c>entropy-collapse</c> fires.</summary>
    public double EntropyFloor { get; init; } = 0.001;

    /// <summary>Standard errors below 0 at which the mean KL of a batch fires <c>kl-negative</c>.</summary>
    public double NegativeKlErrors { get; init; } = 4;

    /// <summary>KL of a token of a server's draws to the policy in nats above which <c>sampler-differs</c> stops the run.</summary>
    public double SamplerKl { get; init; } = 0.01;

    /// <summary>Seconds without any progress after which the watchdog speaks.</summary>
    public int WatchdogSeconds { get; init; } = 300;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = Off.Where(id => !InvariantCatalog.Ids.Contains(id)).Select(id =>
            $"{path}.off names '{id}', which is no invariant: there are {string.Join(", ", InvariantCatalog.Ids)}").ToList();
        Check(RewardStuckSteps >= 1, "rewardStuckSteps", RewardStuckSteps, "at least 1");
        Check(SkippedSteps >= 1, "skippedSteps", SkippedSteps, "at least 1");
        Check(ErrorShare is >= 0 and <= 1, "errorShare", ErrorShare, "between 0 and 1");
        Check(KlLimit > 0, "klLimit", KlLimit, "above 0");
        Check(RewardCollapse is >= 0 and < 1, "rewardCollapse", RewardCollapse, "at least 0 and below 1");
        Check(EntropyFloor >= 0, "entropyFloor", EntropyFloor, "at least 0");
        Check(NegativeKlErrors > 0, "negativeKlErrors", NegativeKlErrors, "above 0");
        Check(SamplerKl > 0, "samplerKl", SamplerKl, "above 0");
        Check(WatchdogSeconds >= 1, "watchdogSeconds", WatchdogSeconds, "at least 1");
        return errors;

        void Check(bool holds, string name, double value, string expected)
        {
            if (!holds)
            {
                errors.Add(FormattableString.Invariant($"{path}.{name} is {value}: it must be {expected}"));
            }
        }
    }
}
