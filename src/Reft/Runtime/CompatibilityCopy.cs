using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Reft.Runtime;

/// <summary>
/// A private copy of TorchSharp's library that loads on machines whose libstdc++ lacks <c>GLIBCXX_3.4.32</c>.
/// </summary>
/// <remarks>
/// The library asks for that version for the sake of one symbol, <c>std::ios_base_library_init()</c>: a marker
/// without arguments or effect. The copy declares the version weak, so that the loader goes on without it, and binds
/// the symbol to libc's <c>rand</c>, which also takes no arguments and which nothing depends on. Everything
/// else is byte for byte the original.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class CompatibilityCopy
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Marker = "_ZSt21ios_base_library_initv";
    private const string Stand = "rand";

    /// <summary>Writes the copy if it is not there yet, and gives its path.</summary>
    /// <exception cref="InputException">The library failed for another reason, or no folder can be written.</exception>
    public static string Create(string library, Exception plain)
    {
        var image = File.ReadAllBytes(library);
        if (!plain.Message.Contains(Version, StringComparison.Ordinal) || !TryPatch(image))
        {
            throw new InputException($"TorchSharp's library cannot be loaded: {plain.Message.Split('\n')[0]}", plain);
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(image))[..16] + "-libLibTorchSharp.so";
        foreach (var folder in Folders())
        {
            var path = Path.Combine(folder, name);
            if (TryWrite(path, image))
            {
                return path;
            }
        }

        throw new InputException(
            $"no folder for the compatibility copy of TorchSharp's library can be written (tried " +
            $"{string.Join(", ", Folders())}): set XDG_CACHE_HOME to a folder that can");
    }

    /// <summary>
    /// Makes the version weak and rebinds the marker; false, and the image of no use, if it is not the ELF file expected.
    /// </summary>
    internal static bool TryPatch(Span<byte> image)
    {
        try
        {
            var elf = ElfImage.TryRead(image);
            return elf?.FindStringTail(image, Stand) is { } stand
                && elf.MakeVersionWeak(image, Version)
                && elf.RenameUndefinedSymbol(image, Marker, stand);
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or OverflowException)
        {
            // An offset inside a damaged file points out of it.
            return false;
        }
    }

    private static IEnumerable<string> Folders()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(cache))
        {
            yield return Path.Combine(cache, "reft");
        }

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (!string.IsNullOrEmpty(home))
        {
            yield return Path.Combine(home, ".cache", "reft");
        }

        // A name of the user's own: another user must not be able to plant a library there.
        yield return Path.Combine(Path.GetTempPath(), $"reft-{Environment.UserName}");
    }

    private static bool TryWrite(string path, byte[] image)
    {
        try
        {
            if (File.Exists(path) && image.AsSpan().SequenceEqual(File.ReadAllBytes(path)))
            {
                return true;
            }

            var folder = Path.GetDirectoryName(path)!; // The path was made from a folder and a name.
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var temporary = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(temporary, image);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
