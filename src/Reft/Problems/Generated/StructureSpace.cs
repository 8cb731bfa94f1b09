using Reft.Numerics;

namespace Reft.Problems.Generated;

/// <summary>
/// Proposes the steps of a problem so that all structures are as likely: every step that can be spelt is, whether it is possible or not
/// (a loss of 9 from 5 is not), and a problem with one that is not is dropped whole. So what is kept is uniform over what is possible.
/// </summary>
/// <remarks>
/// Problems of so many steps that there are over 100,000 proposals are drawn step by step, each step uniform over those that are
/// possible there: hardly any structure would come twice, and proposals of eight steps would nearly all be dropped.
/// </remarks>
internal sealed class StructureSpace(GeneratorOptions options)
{
    private const double MostCounted = 100_000;
    private const int MostBoxes = 9;
    private const int MostSmall = 12;

    private static readonly StepKinds[] _kinds = [.. Enum.GetValues<StepKinds>().Where(kind => kind is not (StepKinds.None or StepKinds.All))];

    private readonly double[] _counts = [.. Enumerable.Range(0, options.MaxSteps + 1).Select(steps => Proposals(options, steps))];

    /// <summary>Whether a problem of so many steps is kept only if all of its steps were possible at once.</summary>
    public bool IsCounted(int steps) => _counts[steps] <= MostCounted;

    /// <summary>How many steps a problem has: as likely as there are proposals of that length, at most 100,000.</summary>
    public int Steps(CounterRandom random) => options.MinSteps + Choose(random, options.MinSteps, options.MaxSteps, steps => Math.Min(_counts[steps], MostCounted));

    /// <summary>Whether the problem opens with boxes, which is a step of its own, and not with a number.</summary>
    /// <param name="steps">How many steps the problem has.</param>
    /// <param name="random">Draws it.</param>
    public bool OpensWithBoxes(int steps, CounterRandom random) =>
        random.Chance(Boxes(options) * Math.Pow(Spelt(options), steps - 1) / Proposals(options, steps));

    /// <summary>What the next step does.</summary>
    public StepKinds Kind(CounterRandom random) => _kinds[Choose(random, 0, _kinds.Length - 1, i => Spelt(options, _kinds[i]))];

    /// <summary>Problems that can be spelt with so many steps.</summary>
    private static double Proposals(GeneratorOptions options, int steps) => steps == 0
        ? 0
        : ((options.MaxOperand - 1) * Math.Pow(Spelt(options), steps)) + (Boxes(options) * Math.Pow(Spelt(options), steps - 1));

    private static int Boxes(GeneratorOptions options) => options.Kinds.HasFlag(StepKinds.Each) ? To(options, MostBoxes) * To(options, MostSmall) : 0;

    private static double Spelt(GeneratorOptions options) => _kinds.Sum(kind => Spelt(options, kind));

    /// <summary>Steps of one kind that can be spelt, in the numbers that <see cref="StorySteps"/> and <see cref="StoryComparisons"/> draw.</summary>
    private static int Spelt(GeneratorOptions options, StepKinds kind) => !options.Kinds.HasFlag(kind) ? 0 : kind switch
    {
        StepKinds.Gain or StepKinds.Lose => To(options, options.MaxOperand),
        StepKinds.Difference => 2 * To(options, options.MaxOperand),
        StepKinds.Each => To(options, MostSmall),
        StepKinds.Share => 2 * To(options, MostSmall),
        StepKinds.Remainder => To(options, MostSmall) - 1,
        StepKinds.Percent => StoryComparisons.PercentSteps,
        StepKinds.Times => StoryComparisons.TimesSteps,
        _ => 1,
    };

    /// <summary>The numbers from 2 to <paramref name="most"/> or the largest operand.</summary>
    private static int To(GeneratorOptions options, int most) => Math.Min(most, options.MaxOperand) - 1;

    /// <summary>An index from 0, drawn by weights.</summary>
    private static int Choose(CounterRandom random, int first, int last, Func<int, double> weight)
    {
        var at = random.NextDouble() * Enumerable.Range(first, last - first + 1).Sum(weight);
        for (var i = first; i < last; i++)
        {
            at -= weight(i);
            if (at < 0)
            {
                return i - first;
            }
        }

        return last - first;
    }
}
