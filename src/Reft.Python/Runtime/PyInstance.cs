using Reft.Python.Nodes;

namespace Reft.Python.Runtime;

/// <summary>An object of a class that the program defines.</summary>
internal class PyInstance(PyType type, Vm? vm) : PyObject
{
    private readonly long _identity = vm?.NextIdentity() ?? 0;

    public override PyType Type => type;

    public Dictionary<string, object> Attributes { get; } = new(StringComparer.Ordinal);

    public override bool IsCallable => Type.Find("__call__") is not null;

    public override object? GetAttribute(Vm vm, string name) => Members.Get(vm, this, Attributes, name);

    public override void SetAttribute(Vm vm, string name, object? value) => Members.Set(vm, this, Attributes, name, value);

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) =>
        CallSpecial(vm, (reflected ? "__r" : "__") + OperatorName(op), other);

    public override object? InPlace(Vm vm, BinaryOp op, object other) =>
        CallSpecial(vm, "__i" + OperatorName(op), other);

    public override object? Unary(Vm vm, UnaryOp op) => CallSpecial(
        vm, op switch { UnaryOp.Negate => "__neg__", UnaryOp.Plus => "__pos__", _ => "__invert__" });

    public override bool? EqualTo(Vm vm, object other)
    {
        var result = CallSpecial(vm, "__eq__", other);
        return result is null ? base.EqualTo(vm, other) : Ops.Truth(vm, result);
    }

    /// <summary>What the comparison's method returns, or null when there is none or it declines.</summary>
    public override object? RichCompare(Vm vm, CompareOp op, object other)
    {
        var result = CallSpecial(
            vm,
            op switch
            {
                CompareOp.Less => "__lt__",
                CompareOp.LessEqual => "__le__",
                CompareOp.Greater => "__gt__",
                CompareOp.GreaterEqual => "__ge__",
                CompareOp.Equal => "__eq__",
                _ => "__ne__",
            },
            other);
        return op == CompareOp.NotEqual && result is null && CallSpecial(vm, "__eq__", other) is { } equal
            ? Bools.Of(!Ops.Truth(vm, equal))
            : result;
    }

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        RichCompare(vm, op, other) is { } result ? Ops.Truth(vm, result) : null;

    public override long Hash(Vm vm)
    {
        if (CallSpecial(vm, "__hash__") is { } hash)
        {
            return hash is long value
                ? value == -1 ? -2 : value
                : throw new UnsupportedException("__hash__ beyond 64 bits");
        }

        return Type.Find("__eq__") is null ? _identity : throw Err.Type($"unhashable type: '{Type.Name}'");
    }

    public override bool Truth(Vm vm)
    {
        if (CallSpecial(vm, "__bool__") is { } truth)
        {
            return truth is bool value
                ? value
                : throw Err.Type($"__bool__ should return bool, returned {Types.Of(truth).Name}");
        }

        return Type.Find("__len__") is null || Length(vm) != 0;
    }

    public override string Repr(Vm vm) => TextOf(vm, "__repr__")
        ?? throw new UnsupportedException($"text of a {Type.Name} object (its address)");

    public override string Str(Vm vm) => TextOf(vm, "__str__") ?? Repr(vm);

    public override string Format(Vm vm, string spec) =>
        CallSpecial(vm, "__format__", spec) is { } text
            ? text as string ?? throw Err.Type("__format__ must return a str")
            : base.Format(vm, spec);

    public override object GetItem(Vm vm, object key) => CallSpecial(vm, "__getitem__", key) ?? base.GetItem(vm, key);

    public override void SetItem(Vm vm, object key, object value)
    {
        if (CallSpecial(vm, "__setitem__", key, value) is null)
        {
            base.SetItem(vm, key, value);
        }
    }

    public override void DeleteItem(Vm vm, object key)
    {
        if (CallSpecial(vm, "__delitem__", key) is null)
        {
            base.DeleteItem(vm, key);
        }
    }

    public override long Length(Vm vm)
    {
        var length = CallSpecial(vm, "__len__");
        return length is null
            ? -1
            : Ops.ToIndex(vm, length) is long count and >= 0
                ? count
                : throw Err.Value("__len__() should return >= 0");
    }

    public override PyIterator? Iterate(Vm vm)
    {
        if (CallSpecial(vm, "__iter__") is { } iterator)
        {
            return iterator as PyIterator
                ?? (iterator is PyInstance source && source.Type.Find("__next__") is not null
                    ? new InstanceIterator(source)
                    : throw Err.Type($"iter() returned non-iterator of type '{Types.Of(iterator).Name}'"));
        }

        return Type.Find("__getitem__") is null ? null : new EnumeratorIterator("iterator", ByIndex(vm));
    }

    public override bool? Contains(Vm vm, object item) =>
        CallSpecial(vm, "__contains__", item) is { } result ? Ops.Truth(vm, result) : null;

    public override object Call(Vm vm, Args args) => Type.Find("__call__") is { } call
        ? Ops.Call(vm, call, args.Prepend(this))
        : base.Call(vm, args);

    public override double? ToFloat(Vm vm) =>
        CallSpecial(vm, "__float__") is { } result
            ? result as double? ?? throw Err.Type($"{Type.Name}.__float__ returned non-float")
            : null;

    public override object? ToInt(Vm vm) => CallSpecial(vm, "__int__") ?? CallSpecial(vm, "__index__");

    public override object? ToIndex(Vm vm) => CallSpecial(vm, "__index__");

    /// <summary>Calls a special method of the class; null when there is none or it returns NotImplemented.</summary>
    public object? CallSpecial(Vm vm, string name, params object[] values)
    {
        if (Type.Find(name) is not { } method || method is PyNone)
        {
            return null;
        }

        var result = Ops.Call(vm, Members.Bind(this, method), new Args(values));
        return ReferenceEquals(result, PyConstant.NotImplemented) ? null : result;
    }

    private static string OperatorName(BinaryOp op) => op switch
    {
        BinaryOp.Add => "add__",
        BinaryOp.Subtract => "sub__",
        BinaryOp.Multiply => "mul__",
        BinaryOp.Divide => "truediv__",
        BinaryOp.FloorDivide => "floordiv__",
        BinaryOp.Modulo => "mod__",
        BinaryOp.Power => "pow__",
        BinaryOp.MatrixMultiply => "matmul__",
        BinaryOp.LeftShift => "lshift__",
        BinaryOp.RightShift => "rshift__",
        BinaryOp.And => "and__",
        BinaryOp.Or => "or__",
        _ => "xor__",
    };

    private string? TextOf(Vm vm, string name) =>
        CallSpecial(vm, name) is { } text
            ? text as string ?? throw Err.Type($"{name} returned non-string (type {Types.Of(text).Name})")
            : null;

    private IEnumerator<object> ByIndex(Vm vm)
    {
        for (var index = 0L; ; index++)
        {
            object item;
            var depth = vm.Depth;
            try
            {
                item = GetItem(vm, index);
            }
            catch (PyError error) when (error.Value.Type.IsSubtypeOf(ExceptionTypes.IndexError))
            {
                vm.Unwind(depth);
                yield break;
            }

            yield return item;
        }
    }
}

/// <summary>The attributes of objects of the program's classes.</summary>
internal static class Members
{
    public static object? Get(Vm vm, PyObject self, Dictionary<string, object> attributes, string name)
    {
        var type = self.Type;
        var found = type.Find(name);
        if (found is PyProperty property)
        {
            return Ops.Call(vm, property.Get, self);
        }

        if (attributes.TryGetValue(name, out var value))
        {
            return value;
        }

        switch (name)
        {
            case "__class__":
                return type;
            case "__dict__":
                return Dictionary(vm, attributes);
        }

        if (found is null)
        {
            return type.FindNative(name) is { } native
                ? new BoundNative(self, native)
                : type.Find("__getattr__") is { } fallback ? Ops.Call(vm, fallback, self, name) : null;
        }

        return Bind(self, found);
    }

    /// <summary>A copy of the attributes, which must not be taken for the attributes themselves.</summary>
    public static PyDict Dictionary(Vm vm, Dictionary<string, object> attributes)
    {
        var copy = new PyDict();
        foreach (var (key, item) in attributes)
        {
            copy.Set(vm, key, item);
        }

        copy.WhyFixed = "a change of attributes through a dictionary";
        return copy;
    }

    /// <summary>The text that a class gives an object of a built-in type; null where it says nothing.</summary>
    public static string? Text(Vm vm, PyObject self, string method) => self.Type is { IsClass: true } type
        && type.Find(method) is { } found
            ? Ops.Call(vm, Bind(self, found)) as string ?? throw Err.Type($"{method} returned non-string")
            : null;

    public static object Bind(PyObject self, object found) => found switch
    {
        PyFunction or NativeFunction or PyCached => new PyBoundMethod(self, found),
        PyStaticMethod method => method.Function,
        PyClassMethod method => new PyBoundMethod(self.Type, method.Function),
        _ => found,
    };

    public static void Set(Vm vm, PyObject self, Dictionary<string, object> attributes, string name, object? value)
    {
        var type = self.Type;
        if (type.Find("__setattr__") is NativeFunction frozen)
        {
            frozen.Call(vm, new Args([self, name]));
            return;
        }

        if (type.Find("__setattr__") is not null || type.Find("__slots__") is not null)
        {
            throw new UnsupportedException("class with __setattr__ or __slots__");
        }

        if (type.Find(name) is PyProperty property)
        {
            if (value is null || property.Set is null)
            {
                throw Err.Make(
                    ExceptionTypes.AttributeError, $"property '{name}' of '{type.Name}' object has no setter");
            }

            Ops.Call(vm, property.Set, self, value);
        }
        else if (value is not null)
        {
            vm.Allocate(48);
            attributes[name] = value;
        }
        else if (!attributes.Remove(name))
        {
            throw Err.Attribute(self, name);
        }
    }
}

/// <summary>An exception object.</summary>
internal sealed class PyExceptionObject(PyType type, object[] args) : PyInstance(type, null)
{
    public object[] Arguments { get; set; } = args;

    public object? Cause { get; set; }

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "args" => new PyTuple(Arguments),
        "__cause__" => Cause ?? PyNone.Value,
        "value" when Type.IsSubtypeOf(ExceptionTypes.StopIteration) =>
            Arguments.Length > 0 ? Arguments[0] : PyNone.Value,
        "code" when Type.IsSubtypeOf(ExceptionTypes.SystemExit) =>
            Arguments.Length > 0 ? Arguments[0] : PyNone.Value,
        _ => base.GetAttribute(vm, name),
    };

    public override long Hash(Vm vm) => Hashing.OfText(Type.Name);

    public override string Repr(Vm vm) => Type.Find("__repr__") is not null
        ? base.Repr(vm)
        : Type.Name + "(" + string.Join(", ", Arguments.Select(a => Show.Repr(vm, a))) + ")";

    public override string Str(Vm vm)
    {
        if (Type.Find("__str__") is not null)
        {
            return base.Str(vm);
        }

        return Arguments.Length switch
        {
            0 => "",
            1 => Type.IsSubtypeOf(ExceptionTypes.KeyError)
                ? Show.Repr(vm, Arguments[0])
                : Show.Str(vm, Arguments[0]),
            _ => Show.Repr(vm, new PyTuple(Arguments)),
        };
    }
}
