using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Log-probabilities of given tokens, and entropies, from one pass over the head on the CPU. Logits exist for
/// some rows at a time; they are kept for the backward pass where they are few, and else computed again there.
/// </summary>
internal static unsafe class HeadKernels
{
    // 64 MB: what computing them again would cost in time is worth this much memory, whatever the model.
    private const long KeptLogits = 1L << 24;

    // 32 MB of logits at once.
    private const long ChunkLogits = 1L << 23;

    // Tokens of the vocabulary in one chain of sums: over all of a large one, float32 would lose a digit.
    private const int Slice = 1 << 13;

    /// <summary><c>log softmax(s (h Wᵀ + b))[token]</c>, with gradients for hidden states, weight and bias.</summary>
    /// <param name="hidden">States [N, D] that predict the tokens.</param>
    /// <param name="head">The head.</param>
    /// <param name="targets">The tokens [N], int64.</param>
    /// <param name="entropy">Gets the entropies [N] in nats, float32; null for nobody.</param>
    /// <param name="scale">What logits are multiplied by, s: the inverse of the temperature.</param>
    /// <returns>Log-probabilities [N], float32.</returns>
    public static Tensor LogProbs(Tensor hidden, Head head, Tensor targets, Tensor? entropy, float scale = 1)
    {
        using var none = empty(0);
        var job = new Job(head.Packed, entropy, scale);
        return is_grad_enabled()
            ? Function.apply(hidden, head.Weight, head.Bias ?? none, targets, job)
            : Forward(hidden, head.Bias, targets, job, null, null);
    }

    /// <summary>The output head.</summary>
    /// <param name="Weight">W [V, D].</param>
    /// <param name="Bias">b [V]; null for none.</param>
    /// <param name="Packed">W, packed.</param>
    internal sealed record Head(Tensor Weight, Tensor? Bias, PackedWeight Packed);

    private static Tensor Forward(Tensor hidden, Tensor? bias, Tensor targets, Job job, Tensor? kept, Tensor? inverses)
    {
        using var scope = NewDisposeScope();
        var vocabulary = job.Packed.Outputs;
        var count = (int)hidden.shape[0];
        var chunk = kept is null ? Chunk(vocabulary) : count;
        var result = empty(count);
        var buffer = kept ?? empty(Math.Min(chunk, count), vocabulary);
        for (var first = 0; first < count; first += chunk)
        {
            var rows = Math.Min(chunk, count - first);
            Logits(hidden, first, rows, job.Packed, bias, TensorMemory.Pointer<float>(buffer));
            Softmax(buffer, rows, targets, result, first, job.Entropy, inverses, job.Scale);
        }

        return result.MoveToOuterDisposeScope();
    }

    private static int Chunk(int vocabulary) => (int)Math.Max(64, ChunkLogits / vocabulary);

    private static void Logits(Tensor hidden, int first, int rows, PackedWeight packed, Tensor? bias, float* target)
    {
        var offset = (long)first * packed.Depth;
        if (hidden.dtype == ScalarType.Float32)
        {
            Gemm.Multiply<float, Single32, float, Single32>(
                CpuKernels.Workers, TensorMemory.Pointer<float>(hidden) + offset, rows, packed,
                bias is null ? null : TensorMemory.Pointer<float>(bias), target);
        }
        else
        {
            Gemm.Multiply<ushort, Brain16, float, Single32>(
                CpuKernels.Workers, TensorMemory.Pointer<ushort>(hidden) + offset, rows, packed,
                bias is null ? null : TensorMemory.Pointer<ushort>(bias), target);
        }
    }

    /// <summary>Turns rows of logits into exponentials, and writes what they say of the tokens from the first one on.</summary>
    private static void Softmax(
        Tensor buffer, int rows, Tensor targets, Tensor? logProbs, int first, Tensor? entropy, Tensor? inverses, float scale)
    {
        var vocabulary = (int)buffer.shape[1];
        var data = TensorMemory.Pointer<float>(buffer);
        var tokens = TensorMemory.Pointer<long>(targets) + first;
        var result = Optional(logProbs, first);
        var entropies = Optional(entropy, first);
        var inverse = Optional(inverses, first);
        CpuKernels.Workers.For(rows, r =>
        {
            var row = data + ((long)r * vocabulary);
            var highest = SoftmaxKernel.Highest(row, vocabulary);
            var chosen = (double)(row[tokens[r]] - highest) * scale;
            var total = SoftmaxKernel.Exponentials(row, vocabulary, highest, scale, row, null, out var mean);
            var log = Math.Log(total);
            if (result != null)
            {
                result[r] = (float)(chosen - log);
            }

            if (entropies != null)
            {
                entropies[r] = (float)(log - (mean / total));
            }

            if (inverse != null)
            {
                inverse[r] = (float)(1 / total);
            }
        });
    }

    private static float* Optional(Tensor? tensor, int first) =>
        tensor is null ? null : TensorMemory.Pointer<float>(tensor) + first;

    /// <summary>What a pass needs besides tensors that have gradients.</summary>
    private sealed record Job(PackedWeight Packed, Tensor? Entropy, float Scale);

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "ReftHead";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (hidden, weight, bias, targets) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3]);
            var job = (Job)vars[4];
            // No scope here: what is saved has to live until TorchSharp takes it, after this method.
            var (count, vocabulary) = (hidden.shape[0], (long)job.Packed.Outputs);
            var kept = count * vocabulary <= KeptLogits ? empty(count, vocabulary) : null;
            var inverses = empty(count);
            var result = Forward(hidden, bias.numel() == 0 ? null : bias, targets, job, kept, inverses);
            ctx.save_for_backward([hidden, weight, bias, targets, inverses, kept ?? empty(0)]);
            ctx.save_data("trains", weight.requires_grad || bias.requires_grad);
            ctx.save_data("scale", job.Scale);
            return result;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var saved = ctx.get_saved_variables();
            var work = new Gradients(
                saved[0], saved[1], saved[2], (bool)ctx.get_data("trains"), (float)ctx.get_data("scale"),
                saved[5].numel() > 0 ? saved[5] : null);
            work.Run(saved[3], saved[4], grad_output.contiguous());
            var bias = work.Bias?.to(saved[2].dtype).MoveToOuterDisposeScope();
            var weight = work.Weight?.to(saved[1].dtype).MoveToOuterDisposeScope();
            return [work.Hidden.MoveToOuterDisposeScope(), weight!, bias!, null!, null!]; // TorchSharp's "no gradient".
        }
    }

    /// <summary>One backward pass, some rows at a time.</summary>
    private sealed class Gradients(Tensor hidden, Tensor weight, Tensor bias, bool trains, float scale, Tensor? kept)
    {
        public Tensor Hidden { get; } = empty_like(hidden);

        public Tensor? Weight { get; } = trains ? zeros(weight.shape) : null;

        public Tensor? Bias { get; } = trains && bias.numel() > 0 ? zeros(bias.shape) : null;

        public void Run(Tensor targets, Tensor inverses, Tensor upstream)
        {
            var (vocabulary, width, count) = ((int)weight.shape[0], (int)weight.shape[1], (int)hidden.shape[0]);
            var chunk = kept is null ? Chunk(vocabulary) : count;
            using var forwards = kept is null ? PackedWeight.From(weight, 0, vocabulary, width, width, 1) : null;
            var slices = Slices(vocabulary, width);
            var buffer = kept ?? empty(Math.Min(chunk, count), vocabulary);
            for (var first = 0; first < count; first += chunk)
            {
                using var scope = NewDisposeScope();
                var rows = Math.Min(chunk, count - first);
                if (forwards is not null)
                {
                    Logits(hidden, first, rows, forwards, bias.numel() == 0 ? null : bias, TensorMemory.Pointer<float>(buffer));
                    Softmax(buffer, rows, targets, null, first, null, null, scale);
                }

                var slopes = buffer.narrow(0, 0, rows);
                Slope(slopes, targets, inverses, upstream, first);
                Hidden.narrow(0, first, rows).copy_(HiddenGradient(slopes, slices, width));
                if (Weight is not null)
                {
                    TrainingProducts.AddWeightGradient(slopes, hidden.narrow(0, first, rows), Weight);
                }

                Bias?.Increase(TrainingKernels.ColumnSums(slopes));
            }

            foreach (var slice in slices)
            {
                slice.Dispose();
            }
        }

        /// <summary>The slopes times W [rows, D], float32, slice after slice of the vocabulary.</summary>
        private static Tensor HiddenGradient(Tensor slopes, PackedWeight[] slices, int width)
        {
            var (rows, vocabulary) = ((int)slopes.shape[0], (int)slopes.shape[1]);
            var data = TensorMemory.Pointer<float>(slopes);
            var sum = empty(rows, width);
            var part = slices.Length > 1 ? empty(rows, width) : sum;
            for (var s = 0; s < slices.Length; s++)
            {
                var target = s == 0 ? sum : part;
                Gemm.Multiply(
                    CpuKernels.Workers, data + (s * Slice), vocabulary, rows, slices[s], TensorMemory.Pointer<float>(target));
                if (s > 0)
                {
                    sum.Increase(part);
                }
            }

            return sum;
        }

        private PackedWeight[] Slices(int vocabulary, int width) =>
            [.. Enumerable.Range(0, (vocabulary + Slice - 1) / Slice).Select(s =>
                PackedWeight.From(weight, (long)s * Slice * width, width, Math.Min(Slice, vocabulary - (s * Slice)), 1, width))];

        private void Slope(Tensor slopes, Tensor targets, Tensor inverses, Tensor upstream, int first)
        {
            var vocabulary = (int)slopes.shape[1];
            var data = TensorMemory.Pointer<float>(slopes);
            var tokens = TensorMemory.Pointer<long>(targets) + first;
            var inverse = TensorMemory.Pointer<float>(inverses) + first;
            var incoming = TensorMemory.Pointer<float>(upstream) + first;
            CpuKernels.Workers.For((int)slopes.shape[0], r =>
            {
                var slope = incoming[r] * scale;
                SoftmaxKernel.Slope(data + ((long)r * vocabulary), vocabulary, inverse[r] * slope, tokens[r], slope);
            });
        }
    }
}
