using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next, Break, Continue,
}

/// <summary>A statement of a template.</summary>
internal abstract class TemplateStatement
{
    public abstract Flow Run(TemplateFrame frame);

    public static Flow RunAll(TemplateStatement[] statements, TemplateFrame frame)
    {
        foreach (var statement in statements)
        {
            frame.Vm.Tick();
            if (statement.Run(frame) is var flow and not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    /// <summary>Runs statements with names of their own.</summary>
    protected static Flow RunInside(TemplateStatement[] statements, TemplateFrame frame, TemplateScope scope)
    {
        var outer = frame.Scope;
        frame.Scope = scope;
        frame.Vm.Enter();
        var flow = RunAll(statements, frame);
        frame.Vm.Leave();
        frame.Scope = outer;
        return flow;
    }
}

internal sealed class DataStatement(string text) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        frame.Write(text);
        return Flow.Next;
    }
}

internal sealed class OutputStatement(TemplateExpression value) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        frame.Write(frame.Shown(value.Eval(frame)));
        return Flow.Next;
    }
}

internal sealed class IfStatement((TemplateExpression Test, TemplateStatement[] Body)[] branches, TemplateStatement[] otherwise) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        foreach (var (test, body) in branches)
        {
            if (Ops.Truth(frame.Vm, test.Eval(frame)))
            {
                return RunAll(body, frame);
            }
        }

        return RunAll(otherwise, frame);
    }
}

/// <summary>Where a value goes.</summary>
internal abstract class TemplateTarget
{
    public abstract void Assign(TemplateFrame frame, TemplateScope scope, object value);
}

internal sealed class NameTarget(string name) : TemplateTarget
{
    public string Name => name;

    public override void Assign(TemplateFrame frame, TemplateScope scope, object value) => scope.Set(name, value);
}

internal sealed class NamespaceTarget(string name, string attribute, int at) : TemplateTarget
{
    public override void Assign(TemplateFrame frame, TemplateScope scope, object value)
    {
        frame.At = at;
        if (frame.Scope.Find(name) is not TemplateNamespace space)
        {
            throw new TemplateFailure(JinjaFault.Type, "cannot assign attribute on non-namespace object");
        }

        space.Set(frame.Vm, attribute, value);
    }
}

internal sealed class TupleTarget(TemplateTarget[] targets) : TemplateTarget
{
    public override void Assign(TemplateFrame frame, TemplateScope scope, object value)
    {
        if (value is not (string or PyObject) || (value is PyObject other && other.Iterate(frame.Vm) is null))
        {
            throw Err.Type($"cannot unpack non-iterable {Types.Of(value).Name} object");
        }

        var items = Ops.ToList(frame.Vm, value);
        if (items.Count != targets.Length)
        {
            throw Err.Value(FormattableString.Invariant(items.Count > targets.Length
                ? $"too many values to unpack (expected {targets.Length})"
                : (FormattableString)$"not enough values to unpack (expected {targets.Length}, got {items.Count})"));
        }

        for (var i = 0; i < targets.Length; i++)
        {
            targets[i].Assign(frame, scope, items[i]);
        }
    }
}

internal sealed class SetStatement(TemplateTarget target, TemplateExpression value) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        target.Assign(frame, frame.Scope, value.Eval(frame));
        return Flow.Next;
    }
}

internal sealed class SetBlockStatement(TemplateTarget target, FilterExpression? filter, TemplateStatement[] body) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        var text = frame.Capture(() => RunInside(body, frame, new TemplateScope(frame.Scope)));
        target.Assign(frame, frame.Scope, filter?.Apply(frame, text) ?? text);
        return Flow.Next;
    }
}

internal sealed class FilterStatement(FilterExpression filter, TemplateStatement[] body) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        var text = frame.Capture(() => RunInside(body, frame, new TemplateScope(frame.Scope)));
        frame.Write(frame.Shown(filter.Apply(frame, text)));
        return Flow.Next;
    }
}

internal sealed class WithStatement((TemplateTarget Target, TemplateExpression Value)[] values, TemplateStatement[] body) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        var scope = new TemplateScope(frame.Scope);
        foreach (var (target, value) in values)
        {
            target.Assign(frame, scope, value.Eval(frame));
        }

        return RunInside(body, frame, scope);
    }
}

/// <summary>What the model is to have written; Transformers' extension, by which it masks the rest.</summary>
internal sealed class GenerationStatement(TemplateStatement[] body) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        frame.Generate(frame.Capture(() => RunInside(body, frame, new TemplateScope(frame.Scope))));
        return Flow.Next;
    }
}

internal sealed class ForStatement(
    TemplateTarget target, TemplateExpression items, TemplateExpression? filter, bool isRecursive, TemplateStatement[] body,
    TemplateStatement[] otherwise) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        Loop(frame, frame.Scope, items.Eval(frame), 0);
        return Flow.Next;
    }

    private void Loop(TemplateFrame frame, TemplateScope outer, object source, int depth)
    {
        var vm = frame.Vm;
        frame.At = items.At;
        object sequence = filter is null
            ? source
            : new EnumeratorIterator("generator", Chosen(frame, outer, Ops.Iterate(vm, source)).GetEnumerator());
        var loop = new TemplateLoop(
            sequence, Ops.Iterate(vm, sequence), depth,
            isRecursive ? (inner, at) => frame.Capture(() => Again(frame, outer, inner, at)) : null);
        var before = frame.Scope;
        var any = false;
        while (loop.Next(vm) is { } item)
        {
            vm.Tick();
            any = true;
            var scope = new TemplateScope(outer);
            scope.Set("loop", loop);
            target.Assign(frame, scope, item);
            if (RunInside(body, frame, scope) == Flow.Break)
            {
                break;
            }
        }

        if (!any)
        {
            RunInside(otherwise, frame, new TemplateScope(outer));
        }

        frame.Scope = before;
    }

    private void Again(TemplateFrame frame, TemplateScope outer, object source, int depth)
    {
        frame.Vm.Enter();
        Loop(frame, outer, source, depth);
        frame.Vm.Leave();
    }

    /// <summary>The items that the loop's condition takes, each asked when the loop comes to it.</summary>
    private IEnumerable<object> Chosen(TemplateFrame frame, TemplateScope outer, PyIterator source)
    {
        while (source.Next(frame.Vm) is { } item)
        {
            var scope = new TemplateScope(outer);
            target.Assign(frame, scope, item);
            var before = frame.Scope;
            frame.Scope = scope;
            var holds = Ops.Truth(frame.Vm, filter!.Eval(frame)); // asked only where there is one
            frame.Scope = before;
            if (holds)
            {
                yield return item;
            }
        }
    }
}

internal sealed class JumpStatement(Flow flow) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame) => flow;
}

/// <summary>A parameter of a macro.</summary>
internal sealed record MacroParameter(string Name, TemplateExpression? Default);

/// <summary>What a macro does; which of the special names its body uses decides what it takes.</summary>
internal sealed record MacroBody(
    IReadOnlyList<MacroParameter> Parameters, TemplateStatement[] Body, bool TakesMore, bool TakesNamed, bool TakesCaller)
{
    public object Call(string name, TemplateFrame frame, TemplateScope outer, Args args)
    {
        var scope = new TemplateScope(outer);
        var named = new PyDict();
        for (var i = 0; i < (args.Names?.Length ?? 0); i++)
        {
            named.Set(frame.Vm, args.Names![i], args.Values[args.Count + i]); // there are names
        }

        var before = frame.Scope;
        frame.Scope = scope;
        for (var i = 0; i < Parameters.Count; i++)
        {
            var (parameter, fallback) = (Parameters[i].Name, Parameters[i].Default);
            var given = i < args.Count ? args[i] : named.Remove(frame.Vm, parameter);
            scope.Set(parameter, given ?? fallback?.Eval(frame)
                ?? new TemplateUndefined($"parameter {Show.Quote(parameter)} was not provided"));
        }

        var hasCaller = Parameters.Any(p => p.Name == "caller");
        if (TakesCaller && !hasCaller)
        {
            scope.Set("caller", named.Remove(frame.Vm, "caller") ?? new TemplateUndefined("No caller defined"));
        }

        if (TakesNamed)
        {
            scope.Set("kwargs", named);
        }
        else if (named.Count > 0)
        {
            throw Err.Type(named.Find(frame.Vm, "caller") is not null
                ? $"macro {Show.Quote(name)} was invoked with two values for the special caller argument. This is most likely a bug."
                : $"macro {Show.Quote(name)} takes no keyword argument {Show.Repr(frame.Vm, named.Pairs(frame.Vm)[0].Key)}");
        }

        if (TakesMore)
        {
            scope.Set("varargs", new PyTuple(args.Positional.Skip(Parameters.Count).ToArray()));
        }
        else if (args.Count > Parameters.Count)
        {
            throw Err.Type(FormattableString.Invariant(
                $"macro {Show.Quote(name)} takes not more than {Parameters.Count} argument(s)"));
        }

        var text = frame.Capture(() => TemplateStatement.RunAll(Body, frame));
        frame.Scope = before;
        return text;
    }
}

internal sealed class MacroStatement(string name, MacroBody body) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        frame.Scope.Set(name, new TemplateMacro(name, body, frame.Scope, frame));
        return Flow.Next;
    }
}

internal sealed class CallStatement(CallExpression call, MacroBody body) : TemplateStatement
{
    public override Flow Run(TemplateFrame frame)
    {
        frame.At = call.At;
        frame.Write(frame.Shown(call.Call(frame, new TemplateMacro("caller", body, frame.Scope, frame))));
        return Flow.Next;
    }
}
