using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>Evaluations without gradients, in pieces of bounded size, as plain data.</summary>
internal static class PolicyEvaluation
{
    /// <summary>Values of the states before every response token [B][T].</summary>
    public static float[][] Values(Policy policy, IReadOnlyList<PolicySequence> sequences, int tokens) =>
        Evaluate(policy, sequences, tokens, policy.Values);

    /// <summary>Log-probabilities of every response token [B][T].</summary>
    public static float[][] LogProbs(Policy policy, IReadOnlyList<PolicySequence> sequences, int tokens) =>
        Evaluate(policy, sequences, tokens, piece => policy.Evaluate(piece, PolicyQuestions.None).LogProbs);

    private static float[][] Evaluate(
        Policy policy, IReadOnlyList<PolicySequence> sequences, int tokens,
        Func<IReadOnlyList<PolicySequence>, Tensor> ask)
    {
        using var frozen = no_grad();
        using var prepared = policy.Prepare();
        var results = new List<float[]>();
        foreach (var piece in MicroBatches.Split(sequences, s => s.Tokens.Length, tokens))
        {
            using var scope = NewDisposeScope();
            var flat = ask(piece).cpu().data<float>().ToArray();
            var at = 0;
            foreach (var sequence in piece)
            {
                var length = sequence.Tokens.Length - sequence.PromptLength;
                results.Add(flat[at..(at + length)]);
                at += length;
            }
        }

        return [.. results];
    }
}
