using System.Runtime.ExceptionServices;

namespace Reft.Numerics;

/// <summary>Has pieces of work that are done side by side do what touches others one after the other, in their order.</summary>
internal sealed class Turns
{
    private readonly object _gate = new();
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);
    private int _broken = int.MaxValue;
    private ExceptionDispatchInfo? _fault;

    /// <summary>Whether a piece failed, and none is to be begun any more.</summary>
    public bool IsBroken => Volatile.Read(ref _broken) < int.MaxValue;

    /// <summary>Does something when all pieces before have done it.</summary>
    /// <param name="what">Names what is done; every piece takes a turn at it, once.</param>
    /// <param name="piece">Which piece.</param>
    /// <param name="act">Does it.</param>
    /// <exception cref="OperationCanceledException">A piece before has failed and will not have its turn.</exception>
    public void Take(string what, int piece, Action act)
    {
        lock (_gate)
        {
            while (_next.GetValueOrDefault(what) != piece)
            {
                if (_broken < piece)
                {
                    throw new OperationCanceledException("a piece before failed");
                }

                Monitor.Wait(_gate);
            }
        }

        act();
        lock (_gate)
        {
            _next[what] = piece + 1;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Says that a piece failed; of several failures the first piece's counts.</summary>
    public void Break(int piece, Exception error)
    {
        lock (_gate)
        {
            if (piece < _broken)
            {
                _broken = piece;
                _fault = ExceptionDispatchInfo.Capture(error);
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Throws what a piece failed with, if one did.</summary>
    public void Rethrow() => _fault?.Throw();
}
