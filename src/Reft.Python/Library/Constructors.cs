using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>What calling a built-in type does.</summary>
internal static class Constructors
{
    public static object TypeOf(Vm vm, PyType type, Args args) => args.Count == 1
        ? Types.Of(args[0])
        : throw new UnsupportedException("type() with three arguments");

    public static object Bool(Vm vm, PyType type, Args args) => Bools.Of(args.Count > 0 && Ops.Truth(vm, args[0]));

    public static object Int(Vm vm, PyType type, Args args)
    {
        Signature.Check("int", args, 0, 2, ["base"]);
        if (args.Count == 0)
        {
            return Ints.Box(0);
        }

        var value = args[0];
        if (args.At(1, "base") is { } radix)
        {
            var number = Ops.ToLong(vm, radix);
            if (value is not string digits)
            {
                throw Err.Type("int() can't convert non-string with explicit base");
            }

            if (number is not 0 and (< 2 or > 36))
            {
                throw Err.Value("int() base must be >= 2 and <= 36, or 0");
            }

            return Parse(vm, digits, (int)number);
        }

        return value switch
        {
            string text => Parse(vm, text, 10),
            double real => Floats.ToIntOrRaise(real),
            PyObject other => other.ToInt(vm) ?? other.ToIndex(vm) ?? throw NotNumber("int", value, "a real number"),
            _ => Ints.Plain(value)!,
        };
    }

    public static object Float(Vm vm, PyType type, Args args)
    {
        Signature.Check("float", args, 0, 1, []);
        vm.Charge(args.Count > 0 && args[0] is string given ? given.Length >> 2 : 0);
        return args.Count == 0 ? 0.0 : args[0] switch
        {
            double real => real,
            string text => NumberText.ToFloat(text)
                ?? throw Err.Value($"could not convert string to float: {Show.Quote(text)}"),
            PyObject other => other.ToFloat(vm)
                ?? (other.ToIndex(vm) is { } index
                    ? Floats.FromInt(index)
                    : throw NotNumber("float", other, "a real number")),
            var integer => Floats.FromInt(integer),
        };
    }

    public static object Str(Vm vm, PyType type, Args args)
    {
        Signature.Check("str", args, 0, 1, ["object"]);
        return args.At(0, "object") is { } value ? Show.Str(vm, value) : "";
    }

    public static object List(Vm vm, PyType type, Args args)
    {
        Signature.Check("list", args, 0, 1, []);
        return new PyList(args.Count == 0 ? [] : Ops.ToList(vm, args[0]));
    }

    public static object Tuple(Vm vm, PyType type, Args args)
    {
        Signature.Check("tuple", args, 0, 1, []);
        return args.Count == 0
            ? PyTuple.Empty
            : args[0] is PyTuple same && same.Type == Types.Tuple ? same : new PyTuple([.. Ops.ToList(vm, args[0])]);
    }

    public static object Dict(Vm vm, PyType type, Args args)
    {
        Signature.Check("dict", args, 0, 1, ["**"]);
        return Fill(vm, new PyDict(), args);
    }

    public static PyDict Fill(Vm vm, PyDict dict, Args args)
    {
        if (args.Count > 0)
        {
            dict.Update(vm, args[0]);
        }

        for (var i = 0; i < (args.Names?.Length ?? 0); i++)
        {
            dict.Set(vm, args.Names![i], args.Values[args.Count + i]); // the loop runs only where there are names
        }

        return dict;
    }

    public static object Set(Vm vm, PyType type, Args args)
    {
        Signature.Check("set", args, 0, 1, []);
        return args.Count == 0 ? new PySet() : PySet.From(vm, args[0]);
    }

    public static object FrozenSet(Vm vm, PyType type, Args args)
    {
        Signature.Check("frozenset", args, 0, 1, []);
        return args.Count == 0
            ? new PySet(true)
            : args[0] is PySet { IsFrozen: true } same ? same : PySet.From(vm, args[0], true);
    }

    public static object Range(Vm vm, PyType type, Args args)
    {
        Signature.Check("range", args, 1, 3, []);
        var numbers = args.Values.Select(v => Ops.ToIndex(vm, v) switch
        {
            long number => number,
            null => throw Err.Type($"'{Types.Of(v).Name}' object cannot be interpreted as an integer"),
            _ => throw new UnsupportedException("range beyond 64 bits"),
        }).ToArray();
        return numbers switch
        {
            [var stop] => new PyRange(0, stop, 1),
            [var start, var stop] => new PyRange(start, stop, 1),
            [_, _, 0] => throw Err.Value("range() arg 3 must not be zero"),
            [var start, var stop, var step] => new PyRange(start, stop, step),
            _ => throw Err.Type("range expected at most 3 arguments"),
        };
    }

    public static object Slice(Vm vm, PyType type, Args args) => args.Count == 1
        ? new PySlice(PyNone.Value, args[0], PyNone.Value)
        : new PySlice(args[0], args[1], args.At(2) ?? PyNone.Value);

    private static object Parse(Vm vm, string text, int radix) => NumberText.ToInt(vm, text, radix) is { } value
        ? Ints.Box(vm, value)
        : throw Err.Value(FormattableString.Invariant(
            $"invalid literal for int() with base {radix}: {Show.Quote(text)}"));

    private static PyError NotNumber(string type, object value, string wanted) => Err.Type(
        $"{type}() argument must be a string{(type == "int" ? ", a bytes-like object" : "")} or {wanted}, "
        + $"not '{Types.Of(value).Name}'");
}
