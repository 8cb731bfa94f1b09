using Reft.Answers;
using Reft.Problems.Generated;

namespace Reft.Verification.Forms;

/// <summary>
/// The response is attempts at a formula through the points that the known answer is, a line each with its R² (<see cref="PrefixFormula"/>): right where one of
/// them fits exactly. What a response says of its own fit is checked, and decides nothing.
/// </summary>
internal sealed record FormulaForm : RuleForm
{
    /// <inheritdoc/>
    public override string Name => "formula";

    /// <inheritdoc/>
    public override string Summary => "attempts at a formula through points, a line each with its R²; one must fit exactly";

    /// <inheritdoc/>
    protected override RuleVerifier Rule => new()
    {
        Say = Through,
        Wrong = answer => [string.Join(' ', PrefixFormula.Read(answer)!.Select(y => y + 1))], // It is asked of readable ones.
        Refuse = answer => PrefixFormula.Read(answer) is null ? "it is no seven values at x from -3 to 3" : null,
        Judge = (response, answer) => Judge(response, PrefixFormula.Read(answer)!), // It is readable: it was not refused.
    };

    private static Finding Judge(string response, IReadOnlyList<int> values)
    {
        var attempts = PrefixFormula.Attempts(response).Select(one => (one.Formula, one.Score, Fit: PrefixFormula.Fit(one.Formula, values))).ToArray();
        var readable = attempts.Count(one => PrefixFormula.Values(one.Formula) is not null);
        if (readable == 0)
        {
            return new Finding(Outcome.NoAnswer, null, "no line is a formula");
        }

        var best = attempts.MaxBy(one => one.Fit);
        var honest = attempts.Count(one => one.Score == PrefixFormula.Score(one.Fit));
        return new Finding(
            best.Fit >= 1 ? Outcome.Correct : Outcome.Incorrect, best.Formula,
            FormattableString.Invariant($"the best of {attempts.Length} attempts has R² {best.Fit:F4}; {honest} of their scores are true"));
    }

    /// <summary>What a search finds, always the same.</summary>
    private static string Through(string answer)
    {
        var best = FormulaSearch.Best(PrefixFormula.Read(answer)!); // It is asked of readable ones.
        return PrefixFormula.Attempt(best.Formula, best.Fit);
    }
}
