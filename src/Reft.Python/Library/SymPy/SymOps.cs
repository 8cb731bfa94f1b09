using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Sums, products and powers in the form that sympy's automatic evaluation gives them.</summary>
internal static class SymOps
{
    public static SymExpr Add(Vm vm, params ReadOnlySpan<SymExpr> terms)
    {
        Vm.EnsureStack();
        vm.Charge(10 + (10 * terms.Length));
        SymExpr number = SymNumber.Zero;
        var order = new List<string>();
        var sums = new Dictionary<string, (SymExpr Body, SymExpr Factor)>(StringComparer.Ordinal);
        foreach (var given in terms)
        {
            foreach (var term in given is SymAdd sum ? sum.Args : [given])
            {
                if (term.IsNumberNode || term is SymConstant { IsInfinite: true })
                {
                    number = AddNumbers(vm, number, term);
                    continue;
                }

                var (factor, rest) = Coefficient(term);
                if (sums.TryGetValue(rest.Key, out var known))
                {
                    sums[rest.Key] = (rest, AddNumbers(vm, known.Factor, factor));
                }
                else
                {
                    order.Add(rest.Key);
                    sums.Add(rest.Key, (rest, factor));
                }
            }
        }

        if (number is SymConstant infinite)
        {
            // Infinite numbers swallow what is finite, and what is not known to be finite stays in sympy.
            return order.Count == 0 || infinite == SymConstant.NotANumber || sums.Values.All(s => s.Body.IsNumber)
                ? number
                : throw new UnsupportedException("infinity plus an expression");
        }

        var result = new List<SymExpr>();
        foreach (var key in order)
        {
            var (rest, factor) = sums[key];
            if (!IsNil(factor))
            {
                result.Add(WithCoefficient(vm, factor, rest));
            }
        }

        // A term may have become a sum again: 2*(x + 1) taken twice.
        if (result.Exists(t => t is SymAdd || t.IsNumberNode))
        {
            return Add(vm, [number, .. result]);
        }

        vm.Allocate(64 + (result.Count * 16));
        result.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        if (!(result.Count > 0 ? IsNil(number) : number.IsZero))
        {
            result.Insert(0, number);
        }

        return result.Count switch
        {
            0 => SymNumber.Zero,
            1 => result[0],
            _ => new SymAdd([.. result]),
        };
    }

    public static SymExpr Subtract(Vm vm, SymExpr a, SymExpr b) => Add(vm, a, Negate(vm, b));

    public static SymExpr Negate(Vm vm, SymExpr value) => Multiply(vm, SymNumber.MinusOne, value);

    public static SymExpr Divide(Vm vm, SymExpr a, SymExpr b) => a is SymFloat or SymNumber && b is SymFloat or SymNumber && !IsNil(b)
        ? DivideNumbers(vm, a, b)
        : Multiply(vm, a, Power(vm, b, SymNumber.MinusOne));

    /// <summary>The number before an expression, and the rest.</summary>
    public static (SymExpr Factor, SymExpr Body) Coefficient(SymExpr term)
    {
        if (term is SymMul { Args: var factors } && factors[0].IsNumberNode)
        {
            return (factors[0], factors.Count == 2 ? factors[1] : new SymMul([.. factors.Skip(1)]));
        }

        return term.IsNumberNode ? (term, SymNumber.One) : (SymNumber.One, term);
    }

    public static SymExpr Multiply(Vm vm, params ReadOnlySpan<SymExpr> factors)
    {
        Vm.EnsureStack();
        vm.Charge(10 + (10 * factors.Length));
        if (factors.Length == 2 && (factors[0], factors[1]) is var (first, second)
            && (first is SymAdd && second is SymNumber || first is SymNumber && second is SymAdd))
        {
            return Distribute(vm, (SymNumber)(first is SymAdd ? second : first), (SymAdd)(first is SymAdd ? first : second));
        }

        SymExpr number = SymNumber.One;
        var product = new SymProduct();
        var stack = new Stack<SymExpr>();
        for (var i = factors.Length - 1; i >= 0; i--)
        {
            stack.Push(factors[i]);
        }

        while (stack.TryPop(out var factor))
        {
            vm.Charge(4);
            switch (factor)
            {
                case SymMul inner:
                    foreach (var part in inner.Args.Reverse())
                    {
                        stack.Push(part);
                    }

                    break;
                case { IsNumberNode: true } or SymConstant { IsInfinite: true }:
                    number = MultiplyNumbers(vm, number, factor);
                    break;
                default:
                    product.Take(vm, factor);
                    break;
            }
        }

        if (number is SymConstant infinite)
        {
            return product.IsEmpty || infinite == SymConstant.NotANumber ? number
                : throw new UnsupportedException("infinity times an expression");
        }

        var made = product.Make(vm, number);
        if (made.Exists(p => p is SymMul || (p.IsNumberNode && !ReferenceEquals(p, made[0]))))
        {
            return Multiply(vm, [.. made]);
        }

        number = made[0];
        made.RemoveAt(0);
        if (IsNil(number))
        {
            return number is SymFloat && made.Count > 0 ? SymNumber.Zero : number;
        }

        if (made.Count == 1 && made[0] is SymAdd sum && !number.IsOne && number is SymNumber or SymFloat)
        {
            return Distribute(vm, number, (SymAdd)made[0]);
        }

        return Join(vm, number, made);
    }

    /// <summary>A product of factors that are combined already.</summary>
    private static SymExpr Join(Vm vm, SymExpr number, List<SymExpr> factors)
    {
        vm.Allocate(64 + (factors.Count * 16));
        factors.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        if (!number.IsOne || factors.Count == 0)
        {
            factors.Insert(0, number);
        }

        return factors.Count == 1 ? factors[0] : new SymMul([.. factors]);
    }

    /// <summary>A number times a sum, which sympy multiplies out.</summary>
    private static SymExpr Distribute(Vm vm, SymExpr number, SymAdd sum)
    {
        if (number.IsZero || number.IsOne)
        {
            return number.IsZero ? number : sum;
        }

        return Add(vm, [.. sum.Args.Select(t => Multiply(vm, number, t))]);
    }

    private static SymExpr WithCoefficient(Vm vm, SymExpr factor, SymExpr rest)
    {
        if (factor.IsOne)
        {
            return rest;
        }

        if (rest is SymAdd sum)
        {
            return Distribute(vm, factor, sum);
        }

        return Join(vm, factor, rest is SymMul product ? [.. product.Args] : [rest]);
    }

    public static bool IsNil(SymExpr number) => number is SymNumber { P.IsZero: true } or SymFloat { Value: 0 };

    public static SymExpr AddNumbers(Vm vm, SymExpr a, SymExpr b)
    {
        if (a is SymNumber p && b is SymNumber q)
        {
            return p.Plus(vm, q);
        }

        if (a is SymConstant || b is SymConstant)
        {
            var infinite = a as SymConstant ?? (SymConstant)b;
            return a is SymConstant x && b is SymConstant y && (x != y || x == SymConstant.ComplexInfinity)
                ? SymConstant.NotANumber
                : infinite;
        }

        // A float plus zero of the rationals stays as it is.
        return a.IsZero ? b : b.IsZero ? a : OfFloats(a, b, (x, y) => x + y, (x, y, bits) => x.Add(y, bits));
    }

    public static SymExpr MultiplyNumbers(Vm vm, SymExpr a, SymExpr b)
    {
        if (a is SymNumber p && b is SymNumber q)
        {
            return p.Times(vm, q);
        }

        if (a is SymConstant || b is SymConstant)
        {
            return InfiniteProduct(a, b);
        }

        return a.IsZero || b.IsZero ? SymNumber.Zero
            : a.IsOne ? b : b.IsOne ? a
            : OfFloats(a, b, (x, y) => x * y, (x, y, bits) => x.Multiply(y, bits));
    }

    public static SymExpr DivideNumbers(Vm vm, SymExpr a, SymExpr b)
    {
        if (a is SymNumber p && b is SymNumber q)
        {
            return p.Over(vm, q);
        }

        return a.IsZero ? a : OfFloats(a, b, (x, y) => x / y, (x, y, bits) => x.Divide(y, bits));
    }

    /// <summary>
    /// An operation with a float: rational numbers are rounded first, as sympy does, and the result has the bits of the
    /// less precise float.
    /// </summary>
    private static SymExpr OfFloats(SymExpr a, SymExpr b, Func<double, double, double> usual, Func<BigReal, BigReal, int, BigReal> exact)
    {
        var bits = Math.Min((a as SymFloat)?.Bits ?? SymFloat.UsualBits, (b as SymFloat)?.Bits ?? SymFloat.UsualBits);
        var (x, y) = (Rounded(a), Rounded(b));
        if (bits == SymFloat.UsualBits)
        {
            // A float that comes out as zero is sympy's Integer 0.
            var result = usual(x, y);
            return result == 0 ? SymNumber.Zero
                : double.IsFinite(result) ? SymFloat.Make(result)
                : throw new UnsupportedException("floats of sympy out of range");
        }

        var few = exact(BigReal.From(x), BigReal.From(y), bits + 20).ToDouble();
        return few == 0 ? SymNumber.Zero : SymFloat.Make(few, bits);
    }

    private static double Rounded(SymExpr number) => number is SymNumber exact ? Floats.Ratio(exact.P, exact.Q) : ((SymFloat)number).Value;

    private static SymConstant InfiniteProduct(SymExpr a, SymExpr b)
    {
        int SignOf(SymExpr e) => e switch
        {
            SymNumber n => n.Sign,
            SymFloat f => Math.Sign(f.Value),
            SymConstant c when c == SymConstant.Infinity => 1,
            SymConstant c when c == SymConstant.MinusInfinity => -1,
            _ => 0,
        };
        var sign = SignOf(a) * SignOf(b);
        return a == SymConstant.ComplexInfinity || b == SymConstant.ComplexInfinity
            ? throw new UnsupportedException("products with complex infinity")
            : sign == 0 ? SymConstant.NotANumber : sign > 0 ? SymConstant.Infinity : SymConstant.MinusInfinity;
    }

    public static SymExpr Power(Vm vm, SymExpr @base, SymExpr exponent)
    {
        Vm.EnsureStack();
        vm.Charge(20);
        if (exponent.IsZero)
        {
            return SymNumber.One;
        }

        if (exponent.IsOne)
        {
            return @base;
        }

        if (@base == SymConstant.NotANumber || exponent == SymConstant.NotANumber)
        {
            return SymConstant.NotANumber;
        }

        if (@base is SymConstant { IsInfinite: true } || exponent is SymConstant { IsInfinite: true })
        {
            return InfinitePower(@base, exponent);
        }

        switch (@base)
        {
            case SymNumber { P.IsOne: true, Q.IsOne: true }:
                return @base;
            case SymNumber { P.IsZero: true }:
                return ZeroPower(vm, exponent);
            case SymNumber number when exponent is SymNumber power:
                return SymPowers.OfRational(vm, number, power);
            case SymNumber or SymFloat when exponent is SymFloat or SymNumber:
                return SymPowers.OfFloats(vm, @base, exponent);
            case SymConstant when @base == SymConstant.E:
                return SymFunctions.Exp(vm, exponent);
            case SymConstant when @base == SymConstant.I && exponent is SymNumber { IsWhole: true } times:
                return (int)(((times.P % 4) + 4) % 4) switch
                {
                    0 => SymNumber.One,
                    1 => @base,
                    2 => SymNumber.MinusOne,
                    _ => Negate(vm, @base),
                };
            case SymConstant when @base == SymConstant.I && exponent is SymNumber part:
                var turns = Ints.FloorDivide(part.P, part.Q * 2, out var rest);
                var root = new SymPow(@base, SymNumber.Ratio(vm, rest, part.Q));
                return turns.IsEven ? root : Negate(vm, root);
        }

        if (@base is SymAdd && exponent is SymNumber { Sign: < 0 } && @base.Has(SymConstant.I))
        {
            // Sympy moves a complex denominator up where it meets other complex factors.
            vm.HasUnsureForms = true;
        }

        // Of a sum with floats sympy takes a factor out of the root.
        vm.HasUnsureForms |= @base is SymAdd && exponent is not SymNumber { IsWhole: true } && @base.Has(e => e is SymFloat);
        return SymPowers.OfExpression(vm, @base, exponent);
    }

    public static SymExpr Sqrt(Vm vm, SymExpr value) => Power(vm, value, SymNumber.Half);

    private static SymExpr ZeroPower(Vm vm, SymExpr exponent) =>
        SymAssume.Sign(vm, exponent) switch
        {
            > 0 => SymNumber.Zero,
            < 0 => SymConstant.ComplexInfinity,
            _ => new SymPow(SymNumber.Zero, exponent),
        };

    private static SymExpr InfinitePower(SymExpr @base, SymExpr exponent) => (@base, exponent) switch
    {
        (SymConstant infinite, SymNumber { Sign: < 0 }) when infinite != SymConstant.NotANumber => SymNumber.Zero,
        (SymConstant infinite, SymNumber { Sign: > 0 }) when infinite == SymConstant.Infinity => infinite,
        _ => throw new UnsupportedException("powers of infinity"),
    };
}
