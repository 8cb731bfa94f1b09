namespace Reft.Python.Syntax;

internal enum TokenKind : byte
{
    End, Newline, Indent, Dedent, Name, Number, Text, Format,

    Plus, Minus, Star, DoubleStar, Slash, DoubleSlash, Percent, At, LeftShift, RightShift, Ampersand, Bar, Caret,
    Tilde, ColonEqual, Less, Greater, LessEqual, GreaterEqual, EqualEqual, NotEqual, OpenParen, CloseParen,
    OpenBracket, CloseBracket, OpenBrace, CloseBrace, Comma, Colon, Dot, Semicolon, Equal, Arrow, Ellipsis,
    PlusEqual, MinusEqual, StarEqual, SlashEqual, DoubleSlashEqual, PercentEqual, AtEqual, AmpersandEqual, BarEqual,
    CaretEqual, RightShiftEqual, LeftShiftEqual, DoubleStarEqual,

    And, As, Assert, Async, Await, Break, Class, Continue, Def, Del, Elif, Else, Except, False, Finally, For, From,
    Global, If, Import, In, Is, Lambda, None, Nonlocal, Not, Or, Pass, Raise, Return, True, Try, While, With, Yield,
}

/// <summary>A piece of source text: its kind, where it lies, and its value.</summary>
internal struct Token
{
    public TokenKind Kind;

    /// <summary>An opening bracket that holds a <c>for</c>: a comprehension.</summary>
    public bool HoldsFor;
    public int Start;
    public int Length;
    public int Line;

    /// <summary>The name, number or text; of a formatted string, its undecoded body.</summary>
    public object? Value;
}
