namespace Reft.Numerics.Backends;

/// <summary>
/// libtorch's deterministic algorithms: the same run twice on one card gives the same bytes. For forward passes and draws they are not needed
/// and cost sorting.
/// </summary>
internal static unsafe class Determinism
{
    private const string Context = "_ZN2at13globalContextEv";
    private const string Switch = "_ZN2at7Context26setDeterministicAlgorithmsEbb";
    private const string Question = "_ZNK2at7Context23deterministicAlgorithmsEv";
    private const string Fill = "_ZN2at7Context39setDeterministicFillUninitializedMemoryEb";

    /// <summary>Whether they are on.</summary>
    public static bool IsOn
    {
        get
        {
            var context = (delegate* unmanaged<nint>)LibTorchExports.Find("torch_cpu", Context);
            var ask = (delegate* unmanaged<nint, byte>)LibTorchExports.Find("torch_cpu", Question);
            return context != null && ask != null && ask(context()) != 0;
        }
    }

    /// <summary>Turns them on or off for the process; an operation that has none fails with its name.</summary>
    /// <exception cref="InputException">This libtorch has no such switch.</exception>
    public static void Set(bool on)
    {
        var context = (delegate* unmanaged<nint>)LibTorchExports.Find("torch_cpu", Context);
        var change = (delegate* unmanaged<nint, byte, byte, void>)LibTorchExports.Find("torch_cpu", Switch);
        if (context == null || change == null)
        {
            throw new InputException("this libtorch lacks at::Context::setDeterministicAlgorithms: use PyTorch 2.10 or 2.11");
        }

        change(context(), (byte)(on ? 1 : 0), 0);
        var fill = (delegate* unmanaged<nint, byte, void>)LibTorchExports.Find("torch_cpu", Fill);
        if (fill != null)
        {
            // Memory that nobody has written is read by nobody; filling it would take as long as writing it.
            fill(context(), 0);
        }
    }

    /// <summary>Turns them off until it is disposed, on a GPU; elsewhere nothing.</summary>
    /// <param name="device">Where is computed.</param>
    public static IDisposable Off(ComputeDevice device) => new Suspension(device.IsCuda);

    private sealed class Suspension : IDisposable
    {
        private readonly bool _acts;

        public Suspension(bool acts)
        {
            _acts = acts;
            if (acts)
            {
                Set(on: false);
            }
        }

        public void Dispose()
        {
            if (_acts)
            {
                Set(on: true);
            }
        }
    }
}
