using Reft.Hosting;
using Reft.Tests.Python;

namespace Reft.Tests.Cli;

[Collection(nameof(CPythonFixture))]
public sealed class ExecuteCPythonTests(CPythonFixture fixture)
{
    [Theory]
    [InlineData("def solution():\n    print('x')\n    return 7 / 2", 0, """{"outcome":"value","value":"3.5","detail":"","steps":0}""")]
    [InlineData("while True: pass", 1, """{"outcome":"timeout","value":null,"detail":"deadline of 0.4 s passed","steps":0}""")]
    public async Task Execute_CPython_PrintsJson(string source, int code, string expected)
    {
        Assert.NotNull(fixture.Engine);

        var result = await Run(source, "execute", "-", "--engine", "cpython", "--json", "--timeout", "0.4");

        Assert.Equal((code, expected + "\n", ""), result);
    }

    [Theory]
    [InlineData("--timeout is 0", "--timeout", "0")]
    [InlineData("--timeout is NaN", "--timeout", "NaN")]
    [InlineData("'no-python-here' cannot be started", "--engine", "cpython", "--python", "no-python-here")]
    [InlineData("'perl'", "--engine", "perl")]
    public async Task Execute_BadInput_IsOneLineAndExitCode2(string expected, params string[] options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the engine is for Linux");

        var (code, output, error) = await Run("x = 1", ["execute", "-", .. options]);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> Run(string input, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await App.RunAsync(
            args, new Terminal(output, error, new StringReader(input)), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
