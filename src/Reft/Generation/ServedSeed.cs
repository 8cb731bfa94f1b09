using Reft.Numerics;

namespace Reft.Generation;

/// <summary>
/// The seed by which a server that draws as <c>reft serve</c> does draws what is drawn here. Both hash their keys from a seed, a step, a problem and
/// a sample, a server with 0 for all but the first; the hash of one word is a bijection, so its way can be gone back.
/// </summary>
internal static class ServedSeed
{
    /// <summary>The seed of a request.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="step">The training step.</param>
    /// <param name="request">The problem and the sample.</param>
    public static ulong Of(ulong seed, ulong step, GenerationRequest request)
    {
        // Hash(Hash(s, 0, 0), 0) is six hashes of one word.
        var word = DecodingRow.Key(seed, step, request);
        for (var i = 0; i < 6; i++)
        {
            word = CounterRandom.Unhash(word);
        }

        return word;
    }
}
