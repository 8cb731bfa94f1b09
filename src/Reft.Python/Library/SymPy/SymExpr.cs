using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>
/// An expression of sympy: a tree in the form that sympy's automatic evaluation gives it. Two expressions are equal when
/// their <see cref="Key"/>s are.
/// </summary>
internal abstract class SymExpr : PyObject
{
    private static readonly PyType ExpressionType = new("sympy expression");

    private string? _key;

    public override PyType Type => ExpressionType;

    /// <summary>A text that no other expression has.</summary>
    public string Key => _key ??= MakeKey();

    public virtual IReadOnlyList<SymExpr> Args => [];

    /// <summary>The value as a rational number, or null when it is not one.</summary>
    public PyFraction? Rational => this is SymNumber number ? new PyFraction(number.P, number.Q) : null;

    public bool IsZero => this is SymNumber { P.IsZero: true };

    public bool IsOne => this is SymNumber { P.IsOne: true, Q.IsOne: true };

    public bool IsMinusOne => this is SymNumber { Q.IsOne: true } number && number.P == BigInteger.MinusOne;

    public bool Is(int value) => this is SymNumber { Q.IsOne: true } number && number.P == value;

    /// <summary>A number as sympy's class Number has it: rational, float, or infinite.</summary>
    public bool IsNumberNode => this is SymNumber or SymFloat or SymConstant { IsInfinite: true };

    /// <summary>Whether there is no symbol in it.</summary>
    public bool IsNumber => !Has(e => e is SymSymbol);

    /// <summary>Whether any part of the tree is such.</summary>
    public bool Has(Func<SymExpr, bool> test) => test(this) || Args.Any(a => a.Has(test));

    public bool Has(SymExpr part) => Has(e => e.Key == part.Key);

    /// <summary>The symbols, sorted by name.</summary>
    public List<SymSymbol> Symbols()
    {
        var found = new Dictionary<string, SymSymbol>(StringComparer.Ordinal);
        Collect(this, found);
        return [.. found.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];
    }

    protected abstract string MakeKey();

    /// <summary>An argument as an expression; null where it is no number and no expression.</summary>
    public static SymExpr? Of(Vm vm, object value) => value switch
    {
        SymExpr own => own,
        long or BigInteger => new SymNumber(Ints.Big(value), BigInteger.One),
        double real => SymFloat.Make(real),
        PyFraction fraction => new SymNumber(fraction.Numerator, fraction.Denominator),
        PyComplex number => SymOps.Add(vm, SymFloat.Make(number.Real), SymOps.Multiply(vm, SymFloat.Make(number.Imaginary), SymConstant.I)),
        NumPy.NpScalar scalar => Of(vm, scalar.Value),
        _ => null,
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (other is bool)
        {
            throw Err.Type($"unsupported operand type(s) between sympy expressions and bool");
        }

        if (other is SymRelation || Of(vm, other) is not { } second)
        {
            return other is PyDecimal ? throw new UnsupportedException("Decimal in a sympy expression") : null;
        }

        vm.Charge(20);
        var (a, b) = reflected ? (second, this) : (this, second);
        return op switch
        {
            BinaryOp.Add => SymOps.Add(vm, a, b),
            BinaryOp.Subtract => SymOps.Subtract(vm, a, b),
            BinaryOp.Multiply => SymOps.Multiply(vm, a, b),
            BinaryOp.Divide => SymOps.Divide(vm, a, b),
            BinaryOp.Power => SymOps.Power(vm, a, b),
            BinaryOp.FloorDivide => SymFunctions.Floor(vm, SymOps.Divide(vm, a, b)),
            BinaryOp.Modulo => SymFunctions.Mod(vm, a, b),
            _ => throw new UnsupportedException("this operator of sympy"),
        };
    }

    public override object? Unary(Vm vm, UnaryOp op) => op switch
    {
        UnaryOp.Negate => SymOps.Negate(vm, this),
        UnaryOp.Plus => this,
        _ => null,
    };

    public override object Abs(Vm vm) => SymFunctions.Abs(vm, this);

    public override object? Round(Vm vm, long? digits) => SymNumeric.Round(vm, this, digits);

    public override bool? EqualTo(Vm vm, object other)
    {
        if (Of(vm, other) is not { } second)
        {
            return other is bool ? false : null;
        }

        // A float of sympy equals a rational number of the same value.
        return (this, second) switch
        {
            (SymFloat a, SymFloat b) => a.Value == b.Value,
            (SymFloat a, SymNumber b) => SymNumeric.Compare(vm, a, b) == 0,
            (SymNumber a, SymFloat b) => SymNumeric.Compare(vm, a, b) == 0,
            _ => Key == second.Key || (vm.HasUnsureForms && MayBeEqual(vm, second)
                ? throw new UnsupportedException("equality of expressions whose form in sympy is not sure")
                : false),
        };
    }

    /// <summary>Whether the values are equal though the forms are not.</summary>
    private bool MayBeEqual(Vm vm, SymExpr other)
    {
        var difference = SymOps.Subtract(vm, this, other);
        return difference.IsNumber
            ? !SymNumeric.IsSure(vm, difference, imaginary: false) && !SymNumeric.IsSure(vm, difference, imaginary: true)
            : Has(e => e is SymFunction) || other.Has(e => e is SymFunction) || SymPolynomial.IsZero(vm, SymFraction.Of(vm, difference).Top);
    }

    public override object? RichCompare(Vm vm, CompareOp op, object other)
    {
        if (op is CompareOp.Equal or CompareOp.NotEqual || Of(vm, other) is not { } second)
        {
            return null;
        }

        return SymRelation.Make(vm, op, this, second);
    }

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        RichCompare(vm, op, other) is { } relation ? Ops.Truth(vm, relation) : null;

    public override long Hash(Vm vm) => this switch
    {
        SymNumber number => Hashing.OfRatio(number.P, number.Q),
        SymFloat real => Hashing.OfDouble(real.Value),
        _ => Hashing.OfText(Key),
    };

    public override bool Truth(Vm vm) => this switch
    {
        SymNumber number => !number.P.IsZero,
        SymFloat real => real.Value != 0,
        // A Python object without a length is true.
        _ => true,
    };

    public override double? ToFloat(Vm vm) => IsNumber
        ? SymNumeric.ToDouble(vm, this)
        : throw Err.Type("Cannot convert expression to float");

    public override object? ToInt(Vm vm) => IsNumber
        ? Ints.Box(vm, SymNumeric.Truncate(vm, this))
        : throw Err.Type("Cannot convert symbols to int");

    public override object? ToIndex(Vm vm) => this is SymNumber { Q.IsOne: true } number ? Ints.Box(vm, number.P) : null;

    public override object ToWhole(Vm vm, string method) => method switch
    {
        // math.floor and math.ceil call sympy's own.
        "__floor__" => Whole(vm, SymFunctions.Floor(vm, this)),
        "__ceil__" => Whole(vm, SymFunctions.Ceiling(vm, this)),
        _ => ToInt(vm)!, // a number has one, another raises
    };

    public override string Repr(Vm vm) => SymPrinter.Write(vm, this);

    public override string Format(Vm vm, string spec)
    {
        if (spec.Length == 0)
        {
            return Str(vm);
        }

        if (this is SymFloat)
        {
            // Sympy formats its text as a Decimal.
            return Formats.Apply(vm, DecimalModule.Decimal.Call(vm, new Args([Repr(vm)])), spec);
        }

        var body = spec.TrimStart('+');
        var point = body.IndexOf('.', StringComparison.Ordinal);
        if (IsNumber && spec.Length - body.Length <= 1 && point >= 0 && body.EndsWith('f') && body[..point].All(char.IsAsciiDigit)
            && body.Length > point + 2 && body[(point + 1)..^1].All(char.IsAsciiDigit) && body.Length < 12)
        {
            var rounded = SymNumeric.Round(vm, this, long.Parse(body.AsSpan((point + 1)..^1), System.Globalization.CultureInfo.InvariantCulture));
            return rounded is SymNumber { IsWhole: true } whole ? Formats.Apply(vm, Ints.Box(whole.P), spec) : rounded.Format(vm, spec);
        }

        throw Err.Type("unsupported format string passed to a sympy expression.__format__");
    }

    public override object? GetAttribute(Vm vm, string name) => SymMethods.Find(vm, this, name);

    private static object Whole(Vm vm, SymExpr value) => value;

    private static void Collect(SymExpr expression, Dictionary<string, SymSymbol> found)
    {
        if (expression is SymSymbol symbol)
        {
            found[symbol.Key] = symbol;
        }

        foreach (var part in expression.Args)
        {
            Collect(part, found);
        }
    }
}

/// <summary>A rational number in lowest terms; a whole one is sympy's Integer.</summary>
internal sealed class SymNumber(BigInteger p, BigInteger q) : SymExpr
{
    public static readonly SymNumber Zero = new(BigInteger.Zero, BigInteger.One);
    public static readonly SymNumber One = new(BigInteger.One, BigInteger.One);
    public static readonly SymNumber MinusOne = new(BigInteger.MinusOne, BigInteger.One);
    public static readonly SymNumber Two = new(2, BigInteger.One);
    public static readonly SymNumber Half = new(BigInteger.One, 2);

    public BigInteger P => p;

    public BigInteger Q => q;

    public bool IsWhole => q.IsOne;

    public int Sign => p.Sign;

    public static SymNumber Of(BigInteger value) => new(value, BigInteger.One);

    public static SymNumber Of(PyFraction value) => new(value.Numerator, value.Denominator);

    /// <summary>A quotient in lowest terms; the divisor is not zero.</summary>
    public static SymNumber Ratio(Vm vm, BigInteger a, BigInteger b)
    {
        var divisor = BigInteger.GreatestCommonDivisor(a, b);
        divisor = b.Sign < 0 ? -divisor : divisor;
        var (p, q) = (a / divisor, b / divisor);
        vm.CheckBits(Math.Max(p.GetBitLength(), q.GetBitLength()));
        vm.Charge((p.GetBitLength() + q.GetBitLength()) >> 9);
        return new(p, q);
    }

    public SymNumber Plus(Vm vm, SymNumber other) => Ratio(vm, (p * other.Q) + (other.P * q), q * other.Q);

    public SymNumber Times(Vm vm, SymNumber other) => Ratio(vm, p * other.P, q * other.Q);

    public SymNumber Over(Vm vm, SymNumber other) => Ratio(vm, p * other.Q, q * other.P);

    public SymNumber Negated() => new(-p, q);

    public SymNumber Magnitude() => new(BigInteger.Abs(p), q);

    public int CompareTo(SymNumber other) => (p * other.Q).CompareTo(other.P * q);

    protected override string MakeKey() => q.IsOne ? $"{p}" : $"{p}/{q}";
}

/// <summary>A float of sympy; of 53 bits unless <c>N</c> asked for fewer.</summary>
internal sealed class SymFloat(double value, int bits) : SymExpr
{
    public const int UsualBits = 53;

    public double Value => value;

    public int Bits => bits;

    public static SymExpr Make(double value, int bits = UsualBits)
    {
        if (double.IsNaN(value))
        {
            return SymConstant.NotANumber;
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? SymConstant.Infinity : SymConstant.MinusInfinity;
        }

        if (value != 0 && Math.Abs(value) < 1e-290)
        {
            throw new UnsupportedException("floats of sympy out of range");
        }

        return new SymFloat(bits == UsualBits ? value : BigReal.From(value).To(bits).ToDouble(), bits);
    }

    protected override string MakeKey() =>
        FormattableString.Invariant($"f{BitConverter.DoubleToInt64Bits(value == 0 ? 0 : value):x}") + (bits == UsualBits ? "" : $"p{bits}");
}

/// <summary>A symbol with what is assumed of it.</summary>
internal sealed class SymSymbol(string name, SymAssumptions assumed) : SymExpr
{
    public string Name => name;

    public SymAssumptions Assumed => assumed;

    protected override string MakeKey() => assumed == SymAssumptions.None ? $"${name};" : $"${name}:{(int)assumed};";
}

/// <summary>What may be assumed of a symbol; what follows from one is set, too.</summary>
[Flags]
internal enum SymAssumptions
{
    None = 0,
    Real = 1,
    NonNegative = 2,
    NonPositive = 4,
    NonZero = 8,
    Rational = 16,
    Integer = 32,
    Complex = 64,
}

/// <summary>pi, e, the imaginary unit, and the infinite ones.</summary>
internal sealed class SymConstant : SymExpr
{
    public static readonly SymConstant Pi = new("pi", "Pi");
    public static readonly SymConstant E = new("E", "Exp1");
    public static readonly SymConstant I = new("I", "ImaginaryUnit");
    public static readonly SymConstant Infinity = new("oo", "Infinity");
    public static readonly SymConstant MinusInfinity = new("-oo", "NegativeInfinity");
    public static readonly SymConstant ComplexInfinity = new("zoo", "ComplexInfinity");
    public static readonly SymConstant NotANumber = new("nan", "NaN");

    private SymConstant(string name, string className)
    {
        Name = name;
        ClassName = className;
    }

    public string Name { get; }

    public string ClassName { get; }

    public bool IsInfinite => this != Pi && this != E && this != I;

    protected override string MakeKey() => $"#{Name};";
}

/// <summary>A sum of two or more terms; a number stands first.</summary>
internal sealed class SymAdd(SymExpr[] terms) : SymExpr
{
    public override IReadOnlyList<SymExpr> Args => terms;

    protected override string MakeKey() => "(+" + string.Concat(terms.Select(t => " " + t.Key)) + ")";
}

/// <summary>A product of two or more factors; a number stands first.</summary>
internal sealed class SymMul(SymExpr[] factors) : SymExpr
{
    public override IReadOnlyList<SymExpr> Args => factors;

    protected override string MakeKey() => "(*" + string.Concat(factors.Select(f => " " + f.Key)) + ")";
}

/// <summary>A power.</summary>
internal sealed class SymPow(SymExpr @base, SymExpr exponent) : SymExpr
{
    public SymExpr Base => @base;

    public SymExpr Exponent => exponent;

    public override IReadOnlyList<SymExpr> Args => [@base, exponent];

    protected override string MakeKey() => $"(^ {@base.Key} {exponent.Key})";
}

/// <summary>A function of sympy of its arguments, by its name there.</summary>
internal sealed class SymFunction(string name, SymExpr[] args) : SymExpr
{
    public string Name => name;

    public override IReadOnlyList<SymExpr> Args => args;

    public SymExpr Argument => args[0];

    protected override string MakeKey() => $"({name}" + string.Concat(args.Select(a => " " + a.Key)) + ")";
}
