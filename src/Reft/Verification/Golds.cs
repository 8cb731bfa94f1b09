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

        return Compare(answer, gold, new Equivalence(comparison), comparison) switch
        {
            Sameness.Same => new Finding(Outcome.Correct, answer.Text, $"{answer.Text} equals {gold.Text}"),
            Sameness.Undecided => new Finding(
                Outcome.Error, answer.Text, $"undecided: whether {Excerpt.Of(answer.Text)} is {Excerpt.Of(gold.Text)} cannot be told"),
            _ => new Finding(Outcome.Incorrect, answer.Text, $"{answer.Text}, where {gold.Text} is right"),
        };
    }

    private static Sameness Compare(Reading answer, Reading gold, Equivalence equivalence, AnswerComparison comparison) =>
        (answer, gold) switch
        {
            ({ FloatValue: { } a }, { FloatValue: { } b }) => Of(AnswerComparison.PaperEqual(a, b)),
            ({ Number: { } a, IsFloat: true }, { Number: { } b }) => Of(comparison.Equal(a, isFloat: true, b)),
            ({ Value: { } a }, { Value: { } b }) => equivalence.Compare(a, b),
            _ => Sameness.Different,
        };

    private static Sameness Of(bool isSame) => isSame ? Sameness.Same : Sameness.Different;

    public static Finding CompareLetters(Reading answer, string gold) => answer.Text is null
        ? new Finding(Outcome.NoAnswer, null, answer.Reason)
        : answer.Text == gold
            ? new Finding(Outcome.Correct, answer.Text, $"{gold}, the right option")
            : new Finding(Outcome.Incorrect, answer.Text, $"{Excerpt.Of(answer.Text)}, where {gold} is right");
}
