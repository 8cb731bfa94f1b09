using System.Globalization;

namespace Reft.Answers;

/// <summary>
/// A formula of one variable in prefix notation, a character a symbol: <c>+*xx3</c> is x·x + 3. Operators are <c>+</c>, <c>-</c>, <c>*</c>, operands
/// <c>x</c> and the digits.
/// </summary>
internal static class PrefixFormula
{
    /// <summary>The operators; each takes two operands.</summary>
    public const string Operators = "+-*";

    // What a model writes must not overflow the stack.
    private const int MostSymbols = 63;

    /// <summary>The values of the variable at which formulas are compared: -3 to 3.</summary>
    public static IReadOnlyList<int> Points { get; } = [-3, -2, -1, 0, 1, 2, 3];

    /// <summary>Its values at <see cref="Points"/>; null where it is no formula, has more than 63 symbols, or a value is beyond 10⁹.</summary>
    public static IReadOnlyList<double>? Values(string formula)
    {
        ArgumentNullException.ThrowIfNull(formula);
        const double Most = 1e9;
        if (formula.Length > MostSymbols)
        {
            return null;
        }

        var values = new double[Points.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var at = 0;
            if (Value(formula, ref at, Points[i]) is not { } value || at != formula.Length || Math.Abs(value) > Most)
            {
                return null;
            }

            values[i] = value;
        }

        return values;
    }

    /// <summary>
    /// The share of the values' variance that a formula explains, <c>R² = 1 - Σ(y - f)² / Σ(y - ȳ)²</c>; 0 where it is below, or where it is no formula.
    /// </summary>
    /// <param name="formula">The formula.</param>
    /// <param name="values">y at <see cref="Points"/>, not all alike.</param>
    public static double Fit(string formula, IReadOnlyList<int> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Values(formula) is not { } found)
        {
            return 0;
        }

        var (mean, unexplained, variance) = (values.Average(), 0.0, 0.0);
        for (var i = 0; i < found.Count; i++)
        {
            unexplained += (values[i] - found[i]) * (values[i] - found[i]);
            variance += (values[i] - mean) * (values[i] - mean);
        }

        return Math.Max(0, 1 - (unexplained / variance));
    }

    /// <summary>How a fit is written: two digits, and 1.00 only where it is exact.</summary>
    public static string Score(double fit) => (fit >= 1 ? 1 : Math.Min(0.99, Math.Round(fit, 2))).ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>Values as questions and answers write them; null where they are not as many whole numbers as points, or all alike.</summary>
    public static IReadOnlyList<int>? Read(string values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var words = values.Trim().Split(' ');
        var read = words.Select(word => int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : (int?)null).ToArray();
        return read.Length == Points.Count && read.All(value => value is not null) && read.Distinct().Count() > 1 ? [.. read.Select(value => value!.Value)] : null;
    }

    /// <summary>An attempt of a history, with what it is worth.</summary>
    public static string Attempt(string formula, double fit) => $"{formula}={Score(fit)}";

    /// <summary>The attempts of a history, a line each; a line's score is null where it has none.</summary>
    public static IReadOnlyList<(string Formula, string? Score)> Attempts(string history)
    {
        ArgumentNullException.ThrowIfNull(history);
        return [.. history.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).Select(line =>
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            return at < 0 || at != line.LastIndexOf('=') ? (line, (string?)null) : (line[..at].Trim(), line[(at + 1)..].Trim());
        })];
    }

    private static double? Value(string formula, ref int at, double x)
    {
        if (at >= formula.Length)
        {
            return null;
        }

        var symbol = formula[at++];
        if (symbol == 'x')
        {
            return x;
        }

        if (char.IsAsciiDigit(symbol))
        {
            return symbol - '0';
        }

        return Operators.Contains(symbol, StringComparison.Ordinal) && Value(formula, ref at, x) is { } left && Value(formula, ref at, x) is { } right
            ? symbol switch { '+' => left + right, '-' => left - right, _ => left * right }
            : null;
    }
}
