using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// The search for a formula through seven points (FormulaGPT, <see href="https://arxiv.org/abs/2404.06330"/>): the question gives y at x from -3 to 3, the
/// solution is a solver's history, an attempt a line with its R², <c>+xx=0.35</c>, up to one that is exact. The history is thinned: of the solver's tries
/// the last that were better than all before stay, with some between them that were not, or, as a shortcut, the better ones alone, whose scores only rise.
/// </summary>
internal sealed record FormulaHistories : DrawnProblems
{
    // Tries of the solver; where they are not enough, the formula that the points come from ends the history.
    private const int Budget = 1500;
    private const int MostValue = 99;

    /// <inheritdoc/>
    public override string Name => "formulas";

    /// <inheritdoc/>
    public override string Summary => "a formula through seven points, by a solver's history of attempts with their R²";

    /// <summary>The most symbols of a formula, odd, in [3, 15].</summary>
    [Option("the most symbols of a formula", AtLeast = 3, AtMost = 15, Note = "odd")]
    public int Symbols { get; init => field = InRange.Of(this, value); } = 7;

    /// <summary>The most attempts of a history, in [1, 16]; the last one is exact.</summary>
    [Option("the most attempts of a history, the last of which is exact", AtLeast = 1, AtMost = 16)]
    public int Attempts { get; init => field = InRange.Of(this, value); } = 8;

    /// <summary>The share of histories in which scores only rise, in [0, 1]; the paper gives none, so it is ours.</summary>
    [Option("the share of histories whose scores only rise", AtLeast = 0, AtMost = 1)]
    public double ShortcutShare { get; init => field = InRange.Of(this, value); } = 0.5;

    /// <inheritdoc/>
    public override string? Form => "formula";

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <summary>What is wrong with the numbers, beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path) => Symbols % 2 == 0
        ? [FormattableString.Invariant($"{path}.symbols is {Symbols}: a formula of operators with two operands each has an odd number")]
        : [];

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Make(AnswerStyle style) => [.. base.Make(style).Select(Searched)];

    /// <summary>Points, with the formula that they come from as the solution.</summary>
    protected override Problem Draw(CounterRandom random)
    {
        var search = new FormulaSearch(random, Symbols);
        while (true)
        {
            var formula = search.Draw();
            if (Target(formula) is { } values)
            {
                var points = string.Join(' ', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
                return new Problem("", points, points, formula);
            }
        }
    }

    /// <summary>The problem with a solver's history, which depends on the seed and the points alone.</summary>
    private Problem Searched(Problem problem)
    {
        var random = new CounterRandom(CounterRandom.Hash(Seed, problem.Question));
        var tries = new FormulaSearch(random, Symbols).Run(PrefixFormula.Read(problem.Answer)!, Budget); // They were written so.
        if (tries[^1].Fit < 1)
        {
            tries = [.. tries, (problem.Solution!, 1)]; // Draw gave it.
        }

        return problem with { Solution = string.Join('\n', Thinned(tries, random.Chance(ShortcutShare), random).Select(one => PrefixFormula.Attempt(one.Formula, one.Fit))) };
    }

    private static IReadOnlyList<int>? Target(string formula) =>
        PrefixFormula.Values(formula) is { } values && values.All(value => Math.Abs(value) <= MostValue) && values.Distinct().Count() > 1
            ? [.. values.Select(value => (int)value)]
            : null;

    /// <summary>As many of the tries as are kept, in their order, the last one always.</summary>
    private List<(string Formula, double Fit)> Thinned(IReadOnlyList<(string Formula, double Fit)> tries, bool isShortcut, CounterRandom random)
    {
        var (better, others, most) = (new List<int>(), new List<int>(), double.NegativeInfinity);
        for (var i = 0; i < tries.Count; i++)
        {
            // By what is written: attempts whose scores read alike do not rise.
            var score = Math.Round(tries[i].Fit, 2);
            (score > most || i == tries.Count - 1 ? better : others).Add(i);
            most = Math.Max(most, score);
        }

        // The last better ones, and what was tried after the first of these: nearly every attempt is then a change of one that stands before it.
        var room = random.Between(1, Attempts);
        var kept = better.TakeLast(isShortcut ? room : (room + 1) / 2).ToList();
        if (!isShortcut)
        {
            others.RemoveAll(i => i < kept[0]);
            random.Shuffle(others);
            kept.AddRange(others.Take(room - kept.Count));
        }

        return [.. kept.Order().Select(i => tries[i])];
    }
}
