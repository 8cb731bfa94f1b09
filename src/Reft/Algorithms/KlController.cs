namespace Reft.Algorithms;

/// <summary>The coefficient β of the KL penalty: fixed, as in ReFT, or adapted to a target.</summary>
public sealed record KlOptions
{
    /// <summary>β, or its start if it adapts; at least 0.</summary>
    public double Coefficient { get; init; } = 0.01;

    /// <summary>The KL of a whole sequence, in nats, to steer at; null keeps β fixed.</summary>
    public double? Target { get; init; }

    /// <summary>Episodes over which β adapts.</summary>
    public double Horizon { get; init; } = 10_000;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = new List<string>();
        Check(Coefficient >= 0, "coefficient", Coefficient, "at least 0");
        Check(Target is null or > 0, "target", Target ?? 0, "above 0, or absent");
        Check(Horizon > 0, "horizon", Horizon, "above 0");
        return errors;

        void Check(bool holds, string name, double value, string expected)
        {
            if (!holds)
            {
                errors.Add(FormattableString.Invariant($"{path}.{name} is {value}: it must be {expected}"));
            }
        }
    }
}

/// <summary>
/// Ziegler's controller (<see href="https://arxiv.org/abs/1909.08593"/>, section 2.2):
/// <c>β ← β (1 + clip(KL/target - 1, -0.2, 0.2) n / horizon)</c>, KL summed over a sequence's tokens and averaged over n.
/// </summary>
public sealed class KlController(KlOptions options)
{
    private const double Clip = 0.2;

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
