using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Reft.Python.Nodes;

namespace Reft.Python.Runtime;

/// <summary>The state of one run: its budgets, its globals, its output, the exception being handled.</summary>
internal sealed class Vm
{
    private const int Stretch = 16_384;
    private const int StepsPerException = 150;

    /// <summary>What the stack has room for, whatever <c>sys.setrecursionlimit</c> asks.</summary>
    private const int MostNested = 10_000;

    private const int MostCoroutines = 50;

    private readonly List<Coroutine> _coroutines = [];
    private readonly StringBuilder _output = new();
    private readonly CancellationToken _cancellation;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _fuel;
    private long _reserve;
    private long _memory;
    private int _depth;
    private long _identities;

    public Vm(ProgramLimits limits, CancellationToken cancellation)
    {
        Limits = limits;
        _cancellation = cancellation;
        _reserve = limits.MaxSteps;
        _memory = limits.MaxMemoryBytes;
        RecursionLimit = limits.MaxRecursion;
        MaxBits = (long)(limits.MaxIntegerDigits * 3.3219280948873626) + 1;
    }

    public ProgramLimits Limits { get; }

    /// <summary>The most bits an integer may have.</summary>
    public long MaxBits { get; }

    /// <summary>Nested calls beyond which there is a <c>RecursionError</c>; programs may set it.</summary>
    public long RecursionLimit { get; set; }

    public object?[] Globals { get; set; } = [];

    /// <summary>The exception that the innermost running <c>except</c> block handles.</summary>
    public PyExceptionObject? Handling { get; set; }

    public Dictionary<string, PyModule> Modules { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// An expression of sympy was simplified into a form that sympy may not choose: texts of expressions are refused.
    /// </summary>
    public bool HasUnsureForms { get; set; }

    /// <summary>Significant digits of decimal arithmetic.</summary>
    public int DecimalPrecision { get; set; } = 28;

    /// <summary>Objects whose repr is being written, so that a list that holds itself shows as <c>[...]</c>.</summary>
    public List<object> Showing { get; } = [];

    public string Output => _output.ToString();

    public long Steps => Limits.MaxSteps - _reserve - Math.Max(0, _fuel);

    public int Depth => _depth;

    /// <summary>A number for an object that has no other hash; the same in every run.</summary>
    public long NextIdentity() => (++_identities << 4) + 0x7f00_0000_0000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Tick()
    {
        if (--_fuel < 0)
        {
            Refuel();
        }
    }

    public void Charge(long steps)
    {
        _fuel -= steps;
        if (_fuel < 0)
        {
            Refuel();
        }
    }

    public void Allocate(long bytes)
    {
        _memory -= bytes;
        if (_memory < 0)
        {
            throw Budget("memory", Limits.MaxMemoryBytes, "bytes");
        }
    }

    /// <summary>Accounts for a container of so many references, in memory and in the time to fill it.</summary>
    public void AllocateItems(long count)
    {
        if (count > Limits.MaxMemoryBytes / 8)
        {
            throw Budget("memory", Limits.MaxMemoryBytes, "bytes");
        }

        Allocate((count * 8) + 32);
        Charge(count >> 3);
    }

    /// <summary>Accounts for a string of so many characters.</summary>
    public string Text(string text)
    {
        Allocate(text.Length + 24);
        Charge(text.Length >> 5);
        return text;
    }

    /// <summary>Accounts for a string before it is made.</summary>
    public void AllocateText(long length)
    {
        if (length > Limits.MaxMemoryBytes)
        {
            throw Budget("memory", Limits.MaxMemoryBytes, "bytes");
        }

        Allocate(length + 24);
        Charge(length >> 5);
    }

    /// <summary>Refuses an integer of so many bits before it is made.</summary>
    public void CheckBits(double bits)
    {
        if (bits > MaxBits)
        {
            throw Budget("integer", Limits.MaxIntegerDigits, "digits");
        }
    }

    public void Enter(string doing = "")
    {
        if (++_depth > RecursionLimit || _depth > MostNested)
        {
            _depth--;
            if (RecursionLimit > MostNested)
            {
                throw Budget("recursion", MostNested, "calls");
            }

            throw Err.Make(ExceptionTypes.RecursionError, "maximum recursion depth exceeded" + doing);
        }

        EnsureStack();
    }

    /// <summary>Makes sure of stack for whatever may nest without counting as recursion.</summary>
    public static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new StackShortageException();
        }
    }

    public void Leave() => _depth--;

    /// <summary>Takes note of a generator that runs on a thread of its own.</summary>
    public void Start(Coroutine coroutine)
    {
        if (_coroutines.Count == MostCoroutines)
        {
            throw new UnsupportedException("more than 50 generators at a time that yield inside expressions, try or with");
        }

        Charge(5_000);
        _coroutines.Add(coroutine);
    }

    public void End(Coroutine coroutine) => _coroutines.Remove(coroutine);

    /// <summary>Whether a generator was left where CPython would run a <c>finally</c> at a time that is unknown here.</summary>
    public bool HasOpenCleanup => _coroutines.Exists(c => c.HasCleanup);

    /// <summary>Ends the threads of generators that were left.</summary>
    public void Close()
    {
        foreach (var coroutine in _coroutines.ToArray())
        {
            coroutine.Dispose();
        }
    }

    /// <summary>Returns to the depth a handler was entered at; unwinding is charged for, as it takes time.</summary>
    public void Unwind(int depth)
    {
        Charge(StepsPerException + (30L * (_depth - depth)));
        _depth = depth;
    }

    public void Print(string text)
    {
        if (_output.Length + (long)text.Length > Limits.MaxOutputChars)
        {
            throw Budget("output", Limits.MaxOutputChars, "characters");
        }

        _output.Append(text);
    }

    private static BudgetException Budget(string name, long limit, string unit) => new(
        ProgramOutcome.Error,
        string.Create(CultureInfo.InvariantCulture, $"{name} budget of {limit} {unit} exceeded"));

    private void Refuel()
    {
        var owed = -_fuel;
        if (_reserve < owed)
        {
            _reserve = 0;
            _fuel = 0;
            throw new BudgetException(
                ProgramOutcome.Timeout,
                string.Create(CultureInfo.InvariantCulture, $"step budget of {Limits.MaxSteps} exceeded"));
        }

        _reserve -= owed;
        _fuel = Math.Min(_reserve, Stretch);
        _reserve -= _fuel;
        _cancellation.ThrowIfCancellationRequested();
        if (Stopwatch.GetElapsedTime(_started) > Limits.Deadline)
        {
            throw new BudgetException(
                ProgramOutcome.Timeout,
                string.Create(
                    CultureInfo.InvariantCulture, $"deadline of {Limits.Deadline.TotalSeconds} s passed"));
        }
    }
}
