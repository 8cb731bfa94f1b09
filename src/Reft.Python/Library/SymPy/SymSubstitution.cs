using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary><c>subs</c>: symbols, or whole subexpressions that occur as they stand.</summary>
internal static class SymSubstitution
{
    public static SymExpr Apply(Vm vm, SymExpr expression, Args args)
    {
        if (args.Count == 2)
        {
            return Replace(vm, expression, Old(vm, args[0]), New(vm, args[1]));
        }

        var pairs = args[0] is PyDict dict
            ? dict.Pairs(vm)
            : Ops.ToList(vm, args[0]).ConvertAll(pair => Ops.ToList(vm, pair) is [var key, var value]
                ? new KeyValuePair<object, object>(key, value)
                : throw new UnsupportedException("subs with these arguments"));
        var replacements = pairs.ConvertAll(p => (Old: Old(vm, p.Key), New: New(vm, p.Value)));
        if (args[0] is PyDict && replacements.Count > 1
            && replacements.Exists(r => r.New.Symbols().Exists(s => replacements.Exists(o => o.Old.Has(s)))))
        {
            throw new UnsupportedException("subs of symbols by symbols that are substituted, too");
        }

        return replacements.Aggregate(expression, (e, pair) => Replace(vm, e, pair.Old, pair.New));
    }

    /// <summary>
    /// Replaces every occurrence. Sympy also finds parts of sums, products and powers that are not there as they stand:
    /// where such may be left, this is refused.
    /// </summary>
    public static SymExpr Replace(Vm vm, SymExpr expression, SymExpr old, SymExpr value)
    {
        var result = Walk(vm, expression, old, value);
        return old is SymSymbol or SymFunction { Argument: SymSymbol } || !old.Symbols().Exists(s => result.Has(s) && !value.Has(s))
            ? result
            : throw new UnsupportedException("subs of an expression that does not occur as it stands");
    }

    private static SymExpr Walk(Vm vm, SymExpr expression, SymExpr old, SymExpr value)
    {
        vm.Enter();
        vm.Charge(10);
        var result = OfNode(vm, expression, old, value);
        vm.Leave();
        return result;
    }

    private static SymExpr OfNode(Vm vm, SymExpr expression, SymExpr old, SymExpr value)
    {
        if (expression.Key == old.Key)
        {
            return value;
        }

        if (expression.Args.Count == 0)
        {
            return expression;
        }

        var args = expression.Args.Select(a => Walk(vm, a, old, value)).ToArray();
        return expression switch
        {
            SymAdd => SymOps.Add(vm, args),
            SymMul => Product(vm, args),
            SymPow => SymOps.Power(vm, args[0], args[1]),
            SymFunction function => SymMethods.Rebuild(vm, function, args),
            _ => expression,
        };
    }

    private static SymExpr Product(Vm vm, SymExpr[] factors)
    {
        // Zero times an infinite factor is not a number, and neither is it here.
        return factors.Any(f => f is SymConstant { IsInfinite: true }) && factors.Any(f => SymOps.IsNil(f))
            ? SymConstant.NotANumber
            : SymOps.Multiply(vm, factors);
    }

    private static SymExpr Old(Vm vm, object value) => value is SymExpr expression
        ? expression
        : value is string name && name.All(char.IsAsciiLetter) ? new SymSymbol(name, SymAssumptions.None)
        : SymExpr.Of(vm, value) ?? throw new UnsupportedException("subs of other than an expression");

    private static SymExpr New(Vm vm, object value) => SymExpr.Of(vm, value)
        ?? throw new UnsupportedException($"subs by a {Types.Of(value).Name}");
}
