using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Sine, cosine, tangent and their inverses at the angles that sympy knows.</summary>
internal static class SymTrigonometry
{
    public static SymExpr Make(Vm vm, string name, SymExpr angle)
    {
        switch (angle)
        {
            case SymNumber { P.IsZero: true }:
                return name == "cos" ? SymNumber.One : SymNumber.Zero;
            case SymFloat real:
                var (sine, cosine) = BigReal.From(real.Value).SineCosine(SymNumeric.Bits);
                var value = name == "sin" ? sine : name == "cos" ? cosine : sine.Divide(cosine, SymNumeric.Bits);
                return SymFloat.Make(value.ToDouble(), real.Bits);
            case SymConstant { IsInfinite: true }:
                throw new UnsupportedException($"{name} of infinity");
            case SymFunction { Name: var inner } function when inner == "a" + name:
                return function.Argument;
        }

        if (Turns(angle) is { } turns)
        {
            if ((int)BigInteger.Min(turns.Q, 100) is not (1 or 2 or 3 or 4 or 6 or 12)
                && !(turns.Q == 10 && name == "sin") && !(turns.Q == 5 && name == "cos"))
            {
                // Sympy writes some of these with nested roots; the value is the same.
                vm.HasUnsureForms = true;
                return new SymFunction(name, [SymOps.Multiply(vm, turns, SymConstant.Pi)]);
            }

            return name switch
            {
                "sin" => Sine(vm, turns),
                "cos" => Sine(vm, turns.Plus(vm, SymNumber.Half)),
                _ => Cosine(vm, turns) is { IsZero: false } bottom
                    ? SymRadicals.Simplify(vm, SymOps.Divide(vm, Sine(vm, turns), bottom))
                    : SymConstant.ComplexInfinity,
            };
        }

        if (angle is SymAdd sum && sum.Args.Any(t => Turns(t) is not null))
        {
            throw new UnsupportedException($"{name} of a sum with pi");
        }

        var (factor, _) = SymOps.Coefficient(angle is SymAdd first ? first.Args[0] : angle);
        if (factor is SymNumber { Sign: < 0 })
        {
            return angle is SymAdd
                ? throw new UnsupportedException($"{name} of this sum")
                : name == "cos" ? Make(vm, name, SymOps.Negate(vm, angle)) : SymOps.Negate(vm, Make(vm, name, SymOps.Negate(vm, angle)));
        }

        return new SymFunction(name, [angle]);
    }

    public static SymExpr Inverse(Vm vm, string name, SymExpr value)
    {
        if (value is SymFloat real)
        {
            return Math.Abs(real.Value) > 1 && name != "atan"
                ? throw new UnsupportedException($"{name} beyond 1")
                : SymFloat.Make(SymNumeric.ToDouble(vm, new SymFunction(name, [Rational(real)])), real.Bits);
        }

        if (!value.IsNumber)
        {
            return new SymFunction(name, [value]);
        }

        if (value is SymConstant { IsInfinite: true })
        {
            var quarter = SymOps.Multiply(vm, SymConstant.Pi, SymNumber.Half);
            return name != "atan" ? throw new UnsupportedException($"{name} of infinity")
                : value == SymConstant.Infinity ? quarter : SymOps.Negate(vm, quarter);
        }

        // The angles in the table: twelfths and tenths of a half turn.
        for (var i = -12; i <= 12; i++)
        {
            foreach (var parts in (ReadOnlySpan<int>)[12, 10])
            {
                vm.Tick();
                var turn = SymNumber.Ratio(vm, i, parts);
                var inRange = name == "acos" ? turn.Sign >= 0 && turn.CompareTo(SymNumber.One) <= 0
                    : turn.Magnitude().CompareTo(SymNumber.Half) <= (name == "atan" ? -1 : 0);
                var isKnown = turn.Q != 5 && (turn.Q != 10 || name == "asin");
                if (name == "acos")
                {
                    isKnown = turn.Q != 10;
                }

                if (!inRange || !isKnown)
                {
                    continue;
                }

                var known = name switch
                {
                    "asin" => Sine(vm, turn),
                    "acos" => Cosine(vm, turn),
                    _ => SymRadicals.Simplify(vm, SymOps.Divide(vm, Sine(vm, turn), Cosine(vm, turn))),
                };
                if (known.Key == value.Key)
                {
                    return SymOps.Multiply(vm, turn, SymConstant.Pi);
                }
            }
        }

        var negative = SymAssume.Sign(vm, value) < 0;
        return negative && name != "acos"
            ? SymOps.Negate(vm, new SymFunction(name, [SymOps.Negate(vm, value)]))
            : new SymFunction(name, [value]);
    }

    /// <summary>How many half turns an angle is, where it is a rational multiple of pi.</summary>
    private static SymNumber? Turns(SymExpr angle) => angle == SymConstant.Pi ? SymNumber.One
        : angle is SymMul { Args: [SymNumber or SymFloat, SymConstant constant] } && constant == SymConstant.Pi
            ? angle.Args[0] as SymNumber ?? Dyadic(((SymFloat)angle.Args[0]).Value)
        : null;

    /// <summary>A float that sympy takes for a fraction beside pi: a whole number, or one with a half, quarter, and so on.</summary>
    private static SymNumber? Dyadic(double value)
    {
        var part = Math.Abs(value) % 1;
        var (top, bottom) = Floats.ToRatio(value);
        return part == 0 || bottom == (BigInteger)Math.Pow(2, Math.Max(0, -Math.Round(Math.Log2(part)))) ? new SymNumber(top, bottom) : null;
    }

    private static SymExpr Cosine(Vm vm, SymNumber turns) => Sine(vm, turns.Plus(vm, SymNumber.Half));

    /// <summary>The sine of so many half turns, for denominators of which sympy writes the value without a function.</summary>
    private static SymExpr Sine(Vm vm, SymNumber turns)
    {
        var whole = Ints.FloorDivide(turns.P, turns.Q, out var rest);
        var sign = whole.IsEven ? 1 : -1;
        // Within (0, 1) the sine is symmetric about one half.
        var part = new SymNumber(rest, turns.Q);
        if (part.CompareTo(SymNumber.Half) > 0)
        {
            part = SymNumber.One.Plus(vm, part.Negated());
        }

        SymExpr Root(int n) => SymOps.Sqrt(vm, SymNumber.Of(n));
        SymExpr Quarter(SymExpr e) => SymOps.Multiply(vm, SymNumber.Ratio(vm, 1, 4), e);
        SymExpr value = ((int)part.P, (int)part.Q) switch
        {
            (0, 1) => SymNumber.Zero,
            (1, 6) => SymNumber.Half,
            (1, 4) => SymOps.Multiply(vm, SymNumber.Half, Root(2)),
            (1, 3) => SymOps.Multiply(vm, SymNumber.Half, Root(3)),
            (1, 2) => SymNumber.One,
            (1, 12) => Quarter(SymOps.Subtract(vm, Root(6), Root(2))),
            (5, 12) => Quarter(SymOps.Add(vm, Root(6), Root(2))),
            (1, 10) => Quarter(SymOps.Subtract(vm, Root(5), SymNumber.One)),
            (3, 10) => Quarter(SymOps.Add(vm, Root(5), SymNumber.One)),
            _ => throw new UnsupportedException("sine of this multiple of pi"),
        };
        return sign < 0 ? SymOps.Negate(vm, value) : value;
    }

    private static SymNumber Rational(SymFloat value)
    {
        var (top, bottom) = Floats.ToRatio(value.Value);
        return new SymNumber(top, bottom);
    }
}
