using Reft.Models.Families;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>A layer's attention, from the queries' projection to that of the result.</summary>
internal sealed class AttentionPart
{
    private readonly DecoderConfig _config;
    private readonly AttentionLayer _layer;
    private readonly Projection? _query;
    private readonly Projection? _key;
    private readonly Projection? _value;
    private readonly Projection? _fused;
    private readonly Norm? _queryNorm;
    private readonly Norm? _keyNorm;
    private readonly Projection _output;

    public AttentionPart(LayerParts parts)
    {
        var (config, names) = (parts.Config, parts.Names);
        _config = config;
        _layer = new AttentionLayer(parts.Index, config.Scores(parts.Index));
        var queries = config.Heads * config.HeadSize;
        var pairs = config.KeyValueHeads * config.HeadSize;
        if (config.Qkv == QkvLayout.Separate)
        {
            _query = parts.Projection(names.Query, config.Width, queries, config.QkvBias);
            _key = parts.Projection(names.Key, config.Width, pairs, config.QkvBias);
            _value = parts.Projection(names.Value, config.Width, pairs, config.QkvBias);
        }
        else
        {
            _fused = parts.Projection(names.Fused, config.Width, queries + (2 * pairs), config.QkvBias);
        }

        if (config.QueryKeyNorm || config.WholeQueryKeyNorm)
        {
            _queryNorm = parts.Norm(names.QueryNorm, config.WholeQueryKeyNorm ? queries : config.HeadSize);
            _keyNorm = parts.Norm(names.KeyNorm, config.WholeQueryKeyNorm ? pairs : config.HeadSize);
        }

        _output = parts.Projection(names.AttentionOutput, queries, config.Width, config.AttentionOutputBias);
    }

    /// <summary>What attention adds to the residual stream.</summary>
    /// <param name="x">What it reads [N, D].</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>[N, D]; in the last layer of the tokens that are read [M, D].</returns>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var (q, k, v) = QueriesKeysValues(x);
        if (_queryNorm is not null && _keyNorm is not null)
        {
            q = Normalize(_queryNorm, q);
            k = Normalize(_keyNorm, k);
        }

        if (pass.RotaryOf(_layer.Layer) is { } rotary)
        {
            q = rotary.Apply(q, pass);
            k = rotary.Apply(k, pass);
        }

        var output = _output.Forward(Read(pass.Attention.Attend(_layer, q, k, v, pass.Batch), pass));
        output = pass.Dropout?.AttentionOutput(output, _layer.Layer) ?? output;
        return _config.ResidualScale == 1 ? output : output.Times(_config.ResidualScale);
    }

    /// <summary>In the last layer the rows [M] of x [N] that are read, else x.</summary>
    public Tensor Read(Tensor x, LayerPass pass) =>
        pass.Read is { } read && _layer.Layer == _config.Layers - 1 ? pass.Numerics.Rows(x, read) : x;

    /// <summary>Normalises heads [N, H, size] one by one, or all of a token's as one row.</summary>
    private Tensor Normalize(Norm norm, Tensor heads) =>
        _config.WholeQueryKeyNorm ? norm.Forward(heads.flatten(1)).view(heads.shape) : norm.Forward(heads);

    private (Tensor Q, Tensor K, Tensor V) QueriesKeysValues(Tensor x)
    {
        var n = x.shape[0];
        var size = _config.HeadSize;
        if (_fused is null)
        {
            return (
                _query!.Forward(x).view(n, -1, size), // Either the fused projection or all three are there.
                _key!.Forward(x).view(n, -1, size),
                _value!.Forward(x).view(n, -1, size));
        }

        var all = _fused.Forward(x);
        switch (_config.Qkv)
        {
            case QkvLayout.Thirds:
                var thirds = all.view(n, 3, -1, size);
                return (Slice(thirds, 1, 0), Slice(thirds, 1, 1), Slice(thirds, 1, 2));
            case QkvLayout.Rows:
                var (queries, pairs) = (_config.Heads * size, _config.KeyValueHeads * size);
                return (Part(all, 0, queries), Part(all, queries, pairs), Part(all, queries + pairs, pairs));
            case QkvLayout.Groups:
                var groups = all.view(n, _config.KeyValueHeads, -1, size);
                var each = groups.shape[2] - 2;
                return (
                    groups.narrow(2, 0, each).reshape(n, -1, size), Slice(groups, 2, each), Slice(groups, 2, each + 1));
            case QkvLayout.PerHead:
                var heads = all.view(n, -1, 3, size);
                return (Slice(heads, 2, 0), Slice(heads, 2, 1), Slice(heads, 2, 2));
            default:
                // Four blocks of [queries, values, keys], each of a quarter of the heads.
                var blocks = all.view(n, CodeGen.Blocks, 3, -1, size);
                return (Block(blocks, 0, n), Block(blocks, 2, n), Block(blocks, 1, n));
        }

        static Tensor Slice(Tensor t, long dimension, long index) => t.select(dimension, index).contiguous();

        Tensor Part(Tensor t, long from, long width) => t.narrow(1, from, width).contiguous().view(n, -1, size);

        static Tensor Block(Tensor t, long index, long n) => t.select(2, index).reshape(n, -1, t.shape[^1]);
    }
}
