using System.Globalization;
using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>The module <c>sympy</c>, as far as its results are sure to be sympy's.</summary>
internal static class SymPyModule
{
    private static readonly string[] Greek =
    [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "mu", "nu", "xi", "omicron",
        "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ];

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
        [
            .. SymNumbers.Functions(),
            new("symbols", 1, 1, (vm, args) => Symbols(vm, args[0], SymAssume.Parse(args)), Assumptions),
            new("Symbol", 1, 1, (_, args) => new SymSymbol(Ops.ToText(args[0], "name"), SymAssume.Parse(args)), Assumptions),
            new("Eq", 1, 2, (vm, args) => Relation(vm, CompareOp.Equal, args)),
            new("Ne", 2, 2, (vm, args) => Relation(vm, CompareOp.NotEqual, args)),
            new("Lt", 2, 2, (vm, args) => Relation(vm, CompareOp.Less, args)),
            new("Le", 2, 2, (vm, args) => Relation(vm, CompareOp.LessEqual, args)),
            new("Gt", 2, 2, (vm, args) => Relation(vm, CompareOp.Greater, args)),
            new("Ge", 2, 2, (vm, args) => Relation(vm, CompareOp.GreaterEqual, args)),
            new("solve", 1, int.MaxValue, SymSolver.Solve, "dict"),
            new("solveset", 1, 3, SolveSet, "domain", "symbol"),
            new("linsolve", 1, int.MaxValue, LinSolve),
            new("simplify", 1, 1, (vm, args) => args[0] is SymTruth or bool ? args[0] : SymSimplify.Simplify(vm, Exact(vm, args[0]))),
            new("nsimplify", 1, 2, NSimplify, "rational"),
            new("expand", 1, 1, (vm, args) => SymExpand.Expand(vm, Exact(vm, args[0]))),
            new("factor", 1, 1, (vm, args) => SymSimplify.Factor(vm, Exact(vm, args[0]))),
            new("together", 1, 1, (vm, args) => SymSimplify.Unsure(vm, SymFraction.Together(vm, Exact(vm, args[0])))),
            new("cancel", 1, 1, (vm, args) => SymSimplify.Simplify(vm, Exact(vm, args[0]))),
            new("radsimp", 1, 1, (vm, args) => SymSimplify.Unsure(vm, SymSimplify.Simplify(vm, Exact(vm, args[0])))),
            new("degree", 1, 2, Degree),
            new("diff", 1, 4, Differentiate),
            new("integrate", 1, 2, Integrate),
            new("summation", 2, 2, (vm, args) => Over(vm, args, false)),
            new("product", 2, 2, (vm, args) => Over(vm, args, true)),
            new("Sum", 2, 2, (_, args) => new SymDeferred("Sum", vm => Over(vm, args, false))),
            new("Product", 2, 2, (_, args) => new SymDeferred("Product", vm => Over(vm, args, true))),
            new("Integral", 2, 2, (_, args) => new SymDeferred("Integral", vm => Integrate(vm, args))),
            new("Derivative", 1, 4, (_, args) => new SymDeferred("Derivative", vm => Differentiate(vm, args))),
            new("Rational", 1, 2, Rational),
            new("deg", 1, 1, (vm, args) => SymOps.Multiply(vm, Exact(vm, args[0]), SymOps.Divide(vm, SymNumber.Of(180), SymConstant.Pi))),
            new("rad", 1, 1, (vm, args) => SymOps.Multiply(vm, Exact(vm, args[0]), SymOps.Divide(vm, SymConstant.Pi, SymNumber.Of(180)))),
            new("conjugate", 1, 1, (vm, args) => Ops.Call(vm, SymMethods.Find(vm, Exact(vm, args[0]), "conjugate"), Args.None)),
            new("Integer", 1, 1, (vm, args) => args[0] is string text ? SymNumber.Of(NumberText.ToInt(vm, text.Trim(), 10)
                ?? throw Err.Value("Argument of Integer should be of numeric type")) : args[0] is SymExpr or double or PyFraction || Ints.IsInt(args[0])
                ? SymNumber.Of(Ints.Big(Constructors.Int(vm, Types.Int, args)))
                : throw new UnsupportedException("sympy.Integer of other than a number")),
            new("Float", 1, 1, Real),
            new("sympify", 1, 1, (vm, args) => Sympify(vm, args[0])),
            new("sqrt", 1, 1, (vm, args) => SymOps.Sqrt(vm, Exact(vm, args[0]))),
            new("cbrt", 1, 1, (vm, args) => SymOps.Power(vm, Exact(vm, args[0]), SymNumber.Ratio(vm, 1, 3))),
            new("root", 2, 2, (vm, args) => SymOps.Power(vm, Exact(vm, args[0]), SymOps.Power(vm, Exact(vm, args[1]), SymNumber.MinusOne))),
            new("Pow", 2, 2, (vm, args) => SymOps.Power(vm, Exact(vm, args[0]), Exact(vm, args[1]))),
            new("Add", 0, int.MaxValue, (vm, args) => SymOps.Add(vm, [.. args.Values.Select(v => Exact(vm, v))])),
            new("Mul", 0, int.MaxValue, (vm, args) => SymOps.Multiply(vm, [.. args.Values.Select(v => Exact(vm, v))])),
            new("exp", 1, 1, (vm, args) => SymFunctions.Exp(vm, Exact(vm, args[0]))),
            new("log", 1, 2, Logarithm),
            new("ln", 1, 2, Logarithm),
            new("Abs", 1, 1, (vm, args) => SymFunctions.Abs(vm, Exact(vm, args[0]))),
            new("sign", 1, 1, (vm, args) => SymFunctions.Sign(vm, Exact(vm, args[0]))),
            new("re", 1, 1, (vm, args) => SymFunctions.Parts(vm, Exact(vm, args[0])).Real),
            new("im", 1, 1, (vm, args) => SymFunctions.Parts(vm, Exact(vm, args[0])).Imaginary),
            new("floor", 1, 1, (vm, args) => SymFunctions.Floor(vm, Exact(vm, args[0]))),
            new("ceiling", 1, 1, (vm, args) => SymFunctions.Ceiling(vm, Exact(vm, args[0]))),
            new("Mod", 2, 2, (vm, args) => SymFunctions.Mod(vm, Exact(vm, args[0]), Exact(vm, args[1]))),
            new("factorial", 1, 1, (vm, args) => SymFunctions.Factorial(vm, Exact(vm, args[0]))),
            new("binomial", 2, 2, (vm, args) => SymFunctions.Binomial(vm, Exact(vm, args[0]), Exact(vm, args[1]))),
            new("Max", 1, int.MaxValue, (vm, args) => SymFunctions.Extreme(vm, [.. args.Values.Select(v => Exact(vm, v))], 1)),
            new("Min", 1, int.MaxValue, (vm, args) => SymFunctions.Extreme(vm, [.. args.Values.Select(v => Exact(vm, v))], -1)),
            new("N", 1, 2, (vm, args) => SymMethods.Evaluate(vm, Exact(vm, args[0]), args.At(1))),
            new("Matrix", 1, 3, SymMatrix.Make),
            new("Poly", 1, 2, SymPoly.Make),
            new("eye", 1, 1, (vm, args) => SymMatrix.Identity((int)Math.Clamp(Ops.ToLong(vm, args[0]), -1, 1000))),
            new("zeros", 1, 2, (vm, args) => Filled(vm, args, SymNumber.Zero)),
            new("ones", 1, 2, (vm, args) => Filled(vm, args, SymNumber.One)),
            new("FiniteSet", 0, int.MaxValue, (vm, args) => SymSet.Of(vm, args.Values.Select(v => Exact(vm, v)))),
        ]);
        foreach (var name in (ReadOnlySpan<string>)["sin", "cos", "tan"])
        {
            members[name] = new NativeFunction(name, 1, 1, (vm, args) => SymTrigonometry.Make(vm, name, Exact(vm, args[0])));
            members["a" + name] = new NativeFunction("a" + name, 1, 1, (vm, args) => SymTrigonometry.Inverse(vm, "a" + name, Exact(vm, args[0])));
        }

        members["pi"] = SymConstant.Pi;
        members["E"] = SymConstant.E;
        members["I"] = SymConstant.I;
        members["oo"] = SymConstant.Infinity;
        members["zoo"] = SymConstant.ComplexInfinity;
        members["nan"] = SymConstant.NotANumber;
        members["Reals"] = SymDomain.Reals;
        members["Complexes"] = SymDomain.Complexes;
        members["S"] = new SymSingletons();
        members["true"] = SymTruth.Of(true);
        members["false"] = SymTruth.Of(false);
        return members;
    }

    /// <summary>The module <c>sympy.abc</c>: a symbol for every letter and Greek name.</summary>
    public static Dictionary<string, object> Letters() => Enumerable.Range('a', 26).Concat(Enumerable.Range('A', 26))
        .Select(c => ((char)c).ToString()).Concat(Greek)
        .ToDictionary(name => name, object (name) => new SymSymbol(name, SymAssumptions.None), StringComparer.Ordinal);

    public static SymExpr Exact(Vm vm, object value) => value as SymExpr ?? SymExpr.Of(vm, value) ?? value switch
    {
        string => Sympify(vm, value),
        SymDeferred deferred => deferred.Evaluate(vm),
        _ => throw new UnsupportedException($"sympy with a {Types.Of(value).Name}"),
    };

    public static SymExpr Differentiate(Vm vm, Args args)
    {
        var value = Exact(vm, args[0]);
        var symbols = new List<SymExpr>();
        for (var i = 1; i < args.Count; i++)
        {
            var (variable, times) = args[i] is PyTuple { Items: [var first, var second] } ? (first, second) : (args[i], null);
            if (times is null && i + 1 < args.Count && args[i + 1] is long)
            {
                times = args[++i];
            }

            if (variable is not SymSymbol symbol)
            {
                throw new UnsupportedException("derivative by other than a symbol");
            }

            symbols.AddRange(Enumerable.Repeat<SymExpr>(symbol, (int)(times is null ? 1 : Ops.ToLong(vm, times) is >= 0 and <= 50 and var count
                ? count
                : throw new UnsupportedException("derivative of this order"))));
        }

        if (args.Count == 1)
        {
            symbols.Add(value.Symbols() is [var only] ? only : throw Err.Value("variable to differentiate by is not clear"));
        }

        return symbols.Aggregate(value, (v, s) => SymCalculus.Derivative(vm, v, s));
    }

    public static SymExpr Integrate(Vm vm, Args args)
    {
        var value = Exact(vm, args[0]);
        switch (args.At(1))
        {
            case null:
                return SymCalculus.Antiderivative(vm, value, value.Symbols() is [var only] ? only : throw new UnsupportedException("integral without its variable"));
            case SymSymbol symbol:
                return SymCalculus.Antiderivative(vm, value, symbol);
            case PyTuple { Items: [SymSymbol symbol, var low, var high] }:
                return SymCalculus.Integral(vm, value, symbol, Exact(vm, low), Exact(vm, high));
            default:
                throw new UnsupportedException("integral over these limits");
        }
    }

    private static readonly string[] Assumptions = ["**"];

    private static SymExpr Over(Vm vm, Args args, bool isProduct) => args[1] is PyTuple { Items: [SymSymbol symbol, var low, var high] }
        ? SymCalculus.Sum(vm, Exact(vm, args[0]), symbol, Exact(vm, low), Exact(vm, high), isProduct)
        : throw new UnsupportedException("a sum over these limits");

    private static object Symbols(Vm vm, object names, SymAssumptions assumed)
    {
        if (names is PyList or PyTuple)
        {
            var several = Ops.ToList(vm, names).ConvertAll(n => Symbols(vm, n, assumed));
            return names is PyList ? new PyList(several) : new PyTuple([.. several]);
        }

        var text = Ops.ToText(names, "names");
        vm.Charge(text.Length);
        if (text.AsSpan().IndexOfAny("()\\") >= 0)
        {
            throw new UnsupportedException("symbols with brackets");
        }

        var parts = text.Split([' ', ',', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var isRange = Array.Exists(parts, p => p.Contains(':', StringComparison.Ordinal));
        var all = parts.SelectMany(p => Range(vm, p)).Select(object (n) => new SymSymbol(n, assumed)).ToArray();
        return all.Length switch
        {
            0 when !isRange => throw Err.Value("no symbols given"),
            1 when !isRange && !text.TrimEnd().EndsWith(',') => all[0],
            _ => new PyTuple(all),
        };
    }

    /// <summary>x1:4 is x1, x2, x3, and x3 is x0, x1, x2 only where a colon says so.</summary>
    private static IEnumerable<string> Range(Vm vm, string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return [name];
        }

        var (head, tail) = (name[..colon], name[(colon + 1)..]);
        var stem = head.TrimEnd("0123456789".ToCharArray());
        var start = head[stem.Length..];
        if (!int.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture, out var end)
            || !int.TryParse(start.Length == 0 ? "0" : start, NumberStyles.None, CultureInfo.InvariantCulture, out var from) || end - from > 1000)
        {
            throw new UnsupportedException("this range of symbols");
        }

        vm.AllocateItems(Math.Max(0, end - from));
        return Enumerable.Range(from, Math.Max(0, end - from)).Select(i => FormattableString.Invariant($"{stem}{i}"));
    }

    private static object Relation(Vm vm, CompareOp op, Args args)
    {
        if (args[0] is SymRelation or SymTruth or bool || args.At(1) is SymRelation or SymTruth or bool)
        {
            throw new UnsupportedException("relations of relations");
        }

        return SymRelation.Make(vm, op, Exact(vm, args[0]), args.At(1) is { } right ? Exact(vm, right) : SymNumber.Zero);
    }

    private static object Rational(Vm vm, Args args)
    {
        if (args.Count == 1)
        {
            return args[0] switch
            {
                SymNumber => args[0],
                SymFloat real => Rational(vm, new Args([real.Value])),
                string or double => SymNumber.Of((PyFraction)FractionsModule.Fraction.Call(vm, new Args([args[0]]))),
                _ => Exact(vm, args[0]) as SymNumber ?? throw new UnsupportedException("Rational of an expression"),
            };
        }

        var (a, b) = (args[0] is string or double ? (SymExpr)Rational(vm, new Args([args[0]])) : Exact(vm, args[0]),
            args[1] is string or double ? (SymExpr)Rational(vm, new Args([args[1]])) : Exact(vm, args[1]));
        return a is SymNumber top && b is SymNumber bottom && bottom.Sign != 0
            ? top.Over(vm, bottom)
            : throw new UnsupportedException("Rational of these arguments");
    }

    private static object Real(Vm vm, Args args) => args[0] switch
    {
        string text => SymFloat.Make(NumberText.ToFloat(text) ?? throw Err.Value($"string-float not recognized: {text}")) is var value
            && text.Count(char.IsAsciiDigit) <= 15 ? value : throw new UnsupportedException("Float of a long text"),
        _ => SymRational.Evaluated(vm, Exact(vm, args[0])),
    };

    /// <summary>Texts of numbers; other texts would be parsed as expressions.</summary>
    public static SymExpr Sympify(Vm vm, object value)
    {
        if (value is not string text)
        {
            return Exact(vm, value);
        }

        var trimmed = text.Trim();
        if (trimmed.Length > 0 && trimmed.All(char.IsAsciiDigit))
        {
            return SymNumber.Of(NumberText.ToInt(vm, trimmed, 10) ?? throw new UnsupportedException("sympify of a text"));
        }

        return trimmed.Split('/') is [var a, var b] && a.Length > 0 && b.Length > 0 && a.All(char.IsAsciiDigit) && b.All(char.IsAsciiDigit) && b.Any(c => c != '0')
            ? SymNumber.Ratio(vm, BigInteger.Parse(a, CultureInfo.InvariantCulture), BigInteger.Parse(b, CultureInfo.InvariantCulture))
            : throw new UnsupportedException("sympify of a text");
    }

    private static object Logarithm(Vm vm, Args args) => args.Count == 1
        ? SymFunctions.Log(vm, Exact(vm, args[0]))
        : SymFunctions.Log(vm, Exact(vm, args[0]), Exact(vm, args[1]));

    private static object NSimplify(Vm vm, Args args)
    {
        if (args.Count > 1)
        {
            throw new UnsupportedException("nsimplify with constants");
        }

        var value = Exact(vm, args[0]);
        var isRational = args.Named("rational") is { } flag && flag is not PyNone && Ops.Truth(vm, flag);
        if (!value.Has(e => e is SymFloat))
        {
            return isRational || value is SymNumber ? value : throw new UnsupportedException("nsimplify of an exact expression");
        }

        if (isRational)
        {
            return SymRational.Of(vm, value);
        }

        // Without the flag sympy looks for roots, too; a short decimal is what it says.
        return value is SymFloat real && SymRational.Nearest(vm, real.Value) is var near && near.Q <= 1000
            ? near
            : throw new UnsupportedException("nsimplify of this number");
    }

    private static object Degree(Vm vm, Args args)
    {
        var value = Exact(vm, args[0]);
        var symbol = args.At(1) as SymExpr ?? (value.Symbols() is [var only] ? only : throw new UnsupportedException("degree without its symbol"));
        if (value.IsZero)
        {
            return SymConstant.MinusInfinity;
        }

        return SymPolynomial.Coefficients(vm, value, symbol) is { } coefficients
            ? SymNumber.Of(coefficients.Count - 1)
            : throw new UnsupportedException("degree of other than a polynomial");
    }

    private static object SolveSet(Vm vm, Args args)
    {
        if (args[0] is SymTruth or bool)
        {
            throw new UnsupportedException("solveset of a truth");
        }

        var equation = SymSolver.Zero(vm, args[0]);
        var unknown = (args.At(1, "symbol") ?? (equation.Symbols() is [var only] ? only : null)) as SymSymbol
            ?? throw new UnsupportedException("solveset without its symbol");
        var domain = args.At(2, "domain") as SymDomain ?? (args.At(2, "domain") is null ? SymDomain.Complexes : throw new UnsupportedException("solveset over this domain"));
        if (unknown.Assumed != SymAssumptions.None || !equation.Has(unknown) || SymPolynomial.Coefficients(vm, equation, unknown) is null
            || equation.Symbols().Count > 1)
        {
            throw new UnsupportedException("solveset of other than a polynomial in one plain symbol");
        }

        var roots = SymSolver.Roots(vm, equation, unknown);
        return SymSet.Of(vm, domain == SymDomain.Complexes ? roots : roots.FindAll(r => SymAssume.IsReal(vm, r)
            ?? throw new UnsupportedException("solveset of solutions that may be real")));
    }

    private static object LinSolve(Vm vm, Args args)
    {
        if (args[0] is not (PyList or PyTuple) || args.Count < 2)
        {
            throw new UnsupportedException("linsolve of other than equations and unknowns");
        }

        var equations = Ops.ToList(vm, args[0]).ConvertAll(e => SymSolver.Zero(vm, e));
        var unknowns = (args.Count == 2 && args[1] is PyList or PyTuple ? Ops.ToList(vm, args[1]) : [.. args.Positional.Skip(1)])
            .ConvertAll(u => u as SymSymbol as SymExpr ?? throw new UnsupportedException("linsolve for other than symbols"));
        if (equations.Exists(e => e.Has(p => p is SymFloat)) || SymLinear.Rows(vm, equations, unknowns) is not { } rows)
        {
            throw new UnsupportedException("linsolve of equations that are not linear, or with floats");
        }

        if (SymLinear.Eliminate(vm, rows, unknowns) is not { } solution)
        {
            return new SymSet([]);
        }

        return new SymSet([new PyTuple([.. unknowns.Select(u => solution.FirstOrDefault(s => s.Unknown.Key == u.Key).Value ?? u)])]);
    }

    private static SymMatrix Filled(Vm vm, Args args, SymExpr value)
    {
        var rows = (int)Math.Clamp(Ops.ToLong(vm, args[0]), -1, 1000);
        return SymMatrix.Filled(rows, args.At(1) is { } columns ? (int)Math.Clamp(Ops.ToLong(vm, columns), -1, 1000) : rows, value);
    }
}

/// <summary>What waits for <c>doit</c>: a sum, product, integral or derivative.</summary>
internal sealed class SymDeferred(string name, Func<Vm, SymExpr> evaluate) : PyObject
{
    private static readonly PyType DeferredType = new("sympy deferred");

    public override PyType Type => DeferredType;

    public SymExpr Evaluate(Vm vm) => evaluate(vm);

    public override double? ToFloat(Vm vm) => evaluate(vm).ToFloat(vm);

    public override object? GetAttribute(Vm vm, string attribute) => attribute switch
    {
        "doit" => new NativeFunction(attribute, 0, 0, (v, _) => evaluate(v)),
        "evalf" or "n" => new NativeFunction(attribute, 0, 1, (v, args) => SymMethods.Evaluate(v, evaluate(v), args.At(0))),
        _ => throw new UnsupportedException($"sympy {name}'s {attribute}"),
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) => throw new UnsupportedException($"arithmetic with a {name} of sympy");

    public override bool? EqualTo(Vm vm, object other) => throw new UnsupportedException($"equality of a {name} of sympy");

    public override string Repr(Vm vm) => throw new UnsupportedException($"text of a {name} of sympy");
}

/// <summary>The real or complex numbers, as a domain of <c>solveset</c>.</summary>
internal sealed class SymDomain : PyObject
{
    public static readonly SymDomain Reals = new("Reals");
    public static readonly SymDomain Complexes = new("Complexes");

    private static readonly PyType DomainType = new("sympy domain");

    private readonly string _name;

    private SymDomain(string name) => _name = name;

    public override PyType Type => DomainType;

    public override string Repr(Vm vm) => _name;

    public override object? GetAttribute(Vm vm, string name) => throw new UnsupportedException($"sympy {_name}'s {name}");
}

/// <summary>Sympy's <c>S</c>: a function that makes numbers exact, with constants as attributes.</summary>
internal sealed class SymSingletons : PyObject
{
    private static readonly PyType SingletonType = new("sympy SingletonRegistry");

    public override PyType Type => SingletonType;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args) => args is { Count: 1, HasNames: false }
        ? SymPyModule.Sympify(vm, args[0])
        : throw new UnsupportedException("S with these arguments");

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "Half" => SymNumber.Half,
        "One" => SymNumber.One,
        "Zero" => SymNumber.Zero,
        "NegativeOne" => SymNumber.MinusOne,
        "Pi" => SymConstant.Pi,
        "Exp1" => SymConstant.E,
        "ImaginaryUnit" => SymConstant.I,
        "Infinity" => SymConstant.Infinity,
        "NegativeInfinity" => SymConstant.MinusInfinity,
        "Reals" => SymDomain.Reals,
        "Complexes" => SymDomain.Complexes,
        "EmptySet" => new SymSet([]),
        "true" => SymTruth.Of(true),
        "false" => SymTruth.Of(false),
        _ => throw new UnsupportedException($"S.{name}"),
    };
}
