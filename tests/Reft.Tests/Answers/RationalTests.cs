using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Reft.Answers;

namespace Reft.Tests.Answers;

public sealed class RationalTests
{
    [Theory]
    [InlineData(6, 4, "1.5")]
    [InlineData(-6, 4, "-1.5")]
    [InlineData(6, -4, "-1.5")]
    [InlineData(1, 3, "1/3")]
    [InlineData(-22, 7, "-22/7")]
    [InlineData(8, 4, "2")]
    [InlineData(0, -5, "0")]
    [InlineData(1, 8, "0.125")]
    [InlineData(-1, 200, "-0.005")]
    public void ToString_IsOneTextPerNumber(int numerator, int denominator, string expected) =>
        Assert.Equal(expected, new Rational(numerator, denominator).ToString());

    [Fact]
    public void Operators_AgreeWithCrossMultiplication() => Prop
        .ForAll<int, int, int>((a, b, c) =>
        {
            var (d, e) = (Math.Abs((long)b) + 1, Math.Abs((long)c) + 1);
            var (x, y) = (new Rational(a, d), new Rational(b, e));
            var (big, other) = (new BigInteger(a) * e, new BigInteger(b) * d);
            return x + y == new Rational(big + other, d * (BigInteger)e)
                && x - y == new Rational(big - other, d * (BigInteger)e)
                && x * y == new Rational(new BigInteger(a) * b, d * (BigInteger)e)
                && x.CompareTo(y) == big.CompareTo(other)
                && (b == 0 || x / y * y == x);
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void FromDouble_AnyFiniteDouble_ConvertsBack() => Prop
        .ForAll<double>(value => !double.IsFinite(value) || Rational.FromDouble(value).ToDouble() == value)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void FromDouble_Tenth_IsTheBinaryFraction() => Assert.Equal(
        "3602879701896397/36028797018963968".Length, // 0.1 is that over 2^55 and not 1/10.
        string.Create(CultureInfo.InvariantCulture,
            $"{Rational.FromDouble(0.1).Numerator}/{Rational.FromDouble(0.1).Denominator}").Length);

    [Fact]
    public void FromDouble_NaN_Throws() => Assert.Throws<ArgumentException>(() => Rational.FromDouble(double.NaN));

    [Fact]
    public void Divide_ByZero_Throws() => Assert.Throws<DivideByZeroException>(() => (Rational)1 / 0);

    [Fact]
    public void Default_IsZero() => Assert.Equal(0, default(Rational));
}
