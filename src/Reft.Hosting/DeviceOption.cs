using System.CommandLine;
using Reft.Configuration;
using Reft.Numerics;

namespace Reft.Hosting;

/// <summary><c>--device</c>: where a verb computes.</summary>
internal static class DeviceOption
{
    /// <summary>What it is called.</summary>
    public const string Name = "--device";

    /// <summary>The option of a verb whose configs say where to compute: it goes before them.</summary>
    public static Option<string?> OverConfig() => new(Name)
    {
        Description = $"Where to compute, over the config's model.device: {ComputeDevice.Names}.",
    };

    /// <summary>The settings that the option stands for.</summary>
    /// <param name="device">Its value; null where it is not given.</param>
    /// <param name="key">The key of the config.</param>
    public static IEnumerable<string> Settings(string? device, string key = "model.device") => device is null
        ? []
        : ComputeDevice.TryParse(device, out _)
            ? [$"{key}={ConfigText.Scalar(device)}"]
            : throw new InputException($"{Name} is {OneLine.Quote(device)}: it must be {ComputeDevice.Names}");
}
