using Reft.Hosting;
using Reft.Python;

namespace Reft.Tests.Python;

public sealed class ProgramTests
{
    [Theory]
    [InlineData("7 // -2", -4.0)]
    [InlineData("True", 1.0)]
    [InlineData("'1_000.5'", 1000.5)]
    [InlineData("' 208. '", 208.0)]
    [InlineData("10 ** 22", 1e22)]
    public void ToFloat_Numbers_FollowPython(string expression, double expected) =>
        Assert.Equal(expected, Value(expression)?.ToFloat());

    [Theory]
    [InlineData("None")]
    [InlineData("'1,000'")]
    [InlineData("'$5'")]
    [InlineData("'1/2'")]
    [InlineData("''")]
    [InlineData("[1]")]
    [InlineData("10 ** 400")]
    public void ToFloat_NoNumber_IsNull(string expression) => Assert.Null(Value(expression)?.ToFloat());

    [Theory]
    [InlineData("None", ProgramValueKind.None)]
    [InlineData("True", ProgramValueKind.Boolean)]
    [InlineData("10 ** 30", ProgramValueKind.WholeNumber)]
    [InlineData("1.5", ProgramValueKind.FloatingPoint)]
    [InlineData("'a'", ProgramValueKind.Text)]
    [InlineData("Fraction(1, 3)", ProgramValueKind.Fraction)]
    [InlineData("Decimal('1.10')", ProgramValueKind.DecimalNumber)]
    [InlineData("sympy.Rational(1, 3)", ProgramValueKind.Fraction)]
    [InlineData("sympy.sqrt(2)", ProgramValueKind.Symbolic)]
    [InlineData("[]", ProgramValueKind.Other)]
    public void Kind_OfEachType_IsItsOwn(string expression, ProgramValueKind expected) =>
        Assert.Equal(expected, Value(expression)?.Kind);

    [Fact]
    public void Value_OfAFraction_IsExact()
    {
        var value = Value("Fraction(6, -4)");

        Assert.Equal((-3, 2), ((int?)value?.Numerator, (int?)value?.Denominator));
        Assert.Equal("-3/2", value?.Text);
    }

    [Fact]
    public void Run_WithoutAnEntry_RunsTheModule()
    {
        var result = new ManagedEngine().Run("print(1 + 1)\n", new ProgramLimits(), null, TestContext.Current.CancellationToken);

        Assert.Equal(("None", "2\n"), (result.Value?.Repr, result.Output));
    }

    [Fact]
    public void Run_WithoutTheFunction_IsANameError() =>
        Assert.Equal("NameError: name 'solution' is not defined", Run.Source("x = 1\n").Detail);

    [Fact]
    public void Run_UncaughtException_HasPythonsText() =>
        Assert.Equal("ZeroDivisionError: division by zero", Run.Expression("1 / 0"));

    [Theory]
    [InlineData("async def f(): pass\n", "unsupported async and await")]
    [InlineData("import os\nos.getcwd()\n", "unsupported attribute 'os.getcwd'")]
    [InlineData("from re import match\nmatch('a', 'a')\n", "unsupported 'match' of module 're'")]
    [InlineData("import random\nrandom.random()\n", "unsupported random numbers without a seed")]
    [InlineData("from sympy import *\nnsolve(1, 2)\n", "unsupported 'nsolve' of module 'sympy'")]
    [InlineData("from numpy import *\nsum([1]); any([0]); kron(1, 2)\n", "unsupported 'kron' of module 'numpy'")]
    [InlineData("import nosuchmodule\n", "unsupported module 'nosuchmodule'")]
    [InlineData("x = b'a'\n", "unsupported bytes")]
    [InlineData("class A(int): pass\n", "unsupported class that inherits from 'int'")]
    [InlineData("open('x')\n", "unsupported function 'open'")]
    public void Run_WhatIsNotThere_IsNamed(string source, string detail) => Assert.Equal(detail, Run.Source(source).Detail);

    [Fact]
    public void Validate_SenselessLimits_ListsEachOne() => Assert.Equal(
        ["limits.MaxSteps is 0; it must be positive", "limits.MaxRecursion is 20000; at most 10000"],
        new ProgramLimits { MaxSteps = 0, MaxRecursion = 20_000 }.Validate("limits"));

    [Fact]
    public void Prepare_Text_FollowsTheOfficialProgram()
    {
        const string source = "def solution():\n    sys.exit(1)\n    a = 1\n\n    b = 2\ndef solution_two(): pass\n";

        Assert.Equal(
            "import math\nimport sympy\ndef solution():\n    print(1)\n    a = 1\n",
            PaperProgramText.Prepare(source));
    }

    [Theory]
    [InlineData("def solution():\n    return 1 / 4\n", 0, "{\"outcome\":\"value\",\"value\":\"0.25\",\"detail\":\"\",\"steps\":7}\n")]
    [InlineData("1/0", 1, "{\"outcome\":\"error\",\"value\":null,\"detail\":\"ZeroDivisionError: division by zero\",\"steps\":3}\n")]
    public async Task Execute_Json_IsOneLine(string source, int code, string line)
    {
        var (actual, output, _) = await ExecuteAsync(source, "execute", "-", "--json");

        Assert.Equal((code, line), (actual, output));
    }

    [Fact]
    public async Task Execute_EndlessLoop_IsATimeout()
    {
        var (code, output, _) = await ExecuteAsync("while True: pass", "execute", "-", "--json", "--max-steps", "500");

        Assert.Equal(App.Failed, code);
        Assert.Equal(
            "{\"outcome\":\"timeout\",\"value\":null,\"detail\":\"step budget of 500 exceeded\",\"steps\":500}\n", output);
    }

    [Fact]
    public async Task Execute_Help_ShowsExamples()
    {
        var (code, output, _) = await ExecuteAsync("", "execute", "--help");

        Assert.Equal(App.Done, code);
        Assert.Contains("reft execute program.py", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execute_Plain_ShowsOutputAndValue()
    {
        var (_, output, _) = await ExecuteAsync("def solution():\n    print('a')\n    return 1\n", "execute", "-");

        Assert.StartsWith("a\nvalue: 1 (", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error: cannot read program 'no-such-file.py'", "execute", "no-such-file.py")]
    [InlineData("error: limits.MaxSteps is 0", "execute", "-", "--max-steps", "0")]
    public async Task Execute_BadInput_SaysWhy(string message, params string[] args)
    {
        var (code, _, error) = await ExecuteAsync("", args);

        Assert.Equal(App.BadInput, code);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    private static ProgramValue? Value(string expression) => Run.Source(
        "import sympy\nfrom fractions import Fraction\nfrom decimal import Decimal\n"
        + $"def solution():\n    return {expression}\n").Value;

    private static async Task<(int Code, string Output, string Error)> ExecuteAsync(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var reader = new StringReader(input);
        var code = await App.RunAsync(args, new Terminal(output, error, reader), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
