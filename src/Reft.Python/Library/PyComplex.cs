using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>A complex number, with CPython's algorithms for its operators (Objects/complexobject.c).</summary>
internal sealed class PyComplex(double real, double imaginary) : PyObject
{
    public static readonly PyType ComplexType = new("complex", Construct, Methods);

    public double Real => real;

    public double Imaginary => imaginary;

    public override PyType Type => ComplexType;

    /// <summary>The value as a complex number; null where it is no number.</summary>
    public static PyComplex? From(object value) => value switch
    {
        PyComplex own => own,
        double number => new PyComplex(number, 0),
        long or BigInteger or bool => new PyComplex(Floats.FromInt(value), 0),
        _ => null,
    };

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "real" => real,
        "imag" => imaginary,
        _ => base.GetAttribute(vm, name),
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (From(other) is not { } second)
        {
            return null;
        }

        var (a, b) = reflected ? (second, this) : (this, second);
        return op switch
        {
            BinaryOp.Add => new PyComplex(a.Real + b.Real, a.Imaginary + b.Imaginary),
            BinaryOp.Subtract => new PyComplex(a.Real - b.Real, a.Imaginary - b.Imaginary),
            BinaryOp.Multiply => Product(a, b),
            BinaryOp.Divide => Quotient(a, b),
            BinaryOp.Power => Power(a, b),
            BinaryOp.FloorDivide or BinaryOp.Modulo => throw Err.Type(
                $"unsupported operand type(s) for {(op == BinaryOp.Modulo ? "%" : "//")}: '{Types.Of(reflected ? other : this).Name}' and '{Types.Of(reflected ? this : other).Name}'"),
            _ => null,
        };
    }

    public override object? Unary(Vm vm, UnaryOp op) => op switch
    {
        UnaryOp.Negate => new PyComplex(-real, -imaginary),
        UnaryOp.Plus => this,
        _ => null,
    };

    public override bool? EqualTo(Vm vm, object other) => other switch
    {
        PyComplex own => real == own.Real && imaginary == own.Imaginary,
        double or long or BigInteger or bool => imaginary == 0 && Ops.Equal(vm, real, other),
        _ => null,
    };

    public override long Hash(Vm vm)
    {
        var hash = unchecked(Hashing.OfDouble(real) + (1000003 * Hashing.OfDouble(imaginary)));
        return hash == -1 ? -2 : hash;
    }

    public override bool Truth(Vm vm) => real != 0 || imaginary != 0;

    public override object Abs(Vm vm)
    {
        var size = Hypotenuse(real, imaginary);
        return double.IsInfinity(size) && double.IsFinite(real) && double.IsFinite(imaginary)
            ? throw Err.Overflow("absolute value too large")
            : size;
    }

    public override object? Round(Vm vm, long? digits) => throw Err.Type("type complex doesn't define __round__ method");

    public override string Repr(Vm vm)
    {
        if (real == 0 && !double.IsNegative(real))
        {
            return Part(imaginary) + "j";
        }

        var text = Part(imaginary);
        return "(" + Part(real) + (text[0] is '-' ? "" : "+") + text + "j)";
    }

    public override string Format(Vm vm, string spec) => spec.Length == 0
        ? Str(vm)
        : throw new UnsupportedException("format of a complex number");

    /// <summary>A number of a complex one's text: as repr writes it, without a trailing <c>.0</c>.</summary>
    private static string Part(double value)
    {
        var text = Floats.Repr(value);
        return text.EndsWith(".0", StringComparison.Ordinal) ? text[..^2] : text;
    }

    public static double Hypotenuse(double a, double b) =>
        double.IsInfinity(a) || double.IsInfinity(b) ? double.PositiveInfinity : double.Hypot(a, b);

    private static PyComplex Product(PyComplex a, PyComplex b) => new(
        (a.Real * b.Real) - (a.Imaginary * b.Imaginary), (a.Real * b.Imaginary) + (a.Imaginary * b.Real));

    private static PyComplex Quotient(PyComplex a, PyComplex b)
    {
        if (Math.Abs(b.Real) >= Math.Abs(b.Imaginary))
        {
            if (b.Real == 0)
            {
                throw Err.ZeroDivision("complex division by zero");
            }

            var ratio = b.Imaginary / b.Real;
            var scale = b.Real + (b.Imaginary * ratio);
            return new((a.Real + (a.Imaginary * ratio)) / scale, (a.Imaginary - (a.Real * ratio)) / scale);
        }

        var turned = b.Real / b.Imaginary;
        var length = (b.Real * turned) + b.Imaginary;
        return new(((a.Real * turned) + a.Imaginary) / length, ((a.Imaginary * turned) - a.Real) / length);
    }

    /// <summary>
    /// CPython multiplies for exponents that are small whole numbers, and goes by way of polar coordinates otherwise.
    /// </summary>
    private static PyComplex Power(PyComplex a, PyComplex b)
    {
        if (b.Imaginary == 0 && b.Real == Math.Floor(b.Real) && Math.Abs(b.Real) <= 100)
        {
            var exponent = (int)b.Real;
            var power = Repeated(a, Math.Abs(exponent));
            return exponent >= 0 ? power : Quotient(new PyComplex(1, 0), power);
        }

        if (b.Real == 0 && b.Imaginary == 0)
        {
            return new PyComplex(1, 0);
        }

        if (a.Real == 0 && a.Imaginary == 0)
        {
            return b.Imaginary != 0 || b.Real < 0
                ? throw Err.ZeroDivision("0.0 to a negative or complex power")
                : new PyComplex(0, 0);
        }

        var size = Hypotenuse(a.Real, a.Imaginary);
        var length = Math.Pow(size, b.Real);
        var turn = Math.Atan2(a.Imaginary, a.Real);
        var phase = turn * b.Real;
        if (b.Imaginary != 0)
        {
            length *= Math.Exp(-turn * b.Imaginary);
            phase += b.Imaginary * Math.Log(size);
        }

        return new PyComplex(length * Math.Cos(phase), length * Math.Sin(phase));
    }

    private static PyComplex Repeated(PyComplex value, int exponent)
    {
        var (result, power) = (new PyComplex(1, 0), value);
        for (var mask = 1; mask > 0 && exponent >= mask; mask <<= 1)
        {
            if ((exponent & mask) != 0)
            {
                result = Product(result, power);
            }

            power = Product(power, power);
        }

        return result;
    }

    private static object Construct(Vm vm, PyType type, Args args)
    {
        Signature.Check("complex", args, 0, 2, ["real", "imag"]);
        var (first, second) = (args.At(0, "real"), args.At(1, "imag"));
        if (first is string text)
        {
            return Parse(text) ?? throw Err.Value("complex() arg is a malformed string");
        }

        var a = first is null ? new PyComplex(0, 0) : Number(vm, first);
        var b = second is null ? new PyComplex(0, 0) : Number(vm, second);
        return second is null ? a : new PyComplex(
            first is PyComplex || second is PyComplex ? a.Real - b.Imaginary : a.Real,
            first is PyComplex || second is PyComplex ? a.Imaginary + b.Real : b.Real);
    }

    public static PyComplex Number(Vm vm, object value) => From(value) ?? new PyComplex(Ops.ToFloat(vm, value), 0);

    private static PyComplex? Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith('(') && trimmed.EndsWith(')'))
        {
            trimmed = trimmed[1..^1].Trim();
        }

        if (!trimmed.EndsWith('j') && !trimmed.EndsWith('J'))
        {
            return NumberText.ToFloat(trimmed) is { } alone ? new PyComplex(alone, 0) : null;
        }

        var body = trimmed[..^1];
        var split = -1;
        for (var i = body.Length - 1; i > 0 && split < 0; i--)
        {
            split = body[i] is '+' or '-' && body[i - 1] is not ('e' or 'E') ? i : -1;
        }

        var first = split < 0 ? 0 : NumberText.ToFloat(body[..split]);
        var tail = split < 0 ? body : body[split..];
        var second = tail is "" or "+" ? 1 : tail is "-" ? -1 : NumberText.ToFloat(tail);
        return first is { } a && second is { } b && !body.Contains(' ', StringComparison.Ordinal) ? new PyComplex(a, b) : null;
    }

    private static IEnumerable<NativeMethod> Methods() =>
    [
        new("conjugate", 0, 0, (_, self, _) => new PyComplex(((PyComplex)self).Real, -((PyComplex)self).Imaginary)),
    ];
}

/// <summary>Of the module <c>cmath</c>: square root, exponential, logarithm, polar coordinates.</summary>
internal static class CMathModule
{
    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            Of("sqrt", Root),
            Of("exp", z => Math.Exp(z.Real) is var size
                ? new PyComplex(size * Math.Cos(z.Imaginary), size * Math.Sin(z.Imaginary))
                : z),
            new NativeFunction("phase", 1, 1, (vm, args) => PyComplex.Number(vm, args[0]) is var z ? Math.Atan2(z.Imaginary, z.Real) : 0.0),
            new NativeFunction("polar", 1, 1, (vm, args) => PyComplex.Number(vm, args[0]) is var z
                ? new PyTuple([PyComplex.Hypotenuse(z.Real, z.Imaginary), Math.Atan2(z.Imaginary, z.Real)])
                : PyNone.Value),
            new NativeFunction("rect", 2, 2, (vm, args) => Ops.ToFloat(vm, args[0]) is var size && Ops.ToFloat(vm, args[1]) is var turn
                ? turn == 0 ? new PyComplex(size, size * turn) : new PyComplex(size * Math.Cos(turn), size * Math.Sin(turn))
                : PyNone.Value),
            new NativeFunction("isnan", 1, 1, (vm, args) => PyComplex.Number(vm, args[0]) is var z
                ? Bools.Of(double.IsNaN(z.Real) || double.IsNaN(z.Imaginary))
                : PyNone.Value));
        members["pi"] = Math.PI;
        members["e"] = Math.E;
        members["tau"] = Math.Tau;
        members["inf"] = double.PositiveInfinity;
        return members;
    }

    private static NativeFunction Of(string name, Func<PyComplex, PyComplex> function) =>
        new(name, 1, 1, (vm, args) => PyComplex.Number(vm, args[0]) is var z && double.IsFinite(z.Real) && double.IsFinite(z.Imaginary)
            ? function(z)
            : throw new UnsupportedException($"cmath.{name} of a number that is not finite"));

    /// <summary>By CPython's formula, which halves and doubles to keep all digits (Modules/cmathmodule.c).</summary>
    private static PyComplex Root(PyComplex z)
    {
        if (z.Real == 0 && z.Imaginary == 0)
        {
            return new PyComplex(0, z.Imaginary);
        }

        var (a, b) = (Math.Abs(z.Real), Math.Abs(z.Imaginary));
        var half = a / 8;
        var size = 2 * Math.Sqrt(half + double.Hypot(half, b / 8));
        var other = b / (2 * size);
        return z.Real >= 0
            ? new PyComplex(size, Math.CopySign(other, z.Imaginary))
            : new PyComplex(other, Math.CopySign(size, z.Imaginary));
    }
}
