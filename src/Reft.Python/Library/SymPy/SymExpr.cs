using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>
/// An exact expression of sympy: a sum of rational multiples of monomials. It is kept expanded, and sympy would not
/// always expand it; where that shows (its text, its shape), it is <see cref="IsOpaque"/> and refuses.
/// </summary>
internal sealed class SymExpr : PyObject
{
    public const string Pi = "\u03c0";

    private static readonly PyType NumberType = new("sympy number");

    public SymExpr(Dictionary<Monomial, PyFraction> terms, bool isOpaque = false)
    {
        Terms = terms;
        IsOpaque = isOpaque;
    }

    public Dictionary<Monomial, PyFraction> Terms { get; }

    /// <summary>Sympy may keep this expression in another form.</summary>
    public bool IsOpaque { get; }

    public override PyType Type => NumberType;

    /// <summary>The value as a rational number, or null when it is not one.</summary>
    public PyFraction? Rational => Terms.Count == 0
        ? new PyFraction(0, 1)
        : Terms.Count == 1 && Terms.TryGetValue(Monomial.One, out var value) ? value : null;

    /// <summary>Whether there is no symbol in it.</summary>
    public bool IsNumber => Terms.Keys.All(m => m.Powers.Keys.All(n => n == Pi));

    public static SymExpr From(PyFraction value) => new(value.Numerator.IsZero ? [] : new() { [Monomial.One] = value });

    public static SymExpr Symbol(string name) => new(new()
    {
        [new Monomial(new(StringComparer.Ordinal) { [name] = 1 }, 1)] = new PyFraction(1, 1),
    });

    /// <summary>The value as an exact expression; null for what is none, such as floats.</summary>
    public static SymExpr? Of(object value) => value as SymExpr ?? (PyFraction.From(value) is { } rational && value is not bool
        ? From(rational)
        : null);

    public static SymExpr Sqrt(Vm vm, PyFraction value)
    {
        if (value.Numerator.Sign < 0)
        {
            throw new UnsupportedException("square root of a negative number (complex numbers)");
        }

        // √(p/q) = √(p·q)/q
        var (outside, inside) = SquareParts(vm, value.Numerator * value.Denominator);
        return outside.IsZero
            ? From(new PyFraction(0, 1))
            : new(new() { [new Monomial(new(StringComparer.Ordinal), inside)] = PyFraction.Make(vm, outside, value.Denominator) });
    }

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (other is double real)
        {
            return Rational is null
                ? throw new UnsupportedException("floats in sympy expressions")
                : new SymFloat(Ops.ToFloat(vm, Rational)).Binary(vm, op, real, reflected, reflected || op != BinaryOp.Divide);
        }

        if (Of(other) is not { } second)
        {
            return other is PyFraction or PyDecimal or bool
                ? throw new UnsupportedException($"sympy with a {Types.Of(other).Name}")
                : null;
        }

        var (a, b) = reflected ? (second, this) : (this, second);
        vm.Charge(4 + ((long)a.Terms.Count * b.Terms.Count));
        return op switch
        {
            BinaryOp.Add => Add(vm, a, b, 1),
            BinaryOp.Subtract => Add(vm, a, b, -1),
            BinaryOp.Multiply => Multiply(vm, a, b),
            BinaryOp.Divide => Divide(vm, a, b),
            BinaryOp.Power => Power(vm, a, b),
            BinaryOp.FloorDivide or BinaryOp.Modulo when a.Rational is { } x && b.Rational is { } y && !y.Numerator.IsZero =>
                Ops.Binary(vm, op, x, y) is var result ? From(PyFraction.From(result)!) : null, // both give rationals
            _ => throw new UnsupportedException("this operator in sympy"),
        };
    }

    public override object? Unary(Vm vm, UnaryOp op) => op switch
    {
        UnaryOp.Negate => Multiply(vm, From(new PyFraction(-1, 1)), this),
        UnaryOp.Plus => this,
        _ => null,
    };

    public override bool? EqualTo(Vm vm, object other)
    {
        if (other is double or SymFloat)
        {
            throw new UnsupportedException("equality of sympy numbers and floats");
        }

        if (Of(other) is not { } second)
        {
            return null;
        }

        var equal = Terms.Count == second.Terms.Count
            && Terms.All(t => second.Terms.TryGetValue(t.Key, out var c) && c.EqualTo(vm, t.Value) == true);
        return equal && (IsOpaque || second.IsOpaque)
            ? throw new UnsupportedException("equality of sympy expressions that are not expanded")
            : equal;
    }

    public override bool? Compare(Vm vm, CompareOp op, object other)
    {
        if (other is double real && Rational is { } mine)
        {
            return mine.Compare(vm, op, real);
        }

        if (Of(other) is not { } second || !IsNumber || !second.IsNumber)
        {
            throw new UnsupportedException("comparison of sympy expressions");
        }

        var difference = Add(vm, this, second, -1);
        return Ops.Holds(op, difference.Terms.Count == 0 ? 0 : Math.Sign(SymNumeric.Value(vm, difference)));
    }

    public override long Hash(Vm vm) => Rational is { } rational
        ? rational.Hash(vm)
        : IsOpaque ? throw new UnsupportedException("hash of this sympy expression")
        : Terms.Aggregate(17L, (hash, t) => hash + (Hashing.OfText(string.Join(',', t.Key.Powers)) ^ t.Value.Hash(vm)));

    public override bool Truth(Vm vm) => IsNumber ? Terms.Count > 0 : throw new UnsupportedException("truth of a sympy expression");

    public override string Repr(Vm vm) => SymText.Write(vm, this);

    public override string Format(Vm vm, string spec) => spec.Length == 0
        ? Repr(vm)
        : throw new UnsupportedException("format of a sympy number");

    public override double? ToFloat(Vm vm) => IsNumber
        ? SymNumeric.Value(vm, this)
        : throw Err.Type("Cannot convert expression to float");

    public override object? ToInt(Vm vm) => Rational?.ToInt(vm)
        ?? (IsNumber ? Floats.Truncate(SymNumeric.Value(vm, this)) : throw Err.Type("Cannot convert symbols to int"));

    public override object? ToIndex(Vm vm) => Rational is { Denominator.IsOne: true } whole ? Ints.Box(whole.Numerator) : null;

    public override object ToWhole(Vm vm, string method) =>
        Rational?.ToWhole(vm, method) ?? throw new UnsupportedException($"{method} of this sympy expression");

    public SymExpr Abs() => Rational is { } rational
        ? From(rational.Abs())
        : throw new UnsupportedException("abs of this sympy expression");

    public override object? GetAttribute(Vm vm, string name) => SymMethods.Find(vm, this, name);

    public SymExpr Opaque() => new(Terms, true);

    public static SymExpr Add(Vm vm, SymExpr a, SymExpr b, int sign)
    {
        var terms = new Dictionary<Monomial, PyFraction>(a.Terms);
        foreach (var (monomial, value) in b.Terms)
        {
            Put(vm, terms, monomial, sign > 0 ? value : new PyFraction(-value.Numerator, value.Denominator));
        }

        return new SymExpr(terms, a.IsOpaque || b.IsOpaque);
    }

    public static SymExpr Multiply(Vm vm, SymExpr a, SymExpr b)
    {
        vm.AllocateItems((long)a.Terms.Count * b.Terms.Count * 8);
        vm.Charge((long)a.Terms.Count * b.Terms.Count * 4);
        var terms = new Dictionary<Monomial, PyFraction>();
        foreach (var (m, x) in a.Terms)
        {
            foreach (var (n, y) in b.Terms)
            {
                var (outside, inside) = SquareParts(vm, m.Radicand * n.Radicand);
                var product = (PyFraction)Ops.Binary(vm, BinaryOp.Multiply, x, y);
                product = (PyFraction)Ops.Binary(vm, BinaryOp.Multiply, product, Ints.Box(outside));
                Put(vm, terms, new Monomial(Monomial.Combine(m, n, 1), inside), product);
            }
        }

        // Sympy multiplies out only a rational number times a sum.
        var isDistributed = a.Terms.Count <= 1 && b.Terms.Count <= 1
            || (a.Rational is not null && !b.IsOpaque) || (b.Rational is not null && !a.IsOpaque);
        return new SymExpr(terms, a.IsOpaque || b.IsOpaque || !isDistributed);
    }

    private static SymExpr Divide(Vm vm, SymExpr a, SymExpr b)
    {
        if (b.Terms.Count == 0)
        {
            throw new UnsupportedException("division by zero in sympy");
        }

        if (b.Terms.Count > 1)
        {
            throw new UnsupportedException("division by a sum in sympy");
        }

        var (monomial, value) = b.Terms.Single();
        // 1/√n = √n/n
        var inverse = new SymExpr(new()
        {
            [new Monomial(Monomial.Combine(Monomial.One, monomial, -1), monomial.Radicand)] =
                PyFraction.Make(vm, value.Denominator, value.Numerator * monomial.Radicand),
        });
        return Multiply(vm, a, inverse);
    }

    private static SymExpr Power(Vm vm, SymExpr a, SymExpr b)
    {
        if (b.Rational is not { } power)
        {
            throw new UnsupportedException("symbolic powers in sympy");
        }

        if (power.Denominator == 2 && a.Rational is { } radicand && power.Numerator.Sign > 0)
        {
            var root = Sqrt(vm, radicand);
            return (SymExpr)Power(vm, root, From(new PyFraction(power.Numerator, 1)));
        }

        if (!power.Denominator.IsOne || BigInteger.Abs(power.Numerator) > 100_000)
        {
            throw new UnsupportedException("this power in sympy");
        }

        var times = (int)power.Numerator;
        if (times < 0)
        {
            return Divide(vm, From(new PyFraction(1, 1)), Power(vm, a, From(new PyFraction(-times, 1))));
        }

        if (a.Rational is { } number)
        {
            return From(PyFraction.From(Ops.Binary(vm, BinaryOp.Power, number, Ints.Box(times)))!); // a whole power of a rational
        }

        var result = From(new PyFraction(1, 1));
        if (a.Terms.Count > 1 && times > 64)
        {
            throw new UnsupportedException("sums to powers above 64 in sympy");
        }

        for (var i = 0; i < times; i++)
        {
            result = Multiply(vm, result, a);
        }

        return a.Terms.Count > 1 && times > 1 ? result.Opaque() : result;
    }

    private static void Put(Vm vm, Dictionary<Monomial, PyFraction> terms, Monomial monomial, PyFraction value)
    {
        var sum = terms.TryGetValue(monomial, out var known) ? (PyFraction)Ops.Binary(vm, BinaryOp.Add, known, value) : value;
        if (sum.Numerator.IsZero)
        {
            terms.Remove(monomial);
        }
        else
        {
            terms[monomial] = sum;
        }
    }

    /// <summary>A natural number as a square times a number without square factors.</summary>
    private static (BigInteger Outside, BigInteger Inside) SquareParts(Vm vm, BigInteger value)
    {
        if (value.IsOne || value.IsZero)
        {
            return (value, BigInteger.One);
        }

        var root = Ints.SquareRoot(value);
        if (root * root == value)
        {
            return (root, BigInteger.One);
        }

        var outside = BigInteger.One;
        for (BigInteger factor = 2; factor * factor * factor <= value || factor < 4; factor += 1)
        {
            vm.Tick();
            if (factor > 100_000)
            {
                throw new UnsupportedException("square root of a large number in sympy");
            }

            while ((value % (factor * factor)).IsZero)
            {
                value /= factor * factor;
                outside *= factor;
            }
        }

        // What is left has at most one square prime factor, and only when it is itself a square times a small number.
        for (BigInteger rest = 1; rest * rest * rest <= value; rest += 1)
        {
            vm.Tick();
            if ((value % rest).IsZero && Ints.SquareRoot(value / rest) is var s && !s.IsOne && s * s == value / rest)
            {
                return (outside * s, rest);
            }
        }

        return (outside, value);
    }
}
