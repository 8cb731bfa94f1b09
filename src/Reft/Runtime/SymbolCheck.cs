using System.Runtime.InteropServices;

namespace Reft.Runtime;

/// <summary>
/// Whether a libtorch has all that TorchSharp's library asks of it. Functions are bound when they are first called, and one that is not
/// there ends the process then; so a libtorch of another version is asked for every name beforehand.
/// </summary>
internal static class SymbolCheck
{
    private const int Shown = 3;

    /// <summary>Names of libtorch's own functions and variables, as C++ mangles them.</summary>
    private static readonly string[] _namespaces = ["2at", "3c10", "5torch", "6caffe2"];

    /// <summary>The names that a library needs and nobody has.</summary>
    /// <param name="library">The library's file.</param>
    /// <param name="loaded">Handles of libtorch's libraries.</param>
    public static IReadOnlyList<string> Missing(string library, IReadOnlyList<nint> loaded)
    {
        ReadOnlySpan<byte> image = File.ReadAllBytes(library);
        return ElfImage.TryRead(image)?.UndefinedSymbols(image).Where(IsOfLibTorch)
            .Where(name => !loaded.Any(handle => NativeLibrary.TryGetExport(handle, name, out _))).ToArray() ?? [];
    }

    /// <summary>What to say of missing names.</summary>
    public static string Explain(IReadOnlyList<string> missing, TorchHome home) =>
        $"the libtorch of {home.Source} ('{home.Folder}'{(home.Version is { } version ? $", {version}" : "")}) lacks {missing.Count} of the "
        + $"functions that TorchSharp calls, such as {string.Join(", ", missing.Take(Shown))}: use PyTorch 2.10 or 2.11, or unset {TorchHome.Variable}";

    private static bool IsOfLibTorch(string name) =>
        name.StartsWith("_Z", StringComparison.Ordinal) && _namespaces.Any(space => name.Contains(space, StringComparison.Ordinal));
}
