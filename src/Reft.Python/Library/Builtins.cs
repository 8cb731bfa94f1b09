using System.Collections.Frozen;
using System.Numerics;
using System.Text;
using Reft.Python.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The names that every program has.</summary>
internal static class Builtins
{
    private static readonly string[] Absent =
    [
        "open", "input", "eval", "exec", "compile", "__import__", "globals", "locals", "dir", "id", "bytes",
        "bytearray", "memoryview", "breakpoint", "help", "ascii", "aiter", "anext", "copyright", "credits",
        "license",
    ];

    private static readonly FrozenDictionary<string, object> Table = Create().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The value of a built-in name, or null when there is no such name.</summary>
    public static object? Find(string name) => Table.GetValueOrDefault(name);

    public static string Character(BigInteger code)
    {
        if (code < 0 || code > 0x10ffff)
        {
            throw Err.Value("chr() arg not in range(0x110000)");
        }

        return code >= 0xd800 && code <= 0xdfff
            ? throw new UnsupportedException("surrogate characters")
            : code < 256 ? Texts.Of((char)(int)code) : new Rune((int)code).ToString();
    }

    public static object Round(Vm vm, object value, object? digits)
    {
        if (digits is null or PyNone)
        {
            return value switch
            {
                double real => Floats.Round(real),
                string => throw Err.Type("type str doesn't define __round__ method"),
                PyInstance instance => instance.CallSpecial(vm, "__round__") ?? throw NoRound(value),
                PyObject other => Rounding.Of(vm, other, null) ?? throw NoRound(value),
                _ => Ints.Plain(value)!,
            };
        }

        if (value is PyInstance own)
        {
            return own.CallSpecial(vm, "__round__", digits) ?? throw NoRound(value);
        }

        var places = Ops.ToIndex(vm, digits)
            ?? throw Err.Type($"'{Types.Of(digits).Name}' object cannot be interpreted as an integer");
        switch (value)
        {
            case double real:
                return !double.IsFinite(real) ? real : places is long few
                    ? Floats.Round(real, few)
                    : ((BigInteger)places).Sign > 0 ? real : 0.0 * real;
            case string:
                throw NoRound(value);
            case PyObject other:
                return Rounding.Of(vm, other, Ops.ToLong(vm, places)) ?? throw NoRound(value);
        }

        var number = Ints.Big(value);
        if (Ints.Big(places).Sign >= 0)
        {
            return Ints.Plain(value)!;
        }

        var zeros = -Ints.Big(places);
        if (zeros > 1 + (long)(number.GetBitLength() * 0.30103) + 1)
        {
            return Ints.Box(0);
        }

        var unit = Ints.Power10((int)zeros);
        return Ints.Box(vm, Ints.RoundDivide(number, unit) * unit);
    }

    private static PyError NoRound(object value) =>
        Err.Type($"type {Types.Of(value).Name} doesn't define __round__ method");

    private static Dictionary<string, object> Create()
    {
        var table = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["None"] = PyNone.Value,
            ["Ellipsis"] = PyConstant.Ellipsis,
            ["NotImplemented"] = PyConstant.NotImplemented,
            ["__name__"] = "__main__",
            ["__doc__"] = PyNone.Value,
            ["__debug__"] = Bools.True,
        };
        foreach (var type in ExceptionTypes.All.Concat(
        [
            Types.Object, Types.Type, Types.Int, Types.Bool, Types.Float, Types.Str, Types.List, Types.Tuple,
            Types.Dict, Types.Set, Types.FrozenSet, Types.Range, Types.Slice, Types.Property, Types.StaticMethod,
            Types.ClassMethod, PyComplex.ComplexType,
        ]))
        {
            table[type.Name] = type;
        }

        table["IOError"] = table["EnvironmentError"] = ExceptionTypes.OSError;
        foreach (var function in Functions().Concat(IterationBuiltins.Functions()))
        {
            table[function.Name] = function;
        }

        foreach (var name in Absent)
        {
            table[name] = new Absence($"function '{name}'");
        }

        return table;
    }

    private static IEnumerable<NativeFunction> Functions() =>
    [
        new("print", 0, int.MaxValue, Print, "sep", "end", "file", "flush"),
        new("len", 1, 1, (vm, args) => Ints.Box(Ops.Length(vm, args[0]))),
        new("abs", 1, 1, (vm, args) => Abs(vm, args[0])),
        new("round", 1, 2, (vm, args) => Round(vm, args.At(0, "number")!, args.At(1, "ndigits")), "number", "ndigits"),
        new("divmod", 2, 2, (vm, args) => DivMod(vm, args[0], args[1])),
        new("pow", 2, 3, Pow, "base", "exp", "mod"),
        new("repr", 1, 1, (vm, args) => Show.Repr(vm, args[0])),
        new("hash", 1, 1, (vm, args) => args[0] is string or PyInstance or PyFunction
            ? throw new UnsupportedException("hash of a string or an object, which differs from run to run")
            : Ints.Box(Hashing.Of(vm, args[0]))),
        new("chr", 1, 1, (vm, args) => Character(Ops.ToBig(vm, args[0]))),
        new("ord", 1, 1, (_, args) => Ord(args[0])),
        new("bin", 1, 1, (vm, args) => Prefixed(vm, args[0], "0b", 1)),
        new("oct", 1, 1, (vm, args) => Prefixed(vm, args[0], "0o", 3)),
        new("hex", 1, 1, (vm, args) => Prefixed(vm, args[0], "0x", 4)),
        new("format", 1, 2, (vm, args) =>
            Formats.Apply(vm, args[0], args.Count > 1 ? Ops.ToText(args[1], "format() argument 2") : "")),
        new("callable", 1, 1, (_, args) => Bools.Of(args[0] is PyObject { IsCallable: true })),
        new("isinstance", 2, 2, (vm, args) => Bools.Of(IsInstance(vm, Types.Of(args[0]), args[1], "isinstance"))),
        new("issubclass", 2, 2, (vm, args) => args[0] is PyType type
            ? Bools.Of(IsInstance(vm, type, args[1], "issubclass"))
            : throw Err.Type("issubclass() arg 1 must be a class")),
        new("getattr", 2, 3, GetAttribute),
        new("hasattr", 2, 2, (vm, args) => Bools.Of(TryAttribute(vm, args[0], args[1]) is not null)),
        new("setattr", 3, 3, (vm, args) =>
        {
            if (args[0] is not PyObject target)
            {
                throw Err.Attribute(args[0], Ops.ToText(args[1], "attribute name"));
            }

            target.SetAttribute(vm, Ops.ToText(args[1], "attribute name"), args[2]);
            return PyNone.Value;
        }),
        new("delattr", 2, 2, (vm, args) =>
        {
            (args[0] as PyObject ?? throw Err.Attribute(args[0], "")).SetAttribute(
                vm, Ops.ToText(args[1], "attribute name"), null);
            return PyNone.Value;
        }),
        new("vars", 1, 1, (vm, args) => Ops.GetAttribute(vm, args[0], "__dict__")),
        new("exit", 0, 1, (_, args) => throw Err.Make(ExceptionTypes.SystemExit, args.Positional)),
        new("quit", 0, 1, (_, args) => throw Err.Make(ExceptionTypes.SystemExit, args.Positional)),
        new("super", 2, 2, (_, args) => args[0] is PyType type && args[1] is PyInstance self
            ? new PySuper(type, self, self.Type)
            : throw new UnsupportedException("super() with these arguments")),
    ];

    private static object Print(Vm vm, Args args)
    {
        if (args.Named("file") is { } file and not PyNone)
        {
            throw new UnsupportedException($"print to a file ({Types.Of(file).Name})");
        }

        var separator = Optional(args.Named("sep"), " ", "sep");
        var positional = args.Positional;
        for (var i = 0; i < positional.Length; i++)
        {
            if (i > 0)
            {
                vm.Print(separator);
            }

            vm.Print(Show.Str(vm, positional[i]));
        }

        vm.Print(Optional(args.Named("end"), "\n", "end"));
        return PyNone.Value;
    }

    private static string Optional(object? value, string usual, string name) => value is null or PyNone
        ? usual
        : value as string ?? throw Err.Type($"{name} must be None or a string, not {Types.Of(value).Name}");

    private static object Abs(Vm vm, object value) => value switch
    {
        double real => Math.Abs(real),
        long and not long.MinValue => Ints.Box(Math.Abs((long)value)),
        long or BigInteger or bool => Ints.Box(BigInteger.Abs(Ints.Big(value))),
        PyInstance instance => instance.CallSpecial(vm, "__abs__")
            ?? throw Err.Type($"bad operand type for abs(): '{instance.Type.Name}'"),
        PyObject other => Rounding.Abs(vm, other)
            ?? throw Err.Type($"bad operand type for abs(): '{other.Type.Name}'"),
        _ => throw Err.Type("bad operand type for abs(): 'str'"),
    };

    private static PyTuple DivMod(Vm vm, object a, object b)
    {
        if (!Ints.IsInt(a) && a is not double && a is not PyObject
            || !Ints.IsInt(b) && b is not double && b is not PyObject)
        {
            throw Err.Type(
                $"unsupported operand type(s) for divmod(): '{Types.Of(a).Name}' and '{Types.Of(b).Name}'");
        }

        if ((a is double || b is double) && a is not PyObject && b is not PyObject && Floats.Of(b) == 0)
        {
            throw Err.ZeroDivision("float divmod()");
        }

        if (Ints.IsInt(a) && Ints.IsInt(b) && Ints.Big(b).IsZero)
        {
            throw Err.ZeroDivision("integer division or modulo by zero");
        }

        return new PyTuple([Ops.Binary(vm, BinaryOp.FloorDivide, a, b), Ops.Binary(vm, BinaryOp.Modulo, a, b)]);
    }

    private static object Pow(Vm vm, Args args)
    {
        var (a, b, m) = (args.At(0, "base")!, args.At(1, "exp")!, args.At(2, "mod")); // Check saw two arguments
        if (m is null or PyNone)
        {
            return Ops.Binary(vm, BinaryOp.Power, a, b);
        }

        if (a is PyObject and not PyInstance || b is PyObject and not PyInstance)
        {
            throw new UnsupportedException("pow() of three arguments of a library");
        }

        return Ints.TryBig(a, out var x) && Ints.TryBig(b, out var y) && Ints.TryBig(m, out var z)
            ? Arithmetic.PowerModulo(vm, x, y, z)
            : throw Err.Type("pow() 3rd argument not allowed unless all arguments are integers");
    }

    private static object Ord(object value)
    {
        if (value is not string text)
        {
            throw Err.Type($"ord() expected string of length 1, but {Types.Of(value).Name} found");
        }

        return Texts.Length(text) == 1
            ? Ints.Box((long)text.EnumerateRunes().First().Value)
            : throw Err.Type(FormattableString.Invariant(
                $"ord() expected a character, but string of length {Texts.Length(text)} found"));
    }

    private static string Prefixed(Vm vm, object value, string prefix, int bits)
    {
        var number = Ops.ToBig(vm, value);
        return (number.Sign < 0 ? "-" : "") + prefix + NumberMethods.Digits(vm, BigInteger.Abs(number), bits);
    }

    private static bool IsInstance(Vm vm, PyType type, object wanted, string function)
    {
        switch (wanted)
        {
            case PyType one:
                return type.IsSubtypeOf(one) || (one == Types.Int && Array.Exists(type.Mro, t => t.Flavor == ClassFlavor.WholeEnumeration))
                    || (one == Types.Float && type == NumPy.NpScalar.Float64);
            case PyTuple several:
                vm.Enter();
                var any = Array.Exists(several.Items, t => IsInstance(vm, type, t, function));
                vm.Leave();
                return any;
            case PyConstant { Type.Name: "typing" } or NativeFunction:
                throw new UnsupportedException($"{function} with a union, a typing name or a type that is a function here");
            default:
                throw Err.Type($"{function}() arg 2 must be a type, a tuple of types, or a union");
        }
    }

    private static object GetAttribute(Vm vm, Args args)
    {
        var name = Ops.ToText(args[1], "attribute name");
        if (args.Count < 3)
        {
            return Ops.GetAttribute(vm, args[0], name);
        }

        return TryAttribute(vm, args[0], name) ?? args[2];
    }

    private static object? TryAttribute(Vm vm, object target, object name)
    {
        var depth = vm.Depth;
        try
        {
            return Ops.GetAttribute(vm, target, Ops.ToText(name, "attribute name"));
        }
        catch (PyError error) when (error.Value.Type.IsSubtypeOf(ExceptionTypes.AttributeError))
        {
            vm.Unwind(depth);
            return null;
        }
    }
}

/// <summary>A name that Python has and this interpreter does not: using it ends the program.</summary>
/// <remarks>It can be bound and handed on; whatever looks at it ends the program.</remarks>
internal sealed class Absence(string construct) : PyObject
{
    public string Construct => construct;

    public override PyType Type => throw Missing();

    public override bool IsCallable => throw Missing();

    public override bool Truth(Vm vm) => throw Missing();

    public override bool? EqualTo(Vm vm, object other) => throw Missing();

    public override long Hash(Vm vm) => throw Missing();

    public override object? GetAttribute(Vm vm, string name) => throw Missing();

    public override string Repr(Vm vm) => throw Missing();

    public UnsupportedException Missing() => new(construct);
}

/// <summary>The methods of a class's ancestors, for one object: what <c>super()</c> gives.</summary>
internal sealed class PySuper(PyType after, PyObject self, PyType start) : PyObject
{
    public override PyType Type => Types.Object;

    public override object? GetAttribute(Vm vm, string name)
    {
        var order = start.Mro;
        for (var i = Array.IndexOf(order, after) + 1; i < order.Length; i++)
        {
            if (order[i].Attributes is { } attributes)
            {
                if (attributes.TryGetValue(name, out var found))
                {
                    return self is PyInstance or PyList or PyDict
                        ? found is PyProperty property
                            ? Ops.Call(vm, property.Get, self)
                            : Members.Bind(self, found)
                        : found is PyClassMethod method ? new PyBoundMethod(self, method.Function) : found;
                }
            }
            else if (order[i].FindNative(name) is { } native)
            {
                return new BoundNative(self, native);
            }
        }

        return name switch
        {
            "__init__" when self is PyList list => new NativeFunction(name, 0, 1, (v, args) =>
            {
                list.Items.Clear();
                list.Extend(v, args.At(0) ?? PyTuple.Empty);
                return PyNone.Value;
            }),
            "__init__" when self is PyDict dict => new NativeFunction(name, 0, 1, (v, args) =>
            {
                Constructors.Fill(v, dict, args);
                return PyNone.Value;
            }, "**"),
            "__init__" => new NativeFunction(name, 0, 0, (_, _) => PyNone.Value),
            "__init_subclass__" => new NativeFunction(name, 0, 0, (_, _) => PyNone.Value),
            _ when name.StartsWith("__", StringComparison.Ordinal) =>
                throw new UnsupportedException($"super().{name} of object"),
            _ => throw Err.Make(ExceptionTypes.AttributeError, $"'super' object has no attribute '{name}'"),
        };
    }
}

/// <summary><c>round</c> and <c>abs</c> of the library's number types.</summary>
internal static class Rounding
{
    public static object? Of(Vm vm, PyObject value, long? digits) => value switch
    {
        PyFraction fraction => fraction.Round(vm, digits),
        PyDecimal number => number.Round(vm, digits),
        _ => value.Round(vm, digits),
    };

    public static object? Abs(Vm vm, PyObject value) => value switch
    {
        PyFraction fraction => fraction.Abs(),
        PyDecimal number => number.Abs(vm),
        PyTimeDelta delta => delta.Abs(),
        _ => value.Abs(vm),
    };
}
