using System.Runtime.InteropServices;
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

    /// <summary>Log-probabilities of every response token [B][T], and the entropies in nats of the distributions that they are of [B][T].</summary>
    public static IReadOnlyList<(float[] LogProbs, float[] Entropies)> LogProbsAndEntropies(Policy policy, IReadOnlyList<PolicySequence> sequences, int tokens) =>
    [
        .. Evaluate(policy, sequences, tokens, 2, piece =>
        {
            var outputs = policy.Evaluate(piece, PolicyQuestions.Entropy);
            return cat([outputs.LogProbs, outputs.Entropy!]); // It was asked for.
        }).Select(rows => (rows[0], rows[1])),
    ];

    private static float[][] Evaluate(
        Policy policy, IReadOnlyList<PolicySequence> sequences, int tokens,
        Func<IReadOnlyList<PolicySequence>, Tensor> ask) =>
        [.. Evaluate(policy, sequences, tokens, 1, ask).Select(rows => rows[0])];

    /// <summary>Several answers about every token [B][K][T], given pieces of which it says all of the first, then all of the second [K M].</summary>
    private static float[][][] Evaluate(
        Policy policy, IReadOnlyList<PolicySequence> sequences, int tokens, int answers,
        Func<IReadOnlyList<PolicySequence>, Tensor> ask)
    {
        using var frozen = no_grad();
        using var prepared = policy.Prepare();
        var ranks = policy.Decoder.Ranks;
        var pieces = MicroBatches.Split(sequences, s => s.Tokens.Length, tokens).ToArray();
        var flat = ranks.Share(
            pieces.Length, ranks.Of, own => [.. own.Select(place => Flat(pieces[place]))],
            (values, writer) => writer.Write(MemoryMarshal.AsBytes(values.AsSpan())),
            (place, reader) =>
            {
                var values = new float[answers * pieces[place].Sum(Length)];
                reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                return values;
            });
        var results = new List<float[][]>();
        for (var place = 0; place < pieces.Length; place++)
        {
            var (at, all) = (0, pieces[place].Sum(Length));
            foreach (var sequence in pieces[place])
            {
                var (from, length) = (at, Length(sequence));
                results.Add([.. Enumerable.Range(0, answers).Select(k => flat[place].AsSpan((k * all) + from, length).ToArray())]);
                at += length;
            }
        }

        return [.. results];

        static int Length(PolicySequence sequence) => sequence.Tokens.Length - sequence.PromptLength;

        float[] Flat(IReadOnlyList<PolicySequence> piece)
        {
            using var scope = NewDisposeScope();
            return ask(piece).cpu().data<float>().ToArray();
        }
    }
}
