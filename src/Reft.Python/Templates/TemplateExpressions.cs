using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>An expression of a template.</summary>
/// <param name="at">Where it stands in the source.</param>
internal abstract class TemplateExpression(int at)
{
    public int At => at;

    public object Eval(TemplateFrame frame)
    {
        frame.Vm.Tick();
        frame.At = at;
        return Value(frame);
    }

    protected abstract object Value(TemplateFrame frame);

    /// <summary>Evaluates an operand; what fails after it is this expression's fault.</summary>
    protected object Operand(TemplateFrame frame, TemplateExpression operand)
    {
        var value = operand.Eval(frame);
        frame.At = at;
        return value;
    }
}

internal sealed class ConstantExpression(object value, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => value;
}

internal sealed class NameExpression(string name, int at) : TemplateExpression(at)
{
    public string Name => name;

    protected override object Value(TemplateFrame frame) =>
        frame.Scope.Find(name) ?? TemplateGlobals.Find(name, frame) ?? TemplateUndefined.OfName(name);
}

internal enum SequenceKind
{
    List, Tuple,
}

internal sealed class SequenceExpression(SequenceKind kind, TemplateExpression[] items, int at) : TemplateExpression(at)
{
    public SequenceKind Kind => kind;

    public TemplateExpression[] Items => items;

    protected override object Value(TemplateFrame frame)
    {
        frame.Vm.AllocateItems(items.Length);
        var values = items.Select(item => item.Eval(frame)).ToArray();
        return kind == SequenceKind.List ? new PyList([.. values]) : new PyTuple(values);
    }
}

internal sealed class DictionaryExpression((TemplateExpression Key, TemplateExpression Value)[] pairs, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame)
    {
        var dict = new PyDict();
        foreach (var (key, value) in pairs)
        {
            var name = Operand(frame, key);
            dict.Set(frame.Vm, name, Operand(frame, value));
        }

        return dict;
    }
}

internal sealed class BinaryExpression(BinaryOp op, TemplateExpression left, TemplateExpression right, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame)
    {
        var a = Operand(frame, left);
        var b = Operand(frame, right);
        // A list would say that it takes lists alone; Python asks the other operand first.
        return b is TemplateUndefined undefined && !(op == BinaryOp.Modulo && a is string)
            ? throw undefined.Failure()
            : Ops.Binary(frame.Vm, op, a, b);
    }
}

internal sealed class UnaryExpression(UnaryOp op, TemplateExpression operand, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => Ops.Unary(frame.Vm, op, Operand(frame, operand));
}

internal sealed class NotExpression(TemplateExpression operand, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => Bools.Of(!Ops.Truth(frame.Vm, Operand(frame, operand)));
}

/// <summary><c>and</c> and <c>or</c>: one of the two operands, as in Python.</summary>
internal sealed class LogicExpression(bool isAnd, TemplateExpression left, TemplateExpression right, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame)
    {
        var first = Operand(frame, left);
        return Ops.Truth(frame.Vm, first) == isAnd ? Operand(frame, right) : first;
    }
}

internal sealed class ConcatExpression(TemplateExpression[] parts, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => string.Concat(parts.Select(part =>
    {
        var text = frame.Shown(Operand(frame, part));
        frame.Vm.AllocateText(text.Length);
        return text;
    }));
}

/// <summary>A chain of comparisons: <c>a &lt; b &lt; c</c> holds where both do.</summary>
internal sealed class CompareExpression(TemplateExpression first, (string Sign, TemplateExpression Operand)[] rest, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame)
    {
        var left = Operand(frame, first);
        foreach (var (sign, operand) in rest)
        {
            var right = Operand(frame, operand);
            if (!Holds(frame.Vm, sign, left, right))
            {
                return Bools.False;
            }

            left = right;
        }

        return Bools.True;
    }

    public static bool Holds(Vm vm, string sign, object left, object right) => sign switch
    {
        "in" => Ops.Contains(vm, right, Plain(right, left)),
        "not in" => !Ops.Contains(vm, right, Plain(right, left)),
        "==" => Ops.Compare(vm, CompareOp.Equal, left, right),
        "!=" => Ops.Compare(vm, CompareOp.NotEqual, left, right),
        "<" => Ops.Compare(vm, CompareOp.Less, left, right),
        "<=" => Ops.Compare(vm, CompareOp.LessEqual, left, right),
        ">" => Ops.Compare(vm, CompareOp.Greater, left, right),
        _ => Ops.Compare(vm, CompareOp.GreaterEqual, left, right),
    };

    private static object Plain(object container, object item) => container is string && item is TemplateMarkup part ? part.Text : item;
}

internal sealed class ConditionalExpression(
    TemplateExpression test, TemplateExpression then, TemplateExpression? otherwise, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => Ops.Truth(frame.Vm, Operand(frame, test))
        ? then.Eval(frame)
        : otherwise?.Eval(frame)
            ?? new TemplateUndefined("the inline if-expression evaluated to false and no else section was defined.");
}

internal sealed class AttributeExpression(TemplateExpression owner, string name, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => frame.Attribute(Operand(frame, owner), name);
}

internal sealed class SubscriptExpression(TemplateExpression owner, TemplateExpression key, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame)
    {
        var value = Operand(frame, owner);
        var place = Operand(frame, key);
        // A slice that is none is an error; an item that is not there is a value.
        return key is SliceExpression ? Ops.GetItem(frame.Vm, value, place) : frame.Subscript(value, place);
    }
}

internal sealed class SliceExpression(TemplateExpression? start, TemplateExpression? stop, TemplateExpression? step, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => new PySlice(Part(frame, start), Part(frame, stop), Part(frame, step));

    private object Part(TemplateFrame frame, TemplateExpression? part) => part is null ? PyNone.Value : Operand(frame, part);
}

/// <summary>The arguments of a call, a filter or a test.</summary>
internal sealed record TemplateArguments(
    TemplateExpression[] Positional, (string Name, TemplateExpression Value)[] Named, TemplateExpression? More, TemplateExpression? MoreNamed)
{
    public static readonly TemplateArguments None = new([], [], null, null);

    public Args Eval(TemplateFrame frame)
    {
        var values = Positional.Select(p => p.Eval(frame)).ToList();
        if (More is not null)
        {
            values.AddRange(Ops.ToList(frame.Vm, More.Eval(frame)));
        }

        var names = new List<string>();
        var named = new List<object>();
        foreach (var (name, value) in Named)
        {
            names.Add(name);
            named.Add(value.Eval(frame));
        }

        if (MoreNamed is not null)
        {
            var more = MoreNamed.Eval(frame) as PyDict ?? throw Err.Type("argument after ** must be a mapping");
            foreach (var (key, value) in more.Pairs(frame.Vm))
            {
                names.Add(key as string ?? throw Err.Type("keywords must be strings"));
                named.Add(value);
            }
        }

        return new Args([.. values, .. named], names.Count == 0 ? null : [.. names]);
    }
}

internal sealed class CallExpression(TemplateExpression function, TemplateArguments arguments, int at) : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => Call(frame, null);

    /// <summary>Calls it, with a caller where the call has a body.</summary>
    public object Call(TemplateFrame frame, TemplateMacro? caller)
    {
        var target = Operand(frame, function);
        var args = arguments.Eval(frame);
        frame.At = At;
        if (caller is not null)
        {
            args = new Args([.. args.Values, caller], [.. args.Names ?? [], "caller"]);
        }

        frame.Vm.Enter();
        var result = Ops.Call(frame.Vm, target, args);
        frame.Vm.Leave();
        return result;
    }
}

/// <summary>A filter on a value; without one, on the text of the block around it.</summary>
internal sealed class FilterExpression(TemplateExpression? operand, string name, TemplateFilter? filter, TemplateArguments arguments, int at)
    : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame) => Apply(frame, null);

    /// <summary>Applies the chain of filters to a block's text.</summary>
    public object Apply(TemplateFrame frame, string? text)
    {
        var value = operand is FilterExpression inner && text is not null ? inner.Apply(frame, text)
            : operand is null ? text!
            : Operand(frame, operand);
        var args = arguments.Eval(frame);
        frame.At = At;
        return (filter ?? throw new TemplateFailure(JinjaFault.Type, $"No filter named {Show.Quote(name)} found."))(frame, value, args);
    }
}

internal sealed class TestExpression(TemplateExpression operand, string name, TemplateTest? test, TemplateArguments arguments, int at)
    : TemplateExpression(at)
{
    protected override object Value(TemplateFrame frame)
    {
        var value = Operand(frame, operand);
        var args = arguments.Eval(frame);
        frame.At = At;
        return Bools.Of((test ?? throw new TemplateFailure(JinjaFault.Type, $"No test named {Show.Quote(name)} found."))(frame, value, args));
    }
}
