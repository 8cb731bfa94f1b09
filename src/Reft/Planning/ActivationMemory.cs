using Reft.Configuration;
using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Kernels;

namespace Reft.Planning;

/// <summary>What the forward pass of a micro-batch keeps for the backward pass, as an estimate.</summary>
internal static class ActivationMemory
{
    /// <summary>The share of the machine's memory that micro-batches side by side may fill.</summary>
    private const int Share = 4;

    /// <summary>How many micro-batches a run computes side by side.</summary>
    /// <param name="config">The run's config, whose word counts if it says how many.</param>
    /// <param name="decoder">The model.</param>
    public static int AtOnce(RunConfig config, DecoderConfig decoder) =>
        config.Training.MicroBatchesAtOnce ?? (config.Model.Device != ComputeDevice.Cpu.Name ? 1 : (int)Math.Clamp(
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Share / BytesOfOne(config, decoder), 1, CpuKernels.Workers.Count)); // A GPU is busy with one.

    /// <summary>Bytes of one micro-batch's: the inputs of every product, norm and activation, of every layer and network.</summary>
    public static long BytesOfOne(RunConfig config, DecoderConfig decoder)
    {
        var keyValues = decoder.KeyValueHeads * decoder.HeadSize;
        var queries = decoder.Heads * decoder.HeadSize;
        var ofLayer = (5L * decoder.Width) + (3L * queries) + (3L * keyValues) + (4L * decoder.IntermediateSize);
        var networks = config.Model.SeparateValueNetwork ? 2 : 1;
        // Recomputed layers keep their inputs, and one of them at a time all that it needs.
        var layers = config.Model.ActivationCheckpointing ? ofLayer + (decoder.Width * (long)decoder.Layers) : ofLayer * decoder.Layers;
        return networks * layers * config.Training.MicroBatchTokens * Forecaster.ElementBytes(config);
    }
}
