using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary><c>sympy.solve</c> of one equation: what it finds, in sympy's order, and what the symbol's assumptions leave of it.</summary>
internal static class SymSolver
{
    public static object Solve(Vm vm, Args args)
    {
        vm.Charge(50);
        foreach (var name in args.Names ?? [])
        {
            if (name is not ("dict" or "domain") || name == "domain")
            {
                throw new UnsupportedException($"solve({name}=…)");
            }
        }

        var asDict = args.Named("dict") is { } dict && Ops.Truth(vm, dict);
        if (args[0] is PyList or PyTuple)
        {
            return SymSystem.Solve(vm, Ops.ToList(vm, args[0]), Unknowns(vm, args), asDict);
        }

        if (args[0] is PySet)
        {
            throw new UnsupportedException("solve of a set of equations");
        }

        if (args[0] is SymTruth or bool)
        {
            return new PyList([]);
        }

        var equation = Zero(vm, args[0]);
        var unknowns = Unknowns(vm, args) ?? (equation.Symbols() is var all && all.Count != 1
            ? all.Count == 0 ? [] : throw new UnsupportedException("solve without the unknown")
            : all.ConvertAll(s => (SymExpr)s));
        if (unknowns.Count != 1)
        {
            return unknowns.Count == 0 ? new PyList([]) : throw new UnsupportedException("solve of one equation for several unknowns");
        }

        var roots = Roots(vm, equation, unknowns[0]);
        return new PyList(asDict
            ? roots.ConvertAll(root =>
            {
                var pair = new PyDict();
                pair.Set(vm, unknowns[0], root);
                return (object)pair;
            })
            : [.. roots]);
    }

    /// <summary>What must be zero: an expression, or the difference of an equation's sides.</summary>
    public static SymExpr Zero(Vm vm, object equation) => equation switch
    {
        SymRelation { Op: CompareOp.Equal } relation => SymOps.Subtract(vm, relation.Left, relation.Right),
        SymRelation => throw new UnsupportedException("solve of an inequality"),
        string => throw new UnsupportedException("solve of a text"),
        _ => SymExpr.Of(vm, equation) ?? throw new UnsupportedException($"solve of a {Types.Of(equation).Name}"),
    };

    private static List<SymExpr>? Unknowns(Vm vm, Args args)
    {
        if (args.Count < 2)
        {
            return null;
        }

        var given = args.Count > 2 ? [.. args.Positional.Skip(1)]
            : args[1] is PyList or PyTuple ? Ops.ToList(vm, args[1])
            : args[1] is PySet ? throw new UnsupportedException("solve for a set of unknowns")
            : [args[1]];
        return given.ConvertAll(g => g is SymSymbol symbol ? (SymExpr)symbol : throw new UnsupportedException("solve for other than a symbol"));
    }

    /// <summary>The solutions that the symbol's assumptions allow, sorted; floats where the equation has floats.</summary>
    public static List<SymExpr> Roots(Vm vm, SymExpr equation, SymExpr unknown)
    {
        var symbol = (SymSymbol)unknown;
        var hasFloats = equation.Has(e => e is SymFloat);
        var exact = hasFloats ? SymRational.Of(vm, equation) : equation;
        if (!exact.Has(unknown))
        {
            return [];
        }

        var roots = Find(vm, exact, symbol);
        if (hasFloats)
        {
            roots = roots.ConvertAll(r => SymRational.ToFloats(vm, r));
        }

        roots = Distinct(roots).FindAll(r => SymAssume.Allows(vm, symbol, r) != false);
        return SymOrder.Sorted(vm, roots);
    }

    public static List<SymExpr> Distinct(IEnumerable<SymExpr> roots) => [.. roots.DistinctBy(r => r.Key)];

    private static List<SymExpr> Find(Vm vm, SymExpr equation, SymSymbol unknown)
    {
        vm.Enter();
        vm.Charge(20);
        var (top, bottom) = SymFraction.Of(vm, equation);
        var roots = Distinct(Factors(top).SelectMany(f => f.Has(unknown) ? OfFactor(vm, f, unknown) : []));
        if (bottom.Has(unknown))
        {
            // What makes a denominator zero is no solution.
            roots = roots.FindAll(r => Factors(bottom).All(
                f => !f.Has(unknown) || !SymPolynomial.IsZero(vm, SymSubstitution.Replace(vm, f, unknown, r))));
        }

        vm.Leave();
        return roots;
    }

    /// <summary>The factors of a product, each once.</summary>
    private static IEnumerable<SymExpr> Factors(SymExpr value) => (value is SymMul product ? product.Args : [value])
        .Select(f => f is SymPow { Exponent: SymNumber { Sign: > 0 } } power ? power.Base : f);

    private static List<SymExpr> OfFactor(Vm vm, SymExpr factor, SymSymbol unknown)
    {
        if (SymPolynomial.Coefficients(vm, factor, unknown) is { } coefficients)
        {
            return OfPolynomial(vm, coefficients, unknown);
        }

        var expanded = SymExpand.Expand(vm, factor);
        if (SymFraction.Of(vm, expanded) is var (top, bottom) && bottom.Has(unknown))
        {
            return Find(vm, SymOps.Divide(vm, top, bottom), unknown);
        }

        return SymInversion.Solve(vm, expanded, unknown)
            ?? throw new UnsupportedException("solve of an equation of this kind");
    }

    public static List<SymExpr> OfPolynomial(Vm vm, List<SymExpr> coefficients, SymSymbol unknown)
    {
        var roots = new List<SymExpr>();
        var lowest = coefficients.FindIndex(c => !SymPolynomial.IsZero(vm, c));
        if (lowest > 0)
        {
            roots.Add(SymNumber.Zero);
            coefficients = coefficients[lowest..];
        }

        if (coefficients.Count == 1)
        {
            return roots;
        }

        if (SymPolynomial.Primitive(vm, coefficients) is var (whole, _))
        {
            foreach (var (factor, _) in SymPolynomial.Factor(vm, whole))
            {
                roots.AddRange(OfCoefficients(vm, factor.ConvertAll(c => (SymExpr)SymNumber.Of(c))));
            }

            return roots;
        }

        vm.HasUnsureForms |= coefficients.Count > 2
            ? coefficients.Exists(c => !c.IsNumber)
            : !coefficients[1].IsNumber && (coefficients[0] is SymAdd || coefficients[1] is SymAdd);
        roots.AddRange(OfCoefficients(vm, coefficients));
        return roots;
    }

    private static List<SymExpr> OfCoefficients(Vm vm, List<SymExpr> c)
    {
        switch (c.Count)
        {
            case 2:
                return [Quotient(vm, SymOps.Negate(vm, c[0]), c[1])];
            case 3:
                var middle = Quotient(vm, SymOps.Negate(vm, c[1]), SymOps.Multiply(vm, SymNumber.Two, c[2]));
                var square = SymOps.Subtract(vm, SymExpand.Products(vm, c[1], c[1]), SymOps.Multiply(vm, SymNumber.Of(4), SymExpand.Products(vm, c[0], c[2])));
                var half = Quotient(vm, SymOps.Sqrt(vm, Tidy(vm, square)), SymOps.Multiply(vm, SymNumber.Two, c[2]));
                return [SymOps.Subtract(vm, middle, half), SymOps.Add(vm, middle, half)];
        }

        var degree = c.Count - 1;
        if (c.Skip(1).Take(degree - 1).All(x => x.IsZero))
        {
            return OfPower(vm, Quotient(vm, SymOps.Negate(vm, c[0]), c[^1]), degree);
        }

        if (degree % 2 == 0 && c.Where((_, i) => i % 2 == 1).All(x => x.IsZero))
        {
            // A polynomial of the square: its roots' roots.
            return [.. OfCoefficients(vm, [.. c.Where((_, i) => i % 2 == 0)]).SelectMany(r => OfPower(vm, r, 2))];
        }

        throw new UnsupportedException(degree == 3 ? "solve of a cubic without rational roots" : "solve of a polynomial without rational roots");
    }

    /// <summary>The roots of x**degree = value.</summary>
    private static List<SymExpr> OfPower(Vm vm, SymExpr value, int degree)
    {
        if (degree == 2)
        {
            var root = SymOps.Sqrt(vm, value);
            if (value.Has(e => e is SymPow { Exponent: SymNumber { IsWhole: false } }))
            {
                throw new UnsupportedException("solve with nested roots");
            }

            return [SymOps.Negate(vm, root), root];
        }

        if (SymAssume.Sign(vm, value) is not { } sign || sign == 0 || degree is not (3 or 4 or 6))
        {
            throw new UnsupportedException("solve of a pure power of this degree");
        }

        var size = SymOps.Power(vm, SymFunctions.Abs(vm, value), SymNumber.Ratio(vm, 1, degree));
        var half = SymOps.Multiply(vm, SymNumber.Half, size);
        var upright = SymOps.Multiply(vm, SymNumber.Half, SymOps.Sqrt(vm, SymNumber.Of(3)), SymConstant.I, size);
        SymExpr Of(int real, int imaginary) => SymOps.Add(
            vm, SymOps.Multiply(vm, SymNumber.Of(real), half), SymOps.Multiply(vm, SymNumber.Of(imaginary), upright));
        return (degree, sign) switch
        {
            (3, 1) => [size, Of(-1, -1), Of(-1, 1)],
            (3, -1) => [SymOps.Negate(vm, size), Of(1, -1), Of(1, 1)],
            (4, 1) => [SymOps.Negate(vm, size), size, SymOps.Multiply(vm, SymNumber.MinusOne, SymConstant.I, size), SymOps.Multiply(vm, SymConstant.I, size)],
            _ => throw new UnsupportedException("solve of a pure power of this degree"),
        };
    }

    private static SymExpr Quotient(Vm vm, SymExpr a, SymExpr b) => Tidy(vm, SymOps.Divide(vm, a, b));

    private static SymExpr Tidy(Vm vm, SymExpr value) => value.IsNumber ? SymRadicals.Simplify(vm, value)
        : value is SymMul { Args: [.., SymPow { Base: SymAdd }] } ? value
        : SymExpand.Expand(vm, value);
}
