using Reft.Answers.Grammar;

namespace Reft.Answers;

/// <summary>The types of answers that a dataset has; what is read as another type is refused by name.</summary>
internal sealed class AnswerKinds
{
    private readonly AnswerKind[] _allowed;

    /// <summary>Names the types; none for all but text.</summary>
    public AnswerKinds(IReadOnlyList<AnswerKind> allowed) => _allowed =
        allowed.Count > 0 ? [.. allowed] : [.. Enum.GetValues<AnswerKind>().Where(kind => kind != AnswerKind.Text)];

    /// <summary>Every type but text.</summary>
    public static AnswerKinds Default { get; } = new([]);

    /// <summary>Reads an answer, of the types that are allowed.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="isNegative">Whether a minus sign stands before it.</param>
    public Reading Read(ReadOnlySpan<char> text, AnswerPlace place, bool isNegative = false)
    {
        text = text.Trim();
        if (!isNegative && NumberReader.TryPlain(text, out var plain))
        {
            return Allow(new NumberAnswer(plain));
        }

        if (_allowed.Contains(AnswerKind.Text) && AnswerGrammar.ReadText(text) is { } words)
        {
            return Allow(words);
        }

        if (AnswerGrammar.Read(text, place, out var reason) is not { } answer)
        {
            return Reading.None(reason);
        }

        if (!isNegative)
        {
            return Allow(answer);
        }

        return answer switch
        {
            NumberAnswer { Name: null } number => Allow(number with { Value = -number.Value }),
            ExpressionAnswer { Name: null } expression => Allow(new ExpressionAnswer(expression.Value.Negated())),
            _ => Reading.None("a minus sign before something that has no sign"),
        };
    }

    /// <summary>The answer as a reading, or why its type is refused.</summary>
    public Reading Allow(Answer answer) => Array.IndexOf(_allowed, answer.Kind) >= 0
        ? Reading.Of(answer)
        : Reading.None($"the answer is of kind {Name(answer.Kind)}, and answers.kinds allows {string.Join(", ", _allowed.Select(Name))}");

    private static string Name(AnswerKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];
}
