using Reft.Checkpoints;
using Reft.Models.Families;
using Reft.Numerics;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Certification;

/// <summary>A freshly initialised small model of a family, with a small tokenizer: for trying things out.</summary>
internal static class RandomModel
{
    private const int Vocabulary = 512;

    private static readonly string[] Corpus =
    [
        "Question: Tom has 3 apples and buys 12 more. How many apples does he have now? Answer reasoning: 3 + 12 = 15.",
        "def solution(): apples = 3; bought = 12; result = apples + bought; return result",
        "Therefore, the answer is: 15. Ada sells 4 pears for 2 dollars each, so she gets 4 * 2 = 8 dollars.",
    ];

    /// <summary>Makes the model and writes its tokenizer into a folder.</summary>
    /// <param name="family">The family's <c>model_type</c>.</param>
    /// <param name="dtype">float32 or bfloat16.</param>
    /// <param name="device">Where to put the weights.</param>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="folder">Where the tokenizer's files go.</param>
    /// <exception cref="InputException">There is no such family.</exception>
    public static (PretrainedModel Model, Tokenizer Tokenizer) Create(
        string family, ScalarType dtype, ComputeDevice device, ulong seed, string folder)
    {
        var body = ModelFamilies.Find(family)?.Small
            ?? throw new InputException($"there is no model family '{family}': Reft knows {ModelFamilies.Names}");
        var config = $$"""
            { "model_type": "{{family}}", "vocab_size": {{Vocabulary}}, "eos_token_id": 0, {{body}} }
            """;
        var tokenizer = BpeTrainer.Train(
            Corpus, new BpeTrainerOptions { VocabularySize = Vocabulary, MinimumFrequency = 1 }, folder);
        return (PretrainedModel.Initialize(config, dtype, device, seed), tokenizer);
    }
}
