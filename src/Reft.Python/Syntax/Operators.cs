namespace Reft.Python.Syntax;

/// <summary>The operators and marks of the language.</summary>
internal static class Operators
{
    /// <summary>The longest operator that the text starts with, and its length; length 0 when there is none.</summary>
    public static (TokenKind Kind, int Length) Match(ReadOnlySpan<char> text)
    {
        var second = text.Length > 1 ? text[1] : '\0';
        var third = text.Length > 2 ? text[2] : '\0';
        return text[0] switch
        {
            '+' => second == '=' ? (TokenKind.PlusEqual, 2) : (TokenKind.Plus, 1),
            '-' => second == '=' ? (TokenKind.MinusEqual, 2)
                : second == '>' ? (TokenKind.Arrow, 2) : (TokenKind.Minus, 1),
            '*' => second == '*'
                ? third == '=' ? (TokenKind.DoubleStarEqual, 3) : (TokenKind.DoubleStar, 2)
                : second == '=' ? (TokenKind.StarEqual, 2) : (TokenKind.Star, 1),
            '/' => second == '/'
                ? third == '=' ? (TokenKind.DoubleSlashEqual, 3) : (TokenKind.DoubleSlash, 2)
                : second == '=' ? (TokenKind.SlashEqual, 2) : (TokenKind.Slash, 1),
            '%' => second == '=' ? (TokenKind.PercentEqual, 2) : (TokenKind.Percent, 1),
            '@' => second == '=' ? (TokenKind.AtEqual, 2) : (TokenKind.At, 1),
            '<' => second == '<'
                ? third == '=' ? (TokenKind.LeftShiftEqual, 3) : (TokenKind.LeftShift, 2)
                : second == '=' ? (TokenKind.LessEqual, 2) : (TokenKind.Less, 1),
            '>' => second == '>'
                ? third == '=' ? (TokenKind.RightShiftEqual, 3) : (TokenKind.RightShift, 2)
                : second == '=' ? (TokenKind.GreaterEqual, 2) : (TokenKind.Greater, 1),
            '&' => second == '=' ? (TokenKind.AmpersandEqual, 2) : (TokenKind.Ampersand, 1),
            '|' => second == '=' ? (TokenKind.BarEqual, 2) : (TokenKind.Bar, 1),
            '^' => second == '=' ? (TokenKind.CaretEqual, 2) : (TokenKind.Caret, 1),
            '=' => second == '=' ? (TokenKind.EqualEqual, 2) : (TokenKind.Equal, 1),
            '!' => second == '=' ? (TokenKind.NotEqual, 2) : (TokenKind.End, 0),
            ':' => second == '=' ? (TokenKind.ColonEqual, 2) : (TokenKind.Colon, 1),
            '.' => second == '.' && third == '.' ? (TokenKind.Ellipsis, 3) : (TokenKind.Dot, 1),
            '~' => (TokenKind.Tilde, 1),
            '(' => (TokenKind.OpenParen, 1),
            ')' => (TokenKind.CloseParen, 1),
            '[' => (TokenKind.OpenBracket, 1),
            ']' => (TokenKind.CloseBracket, 1),
            '{' => (TokenKind.OpenBrace, 1),
            '}' => (TokenKind.CloseBrace, 1),
            ',' => (TokenKind.Comma, 1),
            ';' => (TokenKind.Semicolon, 1),
            _ => (TokenKind.End, 0),
        };
    }
}
