using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary>
/// A call. The positional arguments come first, some perhaps starred; then the named ones, with a null name for
/// <c>**mapping</c>.
/// </summary>
internal sealed class CallExpr(Expr function, List<Expr> positional, List<(string? Name, Expr Value)> named) : Expr
{
    private readonly bool _isPlain =
        !positional.Exists(a => a is StarExpr) && !named.Exists(n => n.Name is null);

    private readonly string[]? _names = named.Count == 0 ? null : [.. named.Select(n => n.Name ?? "")];

    public override object Eval(Frame frame)
    {
        var vm = frame.Vm;
        vm.Tick();
        if (function is not AttributeExpr attribute)
        {
            var callee = function.Eval(frame);
            if (callee is PyFunction own && _isPlain && _names is null)
            {
                return own.CallWith(vm, Plain(frame, 0));
            }

            return Ops.Call(vm, callee, Arguments(frame));
        }

        var target = attribute.Target.Eval(frame);
        switch (target)
        {
            case PyInstance instance when instance is not PyExceptionObject
                && instance.Type.Find(attribute.Name) is PyFunction method
                && !instance.Attributes.ContainsKey(attribute.Name):
                if (_isPlain && _names is null)
                {
                    var values = Plain(frame, 1);
                    values[0] = target;
                    return method.CallWith(vm, values);
                }

                return method.Call(vm, Arguments(frame).Prepend(target));
            case PyModule or PyInstance or PyType or PyFunction or PySuper or PyTuple:
                break;
            default:
                if (Types.Of(target) is { IsClass: false } type && type.FindNative(attribute.Name) is { } native)
                {
                    return native.Call(vm, target, Arguments(frame));
                }

                break;
        }

        return Ops.Call(vm, Ops.GetAttribute(vm, target, attribute.Name), Arguments(frame));
    }

    private object[] Plain(Frame frame, int offset)
    {
        var values = new object[positional.Count + offset];
        for (var i = 0; i < positional.Count; i++)
        {
            values[i + offset] = positional[i].Eval(frame);
        }

        return values;
    }

    private Args Arguments(Frame frame)
    {
        if (_isPlain)
        {
            var plain = new object[positional.Count + named.Count];
            for (var i = 0; i < positional.Count; i++)
            {
                plain[i] = positional[i].Eval(frame);
            }

            for (var i = 0; i < named.Count; i++)
            {
                plain[positional.Count + i] = named[i].Value.Eval(frame);
            }

            return new Args(plain, _names);
        }

        var vm = frame.Vm;
        var values = SequenceExpr.Values(frame, positional);
        var names = new List<string>();
        foreach (var (name, expression) in named)
        {
            var value = expression.Eval(frame);
            if (name is not null)
            {
                Add(names, values, name, value);
                continue;
            }

            var mapping = value as PyDict
                ?? throw Err.Type($"argument after ** must be a mapping, not {Types.Of(value).Name}");
            foreach (var (key, item) in mapping.Pairs(vm))
            {
                Add(names, values, key as string ?? throw Err.Type("keywords must be strings"), item);
            }
        }

        return new Args([.. values], names.Count == 0 ? null : [.. names]);
    }

    private static void Add(List<string> names, List<object> values, string name, object value)
    {
        if (names.Contains(name))
        {
            throw Err.Type($"got multiple values for keyword argument '{name}'");
        }

        names.Add(name);
        values.Add(value);
    }
}

/// <summary><c>super()</c> in a method.</summary>
internal sealed class SuperExpr : Expr
{
    public override object Eval(Frame frame)
    {
        if (frame.Function is not { ClassCell.Value: PyType owner, Code.ParameterCount: > 0 })
        {
            throw Err.Runtime("super(): no arguments");
        }

        var self = frame.Locals[0] is Cell cell ? cell.Value : frame.Locals[0];
        return self switch
        {
            PyInstance instance => new PySuper(owner, instance, instance.Type),
            PyType type => new PySuper(owner, type, type),
            PyList or PyDict => new PySuper(owner, (PyObject)self, Types.Of(self)),
            _ => throw Err.Runtime("super(): no arguments"),
        };
    }
}
