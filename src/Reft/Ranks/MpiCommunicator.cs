using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Reft.Ranks;

/// <summary>
/// Ranks that are processes, started by <c>mpirun</c> or <c>srun</c>: Open MPI or MPICH, whichever is there. It moves bytes and does nothing else.
/// </summary>
internal sealed unsafe class MpiCommunicator : ICommunicator
{
    private const int ThreadSerialized = 2;
    private const int Tag = 11;
    private const long Piece = 1 << 30; // MPI counts in int.

    /// <summary>What the launchers tell their processes: how many there are.</summary>
    private static readonly string[] Launchers = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_SIZE"];

    /// <summary>And where on their machine they are.</summary>
    private static readonly string[] Locals = ["OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"];

    private readonly Library _mpi;
    private readonly TimeSpan _patience;

    private MpiCommunicator(Library mpi, int rank, int size, TimeSpan patience)
    {
        _mpi = mpi;
        _patience = patience;
        Rank = rank;
        Size = size;
    }

    /// <summary>Whether this process was started as one of several.</summary>
    public static bool IsLaunched => Launchers.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 })
        || (Environment.GetEnvironmentVariable("SLURM_STEP_NUM_TASKS") is { Length: > 0 } tasks && tasks != "1"
            && Environment.GetEnvironmentVariable("PMIX_RANK") is not null);

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public int LocalRank => Locals.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is { Length: > 0 }) is { } local
        ? int.Parse(local, System.Globalization.CultureInfo.InvariantCulture)
        : 0;

    /// <summary>Which library it is, for the record.</summary>
    public string Name => _mpi.Name;

    /// <summary>Joins the job that this process was started in.</summary>
    /// <param name="patience">How long a message may take before the rank that owes it is said to hang.</param>
    /// <exception cref="InputException">There is no MPI library, or it cannot be joined.</exception>
    public static MpiCommunicator Join(TimeSpan patience)
    {
        var mpi = Library.Load();
        int provided;
        mpi.Check(mpi.InitThread(null, null, ThreadSerialized, &provided), "MPI_Init_thread");
        int rank, size;
        mpi.Check(mpi.CommRank(mpi.World, &rank), "MPI_Comm_rank");
        mpi.Check(mpi.CommSize(mpi.World, &size), "MPI_Comm_size");
        return new MpiCommunicator(mpi, rank, size, patience);
    }

    /// <inheritdoc/>
    public void Exchange(IReadOnlyList<RankBuffer> send, IReadOnlyList<RankBuffer> receive)
    {
        Buffer.MemoryCopy((void*)send[Rank].Start, (void*)receive[Rank].Start, receive[Rank].Bytes, send[Rank].Bytes);
        var waiting = new List<(int From, bool Comes)>();
        var most = 2 * (1 + (int)(send.Concat(receive).Max(part => part.Bytes) / Piece)) * Size;
        var requests = stackalloc nint[most]; // MPICH's are of 4 bytes and stand in the same memory.
        for (var rank = 0; rank < Size; rank++)
        {
            if (rank != Rank)
            {
                Post(receive[rank], rank, comes: true);
            }
        }

        for (var away = 1; away < Size; away++)
        {
            var rank = (Rank + away) % Size; // Not everybody to the same one.
            Post(send[rank], rank, comes: false);
        }

        Wait(requests, waiting);

        void Post(RankBuffer part, int rank, bool comes)
        {
            for (var at = 0L; at < part.Bytes; at += Piece)
            {
                var count = (int)Math.Min(Piece, part.Bytes - at);
                var request = (byte*)requests + (waiting.Count * _mpi.RequestBytes);
                var code = comes
                    ? _mpi.Receive((void*)(part.Start + (nint)at), count, _mpi.Byte, rank, Tag, _mpi.World, request)
                    : _mpi.Send((void*)(part.Start + (nint)at), count, _mpi.Byte, rank, Tag, _mpi.World, request);
                _mpi.Check(code, comes ? "MPI_Irecv" : "MPI_Isend");
                waiting.Add((rank, comes));
            }
        }
    }

    /// <inheritdoc/>
    public void Abort(string reason)
    {
        var own = $"rank {Rank}";
        Console.Error.WriteLine(reason.StartsWith(own, StringComparison.Ordinal) ? reason : $"{own}: {reason}"); // Some say it themselves.
        Console.Error.Flush();
        _ = _mpi.AbortAll(_mpi.World, 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _ = _mpi.End();

    /// <summary>Waits for all messages of an exchange; whoever owes one for too long is named.</summary>
    private void Wait(nint* requests, List<(int From, bool Comes)> waiting)
    {
        var done = new bool[waiting.Count];
        var left = waiting.Count;
        var since = Stopwatch.StartNew();
        var spin = new SpinWait();
        while (left > 0)
        {
            for (var i = 0; i < done.Length; i++)
            {
                int flag;
                if (!done[i])
                {
                    _mpi.Check(_mpi.Test((byte*)requests + (i * _mpi.RequestBytes), &flag, _mpi.NoStatus), "MPI_Test");
                    if (flag != 0)
                    {
                        done[i] = true;
                        left--;
                        since.Restart();
                    }
                }
            }

            if (left > 0 && since.Elapsed > _patience)
            {
                var owes = waiting.Where((_, i) => !done[i]).Select(w => w.From).Distinct().Order();
                throw new RankFailedException(FormattableString.Invariant(
                    $"rank {Rank} has waited {_patience.TotalSeconds:0} s for rank {string.Join(" and rank ", owes)}, which says nothing"));
            }

            spin.SpinOnce(sleep1Threshold: -1); // It yields: ranks that share cores must let one another run. A millisecond of sleep is as long as an exchange.
        }
    }

    /// <summary>The functions of one library, and what it calls things.</summary>
    private sealed class Library
    {
        private static readonly string[] OpenMpi = ["libmpi.so.40", "libmpi.so"];
        private static readonly string[] Mpich = ["libmpich.so.12", "libmpich.so", "libmpi.so.12", "msmpi.dll"];

        private readonly nint _handle;

        private Library(nint handle, string name)
        {
            _handle = handle;
            Name = name;
            var isOpen = NativeLibrary.TryGetExport(handle, "ompi_mpi_comm_world", out var world);
            World = isOpen ? world : 0x44000000;
            Byte = isOpen ? NativeLibrary.GetExport(handle, "ompi_mpi_byte") : 0x4c00010d;
            NoStatus = isOpen ? null : (void*)1;
            RequestBytes = isOpen ? sizeof(nint) : sizeof(int);
            InitThread = (delegate* unmanaged<int*, byte***, int, int*, int>)Find("MPI_Init_thread");
            CommRank = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_rank");
            CommSize = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_size");
            Send = (delegate* unmanaged<void*, int, nint, int, int, nint, void*, int>)Find("MPI_Isend");
            Receive = (delegate* unmanaged<void*, int, nint, int, int, nint, void*, int>)Find("MPI_Irecv");
            Test = (delegate* unmanaged<void*, int*, void*, int>)Find("MPI_Test");
            End = (delegate* unmanaged<int>)Find("MPI_Finalize");
            AbortAll = (delegate* unmanaged<nint, int, int>)Find("MPI_Abort");
        }

        public string Name { get; }

        public nint World { get; }

        public nint Byte { get; }

        public void* NoStatus { get; }

        public int RequestBytes { get; }

        public delegate* unmanaged<int*, byte***, int, int*, int> InitThread { get; }

        public delegate* unmanaged<nint, int*, int> CommRank { get; }

        public delegate* unmanaged<nint, int*, int> CommSize { get; }

        public delegate* unmanaged<void*, int, nint, int, int, nint, void*, int> Send { get; }

        public delegate* unmanaged<void*, int, nint, int, int, nint, void*, int> Receive { get; }

        public delegate* unmanaged<void*, int*, void*, int> Test { get; }

        public delegate* unmanaged<int> End { get; }

        public delegate* unmanaged<nint, int, int> AbortAll { get; }

        public static Library Load()
        {
            if (OperatingSystem.IsLinux())
            {
                // UCX takes SIGSEGV, which .NET lives by: the first null reference would end the process. It reads C's environment, not .NET's.
                _ = SetEnvironment("UCX_ERROR_SIGNALS", "", 1);
            }

            // Where both are installed, the one whose launcher it was: MPICH's tells PMI_SIZE and not Open MPI's variables.
            var isMpich = Environment.GetEnvironmentVariable("PMI_SIZE") is { Length: > 0 } && Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is not { Length: > 0 };
            string[] own = Environment.GetEnvironmentVariable("REFT_MPI") is { Length: > 0 } given ? [given] : isMpich ? [.. Mpich, .. OpenMpi] : [.. OpenMpi, .. Mpich];
            foreach (var name in own)
            {
                if (NativeLibrary.TryLoad(name, out var handle))
                {
                    return new Library(handle, name);
                }
            }

            throw new InputException(
                $"this process is one of several, but there is no MPI library ({string.Join(", ", own)}): install one (apt-get install openmpi-bin, "
                + "or mpich), or name it in REFT_MPI");
        }

        public void Check(int code, string function)
        {
            if (code != 0)
            {
                throw new RankFailedException($"{function} of {Name} failed with code {code}");
            }
        }

        [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int SetEnvironment(string name, string value, int overwrite);

        private nint Find(string name) => NativeLibrary.TryGetExport(_handle, name, out var function)
            ? function
            : throw new InputException($"{Name}: has no {name}; name another MPI library in REFT_MPI");
    }
}
