using System.Reflection;
using Reft.Runs;
using Reft.Runtime;

namespace Reft.Hosting.Workers;

/// <summary>What must be the same wherever a run's rollouts are drawn: last digits depend on it.</summary>
/// <param name="Reft">The version of Reft, with the commit where the build knows it.</param>
/// <param name="LibTorch">The version of libtorch.</param>
internal sealed record Software(string Reft, string LibTorch)
{
    /// <summary>This process's. How wide its processor's vectors are takes no part: it changes no bit.</summary>
    public static Software Own { get; } = new(
        typeof(TrainingRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, // The build writes it.
        NativeRuntime.Report.LibTorchVersion);

    /// <inheritdoc/>
    public override string ToString() => $"Reft {Reft} with libtorch {LibTorch}";
}
