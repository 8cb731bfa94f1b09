using Reft.Problems;

namespace Reft.Verification.Audits;

/// <summary>Whether a solution in words agrees with the answer that stands beside it.</summary>
internal static class Conclusions
{
    private const string Mark = "answer is";
    private static readonly Rational _absolute = new(5, 1000);
    private static readonly Rational _relative = new(1, 100);

    /// <summary>
    /// What the solution's last line concludes ("… the answer is &lt;208&gt;"), where that contradicts the known
    /// answer:
    /// whole numbers must be the same, others may differ by rounding, one per cent or 0.005. Null where it agrees, or
    /// where nothing is concluded in so many words.
    /// </summary>
    public static string? Contradiction(Problem problem)
    {
        var line = (problem.Solution ?? "").AsSpan().TrimEnd();
        line = line[(line.LastIndexOf('\n') + 1)..];
        var at = line.LastIndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        if (at < 0
            || NumberReader.Read(line[(at + Mark.Length)..], bare: true).Number is not { } said
            || !NumberReader.TryParse(problem.Answer, out var gold))
        {
            return null;
        }

        var apart = (said - gold).Magnitude;
        var agree = said.IsInteger && gold.IsInteger
            ? apart.Sign == 0
            : apart <= _absolute || apart <= _relative * gold.Magnitude;
        return agree ? null : $"the solution concludes {said}";
    }

    /// <summary>Whether the answer, or a hundredth or a hundredfold of it, is among the solution's numbers.</summary>
    public static bool States(Problem problem)
    {
        if (!NumberReader.TryParse(problem.Answer, out var gold))
        {
            return true;
        }

        gold = gold.Magnitude;
        Rational[] forms = [gold, gold / 100, gold * 100];
        return TextNumbers.In(problem.Solution ?? "").Any(number => forms.Any(form =>
            form == number || (!form.IsInteger && (form - number).Magnitude <= _relative * form)));
    }
}
