namespace Reft.Algorithms;

/// <summary>The coefficient β of the KL penalty: fixed, as in ReFT, or adapted to a target.</summary>
public sealed record KlOptions
{
    /// <summary>β, or its start if it adapts; at least 0.</summary>
    [Option("β, the weight of the KL penalty inside the reward, or its start", AtLeast = 0, Note = "above 0 with a target")]
    public double Coefficient { get; init => field = InRange.Of(this, value); } = 0.01;

    /// <summary>The KL of a whole sequence, in nats, to steer at; null keeps β fixed.</summary>
    [Option("the KL of a sequence, in nats, that β adapts to; absent for a fixed β", Above = 0)]
    public double? Target { get; init => field = InRange.Of(this, value); }

    /// <summary>Episodes over which β adapts.</summary>
    [Option("episodes over which β adapts", Above = 0, Note = "needs a target")]
    public double Horizon { get; init => field = InRange.Of(this, value); } = 10_000;
}

/// <summary>
/// Ziegler's controller (<see href="https://arxiv.org/abs/1909.08593"/>, section 2.2):
/// <c>β ← β (1 + clip(KL/target - 1, -0.2, 0.2) n / horizon)</c>, KL summed over a sequence's tokens and averaged over n.
/// </summary>
internal sealed class KlController(KlOptions options)
{
    private const double Clip = 0.2;

    /// <summary>The formulas that it computes.</summary>
    public static IReadOnlyList<Formula> Formulas { get; } =
    [
        new("adaptive β ← β (1 + clip(KL/target - 1, ±0.2) n/horizon)", "Algorithms/KlController: Update", "Ziegler 2019, section 2.2")
        {
            Departure = "off unless a target is given",
        },
    ];

    /// <summary>β now; part of a checkpoint.</summary>
    public double Coefficient { get; set; } = options.Coefficient;

    /// <summary>Adapts β after a step.</summary>
    /// <param name="sequenceKl">The mean over sequences of the sum of k1 over their tokens.</param>
    /// <param name="sequences">How many sequences, n.</param>
    public void Update(double sequenceKl, int sequences)
    {
        if (options.Target is { } target)
        {
            Coefficient *= 1 + (Math.Clamp((sequenceKl / target) - 1, -Clip, Clip) * sequences / options.Horizon);
        }
    }
}
