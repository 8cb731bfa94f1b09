using System.Numerics;
using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python;

/// <summary>The type of a program's value.</summary>
public enum ProgramValueKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>True or False.</summary>
    Boolean,

    /// <summary>An int of any size.</summary>
    WholeNumber,

    /// <summary>A float.</summary>
    FloatingPoint,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A <c>fractions.Fraction</c> or a rational number of sympy.</summary>
    Fraction,

    /// <summary>A <c>decimal.Decimal</c>.</summary>
    DecimalNumber,

    /// <summary>Another number of sympy, such as <c>sqrt(2)</c>.</summary>
    Symbolic,

    /// <summary>A list or anything else.</summary>
    Other,
}

/// <summary>What a program returned.</summary>
public sealed record ProgramValue
{
    /// <summary>How many containers of one item are looked into.</summary>
    private const int MostNested = 3;

    private double? _float;

    private ProgramValue()
    {
    }

    /// <summary>The type.</summary>
    public required ProgramValueKind Kind { get; init; }

    /// <summary>Python's <c>repr</c>.</summary>
    public required string Repr { get; init; }

    /// <summary>The string itself, for <see cref="ProgramValueKind.Text"/>; otherwise Python's <c>str</c>.</summary>
    public required string Text { get; init; }

    /// <summary>The exact numerator, where the value is an exact rational number (bools count as 0 and 1).</summary>
    public BigInteger? Numerator { get; private init; }

    /// <summary>The exact, positive denominator that belongs to <see cref="Numerator"/>.</summary>
    public BigInteger? Denominator { get; private init; }

    /// <summary>The only item of a list, tuple or set of one, such as the solutions of an equation that has one; or null.</summary>
    public ProgramValue? Only { get; private init; }

    /// <summary>
    /// What Python's <c>float()</c> gives: numbers, and strings by its grammar. Null where it raises, such as for
    /// None, for lists, or for an int that is too large.
    /// </summary>
    public double? ToFloat() => _float;

    internal static ProgramValue From(Vm vm, object value) => From(vm, value, MostNested);

    private static ProgramValue From(Vm vm, object value, int nested)
    {
        var exact = Exact(vm, value);
        return new ProgramValue
        {
            Kind = KindOf(value),
            Repr = Shown(vm, value),
            Text = value as string ?? Written(vm, value),
            Numerator = exact?.Numerator,
            Denominator = exact?.Denominator,
            _float = Number(vm, value),
            Only = nested > 0 && value is PyObject container && OnlyItem(vm, container) is { } only
                ? From(vm, only, nested - 1)
                : null,
        };
    }

    /// <summary>A value that another engine found; a denominator must be positive.</summary>
    internal static ProgramValue FromOutside(
        ProgramValueKind kind,
        (string Repr, string Text) written,
        BigInteger? numerator,
        BigInteger? denominator,
        double? real,
        ProgramValue? only) => new()
        {
            Kind = kind,
            Repr = written.Repr,
            Text = written.Text,
            Numerator = numerator,
            Denominator = denominator,
            _float = real,
            Only = only,
        };

    private static ProgramValueKind KindOf(object value) => value switch
    {
        PyNone => ProgramValueKind.None,
        bool => ProgramValueKind.Boolean,
        long or BigInteger => ProgramValueKind.WholeNumber,
        double => ProgramValueKind.FloatingPoint,
        string => ProgramValueKind.Text,
        PyFraction => ProgramValueKind.Fraction,
        PyDecimal => ProgramValueKind.DecimalNumber,
        Library.SymPy.SymExpr expression => expression.Rational is null
            ? ProgramValueKind.Symbolic
            : ProgramValueKind.Fraction,
        Library.NumPy.NpScalar scalar => KindOf(scalar.Value),
        _ => ProgramValueKind.Other,
    };

    private static object? OnlyItem(Vm vm, PyObject container) => container switch
    {
        PyList { Items.Count: 1 } list => list.Items[0],
        Library.NumPy.NpArray { Size: 1 } array => array.At(0),
        PyTuple { Items.Length: 1 } tuple => tuple.Items[0],
        PySet { Count: 1 } set => set.Entries(vm).First().Key,
        _ => null,
    };

    private static PyFraction? Exact(Vm vm, object value) => value switch
    {
        PyDecimal number => number.IsFinite ? number.ToFraction(vm) : null,
        Library.SymPy.SymExpr expression => expression.Rational,
        Library.NumPy.NpScalar scalar => Exact(vm, scalar.Value),
        double real when double.IsFinite(real) => Floats.ToRatio(real) is var (a, b) ? new PyFraction(a, b) : null,
        _ => PyFraction.From(value),
    };

    private static string Shown(Vm vm, object value)
    {
        try
        {
            return Show.Repr(vm, value);
        }
        catch (UnsupportedException error) when (IsAddress(error))
        {
            // The value is there all the same.
            return $"<{Types.Of(value).Name}>";
        }
    }

    private static string Written(Vm vm, object value)
    {
        try
        {
            return Show.Str(vm, value);
        }
        catch (UnsupportedException error) when (IsAddress(error))
        {
            return $"<{Types.Of(value).Name}>";
        }
    }

    /// <summary>Python would show where the object lies in memory.</summary>
    private static bool IsAddress(UnsupportedException error) =>
        error.Message.StartsWith("unsupported text of a ", StringComparison.Ordinal);

    private static double? Number(Vm vm, object value)
    {
        try
        {
            return value is string text ? NumberText.ToFloat(text) : Ops.ToFloat(vm, value);
        }
        catch (Exception error) when (error is PyError or UnsupportedException)
        {
            return null;
        }
    }
}
