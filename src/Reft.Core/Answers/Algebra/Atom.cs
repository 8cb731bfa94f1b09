using System.Globalization;
using System.Numerics;

namespace Reft.Answers.Algebra;

/// <summary>
/// What a polynomial is made of besides rational numbers: an unknown, π, e, the imaginary unit, the square root of a
/// prime, or a function or power that is kept as it is written. Two atoms with one name are one.
/// </summary>
internal sealed class Atom : IComparable<Atom>, IEquatable<Atom>
{
    private readonly Form? _argument;
    private readonly Form? _exponent;
    private readonly string _function;

    private Atom(string name, AtomKind kind, string function = "", Form? argument = null, Form? exponent = null)
    {
        Name = name;
        Kind = kind;
        _function = function;
        _argument = argument;
        _exponent = exponent;
    }

    /// <summary>The imaginary unit, whose square is −1.</summary>
    public static Atom Imaginary { get; } = new("i", AtomKind.Imaginary);

    /// <summary>As it is written, in a form that the reader reads back.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public AtomKind Kind { get; }

    /// <summary>The prime, where this is the square root of one.</summary>
    public int Prime { get; private init; }

    /// <summary>Whether its square is known: the imaginary unit and square roots.</summary>
    public bool HasSquare => Kind is AtomKind.Imaginary or AtomKind.Radical;

    /// <summary>An unknown, as in x or a_1.</summary>
    public static Atom Unknown(string name) => new(name, AtomKind.Unknown);

    /// <summary>π or e.</summary>
    public static Atom Constant(string name) => new(name, AtomKind.Constant);

    /// <summary>The square root of a prime.</summary>
    public static Atom Root(int prime) =>
        new(string.Create(CultureInfo.InvariantCulture, $"sqrt({prime})"), AtomKind.Radical) { Prime = prime };

    /// <summary>A function of something, kept as it is.</summary>
    public static Atom Function(string name, Form argument) =>
        new($"{name}({argument})", AtomKind.Function, name, argument);

    /// <summary>A power with an exponent that is no whole number, kept as it is.</summary>
    public static Atom Power(Form value, Form exponent) =>
        new($"({value})^({exponent})", AtomKind.Function, "^", value, exponent);

    /// <summary>The unknowns in it.</summary>
    public IEnumerable<string> Unknowns => Kind == AtomKind.Unknown
        ? [Name]
        : (_argument?.Unknowns ?? []).Concat(_exponent?.Unknowns ?? []);

    /// <summary>The functions in it, by name.</summary>
    public IEnumerable<string> Functions => Kind == AtomKind.Function
        ? (_argument?.Functions ?? []).Concat(_exponent?.Functions ?? []).Append(_function)
        : [];

    /// <summary>Its value in floating point; NaN where it has none.</summary>
    /// <param name="unknowns">The value of every unknown.</param>
    public Complex Evaluate(Func<string, double> unknowns) => Kind switch
    {
        AtomKind.Unknown => unknowns(Name),
        AtomKind.Constant => Name == "pi" ? Math.PI : Math.E,
        AtomKind.Imaginary => Complex.ImaginaryOne,
        AtomKind.Radical => Math.Sqrt(Prime),
        _ => Apply(_argument!.Evaluate(unknowns), unknowns), // A function has an argument.
    };

    private Complex Apply(Complex value, Func<string, double> unknowns) => _function switch
    {
        "^" => Complex.Pow(value, _exponent!.Evaluate(unknowns)), // A power has an exponent.
        "sqrt" => Complex.Sqrt(value),
        "abs" => Complex.Abs(value),
        "ln" or "log" => Complex.Log(value),
        "sin" => Complex.Sin(value),
        "cos" => Complex.Cos(value),
        "tan" => Complex.Tan(value),
        "cot" => 1 / Complex.Tan(value),
        "sec" => 1 / Complex.Cos(value),
        "csc" => 1 / Complex.Sin(value),
        "arcsin" => Complex.Asin(value),
        "arccos" => Complex.Acos(value),
        "arctan" => Complex.Atan(value),
        _ => new Complex(double.NaN, double.NaN),
    };

    /// <inheritdoc/>
    public int CompareTo(Atom? other) => string.CompareOrdinal(Name, other?.Name);

    /// <inheritdoc/>
    public bool Equals(Atom? other) => other is not null && Name == other.Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Atom);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}

/// <summary>What an atom is.</summary>
internal enum AtomKind
{
    /// <summary>An unknown.</summary>
    Unknown,

    /// <summary>π or e.</summary>
    Constant,

    /// <summary>The imaginary unit.</summary>
    Imaginary,

    /// <summary>The square root of a prime.</summary>
    Radical,

    /// <summary>A function or power that is kept as it is written.</summary>
    Function,
}
