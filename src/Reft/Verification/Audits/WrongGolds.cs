using Reft.Answers;

namespace Reft.Verification.Audits;

/// <summary>Answers that are wrong for sure, near the right one and far from it.</summary>
internal static class WrongGolds
{
    private static readonly Rational _small = new(2, 100);

    public static IEnumerable<string> For(AnswerStyle style, string answer)
    {
        if (!NumberReader.TryParse(answer.Replace(",", "", StringComparison.Ordinal), out var value))
        {
            var right = answer.Trim().ToLowerInvariant();
            return "abcde".Select(letter => letter.ToString()).Where(letter => letter != right);
        }

        Rational[] wrong =
            [value + 1, value - 1, value * 10, -value, value + _small, value - _small, value * 2, value / 4];
        return style == AnswerStyle.Choice ? [] : wrong
            .Where(other => (other - value).Magnitude >= _small)
            .Distinct()
            .Select(other => other.ToString())
            .Where(text => !text.Contains('/', StringComparison.Ordinal));
    }
}
