using System.Numerics;
using Reft.Python.Library;
using Reft.Python.Nodes;

namespace Reft.Python.Runtime;

/// <summary>What the operators of the language do with any values.</summary>
internal static class Ops
{
    public static bool Truth(Vm vm, object value) => value switch
    {
        bool truth => truth,
        long number => number != 0,
        double real => real != 0,
        string text => text.Length > 0,
        BigInteger => true,
        _ => ((PyObject)value).Truth(vm),
    };

    /// <summary>Whether two values are the same object or equal: what containers ask.</summary>
    public static bool Same(Vm vm, object a, object b) => ReferenceEquals(a, b) || Equal(vm, a, b);

    public static bool Equal(Vm vm, object a, object b)
    {
        switch (a)
        {
            case long x when b is long y:
                return x == y;
            case string s when b is string t:
                vm.Charge(s.Length >> 7);
                return string.Equals(s, t, StringComparison.Ordinal);
            case double x when b is double y:
                return x == y;
        }

        if (a is not PyObject && b is not PyObject)
        {
            return a is not string && b is not string && Arithmetic.Order(a, b) == 0;
        }

        if (a is PyObject left)
        {
            if (b is PyInstance instance && !ReferenceEquals(b.GetType(), a.GetType())
                && instance.EqualTo(vm, a) is { } reflectedFirst && a is not PyInstance)
            {
                return reflectedFirst;
            }

            if (left.EqualTo(vm, b) is { } equal)
            {
                return equal;
            }
        }

        return b is PyObject right && right.EqualTo(vm, a) is { } mirrored && mirrored;
    }

    public static bool Holds(CompareOp op, int order) => op switch
    {
        CompareOp.Less => order < 0,
        CompareOp.LessEqual => order <= 0,
        CompareOp.Greater => order > 0,
        CompareOp.GreaterEqual => order >= 0,
        CompareOp.Equal => order == 0,
        _ => order != 0,
    };

    /// <summary>The comparison that says the same with its sides swapped.</summary>
    public static CompareOp Mirror(CompareOp op) => op switch
    {
        CompareOp.Less => CompareOp.Greater,
        CompareOp.LessEqual => CompareOp.GreaterEqual,
        CompareOp.Greater => CompareOp.Less,
        CompareOp.GreaterEqual => CompareOp.LessEqual,
        _ => op,
    };

    public static bool Compare(Vm vm, CompareOp op, object a, object b)
    {
        if (a is long x && b is long y)
        {
            return Holds(op, x.CompareTo(y));
        }

        if (op is CompareOp.Equal)
        {
            return Equal(vm, a, b);
        }

        if (op is CompareOp.NotEqual)
        {
            return a is PyInstance instance && instance.RichCompare(vm, op, b) is { } differs
                ? Truth(vm, differs)
                : !Equal(vm, a, b);
        }

        if (a is string s && b is string t)
        {
            vm.Charge((s.Length + (long)t.Length) >> 6);
            return Holds(op, CompareTexts(s, t));
        }

        if (a is not PyObject && b is not PyObject && a is not string && b is not string)
        {
            return Arithmetic.Order(a, b) is { } order && Holds(op, order);
        }

        if (a is PyObject left && left.Compare(vm, op, b) is { } result)
        {
            return result;
        }

        if (b is PyObject right && right.Compare(vm, Mirror(op), a) is { } swapped)
        {
            return swapped;
        }

        var sign = op switch
        {
            CompareOp.Less => "<",
            CompareOp.LessEqual => "<=",
            CompareOp.Greater => ">",
            _ => ">=",
        };
        throw Err.Type($"'{sign}' not supported between instances of '{Types.Of(a).Name}' and '{Types.Of(b).Name}'");
    }

    public static object Binary(Vm vm, BinaryOp op, object a, object b)
    {
        if (a is not PyObject && b is not PyObject)
        {
            if (a is not string && b is not string)
            {
                return Arithmetic.Binary(vm, op, a, b) ?? throw Mismatch(op, a, b);
            }

            return TextBinary(vm, op, a, b) ?? throw Mismatch(op, a, b);
        }

        if (op == BinaryOp.Modulo && a is string format)
        {
            return Library.PercentFormat.Apply(vm, format, b);
        }

        if (a is PyInstance && b is PyInstance subclass && a is PyObject mine
            && subclass.Type != mine.Type && subclass.Type.IsSubtypeOf(mine.Type)
            && subclass.Binary(vm, op, a, true) is { } preferred)
        {
            return preferred;
        }

        if (a is PyObject left && left.Binary(vm, op, b, false) is { } result)
        {
            return result;
        }

        if (b is PyObject right && right.Binary(vm, op, a, true) is { } reflected)
        {
            return reflected;
        }

        throw Mismatch(op, a, b);
    }

    public static object InPlace(Vm vm, BinaryOp op, object a, object b) =>
        a is PyObject target && target.InPlace(vm, op, b) is { } result ? result : Binary(vm, op, a, b);

    public static object Unary(Vm vm, UnaryOp op, object value)
    {
        var result = value switch
        {
            long number when op == UnaryOp.Negate =>
                number == long.MinValue ? Ints.Box(-(BigInteger)number) : Ints.Box(-number),
            double real when op != UnaryOp.Invert => op == UnaryOp.Negate ? -real : real,
            long or BigInteger or bool => op switch
            {
                UnaryOp.Negate => Ints.Box(vm, -Ints.Big(value)),
                UnaryOp.Plus => Ints.Plain(value),
                _ => Ints.Box(vm, -Ints.Big(value) - 1),
            },
            PyObject other => other.Unary(vm, op),
            _ => null,
        };
        var sign = op switch { UnaryOp.Negate => "-", UnaryOp.Plus => "+", _ => "~" };
        return result ?? throw Err.Type($"bad operand type for unary {sign}: '{Types.Of(value).Name}'");
    }

    public static object GetItem(Vm vm, object target, object key) => target switch
    {
        PyObject container => container.GetItem(vm, key),
        string text => Texts.GetItem(vm, text, key),
        _ => throw Err.Type($"'{Types.Of(target).Name}' object is not subscriptable"),
    };

    public static void SetItem(Vm vm, object target, object key, object value)
    {
        if (target is not PyObject container)
        {
            throw Err.Type($"'{Types.Of(target).Name}' object does not support item assignment");
        }

        container.SetItem(vm, key, value);
    }

    public static void DeleteItem(Vm vm, object target, object key)
    {
        if (target is not PyObject container)
        {
            throw Err.Type($"'{Types.Of(target).Name}' object doesn't support item deletion");
        }

        container.DeleteItem(vm, key);
    }

    public static long Length(Vm vm, object value)
    {
        var length = value switch
        {
            string text => Texts.Length(vm, text),
            PyObject container => container.Length(vm),
            _ => -1,
        };
        return length >= 0 ? length : throw Err.Type($"object of type '{Types.Of(value).Name}' has no len()");
    }

    public static PyIterator Iterate(Vm vm, object value) =>
        (value is string text ? new TextIterator(text) : (value as PyObject)?.Iterate(vm))
            ?? throw Err.Type($"'{Types.Of(value).Name}' object is not iterable");

    /// <summary>The items of an iterable, a step each.</summary>
    public static IEnumerable<object> Each(Vm vm, object value)
    {
        var iterator = Iterate(vm, value);
        while (iterator.Next(vm) is { } item)
        {
            vm.Tick();
            yield return item;
        }
    }

    /// <summary>A copy of an iterable's items as a list.</summary>
    public static List<object> ToList(Vm vm, object value, string? message = null)
    {
        switch (value)
        {
            case PyList list:
                vm.AllocateItems(list.Items.Count);
                return [.. list.Items];
            case PyTuple tuple:
                vm.AllocateItems(tuple.Items.Length);
                return [.. tuple.Items];
        }

        if (message is not null && value is not string && value is not PyObject)
        {
            throw Err.Type(message);
        }

        var items = new List<object>();
        var iterator = Iterate(vm, value);
        while (iterator.Next(vm) is { } item)
        {
            vm.Tick();
            vm.Allocate(8);
            items.Add(item);
        }

        return items;
    }

    public static bool Contains(Vm vm, object container, object item)
    {
        if (container is string text)
        {
            if (item is not string part)
            {
                throw Err.Type($"'in <string>' requires string as left operand, not {Types.Of(item).Name}");
            }

            ChargeSearch(vm, text, part);
            return text.Contains(part, StringComparison.Ordinal);
        }

        if (container is not PyObject owner)
        {
            throw Err.Type($"argument of type '{Types.Of(container).Name}' is not iterable");
        }

        if (owner.Contains(vm, item) is { } known)
        {
            return known;
        }

        var iterator = owner.Iterate(vm)
            ?? throw Err.Type($"argument of type '{Types.Of(container).Name}' is not iterable");
        return iterator.Contains(vm, item) ?? false;
    }

    public static void ChargeSearch(Vm vm, string text, string part) =>
        vm.Charge((text.Length >> 5) + ((long)text.Length * Math.Min(part.Length, 64) >> 8));

    public static object Call(Vm vm, object function, Args args)
    {
        Vm.EnsureStack();
        return function is PyObject callable
            ? callable.Call(vm, args)
            : throw Err.Type($"'{Types.Of(function).Name}' object is not callable");
    }

    public static object Call(Vm vm, object function, params object[] values) => Call(vm, function, new Args(values));

    public static object? FindAttribute(Vm vm, object target, string name) => target is PyObject owner
        ? owner.GetAttribute(vm, name)
        : Library.NumberMethods.Attribute(target, name) ?? Types.BindMethod(target, name);

    public static object GetAttribute(Vm vm, object target, string name)
    {
        if (FindAttribute(vm, target, name) is { } value)
        {
            return value;
        }

        if (name.StartsWith("__", StringComparison.Ordinal) && target is not PyInstance)
        {
            throw new UnsupportedException($"attribute '{name}' of {Types.Of(target).Name}");
        }

        if (target is not PyObject && Types.Of(target).Statics?.Invoke(name) is { } shared)
        {
            return shared;
        }

        // Of a few types every attribute is here; of others Python may have it, and its absence must not be caught.
        var isKnown = target switch
        {
            PyObject other => other is PyInstance or PyList or PySet or PyRange or PyNone or PyFunction or PyBoundMethod
                or PyTuple or PyType { IsClass: true } or PySuper
                || (other is PyDict && (other.Type == Types.Dict || other.Type.IsClass) && name != "fromkeys"),
            _ => name is not ("to_bytes" or "from_bytes" or "fromhex" or "maketrans"),
        };
        throw isKnown ? MissingAttribute(target, name) : new UnsupportedException($"attribute '{name}' of {Types.Of(target).Name}");
    }

    public static PyError MissingAttribute(object target, string name) => Err.Attribute(target, name);

    /// <summary>The value as an index (an int), or null when it is none.</summary>
    public static object? ToIndex(Vm vm, object value) => value switch
    {
        long or BigInteger => value,
        bool => Ints.Plain(value),
        PyObject other => other.ToIndex(vm),
        _ => null,
    };

    /// <summary>An argument that must be an int of 64 bits.</summary>
    public static long ToLong(Vm vm, object value) => ToIndex(vm, value) switch
    {
        long number => number,
        null => throw Err.Type($"'{Types.Of(value).Name}' object cannot be interpreted as an integer"),
        _ => throw Err.Overflow("Python int too large to convert to C ssize_t"),
    };

    public static BigInteger ToBig(Vm vm, object value) => Ints.Big(
        ToIndex(vm, value)
        ?? throw Err.Type($"'{Types.Of(value).Name}' object cannot be interpreted as an integer"));

    /// <summary>An argument that must be a number, as a float.</summary>
    public static double ToFloat(Vm vm, object value) => value switch
    {
        double real => real,
        long number => number,
        bool or BigInteger => Floats.FromInt(value),
        PyObject other => other.ToFloat(vm)
            ?? (other.ToIndex(vm) is { } index ? Floats.FromInt(index) : (double?)null)
            ?? throw Err.Type($"must be real number, not {other.Type.Name}"),
        _ => throw Err.Type($"must be real number, not {Types.Of(value).Name}"),
    };

    public static string ToText(object value, string what) =>
        value as string ?? throw Err.Type($"{what} must be str, not {Types.Of(value).Name}");

    public static int CompareTexts(string a, string b)
    {
        var order = string.CompareOrdinal(a, b);
        if (order != 0 && !(Texts.IsPlain(a) && Texts.IsPlain(b)))
        {
            throw new UnsupportedException("order of characters beyond U+FFFF");
        }

        return order;
    }

    private static object? TextBinary(Vm vm, BinaryOp op, object a, object b)
    {
        switch (op)
        {
            case BinaryOp.Add when a is string left:
                if (b is not string right)
                {
                    throw Err.Type($"can only concatenate str (not \"{Types.Of(b).Name}\") to str");
                }

                vm.AllocateText((long)left.Length + right.Length);
                return left + right;
            case BinaryOp.Multiply:
                var (text, times) = a is string first ? (first, b) : ((string)b, a);
                return Ints.IsInt(times)
                    ? Texts.Repeat(vm, text, times)
                    : throw Err.Type($"can't multiply sequence by non-int of type '{Types.Of(times).Name}'");
            case BinaryOp.Modulo when a is string format:
                return Library.PercentFormat.Apply(vm, format, b);
            default:
                return null;
        }
    }

    private static PyError Mismatch(BinaryOp op, object a, object b)
    {
        if (op == BinaryOp.Multiply && (a is PyList or PyTuple || b is PyList or PyTuple or string || a is string))
        {
            var other = a is PyList or PyTuple or string ? b : a;
            return Err.Type($"can't multiply sequence by non-int of type '{Types.Of(other).Name}'");
        }

        return Err.Type($"unsupported operand type(s) for {Sign(op)}: '{Types.Of(a).Name}' and '{Types.Of(b).Name}'");
    }

    private static string Sign(BinaryOp op) => op switch
    {
        BinaryOp.Add => "+",
        BinaryOp.Subtract => "-",
        BinaryOp.Multiply => "*",
        BinaryOp.Divide => "/",
        BinaryOp.FloorDivide => "//",
        BinaryOp.Modulo => "%",
        BinaryOp.Power => "** or pow()",
        BinaryOp.MatrixMultiply => "@",
        BinaryOp.LeftShift => "<<",
        BinaryOp.RightShift => ">>",
        BinaryOp.And => "&",
        BinaryOp.Or => "|",
        _ => "^",
    };
}
