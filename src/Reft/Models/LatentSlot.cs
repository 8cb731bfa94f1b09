using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// A thought without words between prompt and response (LatentR3, <see href="https://arxiv.org/abs/2505.19092"/>, section 4.1): one token whose embedding
/// is no row of the table but what one head of attention makes of the model's last states of the prompt, its last token asking:
/// <c>r = Σ_i softmax_i(q_P · k_i / √D) v_i</c>, with queries and keys turned by their positions. Responses are written behind it.
/// </summary>
internal sealed class LatentSlot : IDisposable
{
    /// <summary>What goes before its parameters' names.</summary>
    public const string Prefix = "latent_slot.";

    /// <summary>Says in config.json that a model has one.</summary>
    public const string ConfigKey = "reft_latent_slot";

    private const double Theta = 10000;

    private readonly Projection _query;
    private readonly Projection _key;
    private readonly Projection _value;
    private readonly RotaryTable _rotary;
    private readonly double _scale;

    /// <summary>Makes one.</summary>
    /// <param name="config">The model that it belongs to.</param>
    /// <param name="parameters">Makes its parameters.</param>
    public LatentSlot(DecoderConfig config, ParameterSet parameters)
    {
        var maker = new LayerMaker(config with { TransposedWeights = false }, parameters);
        _query = Make("q_proj");
        _key = Make("k_proj");
        _value = Make("v_proj");
        _scale = 1 / Math.Sqrt(config.Width);
        _rotary = new RotaryTable(
            new RotaryConfig(config.Width - (config.Width % 2), config.Rotary?.Theta ?? Theta, false, null), config.MaxPositions, parameters.Device);

        Projection Make(string name) => maker.Projection(Prefix + name, config.Width, config.Width, bias: false);
    }

    /// <summary>Queries, keys and values, each [D, D].</summary>
    public IReadOnlyList<Projection> Projections => [_query, _key, _value];

    /// <summary>Their weights.</summary>
    public IReadOnlyList<Parameter> Parameters => [.. Projections.Select(projection => projection.Weight)];

    /// <summary>The embeddings [B, D] of the slots behind prompts.</summary>
    /// <param name="hidden">Last states of all of their tokens [N, D].</param>
    /// <param name="prompts">The prompts, whole.</param>
    /// <param name="numerics">The operations.</param>
    public Tensor Forward(Tensor hidden, TokenBatch prompts, INumericBackend numerics)
    {
        using var scope = NewDisposeScope();
        _rotary.Reach(prompts.MaxPosition);
        var pass = new LayerPass(numerics, prompts, [_rotary], new FullAttention(numerics), dropout: null, read: null);
        var (q, k) = (_rotary.Apply(Heads(_query), pass), _rotary.Apply(Heads(_key), pass));
        var seen = numerics.Attend(q, k, Heads(_value), new ScoreShape(_scale, null, null), prompts.Layout, dropout: null); // [N, D]
        return numerics.Rows(seen, new IndexList(prompts.LastIndices())).MoveToOuterDisposeScope();

        Tensor Heads(Projection projection) => projection.Forward(hidden).unsqueeze(1); // [N, 1, D]
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var projection in Projections)
        {
            projection.Dispose();
        }

        _rotary.Dispose();
    }
}

/// <summary>Tokens of a batch whose embeddings are no rows of the table.</summary>
/// <param name="Places">Which tokens [B], in [0, N).</param>
/// <param name="Embeddings">Their embeddings [B, D].</param>
internal sealed record LatentTokens(long[] Places, Tensor Embeddings);
