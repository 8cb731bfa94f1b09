using System.Numerics;
using System.Text;
using Reft.Answers;

namespace Reft.Problems;

/// <summary>
/// Evaluates expressions over decimal numbers exactly: + − * / //, signs and parentheses, with Python's precedence.
/// </summary>
internal static class Arithmetic
{
    private const int MaxDepth = 64;
    private const int MaxDigits = 400;

    public static bool TryEvaluate(string text, out Rational value)
    {
        var scanner = new Scanner(text);
        value = default;
        return scanner.TrySum(0, out value) && scanner.AtEnd;
    }

    /// <summary>
    /// The text with every number replaced by what <paramref name="replace"/> makes of its value and text.
    /// </summary>
    public static string Rewrite(string text, Func<Rational, string, string> replace)
    {
        var result = new StringBuilder(text.Length);
        var i = 0;
        while (i < text.Length)
        {
            var scanner = new Scanner(text, i);
            if (scanner.TryNumber(out var value))
            {
                result.Append(replace(value, text[i..scanner.Position]));
                i = scanner.Position;
            }
            else
            {
                result.Append(text[i++]);
            }
        }

        return result.ToString();
    }

    private struct Scanner(string text, int position = 0)
    {
        public int Position { get; private set; } = position;

        public bool AtEnd
        {
            get
            {
                SkipSpace();
                return Position == text.Length;
            }
        }

        public bool TrySum(int depth, out Rational value)
        {
            if (!TryProduct(depth, out value))
            {
                return false;
            }

            while (TakeAny("+-") is { } sign)
            {
                if (!TryProduct(depth, out var term))
                {
                    return false;
                }

                value = sign == '+' ? value + term : value - term;
            }

            return true;
        }

        public bool TryNumber(out Rational value)
        {
            value = default;
            var numerator = BigInteger.Zero;
            var denominator = BigInteger.One;
            var digits = 0;
            var point = false;
            var i = Position;
            for (; i < text.Length && (char.IsAsciiDigit(text[i]) || (text[i] == '.' && !point)); i++)
            {
                if (text[i] == '.')
                {
                    point = true;
                    continue;
                }

                digits++;
                numerator = (numerator * 10) + (text[i] - '0');
                denominator = point ? denominator * 10 : denominator;
            }

            if (digits is 0 or > MaxDigits)
            {
                return false;
            }

            Position = i;
            value = new Rational(numerator, denominator);
            return true;
        }

        private bool TryProduct(int depth, out Rational value)
        {
            if (!TryFactor(depth, out value))
            {
                return false;
            }

            while (TakeAny("*/") is { } sign)
            {
                var floor = sign == '/' && Position < text.Length && text[Position] == '/';
                Position += floor ? 1 : 0;
                if (!TryFactor(depth, out var factor) || (sign == '/' && factor.Sign == 0))
                {
                    return false;
                }

                value = sign == '*' ? value * factor : floor ? Floor(value / factor) : value / factor;
            }

            return true;
        }

        private bool TryFactor(int depth, out Rational value)
        {
            value = default;
            if (depth > MaxDepth)
            {
                return false;
            }

            if (TakeAny("+-") is { } sign)
            {
                var known = TryFactor(depth + 1, out value);
                value = sign == '-' ? -value : value;
                return known;
            }

            return TakeAny("(") is null ? TryNumber(out value) : TrySum(depth + 1, out value)
                && TakeAny(")") is not null;
        }

        private char? TakeAny(string signs)
        {
            SkipSpace();
            return Position < text.Length && signs.Contains(text[Position]) ? text[Position++] : null;
        }

        private void SkipSpace()
        {
            while (Position < text.Length && text[Position] == ' ')
            {
                Position++;
            }
        }

        private static Rational Floor(Rational value)
        {
            var quotient = BigInteger.DivRem(value.Numerator, value.Denominator, out var remainder);
            return remainder.Sign < 0 ? quotient - 1 : quotient;
        }
    }
}
