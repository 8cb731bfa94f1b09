using System.Globalization;
using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Floats made rational, as <c>solve</c> and <c>nsimplify</c> do, and numbers made floats.</summary>
internal static class SymRational
{
    private const int LargestSimple = 1000;

    public static SymExpr Of(Vm vm, SymExpr value)
    {
        vm.Tick();
        return value switch
        {
            SymFloat real => Nearest(vm, real.Value),
            SymAdd => SymOps.Add(vm, [.. value.Args.Select(a => Of(vm, a))]),
            SymMul => SymOps.Multiply(vm, [.. value.Args.Select(a => Of(vm, a))]),
            SymPow power => SymOps.Power(vm, Of(vm, power.Base), Of(vm, power.Exponent)),
            SymFunction function => SymMethods.Rebuild(vm, function, [.. function.Args.Select(a => Of(vm, a))]),
            _ => value,
        };
    }

    /// <summary>A fraction with a small denominator where the float is one to its 15 digits; else its shortest decimal text.</summary>
    public static SymNumber Nearest(Vm vm, double value)
    {
        if (value == 0)
        {
            return SymNumber.Zero;
        }

        var size = Math.Abs(value);
        if (size is > 1e-4 and < 1e9)
        {
            for (var q = 1; q <= LargestSimple; q++)
            {
                vm.Tick();
                var p = Math.Round(size * q);
                if (p > 0 && Math.Abs((p / q) - size) <= size * 1e-15)
                {
                    return SymNumber.Ratio(vm, new BigInteger(value < 0 ? -p : p), q);
                }
            }
        }

        return Decimal(vm, value);
    }

    /// <summary>The shortest decimal text of a float as a fraction.</summary>
    public static SymNumber Decimal(Vm vm, double value)
    {
        var (digits, point) = Floats.Shortest(Math.Abs(value));
        var number = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        number = value < 0 ? -number : number;
        var shift = digits.Length - point;
        return shift >= 0
            ? SymNumber.Ratio(vm, number, Ints.Power10(shift))
            : SymNumber.Of(number * Ints.Power10(-shift));
    }

    /// <summary>Every number but an exponent as a float, as sympy's <c>nfloat</c>.</summary>
    public static SymExpr ToFloats(Vm vm, SymExpr value)
    {
        if (value.IsNumber)
        {
            return Evaluated(vm, value);
        }

        return value switch
        {
            SymAdd => SymOps.Add(vm, [.. value.Args.Select(a => ToFloats(vm, a))]),
            SymMul => SymOps.Multiply(vm, [.. value.Args.Select(a => ToFloats(vm, a))]),
            SymPow power => SymOps.Power(vm, ToFloats(vm, power.Base), power.Exponent),
            SymSymbol => value,
            _ => throw new UnsupportedException("floats in this expression"),
        };
    }

    /// <summary><c>evalf</c> of a number: a float, a complex number, or infinity as it is.</summary>
    public static SymExpr Evaluated(Vm vm, SymExpr value, int bits = SymFloat.UsualBits)
    {
        if (value is SymConstant { IsInfinite: true })
        {
            return value;
        }

        if (value is SymFloat real)
        {
            return SymFloat.Make(real.Value, Math.Min(bits, real.Bits));
        }

        var (a, b) = SymNumeric.Sure(vm, value);
        var first = a.IsZero ? null : SymFloat.Make(a.To(bits).ToDouble(), bits);
        return b.IsZero
            ? first ?? SymNumber.Zero
            : SymOps.Add(vm, first ?? SymNumber.Zero, SymOps.Multiply(vm, SymFloat.Make(b.To(bits).ToDouble(), bits), SymConstant.I));
    }
}
