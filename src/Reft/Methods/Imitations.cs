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
        Guide = "Every token of question and solution is learned, as a language model learns text. Take it to begin a fresh model, or "
            + "to bring a model's language nearer to the problems' before sft.",
        LearnsPrompts = true,
        Algorithm = CrossEntropy.Create,
        Aggregates = options => (options.Aggregation, options.ConstantLength),
    };

    /// <summary>Supervised fine-tuning.</summary>
    public static IMethod Sft { get; } = new ImitationMethod<CrossEntropyOptions>("sft", "crossEntropy", new CrossEntropyOptions())
    {
        Summary = "cross-entropy on gold solutions: the warm-up, and the baseline that it is compared with",
        Citation = "ReFT, section 3.1, equation 1",
        Guide = "The solutions are learned token by token, given their questions: where reasoning has to be shown before it can be "
            + "reinforced. Take it as the warm-up of every method that samples, for a few epochs only: a policy that has learned its "
            + "solutions by heart no longer varies.",
        Algorithm = CrossEntropy.Create,
        Aggregates = options => (options.Aggregation, options.ConstantLength),
    };
}
