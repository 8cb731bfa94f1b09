using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Where one gets by following arrows between numbers: <c>45&gt;71 12&gt;45 30&gt;66: 12, 2 times</c>. Every number on the way is an answer to
/// a question before the last, and solutions give each as soon as it is known, or the last alone.
/// </summary>
internal sealed record MultiHop : DrawnProblems
{
    private const int Least = 10;
    private const int Numbers = 90;

    /// <inheritdoc/>
    public override string Name => "multiHop";

    /// <inheritdoc/>
    public override string Summary => "where arrows between numbers lead, with every number on the way as an answer of its own";

    /// <summary>Arrows to follow, in [1, 9].</summary>
    [Option("the arrows to follow", AtLeast = 1, AtMost = 9)]
    public int Hops { get; init => field = InRange.Of(this, value); } = 3;

    /// <summary>Other arrows, in [0, 20].</summary>
    [Option("other arrows", AtLeast = 0, AtMost = 20)]
    public int Distractors { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>Whether solutions answer after every step, and not at the end alone.</summary>
    [Option("whether solutions answer after every step, and not at the end alone")]
    public bool Interleaves { get; init; } = true;

    /// <inheritdoc/>
    public override string? Form => "interleaved";

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var numbers = Enumerable.Range(Least, Numbers).ToArray();
        random.Shuffle(numbers);
        var way = numbers.Take(Hops + 1).Select(Word).ToArray();
        var others = numbers.Skip(Hops + 1).Take(2 * Distractors).Select(Word).Chunk(2).Select(pair => $"{pair[0]}>{pair[1]}");
        string[] steps = [.. Enumerable.Range(0, Hops).Select(i => $"{way[i]}>{way[i + 1]}")];
        string[] arrows = [.. steps, .. others];
        random.Shuffle(arrows);
        return new Problem("", $"{string.Join(' ', arrows)}: {way[0]}, {Hops} times", way[^1], Solution(steps, way));
    }

    private static string Word(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Solution(string[] steps, string[] way) => Interleaves
        ? string.Concat(steps.Select((step, i) => AnswerSegments.Write(step, way[i + 1])))
        : AnswerSegments.Write(string.Join(' ', steps), way[^1]);
}
