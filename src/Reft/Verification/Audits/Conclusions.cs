using Reft.Answers;
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
    public static string? Contradiction(Problem problem) =>
        Concluded(problem) is { } said && NumberReader.TryParse(problem.Answer, out var gold) && !Agree(said, gold)
            ? $"the solution concludes {said}"
            : null;

    /// <summary>
    /// Whether the solution concludes something in so many words, or the answer, or a hundredth or a hundredfold of it,
    /// is
    /// among the numbers of its last line that has any.
    /// </summary>
    public static bool States(Problem problem)
    {
        if (Concluded(problem) is not null || IsBoxed(problem) || !NumberReader.TryParse(problem.Answer, out var gold))
        {
            return true;
        }

        gold = gold.Magnitude;
        Rational[] forms = [gold, gold / 100, gold * 100];
        return TextNumbers.In(LastNumbers(problem.Solution ?? "")).Any(number => forms.Any(form =>
            form == number || (!form.IsInteger && (form - number).Magnitude <= _relative * form)));
    }

    /// <summary>Whether the solution's last box holds the answer as it is written, as in MATH: <c>\boxed{\frac{1}{2}}</c>.</summary>
    private static bool IsBoxed(Problem problem)
    {
        const string Box = "\\boxed{";
        var solution = problem.Solution ?? "";
        var at = solution.LastIndexOf(Box, StringComparison.Ordinal);
        return at >= 0 && solution.AsSpan(at + Box.Length).TrimStart().StartsWith(problem.Answer.Trim() + "}", StringComparison.Ordinal);
    }

    private static Rational? Concluded(Problem problem)
    {
        var line = (problem.Solution ?? "").AsSpan().TrimEnd();
        line = line[(line.LastIndexOf('\n') + 1)..];
        var at = line.LastIndexOf(Mark, StringComparison.OrdinalIgnoreCase);
        return at >= 0 && NumberReader.TryParse(line[(at + Mark.Length)..].ToString(), out var said) ? said : null;
    }

    private static bool Agree(Rational said, Rational gold)
    {
        var apart = (said - gold).Magnitude;
        return said.IsInteger && gold.IsInteger
            ? apart.Sign == 0
            : apart <= _absolute || apart <= _relative * gold.Magnitude;
    }

    private static string LastNumbers(string solution)
    {
        var digit = solution.AsSpan().LastIndexOfAnyInRange('0', '9');
        if (digit < 0)
        {
            return "";
        }

        var start = solution.LastIndexOf('\n', digit) + 1;
        return solution[start..(digit + 1)];
    }
}
