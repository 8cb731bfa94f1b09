using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Polynomials in one symbol: coefficients, and factors over the rational numbers.</summary>
internal static class SymPolynomial
{
    private const int MostDegree = 60;

    /// <summary>
    /// The coefficients of an expression in a symbol, the constant first; null where it is no polynomial in it.
    /// </summary>
    public static List<SymExpr>? Coefficients(Vm vm, SymExpr expression, SymExpr symbol)
    {
        var parts = new List<List<SymExpr>>();
        var expanded = SymExpand.Expand(vm, expression);
        foreach (var term in expanded is SymAdd sum ? sum.Args : [expanded])
        {
            var degree = 0;
            var rest = new List<SymExpr>();
            foreach (var factor in term is SymMul product ? product.Args : [term])
            {
                vm.Tick();
                if (factor.Key == symbol.Key)
                {
                    degree++;
                }
                else if (factor is SymPow { Exponent: SymNumber { IsWhole: true, Sign: > 0 } power } raised && raised.Base.Key == symbol.Key)
                {
                    if (power.P > MostDegree)
                    {
                        throw new UnsupportedException("polynomials of a high degree in sympy");
                    }

                    degree += (int)power.P;
                }
                else if (factor.Has(symbol))
                {
                    return null;
                }
                else
                {
                    rest.Add(factor);
                }
            }

            while (parts.Count <= degree)
            {
                parts.Add([]);
            }

            parts[degree].Add(SymOps.Multiply(vm, [.. rest]));
        }

        var coefficients = parts.ConvertAll(p => SymOps.Add(vm, [.. p]));
        while (coefficients.Count > 1 && IsZero(vm, coefficients[^1]))
        {
            coefficients.RemoveAt(coefficients.Count - 1);
        }

        return coefficients;
    }

    /// <summary>Whether an expression is zero for certain, or not; throws where that cannot be told.</summary>
    public static bool IsZero(Vm vm, SymExpr value)
    {
        if (value is SymNumber number)
        {
            return number.P.IsZero;
        }

        var simple = value.IsNumber ? SymRadicals.Simplify(vm, value) : SymExpand.Expand(vm, value);
        if (simple is SymNumber or SymFloat)
        {
            return SymOps.IsNil(simple);
        }

        return simple.IsNumber && !SymNumeric.IsSure(vm, simple, imaginary: false) && !SymNumeric.IsSure(vm, simple, imaginary: true)
            ? throw new UnsupportedException("a sympy expression that may be zero")
            : false;
    }

    /// <summary>Whole coefficients without a common divisor, and the factor taken out; null where some are not rational.</summary>
    public static (List<BigInteger> Whole, SymNumber Content)? Primitive(Vm vm, IReadOnlyList<SymExpr> coefficients)
    {
        if (coefficients.Any(c => c is not SymNumber))
        {
            return null;
        }

        var numbers = coefficients.Cast<SymNumber>().ToList();
        var scale = numbers.Aggregate(BigInteger.One, (l, c) => l * c.Q / BigInteger.GreatestCommonDivisor(l, c.Q));
        var whole = numbers.ConvertAll(c => c.P * (scale / c.Q));
        var divisor = whole.Aggregate(BigInteger.Zero, BigInteger.GreatestCommonDivisor);
        divisor = whole[^1].Sign < 0 ? -divisor : divisor;
        return divisor.IsZero ? (whole, SymNumber.One) : (whole.ConvertAll(c => c / divisor), SymNumber.Ratio(vm, divisor, scale));
    }

    /// <summary>The irreducible factors of a polynomial with whole coefficients, with their multiplicities.</summary>
    public static List<(List<BigInteger> Factor, int Count)> Factor(Vm vm, List<BigInteger> whole)
    {
        var factors = new List<(List<BigInteger> Factor, int Count)>();
        void Found(List<BigInteger> factor)
        {
            var at = factors.FindIndex(f => f.Factor.SequenceEqual(factor));
            if (at < 0)
            {
                factors.Add((factor, 1));
            }
            else
            {
                factors[at] = (factor, factors[at].Count + 1);
            }
        }

        while (whole.Count > 1 && whole[0].IsZero)
        {
            Found([BigInteger.Zero, BigInteger.One]);
            whole = whole[1..];
        }

        while (whole.Count > 2 && RationalRoot(vm, whole) is { } root)
        {
            Found([-root.P, root.Q]);
            whole = Divide(whole, [-root.P, root.Q])!; // a root's factor divides
        }

        for (var degree = 2; whole.Count - 1 >= 2 * degree; degree++)
        {
            while (whole.Count - 1 >= 2 * degree && FactorOfDegree(vm, whole, degree) is { } factor)
            {
                Found(factor);
                whole = Divide(whole, factor)!; // the search saw that it divides
            }
        }

        if (whole.Count > 1)
        {
            Found(whole);
        }

        return factors;
    }

    public static SymExpr ToExpression(Vm vm, IReadOnlyList<BigInteger> coefficients, SymExpr symbol) =>
        SymOps.Add(vm, [.. coefficients.Select((c, i) => SymOps.Multiply(vm, SymNumber.Of(c), SymOps.Power(vm, symbol, SymNumber.Of(i))))]);

    /// <summary>The quotient, where it has whole coefficients and no rest; otherwise null.</summary>
    public static List<BigInteger>? Divide(List<BigInteger> whole, List<BigInteger> by)
    {
        var rest = whole.ToArray();
        var quotient = new BigInteger[whole.Count - by.Count + 1];
        for (var i = quotient.Length - 1; i >= 0; i--)
        {
            quotient[i] = BigInteger.DivRem(rest[i + by.Count - 1], by[^1], out var left);
            if (!left.IsZero)
            {
                return null;
            }

            for (var j = 0; j < by.Count; j++)
            {
                rest[i + j] -= quotient[i] * by[j];
            }
        }

        return Array.TrueForAll(rest, r => r.IsZero) ? [.. quotient] : null;
    }

    private static SymNumber? RationalRoot(Vm vm, List<BigInteger> whole)
    {
        if (whole.Count == 3)
        {
            // A quadratic: its roots are rational when its discriminant is a square.
            var discriminant = (whole[1] * whole[1]) - (4 * whole[2] * whole[0]);
            if (discriminant.Sign < 0)
            {
                return null;
            }

            var root = Ints.SquareRoot(discriminant);
            return root * root == discriminant ? SymNumber.Ratio(vm, -whole[1] + root, 2 * whole[2]) : null;
        }

        foreach (var q in Divisors(vm, BigInteger.Abs(whole[^1])))
        {
            foreach (var p in Divisors(vm, BigInteger.Abs(whole[0])))
            {
                if (!BigInteger.GreatestCommonDivisor(p, q).IsOne)
                {
                    continue;
                }

                foreach (var sign in (ReadOnlySpan<int>)[1, -1])
                {
                    vm.Charge(whole.Count);
                    var value = BigInteger.Zero;
                    var power = BigInteger.One;
                    for (var i = whole.Count - 1; i >= 0; i--)
                    {
                        value = (value * sign * p) + (whole[i] * power);
                        power *= q;
                    }

                    if (value.IsZero)
                    {
                        return SymNumber.Ratio(vm, sign * p, q);
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Kronecker's method: a factor takes divisors of the polynomial's values at a few points.</summary>
    private static List<BigInteger>? FactorOfDegree(Vm vm, List<BigInteger> whole, int degree)
    {
        if (degree > 3 || whole.Count - 1 > 8)
        {
            throw new UnsupportedException("factors of a polynomial of a high degree");
        }

        var points = new List<BigInteger> { 0, 1, -1, 2 }.GetRange(0, degree + 1);
        var choices = points.ConvertAll(p =>
        {
            var value = whole.AsEnumerable().Reverse().Aggregate(BigInteger.Zero, (v, c) => (v * p) + c);
            return value.IsZero ? [BigInteger.Zero] : Divisors(vm, BigInteger.Abs(value)).SelectMany(d => new[] { d, -d }).ToList();
        });
        if (choices.Exists(c => c is [{ IsZero: true }]) || choices.Aggregate(1L, (n, c) => Math.Min(n * c.Count, long.MaxValue / 100)) > 400_000)
        {
            throw new UnsupportedException("factors of a polynomial with large coefficients");
        }

        var values = new BigInteger[degree + 1];
        List<BigInteger>? Search(int at)
        {
            if (at <= degree)
            {
                foreach (var choice in choices[at])
                {
                    values[at] = choice;
                    if (Search(at + 1) is { } found)
                    {
                        return found;
                    }
                }

                return null;
            }

            vm.Charge(6);
            var factor = Through(values, degree);
            return factor is null || factor[^1].Sign <= 0 ? null : Divide(whole, factor) is not null ? factor : null;
        }

        return Search(0);
    }

    /// <summary>The polynomial of degree 2 or 3 with whole coefficients through values at 0, 1, -1 (and 2); or null.</summary>
    private static List<BigInteger>? Through(BigInteger[] v, int degree)
    {
        var c = v[0];
        var even = v[1] + v[2] - (2 * c);
        var odd = v[1] - v[2];
        if (!even.IsEven || !odd.IsEven)
        {
            return null;
        }

        if (degree == 2)
        {
            return [c, odd / 2, even / 2];
        }

        // odd / 2 = b + d, and the value at 2 gives 2 b + 8 d.
        var six = v[3] - c - (2 * even) - odd;
        return !(six % 6).IsZero ? null : [c, (odd / 2) - (six / 6), even / 2, six / 6];
    }

    private static List<BigInteger> Divisors(Vm vm, BigInteger value)
    {
        if (value > 1_000_000_000_000)
        {
            // Large numbers by their prime factors, as long as there are few.
            var all = new List<BigInteger> { BigInteger.One };
            foreach (var (prime, count) in SymPowers.Factors(vm, value))
            {
                if (prime > 1_073_741_824 || all.Count * (count + 1) > 3000)
                {
                    throw new UnsupportedException("a polynomial with large coefficients");
                }

                var power = BigInteger.One;
                var next = new List<BigInteger>(all);
                for (var i = 0; i < count; i++)
                {
                    power *= prime;
                    next.AddRange(all.Select(d => d * power));
                }

                all = next;
            }

            return all;
        }

        var divisors = new List<BigInteger>();
        var size = (long)value;
        for (var i = 1L; i * i <= size; i++)
        {
            vm.Tick();
            if (size % i == 0)
            {
                divisors.Add(i);
                if (i * i != size)
                {
                    divisors.Add(size / i);
                }
            }
        }

        return divisors;
    }
}
