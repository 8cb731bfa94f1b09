using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace Reft.Runtime;

/// <summary>
/// Loads libtorch and TorchSharp's native library, once per process, before the first tensor.
/// </summary>
/// <remarks>
/// libtorch is looked for in this order: <c>REFT_TORCH_HOME</c> (the <c>torch/lib</c> folder of an existing
/// PyTorch, or <c>auto</c> for the active Python's), the folder <c>libtorch</c> beside a published program, and the package folder that the build wrote to
/// <c>reft.native.json</c>. TorchSharp's own library is loaded as it is where that works; where the machine's
/// libstdc++ is older than the one it was linked against, a private compatibility copy is loaded instead
/// (<see cref="CompatibilityCopy"/>).
/// </remarks>
public static partial class NativeRuntime
{
    private static readonly Lazy<NativeReport> Loaded = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>The environment variable that names the <c>torch/lib</c> folder of an existing PyTorch, or <c>auto</c>.</summary>
    public const string TorchHomeVariable = TorchHome.Variable;

    /// <summary>Loads the native libraries if that has not happened yet.</summary>
    /// <exception cref="InputException">They cannot be loaded; the message says why and what to do.</exception>
    public static void Ensure() => _ = Report;

    /// <summary>What was loaded; where nothing was yet, it is now.</summary>
    /// <exception cref="InputException">They cannot be loaded; the message says why and what to do.</exception>
    internal static NativeReport Report => Loaded.Value;

    private static NativeReport Load()
    {
        var home = TorchHome.Find();
        SetNativeDefaults();
        // What is loaded with a folder has one.
        nint[] loaded = [.. LibraryNames(home.Folder).Select(name => LoadOrExplain(Path.Combine(home.Folder!, name), home))];

        var torchSharp = FindTorchSharp();
        if (home.IsForeign && SymbolCheck.Missing(torchSharp, loaded) is { Count: > 0 } missing)
        {
            throw new InputException(SymbolCheck.Explain(missing, home));
        }

        var (handle, compatibility) = LoadTorchSharp(torchSharp);
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name switch
        {
            "LibTorchSharp" => handle,
            "torch_cpu" or "torch" or "c10" when home.Folder is not null =>
                NativeLibrary.Load(Path.Combine(home.Folder, FileName(name))),
            _ => nint.Zero,
        };
        NativeLibrary.SetDllImportResolver(
            typeof(torch).Assembly, (name, _, _) => name == "LibTorchSharp" ? handle : nint.Zero);
        torch.InitializeDeviceType(DeviceType.CPU);
        var hasCuda = home.Folder is null ? torch.cuda.is_available() : File.Exists(Path.Combine(home.Folder, FileName("torch_cuda")));
        return new NativeReport(
            home.Version ?? torch.__version__, home.Source, home.Folder, torchSharp, compatibility, hasCuda, torch.cuda.is_available());
    }

    /// <summary>Settings that libtorch reads from the environment when it is loaded; what the user has set stays.</summary>
    private static void SetNativeDefaults()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // cuBLAS repeats its bits only with workspaces of a fixed size, which it asks for once.
        SetUnlessSet("CUBLAS_WORKSPACE_CONFIG", ":4096:8");

        // OpenMP's threads spin for milliseconds after every operation and then fight with the kernels' own threads
        // for the cores. A short spin keeps operations quick and leaves the cores free between them.
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            SetUnlessSet("GOMP_SPINCOUNT", "2000");
        }

        // glibc gives freed memory back to the system and takes it anew, page by page, for the next step's
        // activations. Keeping it costs no more memory than the largest step needs.
        const int TrimThreshold = -1;
        const int MapThreshold = -3;
        _ = SetAllocator(TrimThreshold, 1 << 30);
        _ = SetAllocator(MapThreshold, 1 << 25);

        // Large tensors on large pages: a key/value cache is read with a tenth of the address translations.
        SetUnlessSet("THP_MEM_ALLOC_ENABLE", "1");
    }

    private static void SetUnlessSet(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            // Not Environment.SetEnvironmentVariable: native code does not see that on Unix.
            _ = SetNativeVariable(name, value, 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNativeVariable(string name, string value, int overwrite);

    /// <summary>What must be loaded before TorchSharp's library, in order; those that are not there are left out.</summary>
    private static IEnumerable<string> LibraryNames(string? folder)
    {
        if (folder is null)
        {
            return [];
        }

        string[] wanted = ["c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch"];
        return wanted.Select(FileName).Where(name => File.Exists(Path.Combine(folder, name)));
    }

    private static nint LoadOrExplain(string path, TorchHome home)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new InputException(
                $"libtorch ({home.Source}) cannot be loaded from '{path}': {FirstLine(error)}", error);
        }
    }

    private static string FindTorchSharp()
    {
        var name = FileName("LibTorchSharp");
        string[] places =
        [
            Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeId(), "native", name),
            Path.Combine(AppContext.BaseDirectory, name),
        ];
        return places.FirstOrDefault(File.Exists) ?? throw new InputException(
            $"TorchSharp's library is at none of {string.Join(", ", places)}: build the program again");
    }

    private static (nint Handle, string? Compatibility) LoadTorchSharp(string path)
    {
        if (NativeLibrary.TryLoad(path, out var handle))
        {
            return (handle, null);
        }

        var plain = Capture(() => NativeLibrary.Load(path));
        if (!OperatingSystem.IsLinux())
        {
            throw new InputException($"TorchSharp's library cannot be loaded: {FirstLine(plain)}", plain);
        }

        var copy = CompatibilityCopy.Create(path, plain);
        try
        {
            return (NativeLibrary.Load(copy), copy);
        }
        catch (DllNotFoundException error)
        {
            throw new InputException(
                $"TorchSharp's library loads neither as it is ({FirstLine(plain)}) nor as a compatibility copy " +
                $"({FirstLine(error)}): install libstdc++ 13.2 or newer, or glibc 2.28 or newer", error);
        }
    }

    private static Exception Capture(Action action)
    {
        try
        {
            action();
            throw new InvalidOperationException("the library failed to load once and then loaded");
        }
        catch (DllNotFoundException error)
        {
            return error;
        }
    }

    /// <summary>The loader's own complaint: .NET's message lists every path it tried, one a line.</summary>
    private static string FirstLine(Exception error)
    {
        var lines = error.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.FirstOrDefault(line => line.Contains("GLIBC", StringComparison.Ordinal)) ?? lines[0];
    }

    /// <summary>A library's file name on this system.</summary>
    internal static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll"
        : OperatingSystem.IsMacOS() ? $"lib{name}.dylib"
        : $"lib{name}.so";

    private static string RuntimeId()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

}
