using System.Globalization;
using Reft.Models.Families;
using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>One layer: attention and feed-forward around the residual stream.</summary>
internal sealed class DecoderLayer
{
    private readonly DecoderConfig _config;
    private readonly AttentionLayer _attention;
    private readonly Norm _attentionNorm;
    private readonly Norm? _feedForwardNorm;
    private readonly Projection? _query;
    private readonly Projection? _key;
    private readonly Projection? _value;
    private readonly Projection? _fused;
    private readonly Projection _attentionOutput;
    private readonly Projection? _gate;
    private readonly Projection _up;
    private readonly Projection _down;
    private readonly Norm? _queryNorm;
    private readonly Norm? _keyNorm;

    public DecoderLayer(DecoderConfig config, ParameterNames names, int index, ParameterSet parameters)
    {
        _config = config;
        _attention = new AttentionLayer(index, config.AttentionScales[index], config.SlidingWindows[index]);
        var prefix = string.Format(CultureInfo.InvariantCulture, names.Layer, index);
        var maker = new LayerMaker(config, parameters);
        var queries = config.Heads * config.HeadSize;
        var pairs = config.KeyValueHeads * config.HeadSize;
        _attentionNorm = maker.Norm(prefix + names.AttentionNorm, config.Width);
        if (config.Qkv == QkvLayout.Separate)
        {
            _query = maker.Projection(prefix + names.Query, config.Width, queries, config.QkvBias);
            _key = maker.Projection(prefix + names.Key, config.Width, pairs, config.QkvBias);
            _value = maker.Projection(prefix + names.Value, config.Width, pairs, config.QkvBias);
        }
        else
        {
            _fused = maker.Projection(prefix + names.Fused, config.Width, 3 * queries, config.QkvBias);
        }

        if (config.QueryKeyNorm)
        {
            _queryNorm = maker.Norm(prefix + names.QueryNorm, config.HeadSize);
            _keyNorm = maker.Norm(prefix + names.KeyNorm, config.HeadSize);
        }

        _attentionOutput = maker.Projection(
            prefix + names.AttentionOutput, queries, config.Width, config.AttentionOutputBias);
        if (config.Residual != ResidualKind.ParallelOneNorm)
        {
            _feedForwardNorm = maker.Norm(prefix + names.FeedForwardNorm, config.Width);
        }

        if (config.Gated)
        {
            _gate = maker.Projection(prefix + names.Gate, config.Width, config.IntermediateSize, config.FeedForwardBias);
        }

        _up = maker.Projection(prefix + names.Up, config.Width, config.IntermediateSize, config.FeedForwardBias);
        _down = maker.Projection(prefix + names.Down, config.IntermediateSize, config.Width, config.FeedForwardBias);
    }

    /// <summary>Every projection of the layer.</summary>
    public IEnumerable<Projection> Projections =>
        new[] { _query, _key, _value, _fused, _attentionOutput, _gate, _up, _down }.OfType<Projection>();

    /// <summary>The layer's result for the residual stream x [N, D]: [N, D], the last layer's of the tokens that are read [M, D].</summary>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        return Residual(x, pass).MoveToOuterDisposeScope();
    }

    private Tensor Residual(Tensor x, LayerPass pass)
    {
        if (!_config.NormFirst)
        {
            var summed = _attentionNorm.Forward(Read(x, pass).Plus(Attend(x, pass)));
            return _feedForwardNorm!.Forward(summed.Plus(FeedForward(summed, pass))); // Post-norm layers are sequential.
        }

        var entered = _attentionNorm.Forward(x);
        var attended = Attend(entered, pass);
        x = Read(x, pass);
        if (_config.Residual == ResidualKind.Sequential)
        {
            var middle = CpuKernels.Add(x, attended);
            // Sequential layers have both norms.
            return CpuKernels.Add(middle, FeedForward(_feedForwardNorm!.Forward(middle), pass));
        }

        var second = _feedForwardNorm is null ? Read(entered, pass) : _feedForwardNorm.Forward(x);
        return CpuKernels.Add(CpuKernels.Add(FeedForward(second, pass), attended), x);
    }

    private Tensor Attend(Tensor x, LayerPass pass)
    {
        var (q, k, v) = QueriesKeysValues(x);
        if (_queryNorm is not null && _keyNorm is not null)
        {
            q = _queryNorm.Forward(q);
            k = _keyNorm.Forward(k);
        }

        if (pass.Rotary is { } rotary)
        {
            q = rotary.Apply(q, pass);
            k = rotary.Apply(k, pass);
        }

        var output = _attentionOutput.Forward(Read(pass.Attention.Attend(_attention, q, k, v, pass.Batch), pass));
        return pass.Dropout?.AttentionOutput(output, _attention.Layer) ?? output;
    }

    /// <summary>In the last layer the rows [M] of x [N] that are read, else x.</summary>
    private Tensor Read(Tensor x, LayerPass pass) =>
        pass.Read is { } read && _attention.Layer == _config.Layers - 1 ? CpuKernels.Gather(x, read) : x;

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
            case QkvLayout.PerHead:
                var heads = all.view(n, -1, 3, size);
                return (Slice(heads, 2, 0), Slice(heads, 2, 1), Slice(heads, 2, 2));
            default:
                // Four blocks of [queries, values, keys], each of a quarter of the heads.
                var blocks = all.view(n, CodeGen.Blocks, 3, -1, size);
                return (Block(blocks, 0, n), Block(blocks, 2, n), Block(blocks, 1, n));
        }

        static Tensor Slice(Tensor t, long dimension, long index) => t.select(dimension, index).contiguous();

        static Tensor Block(Tensor t, long index, long n) => t.select(2, index).reshape(n, -1, t.shape[^1]);
    }

    private Tensor FeedForward(Tensor x, LayerPass pass)
    {
        var output = FeedForward(x);
        return pass.Dropout?.FeedForwardOutput(output, _attention.Layer) ?? output;
    }

    private Tensor FeedForward(Tensor x)
    {
        if (_gate is null)
        {
            return _down.Forward(Activations.Apply(_config.Activation, _up.Forward(x)));
        }

        var gate = _gate.Forward(x);
        var up = _up.Forward(x);
        return _down.Forward(Gate(gate, up));
    }

    private Tensor Gate(Tensor gate, Tensor up)
    {
        if (_config.Activation != ActivationKind.Silu || !TrainingKernels.Accept(gate))
        {
            return Activations.Apply(_config.Activation, gate) * up;
        }

        return CpuKernels.Accept(gate) ? CpuKernels.SiluMultiply(gate, up) : TrainingKernels.SiluMultiply(gate, up);
    }
}
