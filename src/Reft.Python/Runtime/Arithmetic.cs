using System.Numerics;

namespace Reft.Python.Runtime;

/// <summary>Operators between ints, bools and floats.</summary>
internal static class Arithmetic
{
    /// <summary>The order of two numbers; null when one is NaN.</summary>
    public static int? Order(object a, object b)
    {
        if (a is double x)
        {
            if (b is double y)
            {
                return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
            }

            return double.IsNaN(x) ? null : -Floats.Compare(Ints.Plain(b)!, x);
        }

        if (b is double z)
        {
            return double.IsNaN(z) ? null : Floats.Compare(Ints.Plain(a)!, z);
        }

        return a is long p && b is long q ? p.CompareTo(q) : Ints.Big(a).CompareTo(Ints.Big(b));
    }

    /// <summary>The result, or null when the operator does not take these numbers.</summary>
    public static object? Binary(Vm vm, BinaryOp op, object a, object b)
    {
        if (a is double || b is double)
        {
            return op <= BinaryOp.Power ? OfFloats(op, Floats.Of(a), Floats.Of(b)) : null;
        }

        if (a is bool p && b is bool q && op >= BinaryOp.And)
        {
            return Bools.Of(op switch { BinaryOp.And => p & q, BinaryOp.Or => p | q, _ => p ^ q });
        }

        var x = Ints.Plain(a)!;
        var y = Ints.Plain(b)!;
        return x is long m && y is long n ? OfLongs(vm, op, m, n) : OfBigs(vm, op, Ints.Big(x), Ints.Big(y));
    }

    public static object? OfLongs(Vm vm, BinaryOp op, long a, long b)
    {
        switch (op)
        {
            case BinaryOp.Add:
                var sum = unchecked(a + b);
                return ((a ^ sum) & (b ^ sum)) < 0 ? (BigInteger)a + b : Ints.Box(sum);
            case BinaryOp.Subtract:
                var difference = unchecked(a - b);
                return ((a ^ b) & (a ^ difference)) < 0 ? (BigInteger)a - b : Ints.Box(difference);
            case BinaryOp.Multiply:
                var high = Math.BigMul(a, b, out var low);
                return high == low >> 63 ? Ints.Box(low) : Ints.Box(vm, (BigInteger)a * b);
            case BinaryOp.Divide:
                if (b == 0)
                {
                    throw Err.ZeroDivision("division by zero");
                }

                const long Exact = 1L << 53;
                return a is >= -Exact and <= Exact && b is >= -Exact and <= Exact
                    ? (double)a / b
                    : Floats.Ratio(a, b);
            case BinaryOp.FloorDivide:
                if (b is 0 or -1)
                {
                    return OfBigs(vm, op, a, b);
                }

                var quotient = a / b;
                return Ints.Box(a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient);
            case BinaryOp.Modulo:
                if (b is 0 or -1)
                {
                    return OfBigs(vm, op, a, b);
                }

                var rest = a % b;
                return Ints.Box(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
            case BinaryOp.And:
                return Ints.Box(a & b);
            case BinaryOp.Or:
                return Ints.Box(a | b);
            case BinaryOp.Xor:
                return Ints.Box(a ^ b);
            case BinaryOp.RightShift when b >= 0:
                return Ints.Box(b > 63 ? (a < 0 ? -1L : 0L) : a >> (int)b);
            default:
                return OfBigs(vm, op, a, b);
        }
    }

    public static object PowerModulo(Vm vm, BigInteger a, BigInteger b, BigInteger m)
    {
        if (m.IsZero)
        {
            throw Err.Value("pow() 3rd argument cannot be 0");
        }

        var modulus = BigInteger.Abs(m);
        if (b.Sign < 0)
        {
            a = Inverse(a, modulus);
            b = -b;
        }

        var limbs = 1 + (modulus.GetBitLength() >> 5);
        vm.Charge(1 + (b.GetBitLength() * limbs * limbs / 40));
        var result = BigInteger.ModPow(((a % modulus) + modulus) % modulus, b, modulus);
        return Ints.Box(vm, m.Sign < 0 && !result.IsZero ? result + m : result);
    }

    private static BigInteger Inverse(BigInteger a, BigInteger modulus)
    {
        var (r0, r1) = (modulus, ((a % modulus) + modulus) % modulus);
        var (t0, t1) = (BigInteger.Zero, BigInteger.One);
        while (!r1.IsZero)
        {
            var quotient = r0 / r1;
            (r0, r1) = (r1, r0 - (quotient * r1));
            (t0, t1) = (t1, t0 - (quotient * t1));
        }

        return r0.IsOne
            ? ((t0 % modulus) + modulus) % modulus
            : throw Err.Value("base is not invertible for the given modulus");
    }

    private static object? OfBigs(Vm vm, BinaryOp op, BigInteger a, BigInteger b)
    {
        var bitsA = a.GetBitLength();
        var bitsB = b.GetBitLength();
        switch (op)
        {
            case BinaryOp.Add:
                return Ints.Box(vm, a + b);
            case BinaryOp.Subtract:
                return Ints.Box(vm, a - b);
            case BinaryOp.Multiply:
                vm.CheckBits(bitsA + bitsB - 2);
                Ints.ChargeProduct(vm, bitsA, bitsB);
                return Ints.Box(vm, a * b);
            case BinaryOp.Divide:
                if (b.IsZero)
                {
                    throw Err.ZeroDivision("division by zero");
                }

                Ints.ChargeProduct(vm, bitsA, bitsB);
                var ratio = Floats.Ratio(a, b);
                return double.IsInfinity(ratio)
                    ? throw Err.Overflow("integer division result too large for a float")
                    : ratio;
            case BinaryOp.FloorDivide or BinaryOp.Modulo:
                if (b.IsZero)
                {
                    throw Err.ZeroDivision(
                        op == BinaryOp.Modulo ? "integer modulo by zero" : "integer division or modulo by zero");
                }

                Ints.ChargeProduct(vm, bitsA, bitsB);
                var quotient = Ints.FloorDivide(a, b, out var modulo);
                return Ints.Box(vm, op == BinaryOp.Modulo ? modulo : quotient);
            case BinaryOp.Power:
                return Power(vm, a, b);
            case BinaryOp.LeftShift:
                if (b.Sign < 0)
                {
                    throw Err.Value("negative shift count");
                }

                if (a.IsZero)
                {
                    return Ints.Box(0);
                }

                vm.CheckBits(bitsA + (double)b);
                return Ints.Box(vm, a << (int)b);
            case BinaryOp.RightShift:
                if (b.Sign < 0)
                {
                    throw Err.Value("negative shift count");
                }

                return Ints.Box(vm, b > int.MaxValue ? (a.Sign < 0 ? -1 : 0) : a >> (int)b);
            case BinaryOp.And:
                return Ints.Box(vm, a & b);
            case BinaryOp.Or:
                return Ints.Box(vm, a | b);
            case BinaryOp.Xor:
                return Ints.Box(vm, a ^ b);
            default:
                return null;
        }
    }

    private static object Power(Vm vm, BigInteger a, BigInteger b)
    {
        if (b.Sign < 0)
        {
            return Floats.Power(Floats.FromInt(Ints.Box(a)), Floats.FromInt(Ints.Box(b)));
        }

        if (a.IsZero || a.IsOne)
        {
            return Ints.Box(b.IsZero ? BigInteger.One : a);
        }

        if (a == BigInteger.MinusOne)
        {
            return Ints.Box(b.IsEven ? 1 : -1);
        }

        var magnitude = BigInteger.Log(BigInteger.Abs(a), 2) * (double)b;
        vm.CheckBits(magnitude - 1);
        var bits = (long)magnitude;
        Ints.ChargeProduct(vm, bits, bits);
        return Ints.Box(vm, BigInteger.Pow(a, (int)b));
    }

    private static object OfFloats(BinaryOp op, double a, double b)
    {
        switch (op)
        {
            case BinaryOp.Add:
                return a + b;
            case BinaryOp.Subtract:
                return a - b;
            case BinaryOp.Multiply:
                return a * b;
            case BinaryOp.Power:
                return Floats.Power(a, b);
        }

        if (b == 0)
        {
            throw Err.ZeroDivision(op switch
            {
                BinaryOp.Divide => "float division by zero",
                BinaryOp.Modulo => "float modulo",
                _ => "float floor division by zero",
            });
        }

        if (op == BinaryOp.Divide)
        {
            return a / b;
        }

        var quotient = Floats.FloorDivide(a, b, out var modulo);
        return op == BinaryOp.Modulo ? modulo : quotient;
    }
}
