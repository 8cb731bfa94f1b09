using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary><c>sympy.solve</c>: linear equations and systems, quadratics, polynomials with rational roots.</summary>
internal static class Solver
{
    public static object Solve(Vm vm, Args args)
    {
        vm.Charge(50);
        var asDict = args.Named("dict") is { } dict && Ops.Truth(vm, dict);
        if (args.Count > 2)
        {
            throw new UnsupportedException("solve with more than two arguments");
        }

        if (args[0] is PyList or PyTuple)
        {
            return SolveSystem(vm, Ops.ToList(vm, args[0]).ConvertAll(e => Zero(vm, e)), args.At(1), asDict);
        }

        var equation = Zero(vm, args[0]);
        var names = Names([equation]);
        var unknown = args.At(1) is null
            ? names.Count == 1 ? names[0] : throw new UnsupportedException("solve without the unknown")
            : args[1] is SymExpr symbol ? NameOf(symbol) : throw new UnsupportedException("solve of one equation for several unknowns");
        var roots = Roots(vm, equation, unknown);
        if (!asDict)
        {
            return new PyList([.. roots]);
        }

        return new PyList(roots.ConvertAll(root =>
        {
            var pair = new PyDict();
            pair.Set(vm, SymExpr.Symbol(unknown), root);
            return (object)pair;
        }));
    }

    private static SymExpr Zero(Vm vm, object equation) => equation is PyEq eq
        ? SymExpr.Add(vm, eq.Left, eq.Right, -1)
        : SymPyModule.Exact(equation);

    private static string NameOf(object symbol) =>
        symbol is SymExpr { Terms.Count: 1 } single && single.Terms.Keys.Single().Powers is { Count: 1 } powers
            && powers.Values.Single() == 1 && single.Terms.Values.Single() is { Numerator.IsOne: true, Denominator.IsOne: true }
            ? powers.Keys.Single()
            : throw new UnsupportedException("solve for other than a symbol");

    private static List<string> Names(IEnumerable<SymExpr> expressions) =>
        [.. expressions.SelectMany(e => e.Terms.Keys).SelectMany(m => m.Powers.Keys)
            .Where(n => n != SymExpr.Pi).Distinct().Order(StringComparer.Ordinal)];

    private static List<SymExpr> Roots(Vm vm, SymExpr equation, string unknown)
    {
        var degree = equation.Terms.Keys.Select(m => m.Powers.GetValueOrDefault(unknown)).DefaultIfEmpty().Max();
        if (equation.Terms.Keys.Any(m => m.Powers.GetValueOrDefault(unknown) < 0))
        {
            throw new UnsupportedException("solve with the unknown in a denominator");
        }

        if (degree == 0)
        {
            return equation.Terms.Count > 0 && equation.IsNumber
                ? []
                : throw new UnsupportedException("solve without the unknown");
        }

        if (degree == 1)
        {
            var slope = Coefficient(equation, unknown, 1);
            if (slope.Terms.Count > 1 || Names([equation]).Count > 1 || !Names([equation]).Contains(unknown))
            {
                throw new UnsupportedException("solve with symbolic coefficients");
            }

            var negated = (SymExpr)Ops.Unary(vm, UnaryOp.Negate, Coefficient(equation, unknown, 0));
            return [(SymExpr)Ops.Binary(vm, BinaryOp.Divide, negated, slope)];
        }

        if (degree > 12)
        {
            throw new UnsupportedException("solve of a degree above 12");
        }

        var coefficients = new PyFraction[degree + 1];
        for (var i = 0; i <= degree; i++)
        {
            coefficients[i] = Coefficient(equation, unknown, i).Rational
                ?? throw new UnsupportedException("solve of a polynomial whose coefficients are not rational");
        }

        return PolynomialRoots(vm, coefficients);
    }

    private static SymExpr Coefficient(SymExpr expression, string name, int power)
    {
        var terms = new Dictionary<Monomial, PyFraction>();
        foreach (var (monomial, value) in expression.Terms)
        {
            if (monomial.Powers.GetValueOrDefault(name) == power)
            {
                var rest = new SortedDictionary<string, int>(monomial.Powers, StringComparer.Ordinal);
                rest.Remove(name);
                terms[new Monomial(rest, monomial.Radicand)] = value;
            }
        }

        return new SymExpr(terms);
    }

    private static List<SymExpr> PolynomialRoots(Vm vm, PyFraction[] coefficients)
    {
        var scale = coefficients.Aggregate(
            BigInteger.One, (l, c) => l * c.Denominator / BigInteger.GreatestCommonDivisor(l, c.Denominator));
        var whole = coefficients.Select(c => c.Numerator * (scale / c.Denominator)).ToList();
        var roots = new List<PyFraction>();
        while (whole[0].IsZero)
        {
            AddRoot(roots, new PyFraction(0, 1));
            whole.RemoveAt(0);
        }

        while (whole.Count > 2 && RationalRoot(vm, whole) is { } root)
        {
            AddRoot(roots, root);
            whole = Deflate(whole, root);
        }

        if (whole.Count == 2)
        {
            AddRoot(roots, PyFraction.Make(vm, -whole[0], whole[1]));
            whole = [BigInteger.One];
        }

        roots.Sort((a, b) => (a.Numerator * b.Denominator).CompareTo(b.Numerator * a.Denominator));
        if (whole.Count == 1)
        {
            return roots.ConvertAll(SymExpr.From);
        }

        if (whole.Count != 3 || roots.Count > 0)
        {
            throw new UnsupportedException("solve of a polynomial without rational roots");
        }

        var (c, b, a) = (whole[0], whole[1], whole[2]);
        var discriminant = (b * b) - (4 * a * c);
        if (discriminant.Sign < 0)
        {
            throw new UnsupportedException("complex roots in solve");
        }

        var middle = SymExpr.From(PyFraction.Make(vm, -b, 2 * a));
        var half = (SymExpr)Ops.Binary(
            vm,
            BinaryOp.Multiply,
            SymExpr.From(PyFraction.Make(vm, BigInteger.One, BigInteger.Abs(2 * a))),
            SymExpr.Sqrt(vm, new PyFraction(discriminant, 1)));
        return [SymExpr.Add(vm, middle, half, -1), SymExpr.Add(vm, middle, half, 1)];
    }

    private static void AddRoot(List<PyFraction> roots, PyFraction root)
    {
        if (!roots.Exists(r => r.Numerator == root.Numerator && r.Denominator == root.Denominator))
        {
            roots.Add(root);
        }
    }

    private static PyFraction? RationalRoot(Vm vm, List<BigInteger> whole)
    {
        if (whole.Count == 3)
        {
            // A quadratic: its roots are rational when its discriminant is a square.
            var discriminant = (whole[1] * whole[1]) - (4 * whole[2] * whole[0]);
            if (discriminant.Sign < 0 || Ints.SquareRoot(discriminant) is var s && s * s != discriminant)
            {
                return null;
            }

            return PyFraction.Make(vm, -whole[1] + Ints.SquareRoot(discriminant), 2 * whole[2]);
        }

        foreach (var q in Divisors(vm, BigInteger.Abs(whole[^1])))
        {
            foreach (var p in Divisors(vm, BigInteger.Abs(whole[0])))
            {
                foreach (var sign in (ReadOnlySpan<int>)[1, -1])
                {
                    vm.Charge(whole.Count);
                    var value = BigInteger.Zero;
                    for (var i = whole.Count - 1; i >= 0; i--)
                    {
                        value = (value * sign * p) + (whole[i] * BigInteger.Pow(q, whole.Count - 1 - i));
                    }

                    if (value.IsZero)
                    {
                        return PyFraction.Make(vm, sign * p, q);
                    }
                }
            }
        }

        return null;
    }

    private static List<BigInteger> Divisors(Vm vm, BigInteger value)
    {
        if (value > 1_000_000_000_000)
        {
            throw new UnsupportedException("solve of a polynomial with large coefficients");
        }

        var divisors = new List<BigInteger>();
        for (long i = 1; i * i <= (long)value; i++)
        {
            vm.Tick();
            if ((long)value % i == 0)
            {
                divisors.Add(i);
                divisors.Add(value / i);
            }
        }

        return divisors;
    }

    private static List<BigInteger> Deflate(List<BigInteger> whole, PyFraction root)
    {
        // Divide by (q·x − p): the quotient is whole, by Gauss's lemma, once scaled by nothing but q's powers.
        var quotient = new BigInteger[whole.Count - 1];
        var carry = BigInteger.Zero;
        for (var i = whole.Count - 1; i > 0; i--)
        {
            carry = (whole[i] + (carry * root.Numerator)) / root.Denominator;
            quotient[i - 1] = carry;
        }

        return [.. quotient];
    }

    private static object SolveSystem(Vm vm, List<SymExpr> equations, object? unknowns, bool asDict)
    {
        var names = unknowns switch
        {
            null => Names(equations),
            PyList or PyTuple => Ops.ToList(vm, unknowns).ConvertAll(NameOf),
            _ => [NameOf(unknowns)],
        };
        var rows = equations.ConvertAll(e => Row(e, names));
        if (Names(equations).Exists(n => !names.Contains(n)))
        {
            throw new UnsupportedException("solve of a system with symbolic coefficients");
        }

        var solution = Eliminate(vm, rows, names.Count);
        if (solution is null)
        {
            return new PyList([]);
        }

        var result = new PyDict();
        for (var i = 0; i < names.Count; i++)
        {
            result.Set(vm, SymExpr.Symbol(names[i]), SymExpr.From(solution[i]));
        }

        return asDict ? new PyList([result]) : result;
    }

    private static PyFraction[] Row(SymExpr equation, List<string> names)
    {
        var row = Enumerable.Range(0, names.Count + 1).Select(_ => new PyFraction(0, 1)).ToArray();
        foreach (var (monomial, value) in equation.Terms)
        {
            if (monomial.IsOne)
            {
                row[^1] = new PyFraction(-value.Numerator, value.Denominator);
            }
            else if (monomial.Radicand.IsOne && monomial.Powers.Count == 1 && monomial.Powers.Values.Single() == 1
                && names.IndexOf(monomial.Powers.Keys.Single()) is var at and >= 0)
            {
                row[at] = value;
            }
            else
            {
                throw new UnsupportedException("solve of a system that is not linear");
            }
        }

        return row;
    }

    private static PyFraction[]? Eliminate(Vm vm, List<PyFraction[]> rows, int count)
    {
        for (var column = 0; column < count; column++)
        {
            var pivot = rows.FindIndex(column, r => !r[column].Numerator.IsZero);
            if (pivot < 0)
            {
                return rows.Exists(r => r.Take(count).All(v => v.Numerator.IsZero) && !r[^1].Numerator.IsZero)
                    ? null
                    : throw new UnsupportedException("solve of a system with too few equations");
            }

            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            for (var i = 0; i < rows.Count; i++)
            {
                if (i == column || rows[i][column].Numerator.IsZero)
                {
                    continue;
                }

                var factor = Ops.Binary(vm, BinaryOp.Divide, rows[i][column], rows[column][column]);
                for (var j = 0; j <= count; j++)
                {
                    vm.Charge(4);
                    rows[i][j] = (PyFraction)Ops.Binary(
                        vm, BinaryOp.Subtract, rows[i][j], Ops.Binary(vm, BinaryOp.Multiply, factor, rows[column][j]));
                }
            }
        }

        if (rows.Skip(count).Any(r => !r[^1].Numerator.IsZero))
        {
            return null;
        }

        return [.. Enumerable.Range(0, count).Select(i => (PyFraction)Ops.Binary(vm, BinaryOp.Divide, rows[i][^1], rows[i][i]))];
    }
}
