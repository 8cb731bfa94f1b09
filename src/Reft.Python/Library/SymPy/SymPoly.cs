using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>A polynomial object of sympy in one symbol, for its degree and its coefficients.</summary>
internal sealed class SymPoly(SymExpr expression, SymExpr symbol, List<SymExpr> coefficients) : PyObject
{
    private static readonly PyType PolyType = new("sympy Poly");

    public override PyType Type => PolyType;

    public static SymPoly Make(Vm vm, Args args)
    {
        var value = SymPyModule.Exact(vm, args[0]);
        var symbol = args.At(1) as SymSymbol ?? (args.Count == 1 && value.Symbols() is [var only]
            ? only
            : throw new UnsupportedException("Poly of these arguments"));
        return SymPolynomial.Coefficients(vm, value, symbol) is { } coefficients && coefficients.TrueForAll(c => c is SymNumber)
            ? new SymPoly(SymExpand.Expand(vm, value), symbol, coefficients)
            : throw new UnsupportedException("Poly with other than rational coefficients in one symbol");
    }

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        // The zero polynomial has the degree minus infinity.
        "degree" => new NativeFunction(name, 0, 0, (_, _) => coefficients is [{ IsZero: true }]
            ? throw new UnsupportedException("degree of zero")
            : Ints.Box(coefficients.Count - 1)),
        "all_coeffs" => new NativeFunction(name, 0, 0, (_, _) => new PyList([.. coefficients.AsEnumerable().Reverse()])),
        "coeffs" => new NativeFunction(name, 0, 0, (_, _) => new PyList([.. coefficients.AsEnumerable().Reverse().Where(c => !c.IsZero)])),
        "LC" => new NativeFunction(name, 0, 0, (_, _) => coefficients[^1]),
        "as_expr" => new NativeFunction(name, 0, 0, (_, _) => expression),
        "eval" => new NativeFunction(name, 1, 1, (v, args) => SymSubstitution.Replace(v, expression, symbol, SymPyModule.Exact(v, args[0]))),
        _ => throw new UnsupportedException($"sympy Poly's {name}"),
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) => throw new UnsupportedException("arithmetic with a Poly of sympy");

    public override bool? EqualTo(Vm vm, object other) => throw new UnsupportedException("equality of a Poly of sympy");

    public override string Repr(Vm vm) => throw new UnsupportedException("text of a Poly of sympy");
}
