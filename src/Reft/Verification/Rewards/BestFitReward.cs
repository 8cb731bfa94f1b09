using Reft.Answers;

namespace Reft.Verification.Rewards;

/// <summary>For the best attempt at a formula that a response makes, by its R², whatever the response says of it (form <c>formula</c>).</summary>
internal sealed record BestFitReward : IReward
{
    /// <inheritdoc/>
    public string Name => "bestFit";

    /// <inheritdoc/>
    public string Summary => "for the R² of a response's best attempt at a formula";

    /// <summary>For an exact one, above 0.</summary>
    [Option("for an exact one; less in proportion to R²", Above = 0)]
    public double Worth { get; init => field = InRange.Of(this, value); } = 1;

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return PrefixFormula.Read(sample.Problem.Answer) is { } values
            ? Worth * PrefixFormula.Attempts(sample.Response).Select(attempt => PrefixFormula.Fit(attempt.Formula, values)).DefaultIfEmpty(0).Max()
            : 0;
    }
}
