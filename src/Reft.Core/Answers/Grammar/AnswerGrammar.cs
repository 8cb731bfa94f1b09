using Reft.Answers.Algebra;

namespace Reft.Answers.Grammar;

/// <summary>
/// Reads the whole of an answer into a value with a type, or says what stopped it. Nothing is dropped to make the rest fit.
/// The grammar is written out in docs/decisions/0008-answers-are-typed.md.
/// </summary>
internal sealed class AnswerGrammar
{
    private const int MaxLength = 400;
    private const int MaxItems = 50;
    private const int MaxUnitWords = 8;
    private const int MaxUnitWordsAlone = 3;

    private readonly TokenCursor _cursor;
    private readonly AnswerPlace _place;
    private readonly StatementParser _statements;

    private AnswerGrammar(TokenCursor cursor, AnswerPlace place)
    {
        _cursor = cursor;
        _place = place;
        _statements = new StatementParser(cursor, place);
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="text">The answer, without its mark.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="reason">Why there is none; empty where there is one.</param>
    /// <returns>The value, or null.</returns>
    public static Answer? Read(ReadOnlySpan<char> text, AnswerPlace place, out string reason)
    {
        text = Unwrapped(text.Trim());
        if (text.IsEmpty)
        {
            reason = "no answer: the text is empty";
            return null;
        }

        if (text.Length > MaxLength)
        {
            reason = $"the answer is longer than {MaxLength} characters";
            return null;
        }

        var cursor = TokenCursor.Of(text);
        var answer = cursor.Stop is null ? new AnswerGrammar(cursor, place).Whole() : null;
        reason = cursor.Stop ?? "";
        return cursor.Stop is null ? answer : null;
    }

    /// <summary>Reads words without any number as a text; null where there is more than words.</summary>
    public static TextAnswer? ReadText(ReadOnlySpan<char> text)
    {
        text = text.Trim().TrimEnd('.').Trim(" *\"");
        foreach (var c in text)
        {
            if (!char.IsLetter(c) && c is not (' ' or '-' or '\'' or '’'))
            {
                return null;
            }
        }

        return text.IsEmpty || text.Length > MaxLength
            ? null : new TextAnswer(string.Join(' ', text.ToString().ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>Without angle brackets or quotes round all of it, and without the point after them.</summary>
    private static ReadOnlySpan<char> Unwrapped(ReadOnlySpan<char> text)
    {
        var inner = text.Length > 2 && text[^1] == '.' ? text[..^1] : text;
        return inner.Length > 2 && (inner[0], inner[^1]) is ('<', '>') or ('\'', '\'') && inner[1..^1].IndexOfAny("<>'") < 0
            ? inner[1..^1].Trim() : text;
    }

    private Answer? Whole()
    {
        if (!LeadIn())
        {
            return null;
        }

        var answers = new List<Answer>();
        do
        {
            if (_statements.Read() is not { } answer)
            {
                return null;
            }

            answers.Add(answer);
            if (answers.Count > MaxItems)
            {
                _cursor.Fail($"more than {MaxItems} values");
                return null;
            }
        }
        while (Separator());

        if (!Tail(answers))
        {
            return null;
        }

        return answers.Count == 1 ? Single(answers[0]) : Several(answers);
    }

    private static Answer Single(Answer answer) => answer is SetAnswer { Items: [var only] } ? only : answer;

    /// <summary><c>x = 3, 8</c> and <c>x = 3 or x = 8</c> are the values; of several unknowns they are equations.</summary>
    private static Answer Several(List<Answer> answers)
    {
        var name = answers[0].Name;
        var areOfOne = answers.All(answer => answer.Name is null || answer.Name == name);
        return areOfOne && name is not null
            ? new SetAnswer([.. answers.Select(answer => answer with { Name = null })]) { Name = name }
            : new SetAnswer([.. answers.Select(AsEquation)]);
    }

    private static Answer AsEquation(Answer answer) => answer.Name is { } name && AnswerForms.Of(answer) is { } value
        ? new EquationAnswer(Form.Of(Atom.Unknown(name)), value) : answer;

    /// <summary>Goes past what leads up to the answer; false where words stand there that do not.</summary>
    private bool LeadIn()
    {
        var isLead = true;
        var isLinked = true;
        var words = 0;
        if (_cursor.Is('#') || _cursor.Is('~'))
        {
            while (_cursor.Take('#'))
            {
                // A number sign before a number, or a mark after a mark.
            }

            _cursor.Take('~');
        }

        while (IsProse())
        {
            var entry = _cursor.Entry(_cursor.Next);
            if (entry.Is(WordRole.Stop | WordRole.Scale | WordRole.Part | WordRole.Function))
            {
                _cursor.FailHere("a value is expected");
                return false;
            }

            words++;
            isLead &= entry.Is(WordRole.LeadIn | WordRole.Link);
            isLinked = entry.Is(WordRole.LeadIn | WordRole.Link);
            var isAbbreviated = _cursor.IsWord("approx");
            _cursor.At++;
            if (_cursor.Is(':') || (_cursor.Is(',') && isLead) || (_cursor.Is('.') && isAbbreviated && _cursor.Next.IsGlued))
            {
                isLinked |= _cursor.Is(':');
                _cursor.At++;
            }
        }

        if (_cursor.Is(':') && words == 0)
        {
            _cursor.At++;
        }

        if (_cursor.Is('=') || _cursor.Is('≈'))
        {
            _cursor.At++;
            isLinked = true;
        }

        if (!isLinked || (!isLead && _place is AnswerPlace.Alone or AnswerPlace.Heading or AnswerPlace.Gold or AnswerPlace.Box))
        {
            _cursor.Fail("words before the answer that do not lead up to it");
            return false;
        }

        return true;
    }

    /// <summary>
    /// Whether the next token is a word that begins no value; "a" and "I" before another word are words, other letters unknowns.
    /// </summary>
    private bool IsProse() => _cursor.Next.Kind == TokenKind.Word && (!_statements.Sums.Begins()
        || (_cursor.Text(_cursor.Next) is "a" or "A" or "I" && _cursor.Peek(1) is { Kind: TokenKind.Word } next
            && !_statements.Sums.IsUnknown(next) && !_cursor.Entry(next).Is(WordRole.Stop | WordRole.Scale | WordRole.Part
                | WordRole.Function | WordRole.Aside)));

    /// <summary>Goes past a comma, a semicolon, "or" or "and" between values.</summary>
    private bool Separator()
    {
        var start = _cursor.At;
        var isParted = _cursor.Take(',') || _cursor.Take(';');
        isParted |= _cursor.TakeWord("or") || _cursor.TakeWord("and");
        if (isParted && _statements.Sums.Begins() && !IsProse())
        {
            return true;
        }

        _cursor.At = start;
        return false;
    }

    /// <summary>Reads what may follow the answer: its unit, an aside, a full stop, sentences that say nothing of it.</summary>
    private bool Tail(List<Answer> answers)
    {
        if (answers is [NumberAnswer] && _statements.EndsInLiteral && _cursor.Stop is null)
        {
            answers[0] = Unit(answers[0]);
        }

        Aside();
        while (_cursor.Take('.') && _cursor.Next is { Kind: TokenKind.Word, IsGlued: false } && _place is not (AnswerPlace.Heading or AnswerPlace.Gold
            or AnswerPlace.Alone))
        {
            Sentence();
        }

        if (_cursor.Stop is null && !_cursor.IsEnd)
        {
            _cursor.FailHere(_cursor.Next.Kind is TokenKind.Number or TokenKind.Vulgar
                ? "more than one number: the end of the answer is expected" : "the end of the answer is expected");
        }

        return _cursor.Stop is null;
    }

    /// <summary>Reads a unit: words, powers, what it is divided by. Words that would change the number stop it.</summary>
    private Answer Unit(Answer answer)
    {
        var words = 0;
        var number = answer as NumberAnswer;
        var isOrdinal = _cursor.Next is { Kind: TokenKind.Word, IsGlued: true } && _cursor.Text(_cursor.Next) is "st" or "nd" or "rd" or "th";
        _cursor.At += isOrdinal ? 1 : 0;
        while (_cursor.Stop is null)
        {
            if (_cursor.Is('°'))
            {
                _cursor.At++;
                number = WithUnit(number, "degree");
            }
            else if (words == 0 && _cursor.Is('%') && number?.Unit is null)
            {
                _cursor.At++;
                number = WithUnit(number, "%");
            }
            else if ((_cursor.Is('/') || IsComma() || (_cursor.Is('(') && !_cursor.Next.IsGlued)) && IsUnitWord(_cursor.Peek(1)))
            {
                if (_cursor.Is('(') && !IsWordsInBrackets())
                {
                    break;
                }

                _cursor.At++;
            }
            else if (words > 0 && _cursor.Is(')') && _cursor[_cursor.At - 1].Kind == TokenKind.Word && IsOpen())
            {
                _cursor.At++;
            }
            else if (IsUnitWord(_cursor.Next) || (_cursor.IsWord("square") && IsUnitWord(_cursor.Peek(1))))
            {
                words++;
                number = WithUnit(number, words == 1 ? _cursor.Entry(_cursor.Next).Unit : null);
                _cursor.At++;
                UnitPower();
            }
            else
            {
                break;
            }
        }

        if (words > (_place is AnswerPlace.Alone or AnswerPlace.Heading or AnswerPlace.Gold ? MaxUnitWordsAlone : MaxUnitWords))
        {
            _cursor.Fail("more words after the number than a unit has");
        }

        return number ?? answer;
    }

    private bool IsComma() => _cursor.Is(',') && _cursor.Entry(_cursor.Peek(1)) is var entry && !entry.Is(WordRole.Aside);

    private static NumberAnswer? WithUnit(NumberAnswer? number, string? unit) =>
        number is null || unit is null ? number : number with { Unit = number.Unit ?? unit };

    /// <summary>Whether only words stand in the bracket that begins here.</summary>
    private bool IsWordsInBrackets()
    {
        var ahead = 1;
        while (IsUnitWord(_cursor.Peek(ahead)))
        {
            ahead++;
        }

        return TokenCursor.IsSign(_cursor.Peek(ahead), ")");
    }

    private bool IsOpen()
    {
        for (var i = _cursor.At - 1; i >= 0 && _cursor[i].Kind == TokenKind.Word; i--)
        {
            if (i > 0 && TokenCursor.IsSign(_cursor[i - 1], "("))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a word may belong to a unit: none that says, changes or takes back a number.</summary>
    private bool IsUnitWord(AnswerToken token)
    {
        if (token.Kind != TokenKind.Word)
        {
            return false;
        }

        var text = _cursor.Text(token);
        var isHeading = _place == AnswerPlace.Heading && char.IsUpper(text[0]) && text.IndexOfAnyExceptInRange('A', 'Z') >= 0;
        var entry = _cursor.Entry(token);
        return !isHeading && Lexicon.EastAsianScale(text[0]).Sign == 0
            && !entry.Is(WordRole.Stop | WordRole.Small | WordRole.Tens | WordRole.Scale | WordRole.Part | WordRole.Function
                | WordRole.Minus | WordRole.Aside)
            && (entry.Is(WordRole.Unit) || !entry.Is(WordRole.Link))
            && !(text.Length > 1 && _statements.Sums.IsUnknown(token)) && (text.Length > 1 || token.IsUpright || Lexicon.IsUnitLetter(text[0]) || text[0] is 'a' or 'C' or 'F' || !char.IsAscii(text[0]));
    }

    /// <summary>The power of a unit: <c>cm^2</c>, <c>m²</c>, <c>s^{-1}</c>, <c>m2</c>.</summary>
    private void UnitPower()
    {
        if (_cursor.Next.Kind == TokenKind.Superscript)
        {
            _cursor.At++;
        }
        else if (_cursor.Next is { Kind: TokenKind.Number, IsDigits: true } digit && digit.Start == _cursor[_cursor.At - 1].End
            && (digit.Value == 2 || digit.Value == 3) && _cursor.Entry(_cursor[_cursor.At - 1]).Is(WordRole.Unit))
        {
            _cursor.At++;
        }
        else if (_cursor.Take('^'))
        {
            var isBraced = _cursor.Take('{');
            _cursor.Take('-');
            if (_cursor.Next is not { Kind: TokenKind.Number, IsDigits: true })
            {
                _cursor.FailHere("the power of a unit is expected");
                return;
            }

            _cursor.At++;
            if (isBraced && !_cursor.Take('}'))
            {
                _cursor.FailHere("'}' is expected");
            }
        }
    }

    /// <summary>"(with x = 4)", ", since the rate is 8": goes past what begins with such a word and takes nothing back.</summary>
    private void Aside()
    {
        var isComma = TokenCursor.IsSign(_cursor.Next, ",");
        var isBracket = TokenCursor.IsSign(_cursor.Next, "(") && !_cursor.Next.IsGlued;
        if ((!isComma && !isBracket) || !_cursor.Entry(_cursor.Peek(1)).Is(WordRole.Aside) || _cursor.Stop is not null)
        {
            return;
        }

        _cursor.At++;
        var depth = 1;
        while (!_cursor.IsEnd)
        {
            var token = _cursor.Next;
            if (_cursor.Entry(token).Is(WordRole.Stop))
            {
                _cursor.FailHere("an aside that takes something back");
                return;
            }

            depth += TokenCursor.IsSign(token, "(") ? 1 : TokenCursor.IsSign(token, ")") ? -1 : 0;
            _cursor.At++;
            if (isBracket && depth == 0)
            {
                return;
            }
        }

        if (isBracket)
        {
            _cursor.Fail("a bracket that is not closed");
        }
    }

    /// <summary>A sentence without numbers that takes nothing back.</summary>
    private void Sentence()
    {
        while (_cursor.Next.Kind == TokenKind.Word || _cursor.Is(','))
        {
            if (_cursor.Entry(_cursor.Next).Is(WordRole.Stop | WordRole.Small | WordRole.Tens | WordRole.Scale | WordRole.Part
                | WordRole.Function | WordRole.Minus))
            {
                _cursor.FailHere("a sentence that may change the answer");
                return;
            }

            _cursor.At++;
        }
    }
}
