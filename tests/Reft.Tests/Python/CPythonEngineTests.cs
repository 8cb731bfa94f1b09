using Reft.Python;

namespace Reft.Tests.Python;

[Collection(nameof(CPythonFixture))]
public sealed class CPythonEngineTests(CPythonFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("7 / 2")]
    [InlineData("-7 // 2")]
    [InlineData("2 ** 200")]
    [InlineData("-(2 ** 70)")]
    [InlineData("True")]
    [InlineData("None")]
    [InlineData("'12.5'")]
    [InlineData("'1,000'")]
    [InlineData("'Zo\\u00eb \\U0001F600'")]
    [InlineData("[1, 2.5, 'x']")]
    [InlineData("0.1 + 0.2")]
    [InlineData("float('inf')")]
    [InlineData("float('-inf')")]
    [InlineData("-0.0")]
    [InlineData("round(2.5)")]
    [InlineData("Fraction(6, -4)")]
    [InlineData("sum(range(100))")]
    [InlineData("10 ** 400")]
    [InlineData("str(10 ** 5000)")]
    [InlineData("1 / 0")]
    [InlineData("unknown")]
    [InlineData("[][0]")]
    [InlineData("{}['k']")]
    [InlineData("int('x')")]
    [InlineData("print('a', 1) or 3")]
    public void Run_Ordinary_IsWhatTheManagedEngineSays(string expression)
    {
        var source = $"""
            from fractions import Fraction

            def solution():
                return {expression}
            """;
        var expected = new ManagedEngine().Run(source, new ProgramLimits(), cancellation: Token) with { Steps = 0 };

        var result = fixture.Engine.Run(source, new ProgramLimits(), cancellation: Token);

        Assert.Equal(expected.Value?.ToFloat(), result.Value?.ToFloat());
        Assert.Equal(expected, result);
    }

    [Theory]
    [InlineData("def solution(:", "SyntaxError: ")]
    [InlineData("x = 5", "NameError: name 'solution' is not defined")]
    [InlineData("raise ValueError('no')", "ValueError: no")]
    [InlineData("def solution():\n    return input()", "EOFError: EOF when reading a line")]
    public void Run_Faulty_IsAnError(string source, string detail)
    {
        var result = fixture.Engine.Run(source, new ProgramLimits(), cancellation: Token);

        Assert.Equal(ProgramOutcome.Error, result.Outcome);
        Assert.StartsWith(detail, result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WhatTheSubsetLacks_Works()
    {
        var result = fixture.Engine.Run(
            "import dataclasses\n\n@dataclasses.dataclass\nclass Box:\n    n: int = 3\n\ndef solution():\n    return Box().n",
            new ProgramLimits(),
            cancellation: Token);

        Assert.Equal("3", result.Value?.Repr);
    }

    [Fact]
    public void Run_Decimal_IsExact()
    {
        var value = fixture.Engine.Run(
            "from decimal import Decimal\ndef solution():\n    return Decimal('1.50')", new ProgramLimits(), cancellation: Token).Value;

        Assert.Equal(
            (ProgramValueKind.DecimalNumber, "1.50", 3, 2),
            (value!.Kind, value.Text, (int)value.Numerator!.Value, (int)value.Denominator!.Value));
    }

    [Fact]
    public void Run_SymPy_GivesNumbers()
    {
        var root = fixture.Engine.Run(
            "import sympy\ndef solution():\n    return sympy.sqrt(2)", new ProgramLimits(), cancellation: Token);
        Assert.SkipWhen(root.Detail.StartsWith("ModuleNotFoundError", StringComparison.Ordinal), "sympy is not installed");
        var ratio = fixture.Engine.Run(
            "import sympy\ndef solution():\n    return sympy.Rational(-1, 3)", new ProgramLimits(), cancellation: Token);

        Assert.Equal((ProgramValueKind.Symbolic, Math.Sqrt(2)), (root.Value!.Kind, root.Value.ToFloat()));
        Assert.Equal(
            (ProgramValueKind.Fraction, -1, 3),
            (ratio.Value!.Kind, (int)ratio.Value.Numerator!.Value, (int)ratio.Value.Denominator!.Value));
    }

    [Fact]
    public void Run_WithoutEntry_RunsTheModuleAlone()
    {
        var result = fixture.Engine.Run("print(__name__)", new ProgramLimits(), entry: null, Token);

        Assert.Equal(("None", "__main__\n"), (result.Value?.Repr, result.Output));
    }

    [Fact]
    public void Run_AtTheDeadline_KeepsWhatWasPrinted()
    {
        var result = fixture.Engine.Run(
            "print('before')\nwhile True: pass", CPythonFixture.Within(0.3), cancellation: Token);

        Assert.Equal((ProgramOutcome.Timeout, "before\n"), (result.Outcome, result.Output));
        Assert.Equal("deadline of 0.3 s passed", result.Detail);
    }

    [Fact]
    public void Run_Twice_SharesNothingAndRepeatsChance()
    {
        const string Source = "import math, random\ndef solution():\n    seen = getattr(math, 'seen', 0)\n    math.seen = 1\n    return seen, random.random(), list({'a', 'b', 'c'})";

        var results = Enumerable.Range(0, 4)
            .Select(_ => fixture.Engine.Run(Source, new ProgramLimits(), cancellation: Token).Value?.Repr).ToList();

        Assert.Single(results.Distinct());
        Assert.StartsWith("(0, ", results[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Run_LongSource_IsAnError() => Assert.Equal(
        "source budget of 9 characters exceeded",
        fixture.Engine.Run("x = 123456", new ProgramLimits { MaxSourceChars = 9 }, null, Token).Detail);
}
