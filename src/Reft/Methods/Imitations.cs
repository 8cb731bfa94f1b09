using Reft.Algorithms;

namespace Reft.Methods;

/// <summary>Plain cross-entropy: supervised fine-tuning learns the solutions, pre-training every token of question and solution.</summary>
internal static class Imitations
{
    /// <summary>Pre-training.</summary>
    public static IMethod Pretrain { get; } = new ImitationMethod<CrossEntropyOptions>("pretrain", "crossEntropy", new CrossEntropyOptions())
    {
        Summary = "cross-entropy on every token of questions and solutions",
        Citation = "language modelling of the problems' texts",
        LearnsPrompts = true,
        Algorithm = CrossEntropy.Create,
        Aggregates = options => (options.Aggregation, options.ConstantLength),
    };

    /// <summary>Supervised fine-tuning.</summary>
    public static IMethod Sft { get; } = new ImitationMethod<CrossEntropyOptions>("sft", "crossEntropy", new CrossEntropyOptions())
    {
        Summary = "cross-entropy on gold solutions: the warm-up, and the baseline that it is compared with",
        Citation = "ReFT, section 3.1, equation 1",
        Algorithm = CrossEntropy.Create,
        Aggregates = options => (options.Aggregation, options.ConstantLength),
    };
}
