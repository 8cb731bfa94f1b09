using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Equations that are no polynomials: the unknown in one exponent, logarithm, root or absolute value.</summary>
internal static class SymInversion
{
    /// <summary>The solutions of <paramref name="equation"/> = 0; null where it is of no kind known here.</summary>
    public static List<SymExpr>? Solve(Vm vm, SymExpr equation, SymSymbol unknown)
    {
        // The terms with the unknown, and what they add up to.
        var terms = equation is SymAdd sum ? sum.Args : [equation];
        var with = terms.Where(t => t.Has(unknown)).ToList();
        var rest = SymOps.Negate(vm, SymOps.Add(vm, [.. terms.Where(t => !t.Has(unknown))]));
        if (with.Count == 1)
        {
            var factors = with[0] is SymMul product ? product.Args : [with[0]];
            var inner = factors.Where(f => f.Has(unknown)).ToList();
            var outside = SymOps.Multiply(vm, [.. factors.Where(f => !f.Has(unknown))]);
            return inner.Count == 1
                ? OfOne(vm, inner[0], SymRadicals.Simplify(vm, SymOps.Divide(vm, rest, outside)), equation, unknown)
                : Powers(vm, inner, SymOps.Divide(vm, rest, outside), unknown);
        }

        return Radical(vm, with, rest, equation, unknown);
    }

    private static List<SymExpr>? OfOne(Vm vm, SymExpr function, SymExpr value, SymExpr equation, SymSymbol unknown)
    {
        switch (function)
        {
            case SymPow power when power.Exponent.Has(unknown) && !power.Base.Has(unknown):
                return Exponent(vm, power.Base, power.Exponent, value, unknown);
            case SymFunction { Name: "exp" } exponential:
                return Exponent(vm, SymConstant.E, exponential.Argument, value, unknown);
            case SymFunction { Name: "log" } logarithm:
                return SymSolver.Roots(vm, SymOps.Subtract(vm, logarithm.Argument, SymFunctions.Exp(vm, value)), unknown);
            case SymFunction { Name: "sin" or "cos" or "tan", Argument: SymSymbol } turn:
                return Angles(vm, turn.Name, value);
            case SymFunction { Name: "Abs" } size:
                return Size(vm, size.Argument, value, unknown);
            case SymPow { Exponent: SymNumber { IsWhole: false, Sign: > 0 } exponent } root:
                var raised = SymOps.Power(vm, value, SymNumber.Ratio(vm, exponent.Q, exponent.P));
                if (!exponent.P.IsOne || !value.IsNumber)
                {
                    throw new UnsupportedException("solve of an equation with a root of this kind");
                }

                var found = SymSolver.Roots(vm, SymOps.Subtract(vm, root.Base, raised), unknown);
                return Checked(vm, found, equation, unknown);
            default:
                return null;
        }
    }

    /// <summary>base**exponent = value, where both are numbers: the exponent is a logarithm.</summary>
    private static List<SymExpr>? Exponent(Vm vm, SymExpr @base, SymExpr exponent, SymExpr value, SymSymbol unknown)
    {
        if (SymPolynomial.Coefficients(vm, exponent, unknown) is not { Count: 2 } || SymAssume.Sign(vm, @base) is not > 0)
        {
            return null;
        }

        if (value.IsZero)
        {
            return [];
        }

        if (SymAssume.Sign(vm, value) is not > 0)
        {
            throw new UnsupportedException("solve of an exponential equation with complex solutions");
        }

        if (!unknown.Assumed.HasFlag(SymAssumptions.Real) && exponent is not SymSymbol && SymPolynomial.Coefficients(vm, exponent, unknown) is [_, var slope]
            && !slope.IsOne && !slope.IsMinusOne && slope is SymNumber { IsWhole: true })
        {
            // Sympy then lists complex solutions, too.
            throw new UnsupportedException("solve of an exponential equation with complex solutions");
        }

        if (!unknown.Assumed.HasFlag(SymAssumptions.Real) && @base is SymNumber number && IsPower(vm, number))
        {
            throw new UnsupportedException("solve of an exponential equation with complex solutions");
        }

        var target = Logarithm(vm, value, @base);
        return SymSolver.Roots(vm, SymOps.Subtract(vm, exponent, target), unknown);
    }

    /// <summary>Whether a rational number is a whole power of another.</summary>
    private static bool IsPower(Vm vm, SymNumber value)
    {
        var counts = SymPowers.Factors(vm, value.P).Concat(SymPowers.Factors(vm, value.Q)).Select(f => f.Count).ToList();
        return counts.Count > 0 && counts.Aggregate(0, (g, c) => (int)BigInteger.GreatestCommonDivisor(g, c)) > 1;
    }

    /// <summary>The logarithm to a base, as a rational number where it is one.</summary>
    private static SymExpr Logarithm(Vm vm, SymExpr value, SymExpr @base)
    {
        if (value is SymNumber a && @base is SymNumber b)
        {
            var about = Math.Log(SymNumeric.Value(vm, a)) / Math.Log(SymNumeric.Value(vm, b));
            for (var q = 1; q <= 12; q++)
            {
                var p = (int)Math.Round(about * q);
                if (Math.Abs(p) < 2000 && SymOps.Power(vm, a, SymNumber.Of(q)).Key == SymOps.Power(vm, b, SymNumber.Of(p)).Key)
                {
                    return SymNumber.Ratio(vm, p, q);
                }
            }
        }

        return SymOps.Divide(vm, SymFunctions.Log(vm, value), SymFunctions.Log(vm, @base));
    }

    /// <summary>The angles of one turn, as sympy lists them.</summary>
    private static List<SymExpr> Angles(Vm vm, string name, SymExpr value)
    {
        if (!value.IsNumber || SymAssume.IsReal(vm, value) != true
            || (name != "tan" && SymNumeric.Compare(vm, SymFunctions.Abs(vm, value), SymNumber.One) > 0))
        {
            throw new UnsupportedException("solve of a sine or cosine of this kind");
        }

        var first = SymTrigonometry.Inverse(vm, "a" + name, value);
        return name switch
        {
            "sin" => SymSolver.Distinct([first, SymOps.Subtract(vm, SymConstant.Pi, first)]),
            "cos" => SymSolver.Distinct([first, SymOps.Subtract(vm, SymOps.Multiply(vm, SymNumber.Two, SymConstant.Pi), first)]),
            _ => [first],
        };
    }

    private static List<SymExpr> Size(Vm vm, SymExpr argument, SymExpr value, SymSymbol unknown)
    {
        if (!unknown.Assumed.HasFlag(SymAssumptions.Real))
        {
            throw Err.Make(ExceptionTypes.NotImplementedError, "solving Abs when the argument is not real or imaginary.");
        }

        return SymAssume.Sign(vm, value) switch
        {
            < 0 => [],
            { } => SymSolver.Distinct(
            [
                .. SymSolver.Roots(vm, SymOps.Subtract(vm, argument, value), unknown),
                .. SymSolver.Roots(vm, SymOps.Add(vm, argument, value), unknown),
            ]),
            _ => throw new UnsupportedException("solve with an absolute value"),
        };
    }

    /// <summary>a**x * b**x ...: powers of numbers that share their exponent.</summary>
    private static List<SymExpr>? Powers(Vm vm, List<SymExpr> factors, SymExpr value, SymSymbol unknown)
    {
        if (factors.Any(f => f is not SymPow { Base: SymNumber { Sign: > 0 } }))
        {
            return null;
        }

        var powers = factors.Cast<SymPow>().ToList();
        return powers.All(p => p.Exponent.Key == powers[0].Exponent.Key)
            ? Exponent(vm, SymOps.Multiply(vm, [.. powers.Select(p => p.Base)]), powers[0].Exponent, value, unknown)
            : null;
    }

    /// <summary>One square root beside a polynomial: it is squared away, and the solutions are tried.</summary>
    private static List<SymExpr>? Radical(Vm vm, List<SymExpr> with, SymExpr rest, SymExpr equation, SymSymbol unknown)
    {
        bool HasRoot(SymExpr e) => e.Has(p => p is SymPow { Exponent: SymNumber { IsWhole: false } } power && power.Base.Has(unknown));
        var roots = with.Where(HasRoot).ToList();
        var others = SymOps.Subtract(vm, SymOps.Add(vm, [.. with.Where(t => !HasRoot(t))]), rest);
        if (roots.Count != 1 || SymPolynomial.Coefficients(vm, others, unknown) is null)
        {
            return null;
        }

        var factors = roots[0] is SymMul product ? product.Args : [roots[0]];
        if (factors.Any(f => f.Has(unknown) && f is not SymPow { Exponent.Key: "1/2" }))
        {
            return null;
        }

        var squared = SymOps.Subtract(vm, SymOps.Power(vm, roots[0], SymNumber.Two), SymExpand.Products(vm, others, others));
        return Checked(vm, SymSolver.Roots(vm, SymExpand.Expand(vm, squared), unknown), equation, unknown);
    }

    /// <summary>The candidates that solve the equation as it was given.</summary>
    private static List<SymExpr> Checked(Vm vm, List<SymExpr> candidates, SymExpr equation, SymSymbol unknown) => candidates.FindAll(c =>
    {
        if (!c.IsNumber || c.Symbols().Count > 0)
        {
            throw new UnsupportedException("solve of an equation with roots and other symbols");
        }

        var value = SymSubstitution.Replace(vm, equation, unknown, c);
        if (SymRadicals.Simplify(vm, value).IsZero)
        {
            return true;
        }

        var (real, imaginary) = SymNumeric.Complex(vm, value);
        var isSmall = (real.IsZero || real.Magnitude < -300) && (imaginary.IsZero || imaginary.Magnitude < -300);
        var isLarge = (!real.IsZero && real.Magnitude > -100) || (!imaginary.IsZero && imaginary.Magnitude > -100);
        return isSmall || (isLarge ? false : throw new UnsupportedException("solutions that may not hold"));
    });
}
