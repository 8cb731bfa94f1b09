using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Which item comes next, some steps on, by a table of what follows what: <c>3&gt;1 0&gt;3 1&gt;2 2&gt;0: 0&gt;&gt;</c> leads in two steps to 1. Solutions say
/// the item and no way there, so that the way has to be gone without words, or the steps, <c>0&gt;3 3&gt;1</c>. Every item follows one, which may
/// be itself: one step leads to any alike, but two lead back to where they began in 2 of n tables of n items, which is what a guess can reach. In one cycle
/// (<see cref="Cycle"/>) fewer steps than items never lead back, and a guess reaches one in n - 1.
/// </summary>
internal sealed record NextItem : DrawnProblems
{
    /// <inheritdoc/>
    public override string Name => "nextItem";

    /// <inheritdoc/>
    public override string Summary => "the item that some steps through a table of followers lead to, without the way there";

    /// <summary>Items of the table, in [2, 10]: every item is one digit.</summary>
    [Option("the items, each a digit", AtLeast = 2, AtMost = 10)]
    public int Items { get; init => field = InRange.Of(this, value); } = 8;

    /// <summary>The most steps through the table, in [1, 9].</summary>
    [Option("the most steps through the table", AtLeast = 1, AtMost = 9)]
    public int Hops { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>The fewest, in [1, 9], as likely as any number up to the most; null for as many.</summary>
    [Option("the fewest steps; absent for as many as the most", AtLeast = 1, AtMost = 9)]
    public int? LeastHops { get; init => field = InRange.Of(this, value); }

    /// <summary>Whether the answer is the steps, and not the item alone.</summary>
    [Option("whether the answer is the steps, and not the item alone")]
    public bool Shows { get; init; }

    /// <summary>Whether all items form one cycle, so that fewer steps than items never lead back.</summary>
    [Option("whether all items form one cycle, so that fewer steps than items never lead back")]
    public bool Cycle { get; init; }

    /// <summary>What is wrong with the numbers together, beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path) => LeastHops > Hops
        ? [FormattableString.Invariant($"{path}.leastHops is {LeastHops}, more than hops, {Hops}")]
        : [];

    /// <inheritdoc/>
    public override string? Form => "wholeSolution";

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var followers = Enumerable.Range(0, Items).ToArray();
        random.Shuffle(followers);
        if (Cycle)
        {
            var way = followers.ToArray();
            for (var i = 0; i < Items; i++)
            {
                followers[way[i]] = way[(i + 1) % Items];
            }
        }

        var order = Enumerable.Range(0, Items).ToArray();
        random.Shuffle(order);
        var (first, hops) = (random.Below(Items), random.Between(LeastHops ?? Hops, Hops));
        var visited = new List<int> { first };
        for (var hop = 0; hop < hops; hop++)
        {
            visited.Add(followers[visited[^1]]);
        }

        var answer = Shows
            ? string.Join(' ', visited.Skip(1).Select((item, hop) => FormattableString.Invariant($"{visited[hop]}>{item}")))
            : visited[^1].ToString(CultureInfo.InvariantCulture);
        return new Problem(
            "", string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', order.Select(i => $"{i}>{followers[i]}"))}: {first}{new string('>', hops)}"), answer, answer);
    }
}
