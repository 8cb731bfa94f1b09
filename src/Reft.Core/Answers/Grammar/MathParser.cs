using System.Buffers;
using System.Numerics;
using Reft.Answers.Algebra;

namespace Reft.Answers.Grammar;

/// <summary>
/// Reads sums, products, powers, roots and functions into exact values, by recursive descent. Every method returns null where
/// the cursor was stopped.
/// </summary>
internal sealed class MathParser(TokenCursor cursor, AnswerPlace place)
{
    private const int MaxFactorial = 150;
    private static readonly SearchValues<char> _runLetters = SearchValues.Create("abcxyz");
    private readonly NumberPhrases _numbers = new(cursor);

    /// <summary>Whether a value can begin with the next token.</summary>
    public bool Begins()
    {
        var token = cursor.Next;
        return token.Kind switch
        {
            TokenKind.Number or TokenKind.Vulgar or TokenKind.Command => true,
            TokenKind.Sign => token.Sign is '-' or '+' or '±' or '(' or '[' or '{' or '|' or '√' or '∞' || _numbers.Begins(),
            TokenKind.Word => _numbers.Begins() || IsMinusWord() || IsUnknown(token) || cursor.Entry(token).Is(WordRole.Function),
            _ => false,
        };
    }

    /// <summary>Reads a sum.</summary>
    public Quantity? Sum()
    {
        if (!cursor.Enter())
        {
            return null;
        }

        var sum = Signed();
        while (sum is not null && (cursor.Is('+') || cursor.Is('-')))
        {
            var isMinus = cursor.Is('-');
            cursor.At++;
            var term = Product();
            sum = term is null ? null
                : Joined(isMinus ? sum.Form.Minus(term.Form) : sum.Form.Plus(term.Form), sum.Form.Value is { } && term.Form.Value is { });
        }

        cursor.Leave();
        return sum;
    }

    private Quantity? Signed()
    {
        var negative = cursor.Is('-') || IsMinusWord();
        if (negative || cursor.Is('+'))
        {
            cursor.At++;
            if (cursor.Is('-') || cursor.Is('+') || IsMinusWord())
            {
                cursor.Fail("two signs before a number");
                return null;
            }
        }

        var product = Product();
        return product is not null && negative ? product with { Form = product.Form.Negated() } : product;
    }

    private bool IsMinusWord() => cursor.Entry(cursor.Next).Is(WordRole.Minus);

    private Quantity? Product()
    {
        var product = Factor();
        while (product is not null)
        {
            if (cursor.Is('*'))
            {
                cursor.At++;
                var factor = SignedFactor();
                product = factor is null ? null
                    : Joined(product.Form.Times(factor.Form), product.Form.Value is { } && factor.Form.Value is { });
            }
            else if (cursor.Is('/') && !IsUnitAfterSlash(product))
            {
                cursor.At++;
                product = Quotient(product);
            }
            else if (IsImplicitFactor(product))
            {
                if (product.IsInlineQuotient)
                {
                    cursor.Fail("a fraction on one line before a factor may mean two things");
                    return null;
                }

                var factor = Factor();
                product = factor is null ? null
                    : Joined(product.Form.Times(factor.Form), product.Form.Value is { } && factor.Form.Value is { });
            }
            else
            {
                return product;
            }
        }

        return null;
    }

    private Quantity? SignedFactor()
    {
        var negative = cursor.Take('-');
        var factor = Factor();
        return factor is not null && negative ? factor with { Form = factor.Form.Negated(), IsLiteral = false } : factor;
    }

    private Quantity? Quotient(Quantity above)
    {
        var start = cursor.At;
        var below = SignedFactor();
        if (below is null)
        {
            return null;
        }

        for (var i = start; i < cursor.At; i++)
        {
            if (above.IsInlineQuotient || below.IsInlineQuotient || cursor.Entry(cursor[i]).Is(WordRole.Scale))
            {
                cursor.Fail(above.IsInlineQuotient || below.IsInlineQuotient ? "two slashes, as in a date" : "a scale below a slash may mean two things");
                return null;
            }
        }

        var quotient = above.Form.Over(below.Form);
        if (quotient is null)
        {
            cursor.Fail(below.Form.Numerator.IsZero ? "a division by zero" : "an expression that grows too large");
            return null;
        }

        return new Quantity(quotient)
        {
            IsWorkedOut = above.IsWorkedOut && below.IsWorkedOut,
            IsLiteral = above.IsLiteral && below.IsLiteral,
            IsInlineQuotient = true,
        };
    }

    /// <summary>The result of a sum or a product: one of rational numbers alone is not worked out.</summary>
    private Quantity? Joined(Form? form, bool areNumbers)
    {
        if (form is null)
        {
            cursor.Fail("an expression that grows too large");
            return null;
        }

        return new Quantity(form) { IsWorkedOut = !areNumbers && form.Value is null };
    }

    /// <summary>Whether a slash begins a unit, as in "5 apples/day" and "$5/hour".</summary>
    private bool IsUnitAfterSlash(Quantity product) => product.IsLiteral && cursor.Peek(1) is { Kind: TokenKind.Word } unit
        && (!IsUnknown(unit) || unit.IsUpright || (Lexicon.IsUnitLetter(cursor.Text(unit)[0]) && product.Unit is not null))
        && !cursor.Entry(unit).Is(WordRole.Function | WordRole.Small | WordRole.Tens);

    private bool IsImplicitFactor(Quantity product)
    {
        var token = cursor.Next;
        if (token.Kind == TokenKind.Sign)
        {
            return token.Sign == '√' || (token.Sign is '(' or '[' && (token.IsGlued || !product.IsLiteral) && !HasComma());
        }

        if (token.Kind is TokenKind.Command)
        {
            return true;
        }

        if (token.Kind != TokenKind.Word)
        {
            return false;
        }

        return cursor.Entry(token).Is(WordRole.Function) || (IsUnknown(token) && !IsUnitLetter(product));
    }

    /// <summary>
    /// Whether a single letter after a number is its unit: a letter that units have, which ends the answer or is raised to the
    /// power of a unit. In a formula such a letter may be either, and stops the reader.
    /// </summary>
    private bool IsUnitLetter(Quantity product)
    {
        var token = cursor.Next;
        var text = cursor.Text(token);
        if (!product.IsLiteral || text.Length != 1 || !Lexicon.IsUnitLetter(text[0]))
        {
            return false;
        }

        if (token.IsUpright)
        {
            return true;
        }

        var after = cursor.Peek(1);
        var isPower = after.Kind == TokenKind.Superscript || TokenCursor.IsSign(after, "^");
        var ends = after.Kind == TokenKind.End || isPower || after is { Kind: TokenKind.Number, IsDigits: true, IsGlued: true } || TokenCursor.IsSign(after, ".,;)/") || (after.Kind == TokenKind.Word
            && !IsUnknown(after) && !cursor.Entry(after).Is(WordRole.Function));
        if (ends && (place == AnswerPlace.Box || (isPower && token.IsGlued && after.Kind != TokenKind.Superscript)))
        {
            cursor.Fail($"'{text}' may be a unit or an unknown");
            return false;
        }

        return ends;
    }

    private Quantity? Factor()
    {
        var factor = Primary();
        while (factor is not null)
        {
            if (cursor.Is('^') || cursor.Next.Kind == TokenKind.Superscript)
            {
                factor = Power(factor);
            }
            else if (cursor.Is('!') && cursor.Next.IsGlued)
            {
                cursor.At++;
                factor = Factorial(factor);
            }
            else
            {
                return factor;
            }
        }

        return null;
    }

    private Quantity? Power(Quantity factor)
    {
        Form? exponent;
        if (cursor.Next.Kind == TokenKind.Superscript)
        {
            exponent = Form.Of(cursor.Next.Value);
            cursor.At++;
        }
        else
        {
            cursor.At++;
            exponent = (cursor.Is('{') || cursor.Is('(') ? Primary() : SignedPower())?.Form;
        }

        if (exponent is null)
        {
            return null;
        }

        // -2^2 is -(2^2), which the sign's own rule says; (-2)^2 stands in brackets.
        if (cursor.Is('^') || cursor.Next.Kind == TokenKind.Superscript)
        {
            cursor.Fail("a power of a power without brackets");
            return null;
        }

        var power = factor.Form.Power(exponent);
        if (power is null)
        {
            cursor.Fail("a power that is not defined or grows too large");
            return null;
        }

        return new Quantity(power) { IsWorkedOut = factor.IsWorkedOut };
    }

    private Quantity? SignedPower()
    {
        var negative = cursor.Take('-');
        var token = cursor.Next;
        if (token.Kind == TokenKind.Number)
        {
            // 2^3 x: the exponent is the number alone.
            cursor.At++;
            return new Quantity(Form.Of(negative ? -token.Value : token.Value));
        }

        var primary = Primary();
        return primary is not null && negative ? primary with { Form = primary.Form.Negated() } : primary;
    }

    private Quantity? Factorial(Quantity factor)
    {
        if (factor.Form.Value is not { IsInteger: true, Sign: >= 0 } number || number > MaxFactorial || cursor.Is('!'))
        {
            cursor.Fail("a factorial of something else than a whole number up to 150");
            return null;
        }

        var product = BigInteger.One;
        for (var k = 2; k <= (int)number.Numerator; k++)
        {
            product *= k;
        }

        return new Quantity(Form.Of(product)) { IsFactorial = factor.IsLiteral, IsWorkedOut = factor.IsWorkedOut };
    }

    private Quantity? Primary()
    {
        if (!cursor.Enter())
        {
            return null;
        }

        var token = cursor.Next;
        var primary = token switch
        {
            { Kind: TokenKind.Sign, Sign: '(' } => Bracket(')'),
            { Kind: TokenKind.Sign, Sign: '[' } => Bracket(']'),
            { Kind: TokenKind.Sign, Sign: '{' } => Bracket('}'),
            { Kind: TokenKind.Sign, Sign: '|' } => AbsoluteValue(),
            { Kind: TokenKind.Sign, Sign: '√' } => Root(Argument()),
            { Kind: TokenKind.Command } => Command(),
            { Kind: TokenKind.Number } when IsMixed() => Mixed(),
            _ when _numbers.Begins() => _numbers.Read(),
            { Kind: TokenKind.Word } when cursor.Entry(token).Is(WordRole.Function) => Function(),
            { Kind: TokenKind.Word } when IsUnknown(token) => Unknown(),
            _ => null,
        };
        if (primary is null)
        {
            cursor.FailHere("a value is expected");
        }

        cursor.Leave();
        return primary;
    }

    private Quantity? Bracket(char close)
    {
        cursor.At++;
        var inner = Sum();
        if (inner is null)
        {
            return null;
        }

        if (!cursor.Take(close))
        {
            cursor.FailHere($"'{close}' is expected");
            return null;
        }

        return inner with { IsInlineQuotient = false, IsFactorial = false };
    }

    private Quantity? AbsoluteValue()
    {
        cursor.At++;
        var inner = Sum();
        if (inner is null)
        {
            return null;
        }

        if (!cursor.Take('|'))
        {
            cursor.FailHere("'|' is expected");
            return null;
        }

        return inner.Form.Value is { } value
            ? new Quantity(Form.Of(value.Magnitude)) { IsWorkedOut = inner.IsWorkedOut }
            : new Quantity(Form.Of(Atom.Function("abs", inner.Form)));
    }

    /// <summary>Digits right before a LaTeX fraction of digits: a mixed number.</summary>
    private bool IsMixed()
    {
        if (!cursor.Next.IsDigits || cursor.Peek(1) is not { Kind: TokenKind.Command } command || cursor.Text(command) is "sqrt")
        {
            return false;
        }

        // Two digits or more without braces are both arguments.
        var ahead = 2;
        return cursor.Peek(2) is { Kind: TokenKind.Number, IsDigits: true } both && both.End - both.Start > 1
            ? true : IsDigitArgument(ref ahead) && IsDigitArgument(ref ahead);
    }

    private bool IsDigitArgument(ref int ahead)
    {
        var isBraced = TokenCursor.IsSign(cursor.Peek(ahead), "{");
        var number = cursor.Peek(ahead + (isBraced ? 1 : 0));
        ahead += isBraced ? 3 : 1;
        return number is { Kind: TokenKind.Number, IsDigits: true } && (!isBraced || TokenCursor.IsSign(cursor.Peek(ahead - 1), "}"));
    }

    private Quantity? Mixed()
    {
        var whole = cursor.Next.Value;
        cursor.At++;
        if (Command()?.Form.Value is not { } part)
        {
            return null;
        }

        if (part >= 1)
        {
            cursor.Fail("a mixed number whose fraction is not below 1");
            return null;
        }

        return new Quantity(Form.Of(whole + part)) { IsLiteral = true };
    }

    private Quantity? Command()
    {
        var name = cursor.Text(cursor.Next);
        cursor.At++;
        if (name is "sqrt")
        {
            return SquareRootCommand();
        }

        var above = Argument();
        var below = above is null ? null : Argument();
        if (above is null || below is null)
        {
            return null;
        }

        if (above.Form.Over(below.Form) is not { } quotient)
        {
            cursor.Fail(below.Form.Numerator.IsZero ? "a division by zero" : "an expression that grows too large");
            return null;
        }

        return new Quantity(quotient)
        {
            IsWorkedOut = above.IsWorkedOut && below.IsWorkedOut,
            IsLiteral = above.IsLiteral && below.IsLiteral,
        };
    }

    private Quantity? SquareRootCommand()
    {
        if (!cursor.Is('['))
        {
            return Root(Argument());
        }

        var degree = Bracket(']');
        var inner = degree is null ? null : Argument();
        if (inner is null)
        {
            return null;
        }

        var exponent = Form.Of(1).Over(degree!.Form); // There is an inner part only where there is a degree.
        return Root(inner, exponent);
    }

    private Quantity? Root(Quantity? inner) => Root(inner, Form.Of(new Rational(1, 2)));

    private Quantity? Root(Quantity? inner, Form? exponent)
    {
        if (inner is null)
        {
            return null;
        }

        if (exponent is null || inner.Form.Power(exponent) is not { } root)
        {
            cursor.Fail("a root that is not defined or too large");
            return null;
        }

        return new Quantity(root) { IsWorkedOut = inner.IsWorkedOut };
    }

    /// <summary>A LaTeX argument: what braces hold, or the next digit or value.</summary>
    private Quantity? Argument()
    {
        var token = cursor.Next;
        if (token is { Kind: TokenKind.Number, IsDigits: true } && token.End - token.Start > 1)
        {
            return Digit();
        }

        if (token is { Kind: TokenKind.Number, IsDigits: false })
        {
            cursor.Fail("a LaTeX argument of several signs without braces");
            return null;
        }

        if (token.Kind == TokenKind.Number)
        {
            cursor.At++;
            return new Quantity(Form.Of(token.Value)) { IsLiteral = true };
        }

        if (token.Kind == TokenKind.Word && token.End - token.Start > 1 && IsRun(cursor.Text(token)))
        {
            cursor.Fail("a LaTeX argument of several signs without braces");
            return null;
        }

        return Primary();
    }

    /// <summary>One digit of several, as LaTeX takes it: <c>\frac12</c> is a half.</summary>
    private Quantity Digit()
    {
        var token = cursor.Next;
        var digits = cursor.Text(token);
        var first = new Quantity(Form.Of(digits[0] - '0')) { IsLiteral = true };
        var rest = BigInteger.Parse(digits[1..], System.Globalization.CultureInfo.InvariantCulture);
        cursor.Replace(token with { Start = token.Start + 1, Value = rest, IsGlued = true });
        return first;
    }

    private Quantity? Function()
    {
        var name = cursor.Text(cursor.Next).ToString().ToLowerInvariant();
        cursor.At++;
        switch (name)
        {
            case "pi" or "π":
                return new Quantity(Form.Of(Atom.Constant("pi")));
            case "tau" or "phi" or "lg" or "sinh" or "cosh" or "tanh":
                cursor.Fail($"'{name}' is not understood");
                return null;
            default:
                break;
        }

        if (cursor.Is('^') || cursor.Is('_') || cursor.Next.Kind == TokenKind.Superscript)
        {
            cursor.Fail($"'{name}' with a base or a power is not understood");
            return null;
        }

        var argument = cursor.Is('(') || cursor.Is('{') ? Primary() : FunctionArgument();
        if (argument is null)
        {
            return null;
        }

        var form = name switch
        {
            "sqrt" => argument.Form.SquareRoot(),
            "cbrt" => argument.Form.Power(Form.Of(new Rational(1, 3))),
            "exp" => Form.Of(Atom.Constant("e")).Power(argument.Form),
            "abs" when argument.Form.Value is { } value => Form.Of(value.Magnitude),
            _ => Form.Of(Atom.Function(name, argument.Form)),
        };
        if (form is null)
        {
            cursor.Fail("a root that is not defined or too large");
            return null;
        }

        return new Quantity(form) { IsWorkedOut = argument.IsWorkedOut };
    }

    /// <summary>An argument without brackets: one number or unknown with its power, as in sin 2x.</summary>
    private Quantity? FunctionArgument()
    {
        var factor = Factor();
        if (factor is not null && factor.IsLiteral && cursor.Next.Kind == TokenKind.Word && IsUnknown(cursor.Next))
        {
            var unknown = Factor();
            return unknown is null ? null : Joined(factor.Form.Times(unknown.Form), false);
        }

        return factor;
    }

    private Quantity? Unknown()
    {
        var text = cursor.Text(cursor.Next).ToString();
        cursor.At++;
        if (text is "e" or "i")
        {
            return new Quantity(Form.Of(text == "e" ? Atom.Constant("e") : Atom.Imaginary));
        }

        if (text is "f" or "g" or "h" && cursor.Is('(') && cursor.Next.IsGlued)
        {
            var argument = Bracket(')');
            return argument is null ? null : new Quantity(Form.Of(Atom.Function(text, argument.Form)));
        }

        if (text.Length is 2 or 3 && IsRun(text))
        {
            Form? product = Form.Of(1);
            foreach (var letter in text)
            {
                product = product?.Times(Form.Of(Atom.Unknown(letter.ToString())));
            }

            return Joined(product, false);
        }

        return Subscript() is { } index ? new Quantity(Form.Of(Atom.Unknown(text + index))) : null;
    }

    /// <summary>The index of an unknown with its underscore; empty where there is none, null where it stops.</summary>
    private string? Subscript()
    {
        if (!cursor.Is('_'))
        {
            return "";
        }

        cursor.At++;
        var isBraced = cursor.Take('{');
        var token = cursor.Next;
        if (token is not ({ Kind: TokenKind.Number, IsDigits: true } or { Kind: TokenKind.Word }))
        {
            cursor.FailHere("an index is expected");
            return null;
        }

        cursor.At++;
        if (isBraced && !cursor.Take('}'))
        {
            cursor.FailHere("'}' is expected");
            return null;
        }

        return $"_{cursor.Text(token)}";
    }

    /// <summary>Whether a word is an unknown: one letter, a Greek one by name, or a run of a, b, c, x, y, z.</summary>
    public bool IsUnknown(AnswerToken token)
    {
        if (token.Kind != TokenKind.Word)
        {
            return false;
        }

        var text = cursor.Text(token);
        return text.Length == 1
            ? char.IsAsciiLetter(text[0]) || text[0] is >= 'α' and <= 'ω'
            : text is "alpha" or "beta" or "gamma" or "delta" or "theta" or "lambda" or "mu" or "omega" or "rho" or "sigma"
                || (text.Length <= 3 && IsRun(text));
    }

    private static bool IsRun(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(_runLetters) < 0;

    /// <summary>Whether the bracket that begins here has a comma or a semicolon of its own.</summary>
    public bool HasComma()
    {
        var depth = 0;
        for (var ahead = 0; cursor.Peek(ahead) is { Kind: not TokenKind.End } token; ahead++)
        {
            depth += TokenCursor.IsSign(token, "([{") ? 1 : TokenCursor.IsSign(token, ")]}") ? -1 : 0;
            if (depth == 0)
            {
                return false;
            }

            if (depth == 1 && TokenCursor.IsSign(token, ",;"))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Where an answer stands, which decides what may be round it.</summary>
internal enum AnswerPlace
{
    /// <summary>A text that must be the answer and nothing else.</summary>
    Alone,

    /// <summary>After a mark, up to the end of the line.</summary>
    Line,

    /// <summary>After a mark that headings begin with too.</summary>
    Heading,

    /// <summary>In a box, as a formula.</summary>
    Box,

    /// <summary>A known answer.</summary>
    Gold,
}
