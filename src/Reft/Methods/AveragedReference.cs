using Reft.Algorithms;
using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Methods;

/// <summary>
/// A reference that follows the policy, <c>θ_ref ← a θ_ref + (1 - a) θ</c> after every step: an anchor that bounds how fast the policy moves and not how
/// far. Only what is trained is averaged, in float32, whatever the weights' dtype: under adapters that is the adapters. To be asked, the average takes
/// the weights' place for a moment, so that no second model is held.
/// </summary>
internal sealed class AveragedReference : IDisposable
{
    private readonly Policy _policy;
    private readonly double _kept;
    private readonly int _tokens;
    private readonly (Parameter Parameter, Tensor Average)[] _averages;

    /// <summary>Begins with the policy as it is.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="kept">a, in [0, 1].</param>
    /// <param name="tokens">Tokens that a forward pass takes at a time.</param>
    public AveragedReference(Policy policy, double kept, int tokens)
    {
        (_policy, _kept, _tokens) = (policy, kept, tokens);
        using var frozen = no_grad();
        _averages = [.. policy.Decoder.TrainedParameters.Select(parameter =>
            (parameter, parameter.Value.to(ScalarType.Float32, copy: true).DetachFromDisposeScope()))];
    }

    /// <summary>The averages, by the parameters' names.</summary>
    public IReadOnlyDictionary<string, Tensor> Kept => _averages.ToDictionary(pair => $"average.{pair.Parameter.Name}", pair => pair.Average);

    /// <summary>Takes in what the policy has become, which before the first step is nothing, and asks the average: log-probabilities of responses [B][T].</summary>
    public float[][] LogProbs(IReadOnlyList<PolicySequence> sequences)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (parameter, average) in _averages)
        {
            using var inner = NewDisposeScope();
            // As a difference, so that what has not changed stays what it is to the bit.
            average.Increase((parameter.Value.to(ScalarType.Float32) - average).Times(1 - _kept));
        }

        var own = _averages.Select(pair => pair.Parameter.Value.clone()).ToArray();
        try
        {
            Put([.. _averages.Select(pair => pair.Average)]);
            return PolicyEvaluation.LogProbs(_policy, sequences, _tokens);
        }
        finally
        {
            Put(own);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, average) in _averages)
        {
            average.Dispose();
        }
    }

    private void Put(Tensor[] values)
    {
        foreach (var (pair, value) in _averages.Zip(values))
        {
            pair.Parameter.Set(value);
        }
    }
}
