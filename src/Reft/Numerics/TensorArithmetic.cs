using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics;

/// <summary>
/// Operations of tensors with numbers, and those to which TorchSharp adds one of its own (a sum's factor of 1). Its operators make a native
/// scalar that nothing holds while libtorch reads it, so that a garbage collection just then frees it under libtorch's hands; here it lives
/// until the operation has returned. A test finds TorchSharp's methods of that kind and sees that nothing in Reft calls one.
/// </summary>
public static class TensorArithmetic
{
    /// <summary><c>x + y</c>.</summary>
    public static Tensor Plus(this Tensor x, Tensor y)
    {
        using Scalar one = 1;
        return x.add(y, one);
    }

    /// <summary><c>x + number</c>.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar value = number;
        using Scalar one = 1;
        return x.add(value, one);
    }

    /// <summary><c>x + number</c> of whole numbers.</summary>
    public static Tensor Shifted(this Tensor x, long number)
    {
        using Scalar value = number;
        using Scalar one = 1L;
        return x.add(value, one);
    }

    /// <summary><c>x += number</c> of whole numbers.</summary>
    public static void Shift(this Tensor x, long number)
    {
        using Scalar value = number;
        using Scalar one = 1L;
        x.add_(value, one);
    }

    /// <summary><c>x += y</c>.</summary>
    public static void Increase(this Tensor x, Tensor y)
    {
        using Scalar one = 1;
        x.add_(y, one);
    }

    /// <summary><c>x · number</c>.</summary>
    public static Tensor Times(this Tensor x, double number)
    {
        using Scalar value = number;
        return x.mul(value);
    }

    /// <summary><c>x *= number</c>; x.</summary>
    public static Tensor Scale(this Tensor x, double number)
    {
        using Scalar value = number;
        return x.mul_(value);
    }

    /// <summary>x to the power of a whole number.</summary>
    public static Tensor Power(this Tensor x, int exponent)
    {
        using Scalar value = exponent;
        return x.pow(value);
    }

    /// <summary><c>cap · tanh(x / cap)</c>: x near 0, and never further from it than the cap; x itself without one.</summary>
    public static Tensor Capped(this Tensor x, double? cap) =>
        cap is not { } most ? x : WrappedTensorDisposeScope(() => tanh(x.Times(1 / most)).Times(most));

    /// <summary>x, kept in [low, high].</summary>
    public static Tensor Within(this Tensor x, double low, double high)
    {
        using Scalar least = low;
        using Scalar most = high;
        return x.clamp(least, most);
    }

    /// <summary>Where x is not 0.</summary>
    public static Tensor IsNotZero(this Tensor x)
    {
        using Scalar zero = 0;
        return x.ne(zero);
    }

    /// <summary>Where x is in [0, end).</summary>
    public static Tensor IsIn(this Tensor x, long end)
    {
        using Scalar zero = 0;
        using Scalar last = end;
        return x.ge(zero).logical_and(x.lt(last));
    }

    /// <summary>0, 1, … count-1 [count], int64.</summary>
    public static Tensor Indices(long count, Device device)
    {
        using Scalar zero = 0L;
        using Scalar end = count;
        using Scalar one = 1L;
        return arange(zero, end, one, ScalarType.Int64, device);
    }
}
