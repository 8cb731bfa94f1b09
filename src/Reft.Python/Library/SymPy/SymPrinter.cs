using System.Globalization;
using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>The texts of expressions, by the rules of sympy's StrPrinter.</summary>
internal static class SymPrinter
{
    private const int SumLevel = 40;
    private const int ProductLevel = 50;
    private const int PowerLevel = 60;
    private const int FunctionLevel = 70;
    private const int AtomLevel = 1000;

    public static string Write(Vm vm, SymExpr value, bool nested = false)
    {
        if (vm.HasUnsureForms && !IsPlainNumber(value) && value is not (SymSymbol or SymConstant))
        {
            throw new UnsupportedException("text of an expression whose form in sympy is not sure");
        }

        return Print(vm, value, nested);
    }

    /// <summary>A sum of rational multiples of roots of whole numbers, whose form is the same whatever made it.</summary>
    private static bool IsPlainNumber(SymExpr value) => (value is SymAdd sum && sum.Args.Count == 2 ? sum.Args : [value]).All(
        t => t is SymFloat || (SymOps.Coefficient(t) is var (factor, body) && factor is SymNumber
            && body is SymNumber or SymPow { Base: SymNumber { IsWhole: true }, Exponent: SymNumber }));

    private static string Print(Vm vm, SymExpr value, bool nested = true)
    {
        vm.Enter();
        vm.Tick();
        var text = value switch
        {
            SymNumber number => number.IsWhole ? Show.Integer(vm, number.P) : $"{Show.Integer(vm, number.P)}/{Show.Integer(vm, number.Q)}",
            SymFloat real => Float(real, strip: nested),
            SymSymbol symbol => symbol.Name,
            SymConstant constant => constant.Name,
            SymAdd sum => Sum(vm, sum),
            SymMul product => Product(vm, product),
            SymPow power => Power(vm, power),
            SymFunction function => function.Name + "(" + string.Join(", ", function.Args.Select(a => Print(vm, a))) + ")",
            _ => throw new UnsupportedException("text of this expression"),
        };
        vm.Leave();
        return vm.Text(text);
    }

    /// <summary>Digits as mpmath's <c>to_str</c> has them: 15 for a usual float, halves rounded up.</summary>
    private static string Float(SymFloat value, bool strip)
    {
        if (value.Value == 0)
        {
            return "0.0";
        }

        var digits = DigitsOf(value.Bits);
        var magnitude = Math.Abs(value.Value);
        // mpmath cuts to three digits more than are shown, and rounds these as a text.
        var point = Floats.Shortest(magnitude).Point;
        var (top, bottom) = Floats.ToRatio(magnitude);
        var shift = digits + 3 - point;
        var raw = shift >= 0 ? top * Ints.Power10(shift) / bottom : top / (bottom * Ints.Power10(-shift));
        var text = raw.ToString(CultureInfo.InvariantCulture);
        var exponent = point - 1 + (text.Length - (digits + 3));
        var rounded = BigInteger.Parse(text.AsSpan(0, digits), CultureInfo.InvariantCulture) + (text[digits] >= '5' ? 1 : 0);
        text = rounded.ToString(CultureInfo.InvariantCulture);
        if (text.Length > digits)
        {
            text = text[..digits];
            exponent++;
        }

        var split = 1;
        var isFixed = exponent > Math.Min(-(digits / 3), -5) && exponent < digits;
        if (isFixed)
        {
            if (exponent < 0)
            {
                text = new string('0', -exponent) + text;
            }
            else
            {
                split = exponent + 1;
                text = text.PadRight(split, '0');
            }
        }

        text = text[..split] + "." + text[split..];
        if (strip)
        {
            text = text.TrimEnd('0');
            text = text[^1] == '.' ? text + "0" : text;
        }

        text = value.Value < 0 ? "-" + text : text;
        return isFixed ? text : text + FormattableString.Invariant($"e{(exponent < 0 ? "" : "+")}{exponent}");
    }

    /// <summary>How many decimal digits sympy shows of a float of so many bits.</summary>
    public static int DigitsOf(int bits) => Math.Max(1, (int)Math.Round(bits / 3.3219280948873626) - 1);

    /// <summary>How many bits sympy gives a float of so many decimal digits.</summary>
    public static int BitsOf(int digits) => Math.Max(1, (int)Math.Round((digits + 1) * 3.3219280948873626));

    private static string Sum(Vm vm, SymAdd sum)
    {
        var text = "";
        foreach (var term in SymOrder.Terms(vm, sum))
        {
            var one = Print(vm, term);
            var isNegative = one.StartsWith('-');
            one = isNegative ? one[1..] : one;
            text += text.Length == 0 ? (isNegative ? "-" : "") : isNegative ? " - " : " + ";
            text += Level(term) < SumLevel ? $"({one})" : one;
        }

        return text;
    }

    private static string Product(Vm vm, SymMul product)
    {
        var (factor, rest) = SymOps.Coefficient(product);
        var sign = "";
        var level = Level(product);
        SymExpr shown = product;
        if (factor is SymNumber { Sign: < 0 } or SymFloat { Value: < 0 })
        {
            sign = "-";
            var positive = SymOps.MultiplyNumbers(vm, SymNumber.MinusOne, factor);
            shown = positive.IsOne ? rest : new SymMul([positive, .. rest is SymMul inner ? inner.Args : [rest]]);
        }

        var above = new List<SymExpr>();
        var below = new List<(SymExpr Value, bool Wrapped)>();
        foreach (var item in shown is SymMul many ? SymOrder.Factors(vm, many) : [shown])
        {
            switch (item)
            {
                case SymPow power when IsNegative(power.Exponent):
                    below.Add(power.Exponent.IsMinusOne
                        ? (power.Base, power.Base is SymMul or SymPow)
                        : (new SymPow(power.Base, SymOps.Negate(vm, power.Exponent)), false));
                    break;
                case SymNumber number:
                    if (!number.P.IsOne)
                    {
                        above.Add(SymNumber.Of(number.P));
                    }

                    if (!number.Q.IsOne)
                    {
                        below.Add((SymNumber.Of(number.Q), false));
                    }

                    break;
                default:
                    above.Add(item);
                    break;
            }
        }

        if (above.Count == 0)
        {
            above.Add(SymNumber.One);
        }

        string Wrapped(SymExpr part) => Level(part) <= level ? $"({Print(vm, part)})" : Print(vm, part);
        var top = string.Join("*", above.Select(Wrapped));
        var bottom = below.ConvertAll(b => b.Wrapped ? $"({Wrapped(b.Value)})" : Wrapped(b.Value));
        return sign + top + (bottom.Count switch { 0 => "", 1 => "/" + bottom[0], _ => "/(" + string.Join("*", bottom) + ")" });
    }

    private static string Power(Vm vm, SymPow power)
    {
        if (power.Exponent is SymNumber { P.IsOne: true } half && half.Q == 2)
        {
            return $"sqrt({Print(vm, power.Base)})";
        }

        if (power.Exponent is SymNumber { Q: var two } minusHalf && two == 2 && minusHalf.P == BigInteger.MinusOne)
        {
            return $"1/sqrt({Print(vm, power.Base)})";
        }

        string Wrapped(SymExpr part) => Level(part) <= PowerLevel ? $"({Print(vm, part)})" : Print(vm, part);
        return power.Exponent.IsMinusOne ? "1/" + Wrapped(power.Base) : $"{Wrapped(power.Base)}**{Wrapped(power.Exponent)}";
    }

    private static bool IsNegative(SymExpr exponent) =>
        SymOps.Coefficient(exponent).Factor is SymNumber { Sign: < 0 } or SymFloat { Value: < 0 };

    private static int Level(SymExpr value) => value switch
    {
        SymNumber { Sign: < 0 } or SymFloat { Value: < 0 } => SumLevel,
        SymNumber number => number.IsWhole ? AtomLevel : ProductLevel,
        SymFloat or SymSymbol => AtomLevel,
        SymConstant constant => constant == SymConstant.MinusInfinity ? SumLevel : AtomLevel,
        SymAdd => SumLevel,
        SymMul product => SymOps.Coefficient(product).Factor is SymNumber { Sign: < 0 } or SymFloat { Value: < 0 } ? SumLevel : ProductLevel,
        SymPow => PowerLevel,
        _ => FunctionLevel,
    };
}
