using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;

namespace Reft.Methods;

/// <summary>Options of <see cref="DrGrpo"/>.</summary>
public sealed record DrGrpoOptions
{
    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>What the sum over a sequence's tokens is divided by; absent for <c>rollouts.maxTokens</c>.</summary>
    [Option("what the sum over a sequence's tokens is divided by; absent for `rollouts.maxTokens`", AtLeast = 1)]
    public int? ConstantLength { get; init => field = InRange.Of(this, value); }

    /// <summary>How the policy is updated.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>GRPO done right (<see href="https://arxiv.org/abs/2503.20783"/>, section 3): neither length nor deviation is divided by.</summary>
internal static class DrGrpo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<DrGrpoOptions>("dr-grpo", "drGrpo", new DrGrpoOptions())
    {
        Summary = "GRPO without its two biases: no deviation, a constant in the place of a sequence's length; no KL",
        Citation = "Liu 2025, arXiv 2503.20783, section 3.1",
        Guide = "GRPO divides by a sequence's length, which makes long wrong answers cheap, and by the deviation of a problem's "
            + "rewards, which makes nearly solved and nearly hopeless problems loud. This divides by neither. Take it where responses "
            + "grow longer without getting better.",
        Update = options => options.Update,
        LeastSamples = _ => 2,
        Algorithm = (options, config, _) => Create(options, config.Rollouts.MaxTokens),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="maxTokens">The most tokens of a response.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(DrGrpoOptions options, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, GroupScale.None),
            Terms = [new ClippedSurrogate(options.ClipLow, options.ClipHigh)],
            Aggregation = Aggregation.SequenceSumConstant,
            ConstantLength = options.ConstantLength ?? maxTokens,
        }.With(options.Update);
    }
}
