using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>A finite set of sympy: what <c>solveset</c> and <c>linsolve</c> give.</summary>
internal sealed class SymSet(List<object> items) : PyObject
{
    private static readonly PyType SetType = new("sympy FiniteSet");

    public IReadOnlyList<object> Items => items;

    public override PyType Type => SetType;

    /// <summary>A set of expressions in sympy's order: by their number of nodes, and then as solutions are sorted.</summary>
    public static SymSet Of(Vm vm, IEnumerable<SymExpr> values)
    {
        var sorted = SymOrder.Sorted(vm, SymSolver.Distinct(values));
        var isReal = sorted.TrueForAll(v => v.IsNumber && SymAssume.IsReal(vm, v) == true);
        if (isReal)
        {
            sorted.Sort((a, b) => a.Key == b.Key ? 0 : SymNumeric.Compare(vm, a, b));
        }

        return new SymSet([.. sorted]);
    }

    public override long Length(Vm vm) => items.Count;

    public override bool Truth(Vm vm) => items.Count > 0;

    public override PyIterator Iterate(Vm vm) => new ArrayIterator([.. items]);

    public override bool? Contains(Vm vm, object item) => items.Exists(i => Ops.Equal(vm, i, item));

    public override bool? EqualTo(Vm vm, object other) => other is SymSet set
        ? items.Count == set.Items.Count && items.TrueForAll(i => set.Items.Any(o => Ops.Equal(vm, i, o)))
        : false;

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "args" => new PyTuple([.. items]),
        "is_empty" => Bools.Of(items.Count == 0),
        "is_FiniteSet" => Bools.True,
        _ => throw new UnsupportedException($"sympy FiniteSet's {name}"),
    };

    public override string Repr(Vm vm) => items.Count == 0
        ? "EmptySet"
        : "{" + string.Join(", ", items.Select(i => i is SymExpr e ? SymPrinter.Write(vm, e, nested: true) : Show.Repr(vm, i))) + "}";
}
