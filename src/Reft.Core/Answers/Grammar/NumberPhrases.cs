using System.Numerics;
using Reft.Answers.Algebra;

namespace Reft.Answers.Grammar;

/// <summary>
/// Reads one number as it is written: digits, fractions, mixed numbers, words, scales, powers of ten, a base, a percent sign or
/// a currency. See the grammar in docs/decisions/0008-answers-are-typed.md.
/// </summary>
internal sealed class NumberPhrases(TokenCursor cursor)
{
    private const int MaxScales = 3;
    private static readonly Rational _one = 1;

    /// <summary>Whether a number phrase begins here.</summary>
    public bool Begins() => cursor.Next.Kind is TokenKind.Number or TokenKind.Vulgar || IsMoney(0) || BeginsInWords();

    /// <summary>Whether a number in words begins here.</summary>
    public bool BeginsInWords()
    {
        var entry = cursor.Entry(cursor.Next);
        return entry.Is(WordRole.Small | WordRole.Tens) || IsHalf(cursor.Next) || (IsArticle() && ArticleCounts(cursor.Peek(1)));
    }

    /// <summary>Reads the number; null where it stops.</summary>
    public Quantity? Read()
    {
        var negative = false;
        string? unit = null;
        if (IsMoney(0))
        {
            unit = Money();
            negative = cursor.Take('-');
        }

        var quantity = cursor.Next.Kind switch
        {
            TokenKind.Number => Digits(),
            TokenKind.Vulgar => Vulgar(0),
            _ when BeginsInWords() && unit is null => InWords(),
            _ => null,
        };
        if (quantity is null)
        {
            cursor.FailHere("a number is expected");
            return null;
        }

        if (!Suffixes(ref quantity, unit))
        {
            return null;
        }

        return negative ? quantity with { Form = quantity.Form.Negated() } : quantity;
    }

    /// <summary>A currency's sign or code, perhaps with a point, before a number or its minus sign.</summary>
    private bool IsMoney(int ahead)
    {
        var token = cursor.Peek(ahead);
        var isSign = TokenCursor.IsSign(token, "$");
        if (!isSign && !IsCode(token))
        {
            return false;
        }

        var next = ahead + 1;
        if (!isSign && TokenCursor.IsSign(cursor.Peek(next), "$"))
        {
            next++;
        }
        else if (!isSign && TokenCursor.IsSign(cursor.Peek(next), ".") && cursor.Peek(next).IsGlued)
        {
            next++;
        }

        next += TokenCursor.IsSign(cursor.Peek(next), "-") ? 1 : 0;
        return cursor.Peek(next).Kind == TokenKind.Number;
    }

    /// <summary>A currency's code: in capitals, or one of those that are written without.</summary>
    private bool IsCode(AnswerToken token) => cursor.Entry(token).Is(WordRole.Currency)
        && cursor.Text(token) is var code && code.Length is 2 or 3
        && (code.IndexOfAnyExceptInRange('A', 'Z') < 0 || code is "Rs" or "rs" or "kr" or "Kr" or "usd" or "eur" or "gbp");

    private string Money()
    {
        var token = cursor.Next;
        cursor.At++;
        var unit = token.Kind == TokenKind.Word ? cursor.Entry(token).Unit : Symbol(token);
        if (token.Kind == TokenKind.Word)
        {
            _ = cursor.Take('$') || cursor.Take('.');
        }

        return unit ?? "$";
    }

    private string Symbol(AnswerToken token)
    {
        var text = cursor.Text(token) is "\\$" ? "$" : cursor.Text(token).ToString();
        return Lexicon.Of(text).Unit ?? text;
    }

    private Quantity? Digits()
    {
        var token = cursor.Next;
        cursor.At++;
        var plain = new Quantity(Form.Of(token.Value)) { IsLiteral = true, Places = token.Places };
        if (cursor.Is('_') && cursor.Next.IsGlued)
        {
            cursor.Fail("a number in a base cannot be a part of a sum");
            return null;
        }

        if (!token.IsDigits)
        {
            return plain;
        }

        if (cursor.Next.Kind == TokenKind.Vulgar)
        {
            return Vulgar(token.Value);
        }

        // A mixed number: digits, a space or LaTeX, a proper fraction.
        if (cursor.Next.Kind == TokenKind.Number && IsProper(cursor.Next, cursor.Peek(1), cursor.Peek(2)) && !cursor.Next.IsGlued)
        {
            var fraction = new Rational(cursor.Next.Value.Numerator, cursor.Peek(2).Value.Numerator);
            cursor.At += 3;
            return Literal(token.Value + fraction);
        }

        return cursor.Is('/') && IsFraction() ? Fraction(token.Value) : plain;
    }

    /// <summary>
    /// Whether a slash and digits follow that make a fraction: no further slash, as in a date, and no power of the lower number.
    /// </summary>
    private bool IsFraction() => cursor.Peek(1) is { Kind: TokenKind.Number, IsDigits: true }
        && !TokenCursor.IsSign(cursor.Peek(2), "/^!_") && cursor.Peek(2).Kind != TokenKind.Superscript;

    private Quantity? Fraction(Rational above)
    {
        var below = cursor.Peek(1).Value;
        cursor.At += 2;
        if (below.Sign == 0)
        {
            cursor.Fail("a division by zero");
            return null;
        }

        return Literal(above / below) with { IsInlineQuotient = true };
    }

    private static bool IsProper(AnswerToken above, AnswerToken slash, AnswerToken below) =>
        above.IsDigits && below.Kind == TokenKind.Number && below.IsDigits && TokenCursor.IsSign(slash, "/")
        && above.Value < below.Value;

    private Quantity? Vulgar(Rational whole)
    {
        var value = whole + cursor.Next.Value;
        cursor.At++;
        return Literal(value);
    }

    private static Quantity Literal(Rational value) => new(Form.Of(value)) { IsLiteral = true };

    /// <summary>What may follow the digits: parts, "and a half", scales, a power of ten, a percent sign or a currency.</summary>
    private bool Suffixes(ref Quantity quantity, string? unit)
    {
        var value = quantity.Form.Value!.Value; // A literal is a rational number.
        var places = quantity.Places;
        var isWhole = value.IsInteger && places < 0;
        if (isWhole && cursor.Entry(cursor.Next).Is(WordRole.Part) && !IsCoin(cursor.Next))
        {
            value /= cursor.Entry(cursor.Next).Value;
            cursor.At++;
        }
        else if (isWhole && AndPart() is { } part)
        {
            value += part;
        }

        var scaled = Scales(value, unit is not null);
        if (scaled is null)
        {
            return false;
        }

        places = scaled.Value == value ? places : -1;
        value = scaled.Value;
        if (PowerOfTen() is { } power)
        {
            value *= power;
            places = -1;
        }

        if (TokenCursor.IsSign(cursor.Next, "%"))
        {
            unit ??= "%";
            cursor.At++;
        }
        else if (TokenCursor.IsSign(cursor.Next, "$") && cursor.Peek(1).Kind != TokenKind.Number)
        {
            unit ??= Symbol(cursor.Next);
            cursor.At++;
        }

        quantity = quantity with { Form = Form.Of(value), Places = places, Unit = unit };
        return cursor.Stop is null;
    }

    /// <summary>Digits and "quarters" may be coins or parts of a year: that is no number.</summary>
    private bool IsCoin(AnswerToken token)
    {
        var isCoin = cursor.Text(token) is var word && word.StartsWith("quarter", StringComparison.OrdinalIgnoreCase)
            && cursor[Math.Max(cursor.At - 1, 0)].Kind == TokenKind.Number;
        if (isCoin)
        {
            cursor.Fail("quarters may be parts or coins");
        }

        return isCoin;
    }

    /// <summary>"and a half", "and three quarters".</summary>
    private Rational? AndPart()
    {
        var start = cursor.At;
        if (!cursor.TakeWord("and"))
        {
            return null;
        }

        var count = IsArticle() ? _one : cursor.Entry(cursor.Next).Is(WordRole.Small) ? cursor.Entry(cursor.Next).Value : (Rational?)null;
        if (count is { } parts && cursor.Entry(cursor.Peek(1)).Is(WordRole.Part) && parts < cursor.Entry(cursor.Peek(1)).Value)
        {
            var part = cursor.Entry(cursor.Peek(1)).Value;
            cursor.At += 2;
            return parts / part;
        }

        cursor.At = start;
        return null;
    }

    private Rational? Scales(Rational value, bool isMoney)
    {
        for (var scales = 0; cursor.Next.Kind == TokenKind.Word; scales++)
        {
            var text = cursor.Text(cursor.Next);
            var scale = Lexicon.EastAsianScale(text[0]).Sign > 0 && text.Length == 1 ? Lexicon.EastAsianScale(text[0])
                : cursor.Entry(cursor.Next).Is(WordRole.Scale) ? cursor.Entry(cursor.Next).Value
                : isMoney && scales == 0 && Lexicon.MoneyScale(text) != 1 ? Lexicon.MoneyScale(text)
                : cursor.Next.IsGlued && scales == 0 ? Lexicon.GluedScale(text)
                : 1;
            if (scale == 1)
            {
                break;
            }

            if (scales == MaxScales)
            {
                cursor.Fail("more scales than a number has");
                return null;
            }

            value *= scale;
            cursor.At++;
        }

        return value;
    }

    /// <summary><c>× 10^k</c>, also with the letter x where it has spaces on both sides or on neither.</summary>
    private Rational? PowerOfTen()
    {
        var isLetter = cursor.Next.Kind == TokenKind.Word && cursor.Text(cursor.Next) is "x" or "X"
            && cursor.Next.IsGlued == cursor.Peek(1).IsGlued;
        if (!(cursor.Is('*') || isLetter) || cursor.Peek(1) is not { Kind: TokenKind.Number, IsDigits: true } ten || ten.Value != 10)
        {
            return null;
        }

        var start = cursor.At;
        cursor.At += 2;
        var exponent = cursor.Next.Kind == TokenKind.Superscript ? TakeSuperscript() : cursor.Take('^') ? Exponent() : null;
        if (exponent is not { } power || BigInteger.Abs(power) > AnswerLexer.MaxDigits)
        {
            cursor.At = start;
            return null;
        }

        var size = BigInteger.Pow(10, (int)BigInteger.Abs(power));
        return power.Sign < 0 ? new Rational(1, size) : size;
    }

    private BigInteger? TakeSuperscript()
    {
        var value = cursor.Next.Value.Numerator;
        cursor.At++;
        return value;
    }

    private BigInteger? Exponent()
    {
        var isBraced = cursor.Take('{');
        var negative = cursor.Take('-');
        if (!negative)
        {
            cursor.Take('+');
        }

        if (cursor.Next is not { Kind: TokenKind.Number, IsDigits: true } digits)
        {
            return null;
        }

        cursor.At++;
        var value = negative ? -digits.Value.Numerator : digits.Value.Numerator;
        return !isBraced || cursor.Take('}') ? value : null;
    }

    /// <summary>Reads a number in words: "forty-two", "one hundred and five", "two thirds", "half a million".</summary>
    private Quantity? InWords()
    {
        if (IsHalf(cursor.Next))
        {
            return Half();
        }

        if (IsArticle())
        {
            cursor.At++;
            return Literal(_one);
        }

        Rational total = 0;
        Rational? lastScale = null;
        while (Below1000() is { } group)
        {
            var scale = Rank(cursor.Next);
            if (scale is null || (lastScale is { } last && last <= scale.Value))
            {
                total += group;
                if (lastScale is { } larger && group >= larger)
                {
                    cursor.Fail("number words out of order");
                }

                break;
            }

            // A scale after which no number follows is left to the scales, so that "two thousand million" is one product.
            var start = cursor.At;
            cursor.At++;
            var isAnd = cursor.IsWord("and") && cursor.Entry(cursor.Peek(1)).Is(WordRole.Small | WordRole.Tens)
                && !cursor.Entry(cursor.Peek(2)).Is(WordRole.Part);
            cursor.At += isAnd ? 1 : 0;
            if (!cursor.Entry(cursor.Next).Is(WordRole.Small | WordRole.Tens))
            {
                cursor.At = start;
                if (lastScale is not null)
                {
                    total += group * scale.Value;
                    cursor.At++;
                    break;
                }

                return Literal(group);
            }

            total += group * scale.Value;
            lastScale = scale;
        }

        return cursor.Stop is null ? Literal(total) : null;
    }

    /// <summary>The scales that order number words: thousand, million and so on.</summary>
    private Rational? Rank(AnswerToken token) =>
        cursor.Entry(token) is var entry && entry.Is(WordRole.Scale) && entry.Value >= 1000 ? entry.Value : null;

    /// <summary>A number below 1000 in words; null where none begins.</summary>
    private Rational? Below1000()
    {
        var value = Below100();
        if (value is null || !cursor.IsWord("hundred"))
        {
            return value;
        }

        // "five hundred thousand" is read here; "twenty hundred" is not.
        var start = cursor.At;
        cursor.At++;
        var sum = value.Value * 100;
        var isAnd = cursor.IsWord("and") && cursor.Entry(cursor.Peek(1)).Is(WordRole.Small | WordRole.Tens)
            && !cursor.Entry(cursor.Peek(2)).Is(WordRole.Part);
        cursor.At += isAnd ? 1 : 0;
        if (value >= 10)
        {
            cursor.At = start;
            return value;
        }

        return sum + (Below100() ?? 0);
    }

    private Rational? Below100()
    {
        var entry = cursor.Entry(cursor.Next);
        if (entry.Is(WordRole.Small))
        {
            cursor.At++;
            return entry.Value;
        }

        if (!entry.Is(WordRole.Tens))
        {
            return null;
        }

        cursor.At++;
        var unit = cursor.Entry(cursor.Next);
        if (unit.Is(WordRole.Small) && unit.Value.Sign > 0 && unit.Value < 10)
        {
            cursor.At++;
            return entry.Value + unit.Value;
        }

        return entry.Value;
    }

    /// <summary>"half", "half a million": the article after it means nothing.</summary>
    private Quantity Half()
    {
        cursor.At++;
        if (IsArticle() && cursor.Entry(cursor.Peek(1)).Is(WordRole.Scale))
        {
            cursor.At++;
        }

        return Literal(new Rational(1, 2));
    }

    private bool IsHalf(AnswerToken token) => cursor.Text(token).Equals("half", StringComparison.OrdinalIgnoreCase);

    private bool IsArticle() => cursor.IsWord("a") || cursor.IsWord("an");

    private bool ArticleCounts(AnswerToken next) => cursor.Entry(next).Is(WordRole.Scale | WordRole.Part);
}
