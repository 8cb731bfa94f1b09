namespace Reft.Replay;

/// <summary>Figures of a step, as they were or as they would have been.</summary>
/// <param name="KlCoefficient">β of the step.</param>
/// <param name="Reward">The mean terminal reward.</param>
/// <param name="AdvantageMean">The mean of the advantages, as the loss takes them.</param>
/// <param name="AdvantageDeviation">Their standard deviation.</param>
/// <param name="Loss">The loss before the first update, the rollout batch as one mini-batch; NaN where nothing is learned.</param>
/// <param name="PolicyLoss">The policy's part of it, at ratio 1; NaN where there is none of that name.</param>
/// <param name="ValueLoss">The values' part; NaN where there is none.</param>
/// <param name="ExplainedVariance">Of the returns by the values.</param>
internal sealed record ReplayFigures(
    double KlCoefficient, double Reward, double AdvantageMean, double AdvantageDeviation, double Loss,
    double PolicyLoss, double ValueLoss, double ExplainedVariance);

/// <summary>One step, before and after.</summary>
/// <param name="Step">The step.</param>
/// <param name="Rollouts">Its rollouts.</param>
/// <param name="VerdictsChanged">Rollouts whose outcome is another one.</param>
/// <param name="RewardsChanged">Rollouts whose reward is another one.</param>
/// <param name="Correlation">Of the old and the new advantages.</param>
/// <param name="SignFlips">Tokens whose advantage changed its sign.</param>
/// <param name="Tokens">Tokens that were compared.</param>
/// <param name="Before">As it was.</param>
/// <param name="After">As it would have been.</param>
internal sealed record ReplayedStep(
    long Step, int Rollouts, int VerdictsChanged, int RewardsChanged, double Correlation, long SignFlips, long Tokens,
    ReplayFigures Before, ReplayFigures After);

/// <summary>A completion that would be judged otherwise.</summary>
/// <param name="Step">The step.</param>
/// <param name="Sample">Its sample id.</param>
/// <param name="Before">The outcome that is stored.</param>
/// <param name="After">The outcome now.</param>
/// <param name="Detail">Why, in words.</param>
/// <param name="Text">The completion's last line.</param>
internal sealed record VerdictChange(long Step, string Sample, string Before, string After, string Detail, string Text);

/// <summary>What a replay found.</summary>
internal sealed record ReplayResult
{
    /// <summary>The settings that were changed.</summary>
    public required IReadOnlyList<string> Settings { get; init; }

    /// <summary>Whether completions were judged anew.</summary>
    public required bool Verified { get; init; }

    /// <summary>Rollouts that were worked out again.</summary>
    public required long Rollouts { get; init; }

    /// <summary>Tokens that the policy drew in them.</summary>
    public required long Tokens { get; init; }

    /// <summary>Whether every verdict, reward, advantage, return and figure of the preparation is the stored one to the bit.</summary>
    public bool Identical => Difference is null;

    /// <summary>The first difference, in words; null for none.</summary>
    public required string? Difference { get; init; }

    /// <summary>Of the advantages before and after, over all steps; null where one of the two does not vary.</summary>
    public required double? Correlation { get; init; }

    /// <summary>Tokens whose advantage changed its sign.</summary>
    public required long SignFlips { get; init; }

    /// <summary>Every step.</summary>
    public required IReadOnlyList<ReplayedStep> Steps { get; init; }

    /// <summary>The first completions that would be judged otherwise.</summary>
    public required IReadOnlyList<VerdictChange> Examples { get; init; }

    /// <summary>What a replay of this method leaves out, in a clause; null for nothing.</summary>
    public required string? Unreplayed { get; init; }

    /// <summary>Steps that could not be replayed, and why.</summary>
    public required IReadOnlyList<string> Skipped { get; init; }
}
