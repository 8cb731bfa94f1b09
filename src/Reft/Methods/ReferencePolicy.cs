using Reft.Algorithms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>The model that a run starts from, which a KL penalty or a preference compares the policy with.</summary>
internal static class ReferencePolicy
{
    /// <summary>With adapters the reference is the base with the adapters off; else a frozen copy, packed once for good.</summary>
    /// <param name="parts">What the method is made from.</param>
    /// <param name="policy">The policy that is trained.</param>
    /// <param name="owned">Gets what must live as long as the method.</param>
    /// <param name="tokens">Tokens that a forward pass takes at a time.</param>
    /// <returns>Log-probabilities of responses [B][T].</returns>
    public static Func<IReadOnlyList<PolicySequence>, float[][]> Create(
        MethodParts parts, Policy policy, ICollection<IDisposable> owned, int tokens)
    {
        if (parts.Config.Model.Lora is not null)
        {
            return sequences =>
            {
                using var off = policy.Decoder.WithoutAdapters();
                return PolicyEvaluation.LogProbs(policy, sequences, tokens);
            };
        }

        var frozen = parts.Model.Again();
        var reference = new Policy(frozen.Decoder) { Temperature = policy.Temperature };
        owned.Add(reference.Prepare());
        owned.Add(frozen);
        return sequences => PolicyEvaluation.LogProbs(reference, sequences, tokens);
    }
}
