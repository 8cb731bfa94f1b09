using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated;

/// <summary>Looks for formulas by changing the best one so far, and by beginning anew now and then.</summary>
/// <param name="random">The draws.</param>
/// <param name="symbols">The most symbols of a formula, odd.</param>
internal sealed class FormulaSearch(CounterRandom random, int symbols)
{
    // How often a whole new formula is tried in the place of a change.
    private const double Restart = 0.2;

    /// <summary>The best that a long search finds, always the same.</summary>
    public static (string Formula, double Fit) Best(IReadOnlyList<int> values) =>
        new FormulaSearch(new CounterRandom(0), symbols: 11).Run(values, budget: 30_000).MaxBy(one => one.Fit);

    /// <summary>A random formula: of a number of operators that is as likely as any other, and any shape.</summary>
    public string Draw() => Draw(random.Between(0, (symbols - 1) / 2));

    /// <summary>Tries formulas until one fits exactly.</summary>
    /// <param name="values">What is to be fitted.</param>
    /// <param name="budget">The most tries.</param>
    /// <returns>Every try in its order with its fit; the last one is exact, unless the budget was spent.</returns>
    public IReadOnlyList<(string Formula, double Fit)> Run(IReadOnlyList<int> values, int budget)
    {
        var tries = new List<(string Formula, double Fit)>();
        (string Formula, double Fit)? best = null;
        while (tries.Count < budget && best is not { Fit: >= 1 })
        {
            var next = best is { } known && !random.Chance(Restart) ? Changed(known.Formula) : Draw();
            var tried = (next, PrefixFormula.Fit(next, values));
            tries.Add(tried);
            best = best is null || tried.Item2 > best.Value.Fit ? tried : best;
        }

        return tries;
    }

    private string Draw(int operators)
    {
        if (operators == 0)
        {
            return random.Chance(0.5) ? "x" : random.Between(1, 5).ToString(CultureInfo.InvariantCulture);
        }

        var left = random.Between(0, operators - 1);
        return $"{PrefixFormula.Operators[random.Below(PrefixFormula.Operators.Length)]}{Draw(left)}{Draw(operators - 1 - left)}";
    }

    /// <summary>A formula with one part drawn anew, no longer than allowed.</summary>
    private string Changed(string formula)
    {
        var from = random.Below(formula.Length);
        var to = End(formula, from);
        var room = (symbols - (formula.Length - (to - from)) - 1) / 2;
        return $"{formula[..from]}{Draw(random.Between(0, room))}{formula[to..]}";
    }

    private static int End(string formula, int from)
    {
        var open = 1;
        while (open > 0)
        {
            open += PrefixFormula.Operators.Contains(formula[from++], StringComparison.Ordinal) ? 1 : -1;
        }

        return from;
    }
}
