using System.Numerics;
using Reft.Answers.Algebra;

namespace Reft.Answers.Grammar;

/// <summary>
/// Reads one side of a statement: a sum, a pair with ±, an interval, a tuple, a set, a ratio, or a number with its base.
/// </summary>
internal sealed class StructureParser(TokenCursor cursor, AnswerPlace place)
{
    private const int MaxItems = 100;

    /// <summary>Sums and what they are made of.</summary>
    public MathParser Sums { get; } = new(cursor, place);

    /// <summary>Reads one side; null where it stops.</summary>
    public Side? Read()
    {
        if (IsBased())
        {
            return Of(Based());
        }

        if (IsRatio())
        {
            return Of(Ratio());
        }

        if (IsStructure())
        {
            return Of(Joined());
        }

        if (cursor.Take('±'))
        {
            return Of(PlusMinus(new Quantity(Form.Of(0))));
        }

        var sum = Sums.Sum();
        return sum is null ? null : cursor.Take('±') ? Of(PlusMinus(sum)) : new Side(sum, null);
    }

    private static Side? Of(Answer? answer) => answer is null ? null : new Side(null, answer);

    private PlusMinusAnswer? PlusMinus(Quantity middle)
    {
        var distance = Sums.Sum();
        if (distance is null)
        {
            return null;
        }

        if ((middle.Form.Value is { } && !middle.IsWorkedOut) || (distance.Form.Value is { } && !distance.IsWorkedOut))
        {
            cursor.Fail("a sum that is not worked out");
            return null;
        }

        return new PlusMinusAnswer(middle.Form, distance.Form);
    }

    private bool IsStructure() => TokenCursor.IsSign(cursor.Next, "([{") && Sums.HasComma();

    /// <summary>Brackets with commas, perhaps several intervals joined.</summary>
    private Answer? Joined()
    {
        var first = Brackets();
        if (first is not null && cursor.Is('∪'))
        {
            var parts = new List<IntervalPart>();
            var item = AsInterval(first);
            while (item is not null)
            {
                parts.AddRange(item.Parts);
                if (!cursor.Take('∪'))
                {
                    return new IntervalAnswer(parts);
                }

                if (!IsStructure())
                {
                    cursor.FailHere("an interval is expected");
                    return null;
                }

                item = Brackets() is { } next ? AsInterval(next) : null;
            }

            return null;
        }

        return first;
    }

    private IntervalAnswer? AsInterval(Answer answer)
    {
        switch (answer)
        {
            case IntervalAnswer interval:
                return interval;
            case TupleAnswer { Items: [var low, var high] } when AnswerForms.Of(low) is { } a && AnswerForms.Of(high) is { } b:
                return new IntervalAnswer([new IntervalPart(a, false, b, false)]);
            default:
                cursor.Fail("a union of something else than intervals");
                return null;
        }
    }

    private Answer? Brackets()
    {
        if (!cursor.Enter())
        {
            return null;
        }

        var open = cursor.Next.Sign;
        cursor.At++;
        var items = new List<Answer?>();
        var separator = '\0';
        var negativeFirst = false;
        while (true)
        {
            if (IsInfinity(out var isNegative))
            {
                negativeFirst |= items.Count == 0 && isNegative;
                items.Add(null);
            }
            else if (Item() is { } item)
            {
                items.Add(item);
            }
            else
            {
                return null;
            }

            if (items.Count > MaxItems)
            {
                cursor.Fail($"more than {MaxItems} values");
                return null;
            }

            if (TokenCursor.IsSign(cursor.Next, ",;") && (separator == '\0' || cursor.Next.Sign == separator))
            {
                separator = cursor.Next.Sign;
                cursor.At++;
                continue;
            }

            break;
        }

        cursor.Leave();
        return Close(open, items, negativeFirst);
    }

    private Answer? Close(char open, List<Answer?> items, bool negativeFirst)
    {
        if (!TokenCursor.IsSign(cursor.Next, ")]}"))
        {
            cursor.FailHere("the end of the bracket is expected");
            return null;
        }

        var close = cursor.Next.Sign;
        cursor.At++;
        var isSet = open == '{';
        if (isSet != (close == '}'))
        {
            cursor.Fail("brackets that do not fit");
            return null;
        }

        if (!isSet && items.Count == 2 && ((open, close) is not ('(', ')') || items.Contains(null)))
        {
            return Interval(open, close, items, negativeFirst);
        }

        if (items.Contains(null))
        {
            cursor.Fail("an infinity that ends no interval");
            return null;
        }

        if ((open, close) is ('(', ']') or ('[', ')'))
        {
            cursor.Fail("brackets that do not fit");
            return null;
        }

        var values = items.Select(item => item!).ToArray(); // None is null: seen above.
        return isSet ? new SetAnswer(values) : new TupleAnswer(values);
    }

    private IntervalAnswer? Interval(char open, char close, List<Answer?> items, bool negativeFirst)
    {
        var low = items[0] is { } first ? AnswerForms.Of(first) : null;
        var high = items is [_, { } second] ? AnswerForms.Of(second) : null;
        if (items.Count != 2 || (items[0] is null && (!negativeFirst || open == '[')) || (items[1] is null && close == ']')
            || (items[0] is not null && low is null) || (items[1] is not null && high is null))
        {
            cursor.Fail("an interval whose ends are no values");
            return null;
        }

        return new IntervalAnswer([new IntervalPart(low, open == '[', high, close == ']')]);
    }

    private Answer? Item()
    {
        if (Read() is not { } side)
        {
            return null;
        }

        return side.Answer ?? AnswerForms.Finish(cursor, side.Quantity!, place, inBrackets: true); // A side is one of both.
    }

    private bool IsInfinity(out bool isNegative)
    {
        isNegative = cursor.Is('-');
        var ahead = isNegative || cursor.Is('+') ? 1 : 0;
        var token = cursor.Peek(ahead);
        if (!TokenCursor.IsSign(token, "∞")
            && !(token.Kind == TokenKind.Word && cursor.Text(token) is "inf" or "infinity" or "Infinity" or "oo"))
        {
            return false;
        }

        cursor.At += ahead + 1;
        return true;
    }

    /// <summary>Whether digits with an index follow, as in <c>2314_5</c> and <c>-201_{3}</c>.</summary>
    private bool IsBased()
    {
        var ahead = cursor.Is('-') ? 1 : 0;
        return cursor.Peek(ahead) is { Kind: TokenKind.Number, IsDigits: true } && TokenCursor.IsSign(cursor.Peek(ahead + 1), "_");
    }

    private BaseNumberAnswer? Based()
    {
        var negative = cursor.Take('-');
        var digits = cursor.Text(cursor.Next).ToString();
        cursor.At += 2;
        var isBraced = cursor.Take('{');
        var token = cursor.Next;
        if (token is not { Kind: TokenKind.Number, IsDigits: true } || cursor.Text(token)[0] == '0'
            || token.Value < 2 || token.Value > 36)
        {
            cursor.FailHere("a base from 2 to 36 is expected");
            return null;
        }

        cursor.At++;
        if ((isBraced && !cursor.Take('}')) || digits.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            cursor.FailHere("a number in a base is expected");
            return null;
        }

        var value = BigInteger.Zero;
        var based = (int)token.Value.Numerator;
        foreach (var digit in digits)
        {
            if (digit - '0' >= based)
            {
                cursor.Fail($"{digit} is no digit in base {based}");
                return null;
            }

            value = (value * based) + (digit - '0');
        }

        return new BaseNumberAnswer(negative ? -value : value, based, (negative ? "-" : "") + digits);
    }

    /// <summary>Whether numbers parted by colons follow.</summary>
    private bool IsRatio() => cursor.Next.Kind == TokenKind.Number && TokenCursor.IsSign(cursor.Peek(1), ":")
        && cursor.Peek(2).Kind == TokenKind.Number;

    private RatioAnswer? Ratio()
    {
        var parts = new List<Rational> { cursor.Next.Value };
        var isClock = cursor.Next.IsDigits && cursor.Next.End - cursor.Next.Start <= 2;
        cursor.At++;
        while (cursor.Is(':') && cursor.Peek(1).Kind == TokenKind.Number && parts.Count < MaxItems)
        {
            var part = cursor.Peek(1);
            isClock &= part.IsDigits && part.End - part.Start == 2;
            parts.Add(part.Value);
            cursor.At += 2;
        }

        if (!isClock && parts.Any(part => part.Sign == 0))
        {
            cursor.Fail("a ratio with 0");
            return null;
        }

        return new RatioAnswer(parts, isClock);
    }
}

/// <summary>One side of a statement: a sum, or any other value.</summary>
internal sealed record Side(Quantity? Quantity, Answer? Answer);

/// <summary>Sums as answers, and back.</summary>
internal static class AnswerForms
{
    /// <summary>The value of an answer that is a sum; null for the others.</summary>
    public static Form? Of(Answer answer) => answer switch
    {
        NumberAnswer number => Form.Of(number.Value),
        ExpressionAnswer expression => expression.Value,
        _ => null,
    };

    /// <summary>A sum as an answer; null, and stopped, where it is not worked out or may be an exclamation.</summary>
    public static Answer? Finish(TokenCursor cursor, Quantity quantity, AnswerPlace place, bool inBrackets)
    {
        if (quantity.Form.Value is not { } value)
        {
            return new ExpressionAnswer(quantity.Form);
        }

        if (!quantity.IsWorkedOut)
        {
            cursor.Fail("a sum that is not worked out");
            return null;
        }

        if (quantity.IsFactorial && !inBrackets && place is not (AnswerPlace.Box or AnswerPlace.Gold))
        {
            cursor.Fail("a factorial or an exclamation");
            return null;
        }

        return new NumberAnswer(value) { Unit = quantity.Unit };
    }
}
