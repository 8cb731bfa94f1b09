using System.Text.RegularExpressions;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated;

/// <summary>A line of a generated program.</summary>
/// <param name="Variable">What it assigns.</param>
/// <param name="Expression">What is assigned.</param>
/// <param name="Value">The value of that.</param>
/// <param name="IsComputed">Whether there is anything to compute; else it is given, or a copy.</param>
internal sealed record Statement(string Variable, string Expression, Rational Value, bool IsComputed)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Variable} = {Expression}";
}

/// <summary>Somebody who writes programs, and does some of the sums in the head.</summary>
internal static partial class Annotation
{
    /// <summary>The lines of a program, of which the last assigns the result.</summary>
    /// <param name="program">The lines of somebody who leaves every computation to Python.</param>
    /// <param name="mentalRate">The probability of a value in place of a computation.</param>
    /// <param name="random">Draws which; one draw a computation, whatever the rate.</param>
    public static IEnumerable<string> Write(IReadOnlyList<Statement> program, double mentalRate, CounterRandom random)
    {
        Statement[] written =
        [
            .. program.Select(s => s.IsComputed && random.Chance(mentalRate) ? s with { Expression = s.Value.ToString() } : s),
        ];
        if (mentalRate == 0)
        {
            return written.Select(s => s.ToString());
        }

        var needed = new HashSet<string>(StringComparer.Ordinal) { written[^1].Variable };
        var kept = new List<string>();
        foreach (var statement in written.Reverse().Where(s => needed.Contains(s.Variable)))
        {
            kept.Insert(0, statement.ToString());
            needed.UnionWith(Name().Matches(statement.Expression).Select(match => match.Value));
        }

        return kept;
    }

    [GeneratedRegex("[a-z_][a-z_0-9]*")]
    private static partial Regex Name();
}
