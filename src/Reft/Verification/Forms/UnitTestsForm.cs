using Reft.Answers;
using Reft.Python;

namespace Reft.Verification.Forms;

/// <summary>
/// The response is Python that defines <c>f</c>, and the known answer its unit tests (<see cref="UnitTests"/>): right where all of them pass. It
/// runs in Reft's own interpreter, under budgets, with no input or output; what it returns is compared out here, so that it cannot judge itself.
/// </summary>
internal sealed record UnitTestsForm : RuleForm
{
    private static readonly ProgramLimits _limits = new() { MaxSteps = 200_000 };

    /// <inheritdoc/>
    public override string Name => "unitTests";

    /// <inheritdoc/>
    public override string Summary => "Python that defines f, run against the unit tests that the known answer is";

    /// <inheritdoc/>
    protected override RuleVerifier Rule => new()
    {
        Say = Saying,
        Wrong = answer => UnitTests.Read(answer) is { } tests
            ? [UnitTests.Write([.. tests.SkipLast(1), (tests[^1].Given, tests[^1].Expected == "7" ? "8" : "7")])]
            : [],
        Refuse = answer => UnitTests.Read(answer) is null ? "it is no unit tests, as in f([1, 2]) == 3; f([]) == 0" : null,
        Judge = (response, answer) => Run(response, UnitTests.Read(answer)!), // It is readable: it was not refused.
    };

    /// <summary>A function that looks its results up.</summary>
    private static string Saying(string answer)
    {
        var tests = UnitTests.Read(answer)!; // It is asked of readable ones.
        return "def f(x):\n" + string.Concat(tests.Select(test => $"    if x == {test.Given}:\n        return {test.Expected}\n")) + "    return None";
    }

    private static Finding Run(string response, IReadOnlyList<(string Given, string Expected)> tests)
    {
        var engine = new ManagedEngine();
        for (var i = 0; i < tests.Count; i++)
        {
            var result = engine.Run($"{response}\n\n\ndef solution():\n    return f({tests[i].Given})\n", _limits);
            if (result.Value is not { } value)
            {
                return new Finding(result.Outcome == ProgramOutcome.Timeout ? Outcome.Timeout : Outcome.NoAnswer, null, $"f({tests[i].Given}): {result.Detail}");
            }

            if (value.Repr != tests[i].Expected)
            {
                return new Finding(Outcome.Incorrect, value.Repr, $"f({tests[i].Given}) is {Excerpt.Of(value.Repr)}, not {tests[i].Expected}");
            }
        }

        return new Finding(Outcome.Correct, response, $"all {tests.Count} tests pass");
    }
}
