using FsCheck;
using FsCheck.Fluent;
using Reft.Answers;

namespace Reft.Tests.Answers;

public sealed class PaperNumberTests
{
    // Values and repr texts from CPython 3.11.
    [Theory]
    [InlineData("208.0", "208.0")]
    [InlineData(" 7 ", "7.0")]
    [InlineData("1e16", "1e+16")]
    [InlineData("123456789012345680", "1.2345678901234568e+17")]
    [InlineData("9999999999999998", "9999999999999998.0")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("0.000012345", "1.2345e-05")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("1e400", "inf")]
    [InlineData("-1e400", "-inf")]
    [InlineData("1e-400", "0.0")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("0.1", "0.1")]
    [InlineData("1_0.0_1", "10.01")]
    [InlineData("+.5e1", "5.0")]
    [InlineData("-InFiNiTy", "-inf")]
    [InlineData("\u0663", "3.0")]
    [InlineData("\u001c\u20287\u3000", "7.0")]
    public void TryParse_WhatPythonAccepts_GivesPythonsRepr(string text, string repr)
    {
        Assert.True(PaperNumber.TryParse(text, out var value));
        Assert.Equal(repr, PaperNumber.Write(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1,000")]
    [InlineData("$5")]
    [InlineData("5%")]
    [InlineData("1/2")]
    [InlineData("1__0")]
    [InlineData("_1")]
    [InlineData("1_")]
    [InlineData("1_.5")]
    [InlineData("1._5")]
    [InlineData("1e_5")]
    [InlineData("e5")]
    [InlineData(".")]
    [InlineData("+")]
    [InlineData("1e")]
    [InlineData("1 2")]
    [InlineData("0x10")]
    [InlineData("infinit")]
    [InlineData("nan1")]
    [InlineData("1\u200b")]
    [InlineData("\u22125")]
    [InlineData("5\0")]
    public void TryParse_WhatPythonRefuses_IsFalse(string text) => Assert.False(PaperNumber.TryParse(text, out _));

    [Fact]
    public void TryParse_FiveThousandDigits_IsInfinityAsInPython()
    {
        Assert.True(PaperNumber.TryParse(new string('9', 5000), out var value));
        Assert.Equal("inf", PaperNumber.Write(value));
        Assert.False(PaperNumber.TryParse(new string('9', 5000) + "x", out _));
    }

    [Fact]
    public void Write_AnyDouble_ReadsBackTheSame() => Prop
        .ForAll<double>(value => !double.IsFinite(value)
            || (PaperNumber.TryParse(PaperNumber.Write(value), out var again)
                && BitConverter.DoubleToInt64Bits(again) == BitConverter.DoubleToInt64Bits(value)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void TryParse_AnyText_Returns() => Prop
        .ForAll<string>(text => PaperNumber.TryParse(text ?? "", out _) || true)
        .QuickCheckThrowOnFailure();
}
