using System.Text;
using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary>A tuple or list, as a value or as a target.</summary>
internal sealed class SequenceExpr(bool isTuple, List<Expr> items) : Expr
{
    public List<Expr> Items => items;

    public override bool IsConstant => isTuple && items.TrueForAll(i => i.IsConstant);

    public override bool IsFolded(Frame frame) => IsConstant && items.TrueForAll(i => i.IsFolded(frame));

    public override bool IsTarget =>
        items.TrueForAll(i => i.IsTarget) && items.Count(i => i is StarExpr) <= 1;

    public override object Eval(Frame frame)
    {
        var values = Values(frame, items);
        return isTuple ? new PyTuple([.. values]) : new PyList(values);
    }

    public static List<object> Values(Frame frame, List<Expr> items)
    {
        var vm = frame.Vm;
        vm.AllocateItems(items.Count);
        var values = new List<object>(items.Count);
        foreach (var item in items)
        {
            if (item is StarExpr star)
            {
                values.AddRange(Ops.ToList(vm, star.Eval(frame)));
            }
            else
            {
                values.Add(item.Eval(frame));
            }
        }

        return values;
    }

    public override void Assign(Frame frame, object value)
    {
        var vm = frame.Vm;
        var star = items.FindIndex(i => i is StarExpr);
        var values = Unpack(vm, value, star < 0 ? items.Count : -1);
        if (star < 0)
        {
            if (values.Count != items.Count)
            {
                throw Err.Value(FormattableString.Invariant(
                    values.Count > items.Count
                        ? (FormattableString)$"too many values to unpack (expected {items.Count})"
                        : $"not enough values to unpack (expected {items.Count}, got {values.Count})"));
            }

            for (var i = 0; i < values.Count; i++)
            {
                items[i].Assign(frame, values[i]);
            }

            return;
        }

        if (values.Count < items.Count - 1)
        {
            throw Err.Value(FormattableString.Invariant(
                $"not enough values to unpack (expected at least {items.Count - 1}, got {values.Count})"));
        }

        var extra = values.Count - items.Count + 1;
        for (var i = 0; i < items.Count; i++)
        {
            items[i].Assign(
                frame,
                i < star ? values[i]
                : i == star ? new PyList(values.GetRange(star, extra))
                : values[i + extra - 1]);
        }
    }

    public override void Delete(Frame frame)
    {
        foreach (var item in items)
        {
            item.Delete(frame);
        }
    }

    /// <summary>The items of a value; at most one more than wanted, so that endless iterators end.</summary>
    private static IReadOnlyList<object> UnpackSome(Vm vm, object value, int wanted)
    {
        if (value is not PyObject and not string)
        {
            throw Err.Type($"cannot unpack non-iterable {Types.Of(value).Name} object");
        }

        var iterator = value is string text ? new TextIterator(text) : ((PyObject)value).Iterate(vm)
            ?? throw Err.Type($"cannot unpack non-iterable {Types.Of(value).Name} object");
        var values = new List<object>();
        while (values.Count <= wanted && iterator.Next(vm) is { } item)
        {
            vm.Tick();
            values.Add(item);
        }

        return values;
    }

    private static List<object> Unpack(Vm vm, object value, int wanted) => value switch
    {
        PyTuple tuple => [.. tuple.Items],
        PyList list => [.. list.Items],
        _ when wanted >= 0 => (List<object>)UnpackSome(vm, value, wanted),
        _ => Ops.ToList(vm, value),
    };
}

internal sealed class SetExpr(List<Expr> items) : Expr
{
    public override object Eval(Frame frame)
    {
        var vm = frame.Vm;
        var set = new PySet();
        if (items.Count > 2 && items.TrueForAll(i => i.IsConstant) && items.TrueForAll(i => i.IsFolded(frame)))
        {
            // CPython's compiler keeps such a set as a frozen one, made twice over, and copies it.
            var values = new PyTuple([.. SequenceExpr.Values(frame, items)]);
            var kept = PySet.From(vm, PySet.From(vm, values, true).Entries(vm) is var entries
                ? new PyTuple([.. entries.Select(e => e.Key)])
                : values);
            set.Update(vm, kept);
            return set;
        }

        foreach (var item in items)
        {
            if (item is StarExpr star)
            {
                set.Update(vm, star.Eval(frame));
            }
            else
            {
                set.Add(vm, item.Eval(frame));
            }
        }

        return set;
    }
}

/// <summary>A dictionary; a pair without a key is <c>**mapping</c>.</summary>
internal sealed class DictExpr(List<(Expr? Key, Expr Value)> pairs) : Expr
{
    public override object Eval(Frame frame)
    {
        var vm = frame.Vm;
        var dict = new PyDict();
        foreach (var (key, value) in pairs)
        {
            if (key is null)
            {
                var mapping = value.Eval(frame);
                dict.Update(
                    vm,
                    mapping as PyDict ?? throw Err.Type($"'{Types.Of(mapping).Name}' object is not a mapping"));
                continue;
            }

            var name = key.Eval(frame);
            dict.Set(vm, name, value.Eval(frame));
        }

        return dict;
    }
}

/// <summary>One field of a formatted string: the text before it, its value, <c>!r</c>, and its specification.</summary>
internal sealed record FormatField(string Before, Expr? Value, char Conversion, FormatExpr? Spec);

internal sealed class FormatExpr(List<FormatField> fields) : Expr
{
    public override object Eval(Frame frame)
    {
        var vm = frame.Vm;
        var text = new StringBuilder();
        foreach (var field in fields)
        {
            text.Append(field.Before);
            if (field.Value is null)
            {
                continue;
            }

            var value = field.Value.Eval(frame);
            if (field.Conversion != 0)
            {
                value = field.Conversion == 's' ? Show.Str(vm, value) : Show.Repr(vm, value);
            }

            var part = Formats.Apply(vm, value, field.Spec is null ? "" : (string)field.Spec.Eval(frame));
            vm.AllocateText(part.Length);
            text.Append(part);
        }

        return vm.Text(text.ToString());
    }
}
