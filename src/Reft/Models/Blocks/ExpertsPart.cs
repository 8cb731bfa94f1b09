using System.Globalization;
using Reft.Numerics;
using Reft.Numerics.Backends;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>
/// Experts and their router (Qwen's, <see href="https://arxiv.org/abs/2407.10671"/>, section 2.2.2): each token is fed to the experts that
/// softmax(router) finds likeliest, and their results are summed by those probabilities, in the experts' order.
/// </summary>
internal sealed class ExpertsPart : IFeedForward
{
    private const string Own = "mlp.";

    private readonly ExpertsConfig _config;
    private readonly int _layer;
    private readonly Projection _router;
    private readonly FeedForwardPart[] _experts;
    private readonly FeedForwardPart? _shared;
    private readonly Projection? _sharedGate;

    public ExpertsPart(LayerParts parts, ExpertsConfig config)
    {
        if (!parts.HasKernels)
        {
            throw new InputException("models with experts run on the CPU alone: which experts a token takes is not known before the router has spoken");
        }

        (_config, _layer) = (config, parts.Index);
        _router = parts.Projection(Own + "gate", parts.Config.Width, config.Count, bias: false);
        _experts =
        [
            .. Enumerable.Range(0, config.Count).Select(e => new FeedForwardPart(
                parts, string.Create(CultureInfo.InvariantCulture, $"{Own}experts.{e}."), config.Width)),
        ];
        if (config.SharedWidth is { } width)
        {
            _shared = new FeedForwardPart(parts, Own + "shared_expert.", width);
            _sharedGate = parts.Projection(Own + "shared_expert_gate", parts.Config.Width, 1, bias: false);
        }
    }

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        var probabilities = nn.functional.softmax(_router.Forward(x).to(ScalarType.Float32), 1); // [N, E]
        var (weights, taken) = probabilities.topk(_config.PerToken, 1); // [N, k]
        if (_config.SumToOne)
        {
            weights /= weights.sum([1L], keepdim: true);
        }

        var flat = weights.to(x.dtype).flatten(); // [N k]
        var places = taken.detach().cpu().contiguous().data<long>().ToArray();
        if (pass.Router is { } router && is_grad_enabled())
        {
            router.Add(_layer, places, probabilities.detach().contiguous().flatten().data<float>().ToArray());
        }

        var sum = zeros_like(x);
        using var one = 1.ToScalar();
        for (var e = 0; e < _experts.Length; e++)
        {
            long[] own = [.. Enumerable.Range(0, places.Length).Where(place => places[place] == e).Select(place => (long)place)];
            if (own.Length > 0)
            {
                long[] tokens = [.. own.Select(place => place / _config.PerToken)];
                var result = _experts[e].Forward(pass.Numerics.Rows(x, new IndexList(tokens)), pass);
                sum = sum.index_add(0, tensor(tokens), result * flat[tensor(own)].unsqueeze(1), one);
            }
        }

        if (_shared is not null && _sharedGate is not null)
        {
            sum = sum.Plus(sigmoid(_sharedGate.Forward(x)) * _shared.Forward(x, pass));
        }

        return sum.MoveToOuterDisposeScope();
    }
}
