namespace Reft.Training;

/// <summary>AdamW (<see href="https://arxiv.org/abs/1711.05101"/>).</summary>
public sealed record AdamWOptions
{
    /// <summary>β₁ in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂ in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε, added to the root of the second moment; above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, at least 0; norms, biases and other vectors are never decayed.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The largest global L2 norm of the gradient; 0 for no limit.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = new List<string>();
        Check(Beta1 is >= 0 and < 1, "beta1", Beta1, "at least 0 and below 1");
        Check(Beta2 is >= 0 and < 1, "beta2", Beta2, "at least 0 and below 1");
        Check(Epsilon > 0 && double.IsFinite(Epsilon), "epsilon", Epsilon, "above 0");
        Check(WeightDecay >= 0 && double.IsFinite(WeightDecay), "weightDecay", WeightDecay, "at least 0");
        Check(MaxGradientNorm >= 0, "maxGradientNorm", MaxGradientNorm, "at least 0 (0 is off)");
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
