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
    /// <param name="dropout">Drops probabilities; null for no dropout.</param>
    /// <returns>The heads' results side by side [N, H · size].</returns>
    public static Tensor Attend(
        Tensor queries, Tensor keys, Tensor values, AttentionShape shape, int[] lengths, AttentionDropout? dropout = null)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (queries.contiguous(), keys.contiguous(), values.contiguous());
        var job = new Job(shape, lengths, dropout);
        return (is_grad_enabled()
            ? Function.apply(q, k, v, job)
            : Forward(q, k, v, job, null)).MoveToOuterDisposeScope();
    }

    private static Tensor Forward(Tensor q, Tensor k, Tensor v, Job job, Tensor? statistics)
    {
        var output = empty(q.shape[0], (long)job.Shape.Heads * job.Shape.Size, dtype: q.dtype);
        var figures = statistics is null ? null : TensorMemory.Pointer<float>(statistics);
        if (q.dtype == ScalarType.Float32)
        {
            Forward<float, Single32>(q, k, v, output, figures, job);
        }
        else
        {
            Forward<ushort, Brain16>(q, k, v, output, figures, job);
        }

        return output;
    }

    private static void Forward<T, TElement>(
        Tensor q, Tensor k, Tensor v, Tensor output, float* statistics, Job job)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var shape = job.Shape;
        var queries = TensorMemory.Pointer<T>(q);
        var keys = TensorMemory.Pointer<T>(k);
        var values = TensorMemory.Pointer<T>(v);
        var target = TensorMemory.Pointer<T>(output);
        var parts = Parts(job.Lengths, BlockAttention.ForwardBlock);
        var workers = CpuKernels.Workers;
        workers.For(parts.Length * shape.Groups, i =>
        {
            var part = parts[i / shape.Groups];
            var query = (long)part.Start * shape.Heads * shape.Size;
            var key = (long)part.Start * shape.Groups * shape.Size;
            BlockAttention.Forward<T, TElement>(
                shape, queries + query, keys + key, values + key, target + query,
                statistics == null ? null : statistics + ((long)part.Start * shape.Heads * 2),
                job.Dropout, part.Sequence, i % shape.Groups, part.From, part.To, workers);
        });
    }

    private static void Backward<T, TElement>(
        Tensor[] inputs, Tensor upstream, Tensor statistics, Tensor[] gradients, Job job)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var shape = job.Shape;
        var given = Pointers(inputs);
        var wanted = Pointers(gradients);
        var incoming = TensorMemory.Pointer<T>(upstream);
        var figures = TensorMemory.Pointer<float>(statistics);
        var parts = Parts(job.Lengths, int.MaxValue);
        var workers = CpuKernels.Workers;
        workers.For(parts.Length * shape.Groups, i =>
        {
            var part = parts[i / shape.Groups];
            BlockAttention.Backward<T, TElement>(
                shape, At(given, part.Start), incoming + ((long)part.Start * shape.Heads * shape.Size),
                figures + ((long)part.Start * shape.Heads * 2), At(wanted, part.Start), job.Dropout, part.Sequence,
                i % shape.Groups, part.To, workers);
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
        for (var s = 0; s < lengths.Length; s++)
        {
            var length = lengths[s];
            for (var from = 0; from < length; from += Math.Min(block, length))
            {
                parts.Add(new Part(s, start, from, (int)Math.Min(length, (long)from + block)));
            }

            start += length;
        }

        return [.. parts.OrderByDescending(p => p.To)];
    }

    /// <summary>Neighbouring queries of one sequence.</summary>
    /// <param name="Sequence">Which sequence.</param>
    /// <param name="Start">Its first token in the batch.</param>
    /// <param name="From">The first query's position.</param>
    /// <param name="To">One past the last query's position.</param>
    private readonly record struct Part(int Sequence, int Start, int From, int To);

    /// <summary>What a pass needs besides tensors.</summary>
    private sealed record Job(AttentionShape Shape, int[] Lengths, AttentionDropout? Dropout);

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "ReftAttention";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (q, k, v) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
            var job = (Job)vars[3];
            var statistics = empty(q.shape[0], job.Shape.Heads, 2);
            ctx.save_for_backward([q, k, v, statistics]);
            ctx.save_data("job", job);
            return Forward(q, k, v, job, statistics);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var saved = ctx.get_saved_variables();
            var job = (Job)ctx.get_data("job");
            var upstream = grad_output.contiguous();
            Tensor[] inputs = [saved[0], saved[1], saved[2]];
            Tensor[] gradients = [.. inputs.Select(i => empty_like(i).MoveToOuterDisposeScope())];
            if (upstream.dtype == ScalarType.Float32)
            {
                Backward<float, Single32>(inputs, upstream, saved[3], gradients, job);
            }
            else
            {
                Backward<ushort, Brain16>(inputs, upstream, saved[3], gradients, job);
            }

            return [.. gradients, null!]; // TorchSharp takes null for "no gradient".
        }
    }
}
