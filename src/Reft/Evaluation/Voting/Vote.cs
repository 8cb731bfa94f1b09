using Reft.Answers;
using Reft.Answers.Grammar;

namespace Reft.Evaluation.Voting;

/// <summary>One value that samples answered.</summary>
internal abstract record Vote
{
    private static readonly AnswerComparison _comparison = new();

    /// <summary>Reads a verdict's answer; null where it is no vote.</summary>
    /// <param name="answer">The answer; null where there is none.</param>
    /// <param name="choices">Whether the problem is multiple choice: then letters alone are votes, else numbers.</param>
    /// <param name="policy">How numbers are read.</param>
    public static Vote? Read(string? answer, bool choices, AnswerPolicy policy)
    {
        if (string.IsNullOrWhiteSpace(answer))
        {
            return null;
        }

        if (choices)
        {
            // The official program counts a choice only if it is one letter.
            return answer.AsSpan().Trim() is [var letter] && char.IsAsciiLetter(letter) ? new Letter(char.ToLowerInvariant(letter)) : null;
        }

        return policy == AnswerPolicy.Paper
                ? PaperNumber.TryParse(answer, out var value) && double.IsFinite(value) ? new Real(value) : null
                : NumberReader.TryParse(answer, out var exact) ? new Exact(exact)
                : Of(AnswerGrammar.Read(answer, AnswerPlace.Gold, out _) ?? Words(answer));
    }

    /// <summary>Words, but for those that stand for no value, such as "nan" and "none".</summary>
    private static TextAnswer? Words(string answer) =>
        AnswerGrammar.ReadText(answer) is { } text && !Lexicon.Of(text.Words).Is(WordRole.Stop) ? text : null;

    private static Typed? Of(Answer? answer) => answer is null ? null : new Typed(answer.ToString()) { Value = answer };

    /// <summary>Whether the policy holds two values to be one answer.</summary>
    public abstract bool IsSame(Vote other);

    private sealed record Letter(char Value) : Vote
    {
        public override bool IsSame(Vote other) => Equals(other);
    }

    private sealed record Real(double Value) : Vote
    {
        public override bool IsSame(Vote other) => other is Real real && AnswerComparison.PaperEqual(Value, real.Value);
    }

    /// <summary>Any other type; votes with one text are one, and others are compared by type.</summary>
    private sealed record Typed(string Text) : Vote
    {
        private static readonly Equivalence _equivalence = new(_comparison);

        public required Answer Value { get; init; }

        public override bool IsSame(Vote other) => other is Typed typed
            && _equivalence.Compare(Value, typed.Value) == Sameness.Same;

        public bool Equals(Typed? other) => other is not null && Text == other.Text;

        public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
    }

    private sealed record Exact(Rational Value) : Vote
    {
        // Neither of two votes is a known answer: where one is no whole number both may be rounded.
        public override bool IsSame(Vote other) => other is Exact exact
            && _comparison.Equal(Value, !Value.IsInteger || !exact.Value.IsInteger, exact.Value);
    }
}
