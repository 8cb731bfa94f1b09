using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>Causal attention of sequences laid end to end, with gradients, on the CPU.</summary>
internal static unsafe class SequenceAttention
{
    /// <summary>Attention inside every sequence.</summary>
    /// <param name="queries">Queries [N, H, size].</param>
    /// <param name="keys">Keys [N, G, size].</param>
    /// <param name="values">Values [N, G, size].</param>
    /// <param name="shape">The shape.</param>
    /// <param name="lengths">The sequences' lengths; N in all.</param>
    /// <returns>The heads' results side by side [N, H · size].</returns>
    public static Tensor Attend(Tensor queries, Tensor keys, Tensor values, AttentionShape shape, int[] lengths)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (queries.contiguous(), keys.contiguous(), values.contiguous());
        return (is_grad_enabled()
            ? Function.apply(q, k, v, shape, lengths)
            : Forward(q, k, v, shape, lengths, null)).MoveToOuterDisposeScope();
    }

    private static Tensor Forward(Tensor q, Tensor k, Tensor v, AttentionShape shape, int[] lengths, Tensor? statistics)
    {
        var output = empty(q.shape[0], (long)shape.Heads * shape.Size, dtype: q.dtype);
        var figures = statistics is null ? null : TensorMemory.Pointer<float>(statistics);
        if (q.dtype == ScalarType.Float32)
        {
            Forward<float, Single32>(q, k, v, output, figures, shape, lengths);
        }
        else
        {
            Forward<ushort, Brain16>(q, k, v, output, figures, shape, lengths);
        }

        return output;
    }

    private static void Forward<T, TElement>(
        Tensor q, Tensor k, Tensor v, Tensor output, float* statistics, AttentionShape shape, int[] lengths)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var queries = TensorMemory.Pointer<T>(q);
        var keys = TensorMemory.Pointer<T>(k);
        var values = TensorMemory.Pointer<T>(v);
        var target = TensorMemory.Pointer<T>(output);
        var parts = Parts(lengths, BlockAttention.ForwardBlock);
        var workers = CpuKernels.Workers;
        workers.For(parts.Length * shape.Groups, i =>
        {
            var part = parts[i / shape.Groups];
            var query = (long)part.Start * shape.Heads * shape.Size;
            var key = (long)part.Start * shape.Groups * shape.Size;
            BlockAttention.Forward<T, TElement>(
                shape, queries + query, keys + key, values + key, target + query,
                statistics == null ? null : statistics + ((long)part.Start * shape.Heads * 2),
                i % shape.Groups, part.From, part.To, workers);
        });
    }

    private static void Backward<T, TElement>(
        Tensor[] inputs, Tensor upstream, Tensor statistics, Tensor[] gradients, AttentionShape shape, int[] lengths)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var given = Pointers(inputs);
        var wanted = Pointers(gradients);
        var incoming = TensorMemory.Pointer<T>(upstream);
        var figures = TensorMemory.Pointer<float>(statistics);
        var parts = Parts(lengths, int.MaxValue);
        var workers = CpuKernels.Workers;
        workers.For(parts.Length * shape.Groups, i =>
        {
            var part = parts[i / shape.Groups];
            BlockAttention.Backward<T, TElement>(
                shape, At(given, part.Start), incoming + ((long)part.Start * shape.Heads * shape.Size),
                figures + ((long)part.Start * shape.Heads * 2), At(wanted, part.Start), i % shape.Groups, part.To, workers);
        });

        static AttentionTriple<T> Pointers(Tensor[] tensors) => new(
            TensorMemory.Pointer<T>(tensors[0]), TensorMemory.Pointer<T>(tensors[1]), TensorMemory.Pointer<T>(tensors[2]));

        AttentionTriple<T> At(AttentionTriple<T> all, long token) => new(
            all.Queries + (token * shape.Heads * shape.Size),
            all.Keys + (token * shape.Groups * shape.Size),
            all.Values + (token * shape.Groups * shape.Size));
    }

    /// <summary>Blocks of queries, the longest sequences' last blocks first: they take longest.</summary>
    private static Part[] Parts(int[] lengths, int block)
    {
        var parts = new List<Part>();
        var start = 0;
        foreach (var length in lengths)
        {
            for (var from = 0; from < length; from += Math.Min(block, length))
            {
                parts.Add(new Part(start, from, (int)Math.Min(length, (long)from + block)));
            }

            start += length;
        }

        return [.. parts.OrderByDescending(p => p.To)];
    }

    /// <summary>Neighbouring queries of one sequence.</summary>
    /// <param name="Start">The sequence's first token in the batch.</param>
    /// <param name="From">The first query's position.</param>
    /// <param name="To">One past the last query's position.</param>
    private readonly record struct Part(int Start, int From, int To);

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "ReftAttention";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (q, k, v) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
            var (shape, lengths) = ((AttentionShape)vars[3], (int[])vars[4]);
            var statistics = empty(q.shape[0], shape.Heads, 2);
            ctx.save_for_backward([q, k, v, statistics]);
            ctx.save_data("shape", shape);
            ctx.save_data("lengths", lengths);
            return Forward(q, k, v, shape, lengths, statistics);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var saved = ctx.get_saved_variables();
            var (shape, lengths) = ((AttentionShape)ctx.get_data("shape"), (int[])ctx.get_data("lengths"));
            var upstream = grad_output.contiguous();
            Tensor[] inputs = [saved[0], saved[1], saved[2]];
            Tensor[] gradients = [.. inputs.Select(i => empty_like(i).MoveToOuterDisposeScope())];
            if (upstream.dtype == ScalarType.Float32)
            {
                Backward<float, Single32>(inputs, upstream, saved[3], gradients, shape, lengths);
            }
            else
            {
                Backward<ushort, Brain16>(inputs, upstream, saved[3], gradients, shape, lengths);
            }

            return [.. gradients, null!, null!]; // TorchSharp takes null for "no gradient".
        }
    }
}
