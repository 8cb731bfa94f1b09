using Reft.Answers;

namespace Reft.Verification;

/// <summary>
/// What number verifiers share: known answers that cannot be read, and comparison with those that can.
/// </summary>
internal static class Golds
{
    /// <summary>
    /// Why a known answer cannot be used, or null. Not-a-number and infinities equal nothing, so neither can.
    /// </summary>
    public static string? WhyUnreadable(Reading gold) => gold switch
    {
        { Text: null } => gold.Reason,
        { FloatValue: { } value } when !double.IsFinite(value) => $"'{gold.Text}' equals no answer",
        _ => null,
    };

    public static Finding Unreadable(string answer, string reason) =>
        new(Outcome.Error, null, $"the known answer '{Excerpt.Of(answer)}' cannot be read: {reason}");

    public static Finding Compare(Reading answer, Reading gold, AnswerComparison comparison)
    {
        if (answer.Text is null)
        {
            return new Finding(Outcome.NoAnswer, null, answer.Reason);
        }

        var equal = (answer, gold) switch
        {
            ({ FloatValue: { } a }, { FloatValue: { } b }) => AnswerComparison.PaperEqual(a, b),
            ({ Number: { } a }, { Number: { } b }) => comparison.Equal(a, answer.IsFloat, b),
            _ => false,
        };
        return equal
            ? new Finding(Outcome.Correct, answer.Text, $"{answer.Text} equals {gold.Text}")
            : new Finding(Outcome.Incorrect, answer.Text, $"{answer.Text}, where {gold.Text} is right");
    }

    public static Finding CompareLetters(Reading answer, string gold) => answer.Text is null
        ? new Finding(Outcome.NoAnswer, null, answer.Reason)
        : answer.Text == gold
            ? new Finding(Outcome.Correct, answer.Text, $"{gold}, the right option")
            : new Finding(Outcome.Incorrect, answer.Text, $"{Excerpt.Of(answer.Text)}, where {gold} is right");
}
