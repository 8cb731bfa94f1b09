using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>The module <c>sympy</c>, as far as its results are sure to be sympy's.</summary>
internal static class SymPyModule
{
    private static readonly string[] Absent =
    [
        "Function", "diff", "integrate", "limit", "factor", "nsolve", "solveset", "linsolve", "Matrix", "Sum", "Product",
        "sin", "cos", "tan", "log", "exp", "ln", "I", "E", "oo", "Abs", "floor", "ceiling", "factorial", "binomial", "gcd",
        "lcm", "isprime", "primerange", "factorint", "divisors", "Piecewise", "lambdify", "sympify", "symbols_", "Float",
        "Mod", "Max", "Min", "cbrt", "root", "Poly", "together", "apart", "cancel", "collect", "Interval", "And", "Or",
        "Symbol_", "Ne", "Lt", "Le", "Gt", "Ge", "reduce_inequalities", "Derivative", "Integral", "summation", "prime",
    ];

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            new NativeFunction("symbols", 1, 1, (vm, args) => Symbols(vm, args[0]),
                "real", "positive", "integer", "nonnegative", "cls"),
            new NativeFunction("Symbol", 1, 1, (_, args) => Plain(args, () => SymExpr.Symbol(Ops.ToText(args[0], "name"))),
                "real", "positive", "integer", "nonnegative"),
            new NativeFunction("Eq", 1, 2, (vm, args) => PyEq.Make(vm, args[0], args.At(1) ?? Ints.Box(0))),
            new NativeFunction("solve", 1, int.MaxValue, Solver.Solve, "dict"),
            new NativeFunction("simplify", 1, 1, (_, args) => Simplify(args[0])),
            new NativeFunction("nsimplify", 1, 1, (_, args) => args[0] is SymExpr { Rational: not null } ? args[0]
                : throw new UnsupportedException("nsimplify")),
            new NativeFunction("expand", 1, 1, (_, args) => new SymExpr(Exact(args[0]).Terms)),
            new NativeFunction("Rational", 1, 2, Rational),
            new NativeFunction("Integer", 1, 1, (vm, args) => args[0] is SymExpr { Rational: { } r }
                ? SymExpr.From(PyFraction.From(r.ToInt(vm))!) // a whole number
                : Ints.TryBig(args[0], out var big) ? SymExpr.From(new PyFraction(big, 1))
                : throw new UnsupportedException("sympy.Integer of other than an int")),
            new NativeFunction("S", 1, 1, (_, args) => Exact(args[0])),
            new NativeFunction("sqrt", 1, 1, (vm, args) => Exact(args[0]) is { Rational: { } r }
                ? SymExpr.Sqrt(vm, r)
                : throw new UnsupportedException("sympy.sqrt of an expression")),
            new NativeFunction("N", 1, 1, (vm, args) => Ops.Call(vm, Ops.GetAttribute(vm, Exact(args[0]), "evalf"))));
        members["pi"] = SymExpr.Symbol(SymExpr.Pi);
        foreach (var name in Absent)
        {
            members[name] = new Absence($"'{name}' of module 'sympy'");
        }

        return members;
    }

    public static SymExpr Exact(object value) =>
        SymExpr.Of(value) ?? throw new UnsupportedException($"sympy with a {Types.Of(value).Name}");

    public static object Simplify(object value)
    {
        var expression = Exact(value);
        if (expression.Rational is not null || (expression.Terms.Count == 1 && expression.IsNumber))
        {
            return expression;
        }

        return expression.Opaque();
    }

    private static object Plain(Args args, Func<object> make) => args.Names is null
        ? make()
        : throw new UnsupportedException("assumptions of sympy symbols");

    private static object Symbols(Vm vm, object names)
    {
        var text = Ops.ToText(names, "names");
        if (text.AsSpan().IndexOfAny(":()\\") >= 0)
        {
            throw new UnsupportedException("ranges of sympy symbols");
        }

        vm.Charge(text.Length);
        var parts = text.Split([' ', ',', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length switch
        {
            0 => throw Err.Value("no symbols given"),
            1 when !text.TrimEnd().EndsWith(',') => SymExpr.Symbol(parts[0]),
            _ => new PyTuple([.. parts.Select(SymExpr.Symbol)]),
        };
    }

    private static object Rational(Vm vm, Args args)
    {
        if (args.Count == 1)
        {
            return args[0] switch
            {
                SymExpr { Rational: not null } => args[0],
                string or double => SymExpr.From((PyFraction)FractionsModule.Fraction.Call(vm, new Args([args[0]]))),
                _ => Exact(args[0]),
            };
        }

        var (a, b) = (Exact(args[0]).Rational, Exact(args[1]).Rational);
        return a is null || b is null || b.Numerator.IsZero
            ? throw new UnsupportedException("Rational of these arguments")
            : SymExpr.From((PyFraction)Ops.Binary(vm, BinaryOp.Divide, a, b));
    }
}

/// <summary>Methods and attributes of expressions.</summary>
internal static class SymMethods
{
    public static object Find(Vm vm, SymExpr self, string name)
    {
        switch (name)
        {
            case "p" or "numerator" when self.Rational is { } rational:
                return Ints.Box(rational.Numerator);
            case "q" or "denominator" when self.Rational is { } rational:
                return Ints.Box(rational.Denominator);
            case "is_integer" or "is_Integer" when self.Rational is { } rational:
                return Bools.Of(rational.Denominator.IsOne);
            case "is_rational" or "is_Rational" or "is_real" or "is_number" when self.Rational is not null:
                return Bools.True;
            case "is_positive" when self.Rational is { } rational:
                return Bools.Of(rational.Numerator.Sign > 0);
            case "is_negative" when self.Rational is { } rational:
                return Bools.Of(rational.Numerator.Sign < 0);
            case "is_zero" when self.Rational is { } rational:
                return Bools.Of(rational.Numerator.IsZero);
            case "name" when self.Terms.Count == 1 && !self.IsNumber:
                return self.Repr(vm);
            case "evalf" or "n":
                return new NativeFunction(name, 0, 1, (v, args) => self.IsNumber && self.Terms.Count > 0 && args.Count == 0
                    ? new SymFloat(SymNumeric.Value(v, self))
                    : throw new UnsupportedException("evalf of this sympy expression"));
            case "simplify":
                return new NativeFunction(name, 0, 0, (_, _) => SymPyModule.Simplify(self));
            case "expand":
                return new NativeFunction(name, 0, 0, (_, _) => new SymExpr(self.Terms));
            case "subs":
                return new NativeFunction(name, 1, 2, (v, args) => Substitute(v, self, args));
            default:
                throw new UnsupportedException($"sympy's {name}");
        }
    }

    public static SymExpr Substitute(Vm vm, SymExpr expression, Args args)
    {
        if (args.Count == 2)
        {
            return Substitute(vm, expression, args[0], args[1]);
        }

        var pairs = args[0] is PyDict dict
            ? dict.Pairs(vm)
            : Ops.ToList(vm, args[0]).ConvertAll(pair => Ops.ToList(vm, pair) is [var key, var value]
                ? new KeyValuePair<object, object>(key, value)
                : throw new UnsupportedException("subs with these arguments"));
        if (args[0] is PyDict && pairs.Exists(p => !SymPyModule.Exact(p.Value).IsNumber))
        {
            throw new UnsupportedException("subs of symbols by symbols");
        }

        return pairs.Aggregate(expression, (e, pair) => Substitute(vm, e, pair.Key, pair.Value));
    }

    private static SymExpr Substitute(Vm vm, SymExpr expression, object symbol, object value)
    {
        if (symbol is not SymExpr { Terms.Count: 1 } target || target.Terms.Keys.Single().Powers is not { Count: 1 } powers
            || powers.Values.Single() != 1)
        {
            throw new UnsupportedException("subs of other than a symbol");
        }

        var name = powers.Keys.Single();
        var replacement = SymPyModule.Exact(value);
        var result = SymExpr.From(new PyFraction(0, 1));
        foreach (var (monomial, factor) in expression.Terms)
        {
            vm.Charge(10);
            var power = monomial.Powers.GetValueOrDefault(name);
            var rest = new SortedDictionary<string, int>(monomial.Powers, StringComparer.Ordinal);
            rest.Remove(name);
            var term = new SymExpr(new() { [new Monomial(rest, monomial.Radicand)] = factor });
            var raised = (SymExpr)Ops.Binary(vm, BinaryOp.Power, replacement, Ints.Box(power));
            result = SymExpr.Add(vm, result, SymExpr.Multiply(vm, term, raised), 1);
        }

        return (expression.IsOpaque || result.IsOpaque) && !result.IsNumber ? result.Opaque()
            : result.Rational is not null ? new SymExpr(result.Terms) : result;
    }
}

/// <summary>An equation.</summary>
internal sealed class PyEq(SymExpr left, SymExpr right) : PyObject
{
    private static readonly PyType EqualityType = new("sympy Equality");

    public SymExpr Left => left;

    public SymExpr Right => right;

    public override PyType Type => EqualityType;

    public static PyEq Make(Vm vm, object left, object right)
    {
        var equation = new PyEq(SymPyModule.Exact(left), SymPyModule.Exact(right));
        return SymExpr.Add(vm, equation.Left, equation.Right, -1).IsNumber
            ? throw new UnsupportedException("sympy.Eq of numbers")
            : equation;
    }

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "lhs" => left,
        "rhs" => right,
        _ => throw new UnsupportedException($"sympy Eq's {name}"),
    };

    public override string Repr(Vm vm) => $"Eq({left.Repr(vm)}, {right.Repr(vm)})";
}
