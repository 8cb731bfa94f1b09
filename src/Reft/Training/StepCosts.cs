using Reft.Algorithms;

namespace Reft.Training;

/// <summary>What a training step took; the names are explained in docs/algorithm.md.</summary>
/// <param name="NewTokens">Tokens that the policy drew; 0 where it drew none.</param>
/// <param name="TrainedTokens">Tokens, prompts included, that went forwards and backwards, counted once an epoch.</param>
/// <param name="RolloutSeconds">Seconds of collecting rollouts.</param>
/// <param name="UpdateSeconds">Seconds of losses, gradients and optimizer steps.</param>
/// <param name="StepSeconds">Seconds of the whole step.</param>
internal sealed record StepCosts(
    long NewTokens, long TrainedTokens, double RolloutSeconds, double UpdateSeconds, double StepSeconds)
{
    /// <summary>Adds speed and memory to a step's figures.</summary>
    /// <param name="metrics">The step's figures.</param>
    /// <param name="memory">The memory at the end of the step.</param>
    internal void Report(StepMetrics metrics, MemoryUse memory)
    {
        if (NewTokens > 0)
        {
            metrics.Set("speed/rollout_tokens_per_s", NewTokens / RolloutSeconds);
            metrics.Set("speed/new_tokens_per_s", NewTokens / StepSeconds);
        }

        metrics.Set("speed/trained_tokens_per_s", TrainedTokens / UpdateSeconds);
        metrics.Set("memory/resident_bytes", memory.ResidentBytes);
        metrics.Set("memory/peak_resident_bytes", memory.PeakResidentBytes);
        if (memory.NativeBytes is { } native)
        {
            metrics.Set("memory/native_bytes", native);
        }
    }
}
