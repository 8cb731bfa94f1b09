using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>
/// <c>sympy.solve</c> of several equations: linear ones by elimination, into a dictionary; others by substitution, into
/// a sorted list of tuples, or of dictionaries where the unknowns are not named.
/// </summary>
internal static class SymSystem
{
    private const int MostSolutions = 64;

    public static object Solve(Vm vm, List<object> given, List<SymExpr>? named, bool asDict)
    {
        if (given.Exists(e => e is SymTruth or bool))
        {
            return new PyList([]);
        }

        var equations = given.ConvertAll(e => SymSolver.Zero(vm, e));
        var hasFloats = equations.Exists(e => e.Has(p => p is SymFloat));
        var bottoms = new List<SymExpr>();
        equations = equations.ConvertAll(e =>
        {
            var (top, bottom) = SymFraction.Of(vm, hasFloats ? SymRational.Of(vm, e) : e);
            bottoms.Add(bottom);
            return SymExpand.Expand(vm, top);
        });
        var unknowns = named ?? [.. equations.SelectMany(e => e.Symbols()).DistinctBy(s => s.Key).OrderBy(s => s.Name, StringComparer.Ordinal)];
        var useful = new List<SymExpr>();
        foreach (var equation in equations)
        {
            if (unknowns.Exists(u => equation.Has(u)))
            {
                useful.Add(equation);
            }
            else if (!equation.IsNumber)
            {
                throw new UnsupportedException("an equation without any unknown");
            }
            else if (!SymPolynomial.IsZero(vm, equation))
            {
                return new PyList([]);
            }
        }

        if (useful.Count == 0)
        {
            return new PyList([]);
        }

        var parts = Components(useful, unknowns).ConvertAll(p => OfPart(vm, p, [.. unknowns.Where(u => p.Exists(e => e.Has(u)))]));
        var solutions = parts.Aggregate(
            new List<List<(SymExpr Unknown, SymExpr Value)>> { new() },
            (all, part) => [.. all.SelectMany(a => part.Solutions.Select(p => (List<(SymExpr, SymExpr)>)[.. a, .. p]))]);
        solutions = solutions.FindAll(s => bottoms.TrueForAll(b => !IsZeroAt(vm, b, s)));
        // A system that falls apart gives a dictionary where it has one solution, as a linear one does.
        var isOne = parts.Count > 1 ? solutions.Count == 1 : parts[0].IsLinear;
        return Written(vm, solutions, unknowns, named is not null, hasFloats, asDict, isOne);
    }

    private static bool IsZeroAt(Vm vm, SymExpr bottom, List<(SymExpr Unknown, SymExpr Value)> solution)
    {
        var value = solution.Aggregate(bottom, (b, s) => SymSubstitution.Replace(vm, b, s.Unknown, s.Value));
        return !bottom.IsNumber && SymPolynomial.IsZero(vm, value);
    }

    /// <summary>Equations that share unknowns, directly or through others, in the order of their first equation.</summary>
    private static List<List<SymExpr>> Components(List<SymExpr> equations, List<SymExpr> unknowns)
    {
        var parts = new List<List<SymExpr>>();
        var left = new List<SymExpr>(equations);
        while (left.Count > 0)
        {
            var part = new List<SymExpr> { left[0] };
            left.RemoveAt(0);
            while (left.FindIndex(e => unknowns.Exists(u => e.Has(u) && part.Exists(p => p.Has(u)))) is var at and >= 0)
            {
                part.Add(left[at]);
                left.RemoveAt(at);
            }

            parts.Add(part);
        }

        return parts;
    }

    private static (List<List<(SymExpr Unknown, SymExpr Value)>> Solutions, bool IsLinear) OfPart(Vm vm, List<SymExpr> equations, List<SymExpr> unknowns)
    {
        if (SymLinear.Rows(vm, equations, unknowns) is { } rows)
        {
            return (SymLinear.Eliminate(vm, rows, unknowns) is { } solution ? [solution] : [], true);
        }

        var found = new List<Dictionary<string, SymExpr>>();
        Search(vm, equations, unknowns, new(StringComparer.Ordinal), found);
        return (found.ConvertAll(f => unknowns.ConvertAll(u => f.TryGetValue(u.Key, out var value)
            ? (u, value)
            : throw new UnsupportedException("solve of a system with too few equations"))), false);
    }

    private static object Written(
        Vm vm,
        List<List<(SymExpr Unknown, SymExpr Value)>> solutions,
        List<SymExpr> unknowns,
        bool areNamed,
        bool hasFloats,
        bool asDict,
        bool isOne)
    {
        var kept = new List<List<(SymExpr Unknown, SymExpr Value)>>();
        foreach (var solution in solutions)
        {
            var own = hasFloats ? solution.ConvertAll(s => (s.Unknown, SymRational.ToFloats(vm, s.Value))) : solution;
            if (own.TrueForAll(s => SymAssume.Allows(vm, (SymSymbol)s.Unknown, s.Item2) != false)
                && !kept.Exists(k => k.Zip(own).All(p => p.First.Value.Key == p.Second.Item2.Key)))
            {
                kept.Add(own);
            }
        }

        if (kept.Count == 0)
        {
            return new PyList([]);
        }

        PyDict Dictionary(List<(SymExpr Unknown, SymExpr Value)> solution)
        {
            var dict = new PyDict();
            foreach (var (unknown, value) in solution)
            {
                dict.Set(vm, unknown, value);
            }

            return dict;
        }

        if (isOne)
        {
            return asDict ? new PyList([Dictionary(kept[0])]) : Dictionary(kept[0]);
        }

        if (kept.Exists(k => k.Count < unknowns.Count))
        {
            throw new UnsupportedException("solve of a system with too few equations");
        }

        var ordered = kept.ConvertAll(k => unknowns.ConvertAll(u => k.First(s => s.Unknown.Key == u.Key)));
        ordered.Sort((a, b) => a.Zip(b).Select(p => SymOrder.Compare(vm, p.First.Value, p.Second.Value)).FirstOrDefault(o => o != 0));
        return new PyList(ordered.ConvertAll(o => areNamed && !asDict ? (object)new PyTuple([.. o.Select(s => s.Value)]) : Dictionary(o)));
    }

    /// <summary>Solves one equation for one unknown, puts the result into the others, and goes on.</summary>
    private static void Search(
        Vm vm, List<SymExpr> equations, List<SymExpr> unknowns, Dictionary<string, SymExpr> known, List<Dictionary<string, SymExpr>> found)
    {
        vm.Enter();
        vm.Charge(50);
        var left = new List<SymExpr>();
        foreach (var equation in equations)
        {
            // A denominator is no zero where the equation holds; the solution is tried at the end.
            var top = SymExpand.Expand(vm, SymFraction.Of(vm, equation).Top);
            if (unknowns.Exists(u => top.Has(u)))
            {
                left.Add(top);
            }
            else if (!SymPolynomial.IsZero(vm, top))
            {
                vm.Leave();
                return;
            }
        }

        if (left.Count == 0)
        {
            if (unknowns.Count > 0)
            {
                throw new UnsupportedException("solve of a system with too few equations");
            }

            if (found.Count >= MostSolutions)
            {
                throw new UnsupportedException("solve of a system with so many solutions");
            }

            found.Add(new(known, StringComparer.Ordinal));
            vm.Leave();
            return;
        }

        var (chosen, unknown, values) = Choose(vm, left, unknowns);
        var rest = left.Where(e => !ReferenceEquals(e, chosen)).ToList();
        foreach (var value in values)
        {
            var next = new Dictionary<string, SymExpr>(StringComparer.Ordinal) { [unknown.Key] = value };
            var replaced = rest.ConvertAll(e => SymSubstitution.Replace(vm, e, unknown, value));
            var deeper = new List<Dictionary<string, SymExpr>>();
            Search(vm, replaced, [.. unknowns.Where(u => u.Key != unknown.Key)], [], deeper);
            foreach (var solution in deeper)
            {
                var own = value;
                foreach (var other in unknowns.Where(u => u.Key != unknown.Key))
                {
                    own = SymSubstitution.Replace(vm, own, other, solution[other.Key]);
                }

                if (own.Has(e => e is SymConstant { IsInfinite: true }))
                {
                    continue;
                }

                solution[unknown.Key] = own.IsNumber ? SymRadicals.Simplify(vm, own) : SymExpand.Expand(vm, own);
                foreach (var (key, item) in known)
                {
                    solution[key] = item;
                }

                found.Add(solution);
            }
        }

        vm.Leave();
    }

    /// <summary>An equation that is easy to solve for an unknown: with that unknown alone, or linear in it.</summary>
    private static (SymExpr Equation, SymExpr Unknown, List<SymExpr> Values) Choose(Vm vm, List<SymExpr> equations, List<SymExpr> unknowns)
    {
        foreach (var equation in equations)
        {
            var own = unknowns.Where(u => equation.Has(u)).ToList();
            if (own.Count == 1 && equation.Symbols().Count == 1)
            {
                // The assumptions are asked once the whole solution is known.
                var plain = new SymSymbol(((SymSymbol)own[0]).Name, SymAssumptions.None);
                return (equation, own[0], SymSolver.Roots(vm, SymSubstitution.Replace(vm, equation, own[0], plain), plain));
            }
        }

        foreach (var isStrict in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var equation in equations)
            {
                foreach (var unknown in unknowns.Where(u => equation.Has(u)))
                {
                    if (SymPolynomial.Coefficients(vm, equation, unknown) is [var constant, var slope]
                        && (isStrict ? slope.IsNumber : slope is SymSymbol or SymMul))
                    {
                        if (!isStrict && !SymPolynomial.IsZero(vm, constant) && constant.IsNumber == false)
                        {
                            continue;
                        }

                        if (!isStrict && constant.IsZero)
                        {
                            continue;
                        }

                        return (equation, unknown, [SymExpand.Expand(vm, SymOps.Divide(vm, SymOps.Negate(vm, constant), slope))]);
                    }
                }
            }
        }

        throw new UnsupportedException("solve of a system of this kind");
    }
}

/// <summary>Linear equations, by elimination with exact coefficients.</summary>
internal static class SymLinear
{
    /// <summary>A row an equation: the coefficients of the unknowns, then the other side; null where one is not linear.</summary>
    public static List<SymExpr[]>? Rows(Vm vm, List<SymExpr> equations, List<SymExpr> unknowns)
    {
        var rows = new List<SymExpr[]>();
        foreach (var equation in equations)
        {
            var row = new SymExpr[unknowns.Count + 1];
            var rest = equation;
            for (var i = 0; i < unknowns.Count; i++)
            {
                if (!rest.Has(unknowns[i]))
                {
                    row[i] = SymNumber.Zero;
                    continue;
                }

                if (SymPolynomial.Coefficients(vm, rest, unknowns[i]) is not { Count: <= 2 } coefficients)
                {
                    return null;
                }

                row[i] = coefficients.Count == 2 ? coefficients[1] : SymNumber.Zero;
                if (unknowns.Exists(u => row[i].Has(u)))
                {
                    return null;
                }

                rest = coefficients[0];
            }

            row[^1] = SymOps.Negate(vm, rest);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The unknowns that are determined, in terms of the others; null where there is no solution.</summary>
    public static List<(SymExpr Unknown, SymExpr Value)>? Eliminate(Vm vm, List<SymExpr[]> rows, List<SymExpr> unknowns)
    {
        var count = unknowns.Count;
        var pivots = new List<int>();
        for (var column = 0; column < count && pivots.Count < rows.Count; column++)
        {
            var at = pivots.Count;
            var pivot = rows.FindIndex(at, r => !SymPolynomial.IsZero(vm, r[column]));
            if (pivot < 0)
            {
                continue;
            }

            (rows[at], rows[pivot]) = (rows[pivot], rows[at]);
            Normalize(vm, rows[at], column);
            for (var i = 0; i < rows.Count; i++)
            {
                if (i == at || rows[i][column].IsZero)
                {
                    continue;
                }

                var factor = rows[i][column];
                for (var j = 0; j <= count; j++)
                {
                    rows[i][j] = Tidy(vm, SymOps.Subtract(vm, rows[i][j], SymOps.Multiply(vm, factor, rows[at][j])));
                }
            }

            pivots.Add(column);
        }

        if (rows.Skip(pivots.Count).Any(r => !SymPolynomial.IsZero(vm, r[count])))
        {
            return null;
        }

        var solution = new List<(SymExpr, SymExpr)>();
        for (var i = 0; i < pivots.Count; i++)
        {
            var value = rows[i][count];
            for (var j = 0; j < count; j++)
            {
                if (j != pivots[i] && !rows[i][j].IsZero)
                {
                    value = SymOps.Subtract(vm, value, SymOps.Multiply(vm, rows[i][j], unknowns[j]));
                }
            }

            vm.HasUnsureForms |= value.Has(e => e is SymPow { Base: SymAdd });
            solution.Add((unknowns[pivots[i]], value));
        }

        return solution;
    }

    private static void Normalize(Vm vm, SymExpr[] row, int column)
    {
        var pivot = row[column];
        for (var j = 0; j < row.Length; j++)
        {
            row[j] = Tidy(vm, SymOps.Divide(vm, row[j], pivot));
        }
    }

    private static SymExpr Tidy(Vm vm, SymExpr value)
    {
        if (value is SymNumber)
        {
            return value;
        }

        if (value.IsNumber)
        {
            return SymRadicals.Simplify(vm, value);
        }

        var (top, bottom) = SymFraction.Of(vm, value);
        var above = SymExpand.Expand(vm, top);
        return above.IsZero ? above : SymOps.Divide(vm, above, bottom);
    }
}
