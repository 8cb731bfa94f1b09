using System.Runtime.CompilerServices;

namespace Reft.Tests;

/// <summary>Loads the native runtime before the first test.</summary>
internal static class TorchFixture
{
    [ModuleInitializer]
    internal static void Load() => Reft.Runtime.NativeRuntime.Ensure();
}
