namespace Reft.Answers.Grammar;

/// <summary>What a token of an answer is.</summary>
internal enum TokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A number in digits.</summary>
    Number,

    /// <summary>A fraction that has a sign of its own, as in ½.</summary>
    Vulgar,

    /// <summary>Letters.</summary>
    Word,

    /// <summary>A LaTeX command that means something; its text is the name.</summary>
    Command,

    /// <summary>A sign; <see cref="AnswerToken.Sign"/> says which.</summary>
    Sign,

    /// <summary>Digits above the line; the value is the exponent.</summary>
    Superscript,
}

/// <summary>One token of an answer.</summary>
internal readonly record struct AnswerToken(TokenKind Kind, int Start, int End)
{
    /// <summary>Which sign: one character stands for all its spellings.</summary>
    public char Sign { get; init; }

    /// <summary>The value of a number, a fraction or an exponent.</summary>
    public Rational Value { get; init; }

    /// <summary>Whether no space stands before it.</summary>
    public bool IsGlued { get; init; }

    /// <summary>Whether it stands in a LaTeX text or upright, as units do and unknowns do not.</summary>
    public bool IsUpright { get; init; }

    /// <summary>Whether a number is digits alone.</summary>
    public bool IsDigits { get; init; }

    /// <summary>How many decimals a number has; −1 where it is whole.</summary>
    public int Places { get; init; }
}
