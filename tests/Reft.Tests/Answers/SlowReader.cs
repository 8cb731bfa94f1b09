using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Reft.Tests.Answers;

/// <summary>
/// A second reading of answers, written apart from the product from the page docs/decisions/0008-answers-are-typed.md: it goes over
/// the characters themselves, keeps trees instead of polynomials, and knows a part of the language only. What lies outside that part it
/// says so of, by <see cref="OutsideException"/>.
/// </summary>
internal sealed partial class SlowReader
{
    private static readonly string[] _units = ["dollars", "apples", "kg", "cm", "pears"];
    private static readonly string[] _leads = ["the", "answer", "is"];
    private readonly string _text;
    private readonly bool _hasMoney;
    private int _at;

    private SlowReader(string text)
    {
        _hasMoney = text.Count(c => c == '$') % 2 == 1;

        // Paired dollar signs are LaTeX's: they part what they stand between, and are no space.
        _text = _hasMoney ? text : text.Replace('$', '\u0001');
    }

    /// <summary>The value, or null where there is none.</summary>
    public static Node? Read(string text)
    {
        text = text.Trim(' ');
        var inner = text.EndsWith('.') && text.Length > 2 ? text[..^1] : text;
        if (Angles().Match(inner) is { Success: true } match)
        {
            text = match.Groups[1].Value.Trim(' ');
        }

        if (text.Length == 0 || Outside().IsMatch(text))
        {
            return text.Length == 0 ? null : throw new OutsideException();
        }

        foreach (Match word in Words().Matches(text))
        {
            var isCommand = word.Index > 0 && text[word.Index - 1] == '\\';
            if (isCommand != (word.Value is "frac" or "sqrt" or "pi" or "pm" or "cdot" or "le" or "ge"))
            {
                throw new OutsideException();
            }

            if (!_units.Contains(word.Value) && !_leads.Contains(word.Value)
                && word.Value is not ("x" or "y" or "n" or "xy" or "million" or "thousand" or "or" or "and" or "frac" or "sqrt" or "pi" or "pm"
                    or "cdot" or "le" or "ge"))
            {
                throw new OutsideException();
            }
        }

        // A comma between digits outside brackets parts thousands or nothing; a point cannot follow a number with a point.
        return BrokenDecimals().IsMatch(text) || HasBrokenThousands(text) || UnknownCommand().IsMatch(text) || BareSign().IsMatch(text)
            ? null : new SlowReader(text).Whole();
    }

    private static bool HasBrokenThousands(string text)
    {
        var depth = 0;
        var braces = new Stack<bool>();
        for (var i = 0; i < text.Length; i++)
        {
            var isSet = text[i] == '{' && (i > 0 && text[i - 1] == '\\' || !Argument().IsMatch(text[..i]));
            if (text[i] == '{')
            {
                if (i > 0 && text[i - 1] == '\\')
                {
                    depth++;
                }
                else
                {
                    braces.Push(isSet);
                    depth += isSet ? 1 : 0;
                }
            }
            else if (text[i] == '}')
            {
                if (i > 0 && text[i - 1] == '\\')
                {
                    depth = Math.Max(0, depth - 1);
                }
                else if (!braces.TryPop(out var wasSet))
                {
                    return true;
                }
                else
                {
                    depth = wasSet ? Math.Max(0, depth - 1) : depth;
                }
            }
            else if (text[i] is '(' or '[')
            {
                depth++;
            }
            else if (text[i] is ')' or ']')
            {
                depth = Math.Max(0, depth - 1);
            }
            else if (depth == 0 && char.IsAsciiDigit(text[i]) && (i == 0 || !(char.IsAsciiDigit(text[i - 1]) || text[i - 1] == '.')))
            {
                var run = DigitRun().Match(text, i).Value;
                if (run.Contains(',', StringComparison.Ordinal) && (!Thousands().IsMatch(run) || run[0] == '0'
                    || text.ElementAtOrDefault(i + run.Length) == '/'))
                {
                    return true;
                }

                i += run.Length - 1;
            }
        }

        return braces.Count > 0;
    }

    private Node? Whole()
    {
        var words = 0;
        while (_leads.Contains(PeekWord()))
        {
            words++;
            Take(PeekWord());
            Take(":");
        }

        if (_units.Contains(PeekWord()))
        {
            throw new OutsideException();
        }

        if (words == 0)
        {
            Take(":");
        }

        if (words > 0 && Peek() == ',')
        {
            throw new OutsideException();
        }

        if (Peek() == '=' && !Sees("=<"))
        {
            Take("=");
        }

        var items = new List<Node>();
        do
        {
            if (Statement() is not { } item)
            {
                return null;
            }

            items.Add(item);
        }
        while (Separator());

        if (items.Count > 1 && items.Any(item => item.Name is not null))
        {
            throw new OutsideException();
        }

        if (items.Count == 1 && items[0].EndsInLiteral && !Unit(items[0]))
        {
            return null;
        }

        if (Peek() == '.' && Take("."))
        {
            if (PeekWord().Length > 0)
            {
                throw new OutsideException();
            }
        }

        return Peek() != '\0' ? null : items.Count == 1 ? items[0] : new Node("set", items);
    }

    private bool Separator()
    {
        var start = _at;
        var isParted = Take(",") || Take(";");
        isParted |= TakeWord("or") || TakeWord("and");
        if (isParted && (char.IsAsciiDigit(Peek()) || Peek() is '-' or '+' or '(' or '[' or '{' or '$' or '\\' or '±' or '.'
            || PeekWord() is "x" or "y" or "n" or "xy") && !(Peek() == '.' && !char.IsAsciiDigit(_text.ElementAtOrDefault(Here() + 1))))
        {
            return true;
        }

        _at = start;
        return false;
    }

    private bool Unit(Node number)
    {
        var words = 0;
        while (true)
        {
            if (words == 0 && Peek() == '%' && !number.HasUnit)
            {
                Take("%");
                number.HasUnit = true;
                continue;
            }

            var start = _at;
            _ = Take("/") || Take(",");
            var word = PeekWord();
            if (_leads.Contains(word))
            {
                throw new OutsideException();
            }

            if (!_units.Contains(word))
            {
                _at = start;
                return true;
            }

            Take(word);
            words++;
            if (Peek() == '^')
            {
                Take("^");
                var braced = Take("{");
                Take("-");
                if (!char.IsAsciiDigit(Peek()) || DigitsHere().Contains('.', StringComparison.Ordinal) || DigitsHere().Contains(',', StringComparison.Ordinal))
                {
                    return false;
                }

                Take(DigitsHere());
                if (braced && !Take("}"))
                {
                    return false;
                }
            }
            else if (char.IsAsciiDigit(_text.ElementAtOrDefault(_at)))
            {
                throw new OutsideException();
            }
        }
    }

    private Node? Statement()
    {
        var sides = new List<Node>();
        var relations = new List<string>();
        while (true)
        {
            if (Side() is not { } side)
            {
                return null;
            }

            sides.Add(side);
            var relation = new[] { "<=", ">=", "=<", "\\le", "\\ge", "<", ">", "=" }.FirstOrDefault(Sees);
            if (relation is null)
            {
                break;
            }

            if (Sees("=>") || Sees("==") || Sees("=-") && false)
            {
                return Sees("==") ? throw new OutsideException() : null;
            }

            Take(relation);
            relations.Add(relation switch { "=<" or "\\le" => "<=", "\\ge" => ">=", _ => relation });
        }

        if (relations.Count == 0)
        {
            return sides[0].IsSum ? Finished(sides[0]) : sides[0];
        }

        if (sides.Count > 2 && relations.Contains("="))
        {
            throw new OutsideException();
        }

        if (relations[0] != "=")
        {
            return sides.Count > 3 || sides.Any(side => !side.IsSum) || !sides.Any(side => HasUnknown(side))
                ? null : new Node("order " + string.Join(' ', relations), sides);
        }

        return Equality(sides[0], sides[1]);
    }

    private static Node? Equality(Node left, Node right)
    {
        if (!left.IsSum)
        {
            return left.Kind == "tuple" && right.Kind == "tuple" ? throw new OutsideException()
                : right.IsSum && HasUnknown(right) && !right.IsLone ? null
                : right.IsSum && right.IsLone ? Named(left, right) : null;
        }

        if (left.IsLone && !(right.IsSum && HasUnknown(right)))
        {
            return Named(right.IsSum ? Finished(right) : right, left);
        }

        if (!HasUnknown(left) && right.IsSum && right.IsLone)
        {
            return Named(Finished(left), right) is { } named ? named.Without(right) : null;
        }

        if (HasUnknown(left) || (right.IsSum && HasUnknown(right)))
        {
            return right.IsSum ? new Node("equation", [left, right]) : null;
        }

        if (!right.IsSum || !Holds(left, right))
        {
            return null;
        }

        return Finished(right);
    }

    private static Node? Named(Node? value, Node name) => value is null ? null : value.WithName(name.Letter);

    /// <summary>Whether the sides are one number, the right one perhaps rounded.</summary>
    private static bool Holds(Node left, Node right)
    {
        var apart = Complex.Abs(left.At(1) - right.At(1));
        if (apart < 1e-12 * (1 + Complex.Abs(right.At(1))))
        {
            return true;
        }

        var unit = right.Places < 0 ? 0 : Math.Pow(10, -right.Places);
        return Math.Abs(apart - unit) < 1e-9 ? throw new OutsideException() : right.IsLiteral && right.Places >= 0 && apart <= unit;
    }

    /// <summary>An unknown that does not cancel; where it does, the reading lies outside.</summary>
    private static bool HasUnknown(Node side)
    {
        if (!side.HasLetter)
        {
            return false;
        }

        return side.IsConstant() ? throw new OutsideException() : true;
    }

    /// <summary>A sum as an answer: a rational one must be worked out.</summary>
    private static Node? Finished(Node sum)
    {
        if (sum.Exact is null && (sum.IsConstant() && sum.HasLetter || sum.MayBeRational))
        {
            throw new OutsideException();
        }

        return sum.Exact is not null && !sum.IsWorkedOut ? null : sum;
    }

    private Node? Side()
    {
        var start = _at;
        if (char.IsAsciiDigit(Peek()) || (Peek() == '.' && char.IsAsciiDigit(_text.ElementAtOrDefault(Here() + 1))))
        {
            // A ratio begins with a number and a colon.
            var first = Number();
            if (first is not null && Peek() == ':' && (Next(":") is var next) && (char.IsAsciiDigit(next) || next == '.'))
            {
                return Ratio(first);
            }

            _at = start;
        }

        if (Peek() is '(' or '[' or '{' || Sees("\\{"))
        {
            if (HasComma())
            {
                return Structure();
            }
        }

        if (TakePlusMinus())
        {
            return Sum() is { } distance ? Pair(Node.Number(0, 1), distance) : null;
        }

        var sum = Sum();
        return sum is null ? null : TakePlusMinus() ? Sum() is { } spread ? Pair(sum, spread) : null : sum;
    }

    private static Node? Pair(Node middle, Node distance) => Finished(middle) is null || Finished(distance) is null
        ? null : new Node("pair", [middle, distance]);

    private Node? Ratio(Node first)
    {
        var parts = new List<Node> { first };
        while (Peek() == ':' && (char.IsAsciiDigit(Next(":")) || (Next(":") == '.' && char.IsAsciiDigit(_text.ElementAtOrDefault(After(":") + 1)))))
        {
            Take(":");
            if (Number() is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        var isClock = parts[0].Written.Length <= 2 && parts.Skip(1).All(part => part.Written.Length == 2)
            && parts.All(part => part.Written.All(char.IsAsciiDigit));
        return !isClock && parts.Any(part => part.Exact!.Value.Above.IsZero) ? null : new Node("ratio", parts);
    }

    private Node? Structure()
    {
        var open = Sees("\\{") ? '{' : Peek();
        Take(Sees("\\{") ? "\\{" : open.ToString());

        var items = new List<Node>();
        string? separator = null;
        while (true)
        {
            _inBrackets++;
            var side = Side();
            _inBrackets--;
            var item = side is null ? null : side.IsSum ? Finished(side) : side;
            if (item is null)
            {
                return null;
            }

            items.Add(item);
            var next = Peek() is ',' or ';' ? Peek().ToString() : null;
            if (next is null || (separator is not null && next != separator))
            {
                break;
            }

            separator = next;
            Take(next);
        }

        var close = Sees("\\}") ? '}' : Peek();
        if (close is not (')' or ']' or '}'))
        {
            return null;
        }

        Take(Sees("\\}") ? "\\}" : close.ToString());

        return (open, close, items.Count) switch
        {
            ('{', '}', _) => new Node("set", items),
            ('{', _, _) or (_, '}', _) => null,
            ('(', ')', _) => new Node("tuple", items),
            (_, _, 2) => items.All(item => item.IsSum) ? new Node($"interval {open}{close}", items) : null,
            ('[', ']', _) => new Node("tuple", items),
            _ => null,
        };
    }

    private int _inBrackets;

    private Node? Sum()
    {
        var isMinus = Peek() == '-';
        if (isMinus || (Peek() == '+' && !SeesPlusMinus()))
        {
            Take(Peek().ToString());
            if (Peek() is '-' or '+')
            {
                return null;
            }
        }

        var sum = Product() is { } first ? isMinus ? first.Negated() : first : null;
        while (sum is not null && (Peek() == '-' || (Peek() == '+' && !SeesPlusMinus())))
        {
            var minus = Peek() == '-';
            Take(Peek().ToString());
            sum = Product() is { } term ? Node.Join(minus ? '-' : '+', sum, term) : null;
        }

        return sum;
    }

    private Node? Product()
    {
        var product = Factor();
        while (product is not null)
        {
            if (Take("\\cdot") || Take("*"))
            {
                product = SignedFactor() is { } factor ? Node.Join('*', product, factor) : null;
            }
            else if (Peek() == '/' && !(product.IsLiteral && (_units.Contains(WordAt(After("/"))) || _leads.Contains(WordAt(After("/")))
                || WordAt(After("/")) is "million" or "thousand" or "or" or "and")))
            {
                Take("/");
                var start = _at;
                var below = SignedFactor();
                if (below is null || product.IsQuotient || below.IsQuotient || Scales().IsMatch(_text[start.._at]) || below.IsZero())
                {
                    return null;
                }

                product = Node.Quotient(product, below);
            }
            else if (IsImplicit(product))
            {
                product = product.IsQuotient ? null : Factor() is { } factor ? Node.Join('*', product, factor) : null;
            }
            else
            {
                return product;
            }
        }

        return null;
    }

    private bool IsImplicit(Node product)
    {
        if (Peek() is '(' or '[')
        {
            return (Here() == _at || _text[_at..Here()].All(c => c == '\u0001') || !product.IsLiteral) && !HasComma();
        }

        return Sees("\\frac") || Sees("\\sqrt") || Sees("\\pi") || PeekWord() is "x" or "y" or "n" or "xy";
    }

    private Node? SignedFactor()
    {
        var isMinus = Take("-");
        return Factor() is { } factor ? isMinus ? factor.Negated().AsValue() : factor : null;
    }

    private Node? Factor()
    {
        var factor = Primary();
        if (factor is null || Peek() != '^')
        {
            return factor;
        }

        Take("^");
        Node? exponent;
        if (Peek() is '{' or '(' || Sees("\\{"))
        {
            exponent = Primary();
        }
        else
        {
            var isMinus = Take("-");
            exponent = char.IsAsciiDigit(Peek()) || Peek() == '.' ? Number() : Primary();
            exponent = isMinus ? exponent?.Negated() : exponent;
        }

        if (exponent is null || Peek() == '^')
        {
            return null;
        }

        if (exponent.Exact is not { } power || !power.Below.IsOne || BigInteger.Abs(power.Above) > 8)
        {
            throw new OutsideException();
        }

        return factor.IsZero() && power.Above.Sign <= 0 ? null : Node.Power(factor, (int)power.Above);
    }

    private Node? Primary()
    {
        if (Take("\\frac"))
        {
            return Fraction();
        }

        if (Take("\\sqrt"))
        {
            return Argument1() is { } inner ? Node.Root(inner) : null;
        }

        if (Take("\\pi"))
        {
            return Node.Pi();
        }

        var isSetBrace = Sees("\\{");
        if (Peek() is '(' or '[' or '{' || isSetBrace)
        {
            var close = Peek() switch { '(' => ")", '[' => "]", _ => "}" };
            Take(isSetBrace ? "\\{" : Peek().ToString());
            var sum = Sum();
            return sum is not null && (Take(close) || (close == "}" && Take("\\}"))) ? sum.AsGroup() : null;
        }

        if (PeekWord() is "x" or "y" or "n" or "xy")
        {
            var word = PeekWord();
            Take(word);
            return word == "xy" ? Node.Join('*', Node.Unknown('x'), Node.Unknown('y')) : Node.Unknown(word[0]);
        }

        return Phrase();
    }

    private Node? Fraction()
    {
        var above = Argument1();
        var below = above is null ? null : Argument1();
        return below is null || below.IsZero() ? null : Node.Quotient(above!, below).AsFraction();
    }

    /// <summary>One digit, or what braces hold.</summary>
    private Node? Argument1()
    {
        if (char.IsAsciiDigit(Peek()))
        {
            var digits = _inBrackets > 0 || InGroup() ? PlainDigits().Match(_text, Here()).Value : DigitsHere();
            if (digits.All(char.IsAsciiDigit) && !(_text.ElementAtOrDefault(Here() + digits.Length) == '.'
                && char.IsAsciiDigit(_text.ElementAtOrDefault(Here() + digits.Length + 1))))
            {
                var one = Peek();
                _at = Here() + 1;
                return Node.Number(one - '0', 1);
            }

            return null;
        }

        return Peek() == '.' || PeekWord() == "xy" ? null : Primary();
    }

    /// <summary>A number as it is written, with what may follow it.</summary>
    private Node? Phrase()
    {
        var money = false;
        var negative = false;
        if (_hasMoney && Peek() == '$')
        {
            Take("$");
            money = true;
            negative = Take("-");
        }

        if (Number() is not { } number)
        {
            return null;
        }

        if (number.Written.All(char.IsAsciiDigit))
        {
            if (Sees("\\frac"))
            {
                if (money)
                {
                    throw new OutsideException();
                }

                return Mixed(number);
            }

            number = MixedOrFraction(number) ?? number;
            if (number.Exact!.Value.Below.IsZero)
            {
                return null;
            }
        }

        for (var scales = 0; PeekWord() is "million" or "thousand"; scales++)
        {
            if (scales == 3)
            {
                return null;
            }

            number = number.Times(PeekWord() == "million" ? 1_000_000 : 1000);
            Take(PeekWord());
        }

        if (Sees("\\cdot") && Ten().IsMatch(_text[After("\\cdot")..]))
        {
            throw new OutsideException();
        }

        if (Take("%") || (_hasMoney && Peek() == '$' && !char.IsAsciiDigit(Next("$"))
            && !(Next("$") == '.' && char.IsAsciiDigit(_text.ElementAtOrDefault(After("$") + 1))) && Take("$")))
        {
            number = number.AsLiteral();
            number.HasUnit = true;
        }

        number.HasUnit |= money;
        return negative ? number.Negated() : number;
    }

    private Node? MixedOrFraction(Node whole)
    {
        var match = Over().Match(_text, Here());
        if (match.Success)
        {
            _at = match.Index + match.Length;
            return Node.Literal(whole.Exact!.Value.Above, BigInteger.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).AsQuotient();
        }

        match = Here() > _at ? Proper().Match(_text, Here()) : Match.Empty;
        var isGrouped = match.Success && _text.ElementAtOrDefault(match.Index + match.Length) == ','
            && char.IsAsciiDigit(_text.ElementAtOrDefault(match.Index + match.Length + 1)) && _inBrackets == 0 && !InGroup();
        if (match.Success && !isGrouped && _text[_at..Here()].Any(c => c == ' '))
        {
            var (above, below) = (BigInteger.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                BigInteger.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
            if (above < below)
            {
                _at = match.Index + match.Length;
                return Node.Literal((whole.Exact!.Value.Above * below) + above, below);
            }
        }

        return null;
    }

    private Node? Mixed(Node whole)
    {
        var isOfDigits = MixedFraction().IsMatch(_text[Here()..]);
        if (!isOfDigits)
        {
            return whole;
        }

        Take("\\frac");
        if (Fraction() is not { } fraction)
        {
            return null;
        }

        if (fraction.Exact is not { } part)
        {
            return Node.Join('*', whole, fraction);
        }

        return part.Above >= part.Below ? null
            : Node.Literal((whole.Exact!.Value.Above * part.Below) + part.Above, part.Below);
    }

    private Node? Number()
    {
        var match = _inBrackets > 0 || InGroup() ? PlainNumber().Match(_text, Here()) : GroupedNumber().Match(_text, Here());
        if (!match.Success || match.Length == 0)
        {
            return null;
        }

        _at = match.Index + match.Length;
        var written = match.Value;
        var digits = written.Replace(",", "", StringComparison.Ordinal);
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var places = point < 0 ? -1 : digits.Length - point - 1;
        var value = BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var literal = Node.Literal(value, BigInteger.Pow(10, Math.Max(places, 0)));
        literal.Places = places;
        literal.Written = written;
        return literal;
    }

    /// <summary>Whether the place lies in brackets that group, where commas part values.</summary>
    private bool InGroup()
    {
        var before = _text[.._at];
        var depth = 0;
        var braces = new Stack<bool>();
        for (var i = 0; i < before.Length; i++)
        {
            var isEscaped = i > 0 && before[i - 1] == '\\';
            if (before[i] == '{' && !isEscaped)
            {
                braces.Push(Argument().IsMatch(before[..i]));
                depth += braces.Peek() ? 0 : 1;
            }
            else if (before[i] == '}' && !isEscaped)
            {
                depth -= braces.Pop() ? 0 : 1;
            }
            else
            {
                depth += before[i] is '(' or '[' || (isEscaped && before[i] == '{') ? 1
                    : before[i] is ')' or ']' || (isEscaped && before[i] == '}') ? -1 : 0;
            }
        }

        return depth > 0;
    }

    private bool HasComma()
    {
        var depth = 0;
        for (var i = Here(); i < _text.Length; i++)
        {
            depth += _text[i] is '(' or '[' or '{' ? 1 : _text[i] is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0 && _text[i] is ')' or ']' or '}')
            {
                return depth > 0;
            }

            if (depth == 1 && _text[i] is ',' or ';' && depth == 1)
            {
                return true;
            }
        }

        return false;
    }

    private bool SeesPlusMinus() => Sees("+-") || Sees("+/-");

    private bool TakePlusMinus() => Take("±") || Take("\\pm") || (SeesPlusMinus() && (Take("+/-") || Take("+-")));

    private int Here()
    {
        var i = _at;
        while (i < _text.Length && _text[i] is ' ' or '\u0001')
        {
            i++;
        }

        return i;
    }

    private char Peek() => Here() < _text.Length ? _text[Here()] : '\0';

    private bool Sees(string text)
    {
        var here = Here();
        return _text.AsSpan(here).StartsWith(text, StringComparison.Ordinal)
            && !(char.IsAsciiLetter(text[^1]) && char.IsAsciiLetter(_text.ElementAtOrDefault(here + text.Length)));
    }

    private int After(string text)
    {
        var i = Here() + text.Length;
        while (i < _text.Length && _text[i] is ' ' or '\u0001')
        {
            i++;
        }

        return i;
    }

    private char Next(string text) => _text.ElementAtOrDefault(After(text));

    private string PeekWord() => WordAt(Here());

    private string WordAt(int at) => at < _text.Length ? Words().Match(_text, at) is { Success: true } match && match.Index == at ? match.Value : "" : "";

    private string DigitsHere() => DigitRun().Match(_text, Here()).Value;

    private bool TakeWord(string word) => PeekWord() == word && Take(word);

    private bool Take(string text)
    {
        if (text.Length == 0 || !Sees(text))
        {
            return false;
        }

        _at = Here() + text.Length;
        return true;
    }

    [GeneratedRegex(@"^<([^<>']*)>$")]
    private static partial Regex Angles();

    [GeneratedRegex(@"[^0-9A-Za-z +\-*/^=<>()\[\]{},.;:%$±\\]|\*|->|==|\\sqrt *\[|[A-Za-z]{2}-[A-Za-z]{2}|x *10 *\^|\\[^a-z{}]|\\$|[0-9][eE][-+]?[0-9]|[0-9]\.\(|!")]
    private static partial Regex Outside();

    [GeneratedRegex(@"[A-Za-z]+")]
    private static partial Regex Words();

    [GeneratedRegex(@"\.[0-9]+[.,][0-9]")]
    private static partial Regex BrokenDecimals();

    [GeneratedRegex(@"\\(?!frac|sqrt|pi|pm|cdot|le|ge|[{}])|\\(frac|sqrt|pi|pm|cdot|le|ge)[A-Za-z]")]
    private static partial Regex UnknownCommand();

    [GeneratedRegex(@"=>")]
    private static partial Regex BareSign();

    [GeneratedRegex(@"(\\frac|\\sqrt|\\pi|\^|\}|\]) *$|(\\frac|\\sqrt)[ {]*\{[^{}]*\} *$")]
    private static partial Regex Argument();

    [GeneratedRegex(@"\G[0-9]+")]
    private static partial Regex PlainDigits();

    [GeneratedRegex(@"[0-9]+(,[0-9]+)*")]
    private static partial Regex DigitRun();

    [GeneratedRegex(@"^[0-9]{1,3}(,[0-9]{3})+$")]
    private static partial Regex Thousands();

    [GeneratedRegex(@"\G(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\G(?<![A-Za-z0-9])\.[0-9]+")]
    private static partial Regex GroupedNumber();

    [GeneratedRegex(@"\G[0-9]+(?:\.[0-9]+)?|\G(?<![A-Za-z0-9])\.[0-9]+")]
    private static partial Regex PlainNumber();

    [GeneratedRegex(@"\G/[ \u0001]*([0-9]+)(?![0-9.,]*[0-9])(?![ \u0001]*[/^])(?!\.[0-9])")]
    private static partial Regex Over();

    [GeneratedRegex(@"\G([0-9]+)[ \u0001]*/[ \u0001]*([0-9]+)(?![0-9])(?!\.[0-9])")]
    private static partial Regex Proper();

    [GeneratedRegex(@"^\\frac[ \u0001]*([0-9]|\{[ \u0001]*[0-9]+[ \u0001]*\})[ \u0001]*([0-9]|\{[ \u0001]*[0-9]+[ \u0001]*\})")]
    private static partial Regex MixedFraction();

    [GeneratedRegex(@"^10[ \u0001]*\^")]
    private static partial Regex Ten();

    [GeneratedRegex("million|thousand")]
    private static partial Regex Scales();
}

/// <summary>The slow reader does not know this part of the language.</summary>
internal sealed class OutsideException : Exception
{
}
