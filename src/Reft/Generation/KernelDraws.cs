using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>Draws tokens from rows of logits.</summary>
internal interface ITokenDraws
{
    /// <summary>Draws a token from every row.</summary>
    /// <param name="logits">Logits [B, V], float32, on the model's device.</param>
    /// <param name="draws">Each row's hash; uniform.</param>
    /// <param name="tokens">Gets the tokens.</param>
    /// <param name="logProbs">Gets their log-probabilities, as <see cref="Completion.LogProbs"/> defines them.</param>
    void Draw(Tensor logits, ReadOnlySpan<ulong> draws, Span<int> tokens, Span<float> logProbs);
}

/// <summary>Draws on the CPU, each row on its own: the same token whatever the other rows.</summary>
internal sealed unsafe class KernelDraws(SamplingOptions options) : ITokenDraws
{
    private readonly Lock _gate = new();
    private readonly Stack<Sampler> _samplers = [];

    /// <inheritdoc/>
    public void Draw(Tensor logits, ReadOnlySpan<ulong> draws, Span<int> tokens, Span<float> logProbs)
    {
        var vocabulary = (int)logits.shape[1];
        using var own = logits.cpu().contiguous();
        var data = TensorMemory.Pointer<float>(own);
        fixed (ulong* hashes = draws)
        fixed (int* ids = tokens)
        fixed (float* probs = logProbs)
        {
            var from = hashes;
            var to = ids;
            var of = probs;
            CpuKernels.Workers.For(draws.Length, i =>
            {
                var sampler = Rent(vocabulary);
                to[i] = sampler.Draw(data + ((long)i * vocabulary), vocabulary, from[i], out of[i]);
                Return(sampler);
            });
        }
    }

    private Sampler Rent(int vocabulary)
    {
        lock (_gate)
        {
            return _samplers.Count > 0 ? _samplers.Pop() : new Sampler(options, vocabulary);
        }
    }

    private void Return(Sampler sampler)
    {
        lock (_gate)
        {
            _samplers.Push(sampler);
        }
    }
}
