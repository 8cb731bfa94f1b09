using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Reft.Configuration;
using Reft.Numerics;

namespace Reft.Planning;

/// <summary>Tells a device that is out of memory from other faults, and says what fills it and what to change.</summary>
internal static partial class OutOfMemory
{
    private const double Gibibyte = 1L << 30;

    /// <summary>Whether a fault of libtorch's is that.</summary>
    public static bool Is(Exception error) => error is ExternalException && Said().IsMatch(error.Message);

    /// <summary>One line.</summary>
    /// <param name="error">The fault.</param>
    /// <param name="device">Where it was.</param>
    /// <param name="config">The run's config.</param>
    /// <param name="plan">What the plan says of its memory.</param>
    public static string Explain(Exception error, ComputeDevice device, RunConfig config, IReadOnlyList<MemoryForecast> plan)
    {
        var asked = Asked().Match(error.Message) is { Success: true } match ? $" (asked for {match.Groups[1].Value.Trim()} more)" : "";
        var parts = plan.Where(part => part.Bytes > 0).OrderByDescending(part => part.Bytes).Select(part => $"{part.Part} {Size(part.Bytes)}");
        string[] ways =
        [
            $"lower training.microBatchTokens ({config.Training.MicroBatchTokens})",
            .. config.Model.ActivationCheckpointing ? Array.Empty<string>() : ["set model.activationCheckpointing=true"],
            .. config.Reads("rollouts") ? [$"lower rollouts.slots ({config.Rollouts.Slots})"] : Array.Empty<string>(),
            .. config.Model.Dtype == ComputeDtype.Bf16 ? Array.Empty<string>() : ["set model.dtype=bf16"],
            .. config.Model.Lora is null && !config.Model.SeparateValueNetwork ? ["train adapters (model.lora)"] : Array.Empty<string>(),
        ];
        return $"{device} is out of memory{asked}; the plan: {string.Join(", ", parts)}, together {Size(plan.Sum(part => part.Bytes))}. "
            + $"In this order: {string.Join("; ", ways)}";
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Gibibyte:0.00} GiB");

    [GeneratedRegex("out of memory|can't allocate memory", RegexOptions.IgnoreCase)]
    private static partial Regex Said();

    [GeneratedRegex(@"[Tt]ried to allocate ([\d.]+ ?\w+)")]
    private static partial Regex Asked();
}
