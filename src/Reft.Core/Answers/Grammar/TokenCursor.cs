namespace Reft.Answers.Grammar;

/// <summary>The tokens of one answer, a place among them, and what stopped the reader.</summary>
internal sealed class TokenCursor
{
    private readonly string _text;
    private readonly AnswerToken[] _tokens;
    private int _depth;

    private TokenCursor(string text, AnswerToken[] tokens, string? stop)
    {
        _text = text;
        _tokens = tokens;
        Stop = stop;
    }

    /// <summary>The deepest nesting that is followed.</summary>
    public const int MaxDepth = 40;

    /// <summary>The place of the next token.</summary>
    public int At { get; set; }

    /// <summary>What stopped the reader; null where nothing did. The first reason stays.</summary>
    public string? Stop { get; private set; }

    /// <summary>The next token.</summary>
    public AnswerToken Next => _tokens[At];

    /// <summary>Whether nothing is left.</summary>
    public bool IsEnd => Next.Kind == TokenKind.End;

    /// <summary>Parts a text into tokens.</summary>
    public static TokenCursor Of(ReadOnlySpan<char> text)
    {
        var tokens = new AnswerToken[text.Length + 2];
        var lexer = new AnswerLexer(text, tokens);
        lexer.Run();
        return new TokenCursor(text.ToString(), tokens, lexer.Stop);
    }

    /// <summary>The token some places on; the end where there is none.</summary>
    public AnswerToken Peek(int ahead)
    {
        for (var i = At; i < At + ahead; i++)
        {
            if (_tokens[i].Kind == TokenKind.End)
            {
                return _tokens[i];
            }
        }

        return _tokens[At + ahead];
    }

    /// <summary>The token at a place.</summary>
    public AnswerToken this[int place] => _tokens[place];

    /// <summary>A token's text.</summary>
    public ReadOnlySpan<char> Text(AnswerToken token) => _text.AsSpan(token.Start, token.End - token.Start);

    /// <summary>What the lexicon knows of a token; nothing where it is no word.</summary>
    public WordEntry Entry(AnswerToken token) => token.Kind == TokenKind.Word ? Lexicon.Of(Text(token)) : WordEntry.Unknown;

    /// <summary>Whether the next token is this sign.</summary>
    public bool Is(char sign) => Next.Kind == TokenKind.Sign && Next.Sign == sign;

    /// <summary>Whether a token is one of these signs.</summary>
    public static bool IsSign(AnswerToken token, string signs) =>
        token.Kind == TokenKind.Sign && signs.Contains(token.Sign, StringComparison.Ordinal);

    /// <summary>Goes past the next token if it is this sign.</summary>
    public bool Take(char sign)
    {
        if (!Is(sign))
        {
            return false;
        }

        At++;
        return true;
    }

    /// <summary>Whether the next token is this word, in any case.</summary>
    public bool IsWord(string word) =>
        Next.Kind == TokenKind.Word && Text(Next).Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Goes past the next token if it is this word.</summary>
    public bool TakeWord(string word)
    {
        if (!IsWord(word))
        {
            return false;
        }

        At++;
        return true;
    }

    /// <summary>Stops the reader.</summary>
    public void Fail(string reason) => Stop ??= reason;

    /// <summary>Stops the reader at the next token.</summary>
    public void FailHere(string expected) => Fail(IsEnd
        ? $"{expected}, where the answer ends"
        : $"{expected}, not '{Excerpt.Of(_text.AsSpan(Next.Start))}'");

    /// <summary>Puts what is left of the next token in its place.</summary>
    public void Replace(AnswerToken rest) => _tokens[At] = rest;

    /// <summary>Enters a nesting; false, and stopped, where it is too deep.</summary>
    public bool Enter()
    {
        if (++_depth > MaxDepth)
        {
            Fail("brackets too deep");
        }

        return Stop is null;
    }

    /// <summary>Leaves a nesting.</summary>
    public void Leave() => _depth--;
}
