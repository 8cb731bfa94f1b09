using System.Text;
using Reft.Answers;

namespace Reft.Problems;

/// <summary>
/// GSM8K's calculator annotations: <c>&lt;&lt;48/2=24&gt;&gt;</c> before the number that they compute.
/// </summary>
internal static class CalculatorAnnotations
{
    /// <summary>The text without its annotations.</summary>
    public static string Strip(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var kept = new StringBuilder(text.Length);
        var from = 0;
        foreach (var (start, end) in Find(text))
        {
            kept.Append(text, from, start - from);
            from = end;
        }

        return kept.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>
    /// The straight-line program that the annotations determine, or null. They determine one when there is at least
    /// one,
    /// every one evaluates exactly to the value it states, and the last one states the answer. A number in an
    /// expression
    /// becomes the variable of the latest earlier step with that value, unless the question itself gives the number:
    /// then it may mean either.
    /// </summary>
    /// <param name="question">The question, for the docstring.</param>
    /// <param name="solution">The annotated solution.</param>
    /// <param name="answer">The answer, with or without commas.</param>
    public static string? ToProgram(string question, string solution, string answer)
    {
        ArgumentNullException.ThrowIfNull(solution);
        var statements = new List<string>();
        var given = NumbersIn(question);
        var steps = new Dictionary<Rational, string>();
        Rational? last = null;
        foreach (var (start, end) in Find(solution))
        {
            var annotation = solution[(start + 2)..(end - 2)];
            var equals = annotation.LastIndexOf('=');
            if (equals < 0
                || !Arithmetic.TryEvaluate(annotation[..equals], out var value)
                || !Arithmetic.TryEvaluate(annotation[(equals + 1)..], out var stated)
                || value != stated)
            {
                return null;
            }

            var name = $"step_{statements.Count + 1}";
            var expression = Arithmetic.Rewrite(annotation[..equals], (literal, text) =>
                !given.Contains(literal) && steps.TryGetValue(literal, out var step) ? step : Literal(text));
            statements.Add($"{name} = {expression}");
            steps[value] = name;
            last = value;
        }

        if (last is null
            || !Arithmetic.TryEvaluate(answer.Replace(",", "", StringComparison.Ordinal), out var wanted)
            || last != wanted)
        {
            return null;
        }

        statements.Add($"result = step_{statements.Count}");
        return ProgramText.Write(question.Trim(), statements);
    }

    /// <summary>Python refuses whole numbers that begin with 0, such as <c>05</c>.</summary>
    private static string Literal(string text)
    {
        var trimmed = text.TrimStart('0');
        return trimmed.Length == 0 || trimmed[0] == '.' ? "0" + trimmed : trimmed;
    }

    private static HashSet<Rational> NumbersIn(string text)
    {
        var numbers = new HashSet<Rational>();
        Arithmetic.Rewrite(text.Replace(",", "", StringComparison.Ordinal), (value, literal) =>
        {
            numbers.Add(value);
            return literal;
        });
        return numbers;
    }

    private static IEnumerable<(int Start, int End)> Find(string text)
    {
        var from = 0;
        while (true)
        {
            var start = text.IndexOf("<<", from, StringComparison.Ordinal);
            var close = start < 0 ? -1 : text.IndexOf(">>", start, StringComparison.Ordinal);
            if (close < 0)
            {
                yield break;
            }

            from = close + 2;
            yield return (start, from);
        }
    }
}
