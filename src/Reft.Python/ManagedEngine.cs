using Reft.Python.Nodes;
using Reft.Python.Runtime;
using Reft.Python.Syntax;

namespace Reft.Python;

/// <summary>
/// Runs programs in a managed interpreter of a subset of Python 3.11. Nothing in it can reach a file, a process, the
/// network, the clock or the host. What it does not have ends the program with <c>unsupported …</c>.
/// </summary>
public sealed class ManagedEngine : IProgramEngine
{
    private const int LargeStack = 256 << 20;

    /// <inheritdoc/>
    public ProgramResult Run(
        string source, ProgramLimits limits, string? entry = "solution", CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            return Execute(source, limits, entry, cancellation);
        }
        catch (StackShortageException)
        {
            // The program is a pure function of its text, so it starts over where there is more stack.
            return OnLargeStack(source, limits, entry, cancellation);
        }
    }

    private static ProgramResult OnLargeStack(
        string source, ProgramLimits limits, string? entry, CancellationToken cancellation)
    {
        ProgramResult? result = null;
        Exception? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = Execute(source, limits, entry, cancellation);
                }
                catch (StackShortageException)
                {
                    result = new ProgramResult { Outcome = ProgramOutcome.Error, Detail = "recursion budget exceeded" };
                }
                catch (OperationCanceledException cancelled)
                {
                    fault = cancelled;
                }
            },
            LargeStack)
        {
            IsBackground = true,
            Name = "reft program",
        };
        thread.Start();
        thread.Join();
        return fault is null
            ? result! // the thread ended with one of the two
            : throw new OperationCanceledException("The program was stopped.", fault, cancellation);
    }

    private static ProgramResult Execute(
        string source, ProgramLimits limits, string? entry, CancellationToken cancellation)
    {
        var vm = new Vm(limits, cancellation);
        try
        {
            var value = Evaluate(vm, source, entry);
            if (vm.HasOpenCleanup)
            {
                throw new UnsupportedException("a generator left inside try with finally, or inside with");
            }

            return new ProgramResult
            {
                Outcome = ProgramOutcome.Value,
                Value = ProgramValue.From(vm, value),
                Output = vm.Output,
                Steps = vm.Steps,
            };
        }
        catch (PyError error)
        {
            return Failure(vm, ProgramOutcome.Error, Describe(vm, error.Value));
        }
        catch (BudgetException error)
        {
            return Failure(vm, error.Outcome, error.Message);
        }
        catch (Exception error) when (error is UnsupportedException or SyntaxException)
        {
            return Failure(vm, ProgramOutcome.Error, error.Message);
        }
        catch (Exception error) when (error is not (StackShortageException or OperationCanceledException))
        {
            // The border of the sandbox: a fault of the interpreter must not stop a training run, nor pass unseen.
            return Failure(
                vm, ProgramOutcome.Error, $"unsupported program (interpreter fault: {error.GetType().Name}: {error.Message})");
        }
        finally
        {
            vm.Close();
        }
    }

    private static object Evaluate(Vm vm, string source, string? entry)
    {
        if (source.Length > vm.Limits.MaxSourceChars)
        {
            throw new BudgetException(
                ProgramOutcome.Error,
                FormattableString.Invariant($"source budget of {vm.Limits.MaxSourceChars} characters exceeded"));
        }

        if (source.Contains('\0', StringComparison.Ordinal))
        {
            throw new SyntaxException("source code cannot contain null bytes", 1);
        }

        var scope = new Scope(ScopeKind.Module, null);
        var state = new ParserState(new Lexer(source, vm).File(), source, vm, scope);
        var module = new StatementParser(state).Module();
        var wanted = string.IsNullOrEmpty(entry) ? null : scope.Use(entry);
        var globals = new Resolver(scope).Run();
        vm.Globals = new object?[globals];
        module.Exec(new Frame(vm, new object?[scope.LocalCount]));
        if (wanted is null)
        {
            return PyNone.Value;
        }

        var target = vm.Globals[wanted.Index] ?? throw Err.Name($"name '{wanted.Name}' is not defined");
        return Ops.Call(vm, target, Args.None);
    }

    private static ProgramResult Failure(Vm vm, ProgramOutcome outcome, string detail) =>
        new() { Outcome = outcome, Detail = detail, Output = vm.Output, Steps = vm.Steps };

    private static string Describe(Vm vm, PyExceptionObject exception)
    {
        try
        {
            var text = exception.Str(vm);
            return text.Length == 0 ? exception.Type.Name : $"{exception.Type.Name}: {text}";
        }
        catch (Exception error) when (error is PyError or BudgetException or UnsupportedException)
        {
            return exception.Type.Name;
        }
    }
}
