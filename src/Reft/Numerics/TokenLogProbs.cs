using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Numerics;

/// <summary>
/// Log-probabilities of given tokens straight from hidden states: <c>log softmax(s (h Wᵀ + b))[token]</c>. Logits exist for a
/// chunk of rows at a time, forwards and backwards, never whole; they are float32 whatever the dtype of h and W.
/// </summary>
internal static class TokenLogProbs
{
    /// <summary>Rows of logits that exist at once.</summary>
    public const int DefaultChunk = 512;

    /// <summary>Computes the log-probabilities, with gradients for hidden states, weight and bias.</summary>
    /// <param name="hidden">States [N, D] that predict the tokens.</param>
    /// <param name="weight">The head's weight [V, D].</param>
    /// <param name="bias">The head's bias [V]; null for none.</param>
    /// <param name="targets">The tokens [N], int64.</param>
    /// <param name="chunk">Rows of logits at once; the result does not depend on it beyond rounding.</param>
    /// <param name="entropy">Gets the entropies of the distributions [N] in nats, float32; null for nobody.</param>
    /// <param name="scale">What logits are multiplied by, s: the inverse of the temperature.</param>
    /// <param name="cap">What logits come no further from 0 than before they are scaled; null for no limit.</param>
    /// <returns>Log-probabilities [N], float32.</returns>
    public static Tensor Gather(
        Tensor hidden, Tensor weight, Tensor? bias, Tensor targets, int chunk = DefaultChunk, Tensor? entropy = null,
        float scale = 1, double? cap = null)
    {
        using var none = empty(0);
        return Function.apply(hidden, weight, bias ?? none, targets, new Job(chunk, entropy, scale, cap));
    }

    /// <summary>The weight as the products read it: as it is where they widen it themselves, else in float32.</summary>
    private static Tensor Readable(Tensor weight) => WideProducts.Accept(weight) ? weight : weight.to(ScalarType.Float32);

    private static Tensor Logits(Tensor rows, Tensor head, Tensor? bias, float scale, double? cap)
    {
        var wide = bias?.to(ScalarType.Float32);
        var logits = !WideProducts.Accept(rows) ? nn.functional.linear(rows.to(ScalarType.Float32), head, wide)
            : wide is null ? WideProducts.Multiply(rows, head.t())
            : WideProducts.Multiply(rows, head.t()).Plus(wide);
        logits = logits.Capped(cap);
        return scale == 1 ? logits : logits.Scale(scale);
    }

    /// <summary>What a pass needs besides tensors that have gradients.</summary>
    private sealed record Job(int Chunk, Tensor? Entropy, float Scale, double? Cap);

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "ReftTokenLogProbs";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (hidden, weight, bias, targets) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3]);
            var job = (Job)vars[4];
            var (chunk, entropy, scale, cap) = job;
            using var scope = NewDisposeScope();
            var head = Readable(weight);
            var parts = new List<Tensor>();
            for (var first = 0L; first < hidden.shape[0]; first += chunk)
            {
                using var inner = NewDisposeScope();
                var count = Math.Min(chunk, hidden.shape[0] - first);
                var logits = Logits(hidden.narrow(0, first, count), head, bias.numel() == 0 ? null : bias, scale, cap);
                var chosen = logits.gather(1, targets.narrow(0, first, count).unsqueeze(1)).squeeze(1);
                var sum = logits.logsumexp(1);
                parts.Add((chosen - sum).MoveToOuterDisposeScope());
                if (entropy is not null)
                {
                    var all = logits - sum.unsqueeze(1);
                    entropy.narrow(0, first, count).copy_(-(all.exp() * all).sum(1));
                }
            }

            ctx.save_for_backward([hidden, weight, bias, targets]);
            ctx.save_data("job", job with { Entropy = null });
            return cat(parts, 0).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var saved = ctx.get_saved_variables();
            var (hidden, weight, bias, targets) = (saved[0], saved[1], saved[2], saved[3]);
            var (chunk, _, scale, cap) = (Job)ctx.get_data("job");
            using var scope = NewDisposeScope();
            var hasBias = bias.numel() > 0;
            var head = Readable(weight);
            var weightGradient = zeros(weight.shape, device: weight.device);
            var biasGradient = hasBias ? zeros(bias.shape, device: bias.device) : null;
            var parts = new List<Tensor>();
            for (var first = 0L; first < hidden.shape[0]; first += chunk)
            {
                using var inner = NewDisposeScope();
                var count = Math.Min(chunk, hidden.shape[0] - first);
                var rows = hidden.narrow(0, first, count);
                var logits = Logits(rows, head, hasBias ? bias : null, scale, cap);
                // d log p[token] / d logit = s ([token] - p), times the row's incoming gradient.
                var upstream = grad_output.narrow(0, first, count).unsqueeze(1).Times(scale);
                var slope = LibTorchScripts.Call("slope", logits, targets.narrow(0, first, count), upstream);
                if (cap is { } most)
                {
                    // d (cap tanh(l / cap)) / d l = 1 - tanh²(l / cap).
                    slope.mul_(logits.Times(1 / (most * scale)).Power(2).Times(-1).Plus(1));
                }

                // A bare 0 would be taken for a dtype.
                biasGradient?.Increase(slope.sum([0L]));
                if (WideProducts.Accept(hidden))
                {
                    var narrow = slope.to(hidden.dtype);
                    weightGradient.Increase(WideProducts.Multiply(narrow.t(), rows));
                    parts.Add(narrow.mm(weight).MoveToOuterDisposeScope());
                }
                else
                {
                    weightGradient.addmm_(slope.t(), rows.to(ScalarType.Float32), 1, 1);
                    parts.Add(slope.mm(head).to(hidden.dtype).MoveToOuterDisposeScope());
                }
            }

            var hiddenGradient = cat(parts, 0).MoveToOuterDisposeScope();
            var result = weightGradient.to(weight.dtype).MoveToOuterDisposeScope();
            var last = biasGradient?.to(bias.dtype).MoveToOuterDisposeScope();
            return [hiddenGradient, result, last!, null!, null!]; // TorchSharp takes null for "no gradient".
        }
    }
}
