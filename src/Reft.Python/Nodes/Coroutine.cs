using System.Runtime.ExceptionServices;
using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary>
/// Runs a generator's body on a thread of its own, one step at a time, so that it may yield anywhere: inside a larger
/// expression, in a <c>try</c> with <c>finally</c>, in a <c>with</c>. Never do two threads of a program run at once, so
/// the outcome does not depend on the machine.
/// </summary>
internal sealed class Coroutine(Frame frame, Stmt body) : IDisposable
{
    private const int StackBytes = 16 << 20;

    private readonly SemaphoreSlim _go = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private Thread? _thread;
    private object? _item;
    private Exception? _fault;
    private bool _isOver;
    private bool _isAbandoned;
    private PyError? _thrown;
    private PyExceptionObject? _outerHandling;

    /// <summary>The generator's items; disposing of the enumerator ends the body where it stands.</summary>
    public IEnumerable<object> Run(Vm vm)
    {
        vm.Start(this);
        frame.Coroutine = this;
        try
        {
            while (Resume() is { } item)
            {
                yield return item;
            }
        }
        finally
        {
            vm.End(this);
            Dispose();
        }
    }

    /// <summary>Called in the body: hands an item out and waits to be resumed.</summary>
    public void Yield(object item)
    {
        var vm = frame.Vm;
        var handling = vm.Handling;
        vm.Handling = _outerHandling;
        _item = item;
        _done.Release();
        _go.Wait();
        vm.Handling = handling;
        if (_isAbandoned)
        {
            throw new AbandonedException();
        }

        if (_thrown is { } error)
        {
            _thrown = null;
            throw new PyError(error.Value);
        }
    }

    /// <summary>Raises an exception where the body stands, when it is next resumed.</summary>
    public void Throw(PyError error) => _thrown = error;

    /// <summary>Whether the body was started and has not ended.</summary>
    public bool IsSuspended => _thread is not null && !_isOver;

    /// <summary>Whether CPython would still run something of the body once nobody refers to the generator.</summary>
    public bool HasCleanup => IsSuspended && frame.OpenCleanups > 0;

    public void Dispose()
    {
        if (_thread is not null && !_isOver)
        {
            _isAbandoned = true;
            _go.Release();
            _done.Wait();
        }
    }

    private object? Resume()
    {
        if (_isOver)
        {
            return null;
        }

        _item = null;
        _outerHandling = frame.Vm.Handling;
        if (_thread is null)
        {
            _thread = new Thread(Body, StackBytes) { IsBackground = true, Name = "reft generator" };
            _thread.Start();
        }
        else
        {
            _go.Release();
        }

        _done.Wait();
        if (_fault is { } fault)
        {
            _fault = null;
            ExceptionDispatchInfo.Capture(fault).Throw();
        }

        return _item;
    }

    private void Body()
    {
        try
        {
            body.Exec(frame);
        }
        catch (AbandonedException)
        {
            // The run is over: nothing of the program may happen any more.
        }
        catch (StackShortageException)
        {
            _fault = new BudgetException(ProgramOutcome.Error, "recursion budget exceeded inside a generator");
        }
#pragma warning disable CA1031 // Whatever ends the body is handed to the thread that waits for it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _fault = error;
        }

        _isOver = true;
        _item = null;
        _done.Release();
    }

    /// <summary>The generator is given up; no handler of the program sees it.</summary>
    private sealed class AbandonedException : Exception;
}
