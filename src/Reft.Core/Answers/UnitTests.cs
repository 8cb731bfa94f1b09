namespace Reft.Answers;

/// <summary>Unit tests of a function f as a known answer is written: <c>f([1, 2]) == 3; f([]) == 0</c>, in Python's words.</summary>
internal static class UnitTests
{
    private const string Opens = "f(";
    private const string Means = ") == ";
    private const string Between = "; ";

    /// <summary>Writes tests.</summary>
    /// <param name="tests">What f is given, and what Python shows of what it returns.</param>
    public static string Write(IReadOnlyList<(string Given, string Expected)> tests) =>
        string.Join(Between, tests.Select(test => $"{Opens}{test.Given}{Means}{test.Expected}"));

    /// <summary>Reads tests; null where the text is none.</summary>
    public static IReadOnlyList<(string Given, string Expected)>? Read(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var tests = new List<(string, string)>();
        foreach (var test in answer.Split(Between))
        {
            var at = test.IndexOf(Means, StringComparison.Ordinal);
            if (!test.StartsWith(Opens, StringComparison.Ordinal) || at < 0)
            {
                return null;
            }

            tests.Add((test[Opens.Length..at], test[(at + Means.Length)..]));
        }

        return tests;
    }
}
