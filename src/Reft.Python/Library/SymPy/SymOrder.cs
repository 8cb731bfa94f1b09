using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Sympy's <c>default_sort_key</c>, and the order in which sums and products are written.</summary>
internal static class SymOrder
{
    public static int Compare(Vm vm, SymExpr a, SymExpr b) => Compare(Key(vm, a), Key(vm, b));

    public static List<SymExpr> Sorted(Vm vm, IEnumerable<SymExpr> values) =>
        [.. values.Select(v => (Value: v, Key: Key(vm, v))).Order(Comparer<(SymExpr Value, object Key)>.Create((x, y) => Compare(x.Key, y.Key))).Select(p => p.Value)];

    /// <summary>The terms of a sum as sympy writes them: by degree, the highest first, numbers by their value.</summary>
    public static List<SymExpr> Terms(Vm vm, SymAdd sum)
    {
        var numbersFirst = sum.Args.OrderBy(IsPlainNumber).Reverse().ToList();
        if (numbersFirst is [var number, SymMul product] && IsPlainNumber(number))
        {
            var factors = product.Args.OrderBy(f => !f.IsNumberNode).ToList();
            if (factors is [SymNumber or SymFloat, _] && SymAssume.Sign(vm, number) > 0 && SymAssume.Sign(vm, factors[0]) < 0)
            {
                return numbersFirst;
            }
        }

        var terms = sum.Args.Select(t => (Term: t, Parts: Decompose(vm, t))).ToList();
        var bases = Sorted(vm, terms.SelectMany(t => t.Parts.Powers.Values.Select(p => p.Base)).DistinctBy(b => b.Key));
        var keyed = terms.ConvertAll(t => (t.Term, Key: (object)new object[]
        {
            bases.Select(b => t.Parts.Powers.TryGetValue(b.Key, out var p) ? (object)Negated(p.Exponent) : BigInteger.Zero).ToArray(),
            t.Parts.Imaginary != 0,
            t.Parts.Imaginary,
            t.Parts.Real,
        }));
        return [.. keyed.Order(Comparer<(SymExpr Term, object Key)>.Create((x, y) => Compare(x.Key, y.Key))).Select(k => k.Term)];
    }

    /// <summary>The factors of a product in sympy's order; the number comes first.</summary>
    public static List<SymExpr> Factors(Vm vm, SymMul product) => Sorted(vm, product.Args);

    private static bool IsPlainNumber(SymExpr value) =>
        value.IsNumberNode || value == SymConstant.Pi || value == SymConstant.E;

    private static object Negated(object exponent) => exponent is BigInteger whole ? -whole : throw new InvalidOperationException("an exponent");

    private static (double Real, double Imaginary, Dictionary<string, (SymExpr Base, object Exponent)> Powers) Decompose(Vm vm, SymExpr term)
    {
        var (real, imaginary) = (1.0, 0.0);
        var powers = new Dictionary<string, (SymExpr, object)>(StringComparer.Ordinal);
        foreach (var factor in term is SymMul product ? product.Args : [term])
        {
            if (factor.IsNumber)
            {
                double a, b;
                if (factor is SymFloat or SymNumber)
                {
                    (a, b) = (SymNumeric.Value(vm, factor), 0);
                }
                else if (factor is SymConstant { IsInfinite: true })
                {
                    throw new UnsupportedException("text of a sum with infinity");
                }
                else
                {
                    var (x, y) = SymNumeric.Sure(vm, factor);
                    (a, b) = (x.ToDouble(), y.ToDouble());
                }

                (real, imaginary) = ((real * a) - (imaginary * b), (real * b) + (imaginary * a));
                continue;
            }

            var (@base, exponent) = DecomposePower(vm, factor);
            powers[@base.Key] = (@base, exponent);
        }

        return (real, imaginary, powers);
    }

    /// <summary>A base and a whole exponent: sqrt(x) is a base of its own, x**(2*y) is (x**y) squared.</summary>
    private static (SymExpr Base, BigInteger Exponent) DecomposePower(Vm vm, SymExpr factor)
    {
        if (factor is SymFunction { Name: "exp" } exponential)
        {
            return exponential.Argument is SymNumber or SymMul or SymAdd && exponential.Argument is not SymMul { Args: [SymNumber, ..] }
                ? (factor, BigInteger.One)
                : throw new UnsupportedException("text of a sum with exponentials");
        }

        if (factor is not SymPow power)
        {
            return (factor, BigInteger.One);
        }

        if (power.Exponent is SymNumber number)
        {
            return number.IsWhole
                ? (power.Base, number.P)
                : (SymOps.Power(vm, power.Base, new SymNumber(BigInteger.One, number.Q)), number.P);
        }

        var (factor1, rest) = SymOps.Coefficient(power.Exponent);
        return factor1 is SymNumber times
            ? (SymOps.Power(vm, power.Base, times.IsWhole ? rest : SymOps.Multiply(vm, rest, new SymNumber(BigInteger.One, times.Q))), times.P)
            : (factor, BigInteger.One);
    }

    /// <summary>The sort key as nested arrays of numbers and texts, compared item by item as Python compares tuples.</summary>
    private static object Key(Vm vm, SymExpr value)
    {
        vm.Enter();
        vm.Charge(20);
        var key = MakeKey(vm, value);
        vm.Leave();
        return key;
    }

    private static object[] MakeKey(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber or SymFloat:
                return [Class(1, 0, "Number"), new object[] { 0, Array.Empty<object>() }, Array.Empty<object>(), value];
            case SymConstant { IsInfinite: true }:
                throw new UnsupportedException("order of infinite numbers");
            case SymConstant constant:
                return [Class(2, 0, constant.ClassName), new object[] { 1, new object[] { constant.Name } }, Key(vm, SymNumber.One), SymNumber.One];
            case SymSymbol symbol:
                return [Class(2, 0, "Symbol"), new object[] { 1, new object[] { symbol.Name } }, Key(vm, SymNumber.One), SymNumber.One];
        }

        var (factor, rest) = SymOps.Coefficient(value);
        SymExpr exponent = SymNumber.One;
        if (rest is SymPow power)
        {
            (rest, exponent) = (power.Base, power.Exponent);
        }

        object[] args = rest switch
        {
            SymNumber or SymFloat or SymConstant or SymSymbol => [SymPrinter.Write(vm, rest)],
            SymAdd sum => [.. Terms(vm, sum).Select(t => Key(vm, t))],
            SymMul product => [.. Factors(vm, product).Select(f => Key(vm, f))],
            SymPow inner => [Key(vm, inner.Base), Key(vm, inner.Exponent)],
            _ => [.. rest.Args.Select(a => Key(vm, a))],
        };
        return [ClassOf(rest), new object[] { args.Length, args }, Key(vm, exponent), factor];
    }

    private static object[] ClassOf(SymExpr value) => value switch
    {
        SymNumber or SymFloat => Class(1, 0, "Number"),
        SymConstant constant => Class(2, 0, constant.ClassName),
        SymSymbol => Class(2, 0, "Symbol"),
        SymMul => Class(3, 0, "Mul"),
        SymAdd => Class(3, 1, "Add"),
        SymPow => Class(3, 2, "Pow"),
        SymFunction function => Class(
            4,
            function.Name switch { "exp" => 10, "log" => 11, "sin" => 20, "cos" => 21, "tan" => 22, _ => 0 },
            function.Name),
        _ => throw new UnsupportedException("order of these expressions"),
    };

    private static object[] Class(int kind, int order, string name) => [kind, order, name];

    private static int Compare(object a, object b)
    {
        switch (a, b)
        {
            case (object[] x, object[] y):
                for (var i = 0; i < Math.Min(x.Length, y.Length); i++)
                {
                    if (Compare(x[i], y[i]) is var order and not 0)
                    {
                        return order;
                    }
                }

                return x.Length.CompareTo(y.Length);
            case (int x, int y):
                return x.CompareTo(y);
            case (BigInteger x, BigInteger y):
                return x.CompareTo(y);
            case (double x, double y):
                return x.CompareTo(y);
            case (bool x, bool y):
                return x.CompareTo(y);
            case (string x, string y):
                return string.CompareOrdinal(x, y);
            case (SymNumber x, SymNumber y):
                return x.CompareTo(y);
            case (SymExpr x, SymExpr y) when x is SymNumber or SymFloat && y is SymNumber or SymFloat:
                return NumberOrder(x, y);
            default:
                throw new UnsupportedException("order of these expressions");
        }
    }

    private static int NumberOrder(SymExpr a, SymExpr b) =>
        (a is SymNumber x ? Floats.Ratio(x.P, x.Q) : ((SymFloat)a).Value).CompareTo(b is SymNumber y ? Floats.Ratio(y.P, y.Q) : ((SymFloat)b).Value);
}
