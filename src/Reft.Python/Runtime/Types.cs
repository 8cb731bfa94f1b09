using System.Collections.Frozen;
using System.Numerics;
using Reft.Python.Library;

namespace Reft.Python.Runtime;

/// <summary>The built-in types.</summary>
internal static class Types
{
    public static readonly PyType Object = new("object", (vm, type, _) => new PyInstance(type, vm));
    public static readonly PyType Type = new("type", Constructors.TypeOf);
    public static readonly PyType None = new("NoneType");
    public static readonly PyType Int = new("int", Constructors.Int, NumberMethods.OfInt);
    public static readonly PyType Bool = new("bool", Constructors.Bool, null, Int);
    public static readonly PyType Float = new("float", Constructors.Float, NumberMethods.OfFloat)
    {
        Statics = name => name == "fromhex" ? throw new UnsupportedException("float.fromhex") : null,
    };

    public static readonly PyType Str = new("str", Constructors.Str, StringMethods.All)
    {
        Statics = name => name == "maketrans" ? new NativeFunction(name, 1, 3, StringMethods.MakeTrans) : null,
    };

    public static readonly PyType List = new("list", Constructors.List, ListMethods.All);
    public static readonly PyType Tuple = new("tuple", Constructors.Tuple, ListMethods.OfTuple);
    public static readonly PyType Dict = new("dict", Constructors.Dict, DictMethods.All)
    {
        Statics = name => name == "fromkeys" ? new NativeFunction(name, 1, 2, DictMethods.FromKeys) : null,
    };

    public static readonly PyType Set = new("set", Constructors.Set, SetMethods.All);
    public static readonly PyType FrozenSet = new("frozenset", Constructors.FrozenSet, SetMethods.OfFrozen);
    public static readonly PyType Range = new("range", Constructors.Range, ListMethods.OfRange);
    public static readonly PyType Slice = new("slice", Constructors.Slice);
    public static readonly PyType Function = new("function");
    public static readonly PyType BuiltinFunction = new("builtin_function_or_method");
    public static readonly PyType Method = new("method");
    public static readonly PyType Property =
        new("property", (_, _, args) => new PyProperty(args[0], args.At(1, "fset")));

    public static readonly PyType StaticMethod = new("staticmethod", (_, _, args) => new PyStaticMethod(args[0]));
    public static readonly PyType ClassMethod = new("classmethod", (_, _, args) => new PyClassMethod(args[0]));
    public static readonly PyType Module = new("module");
    private static readonly FrozenDictionary<string, PyType> Iterators = ((string[])
    [
        "iterator", "list_iterator", "tuple_iterator", "range_iterator", "str_ascii_iterator", "zip", "map", "filter",
        "enumerate", "reversed", "chain", "count", "cycle", "repeat", "accumulate", "compress", "dropwhile", "takewhile",
        "filterfalse", "islice", "starmap", "zip_longest", "product", "permutations", "combinations",
        "combinations_with_replacement", "groupby", "pairwise", "set_iterator", "dict_keyiterator", "dict_valueiterator",
        "dict_itemiterator",
    ]).ToFrozenDictionary(name => name, name => new PyType(name), StringComparer.Ordinal);

    public static readonly PyType Generator = new("generator", null, IteratorMethods.OfGenerator);
    public static readonly PyType DictKeys = new("dict_keys", null, DictMethods.OfView);
    public static readonly PyType DictValues = new("dict_values");
    public static readonly PyType DictItems = new("dict_items", null, DictMethods.OfView);

    public static PyType IteratorOf(string name) => Iterators.GetValueOrDefault(name) ?? Iterators["iterator"];

    public static PyType Of(object value) => value switch
    {
        long or BigInteger => Int,
        double => Float,
        string => Str,
        bool => Bool,
        _ => ((PyObject)value).Type,
    };

    /// <summary>A native method of the object's type, bound to it; null when there is none.</summary>
    public static object? BindMethod(object self, string name)
    {
        if (name == "__class__")
        {
            return Of(self);
        }

        return Of(self).FindNative(name) is { } method ? new BoundNative(self, method) : null;
    }
}

/// <summary>The built-in exceptions.</summary>
internal static class ExceptionTypes
{
    public static readonly PyType BaseException = new(
        "BaseException", (_, type, args) => new PyExceptionObject(type, args.Positional), Methods);

    public static readonly PyType Exception = Make("Exception", BaseException);
    public static readonly PyType ArithmeticError = Make("ArithmeticError", Exception);
    public static readonly PyType ZeroDivisionError = Make("ZeroDivisionError", ArithmeticError);
    public static readonly PyType OverflowError = Make("OverflowError", ArithmeticError);
    public static readonly PyType LookupError = Make("LookupError", Exception);
    public static readonly PyType IndexError = Make("IndexError", LookupError);
    public static readonly PyType KeyError = Make("KeyError", LookupError);
    public static readonly PyType ValueError = Make("ValueError", Exception);
    public static readonly PyType TypeError = Make("TypeError", Exception);
    public static readonly PyType NameError = Make("NameError", Exception);
    public static readonly PyType UnboundLocalError = Make("UnboundLocalError", NameError);
    public static readonly PyType AttributeError = Make("AttributeError", Exception);
    public static readonly PyType AssertionError = Make("AssertionError", Exception);
    public static readonly PyType RuntimeError = Make("RuntimeError", Exception);
    public static readonly PyType RecursionError = Make("RecursionError", RuntimeError);
    public static readonly PyType NotImplementedError = Make("NotImplementedError", RuntimeError);
    public static readonly PyType StopIteration = Make("StopIteration", Exception);
    public static readonly PyType ImportError = Make("ImportError", Exception);
    public static readonly PyType OSError = Make("OSError", Exception);
    public static readonly PyType SystemExit = Make("SystemExit", BaseException);
    public static readonly PyType GeneratorExit = Make("GeneratorExit", BaseException);
    public static readonly PyType Warning = Make("Warning", Exception);

    /// <summary>Every exception that is a built-in name.</summary>
    public static IEnumerable<PyType> All =>
    [
        BaseException, Exception, ArithmeticError, ZeroDivisionError, OverflowError, LookupError, IndexError, KeyError,
        ValueError, TypeError, NameError, UnboundLocalError, AttributeError, AssertionError, RuntimeError,
        RecursionError, NotImplementedError, StopIteration, ImportError, OSError, SystemExit, Warning,
        Make("FloatingPointError", ArithmeticError), Make("BufferError", Exception), Make("EOFError", Exception),
        Make("MemoryError", Exception), Make("SyntaxError", Exception), Make("ModuleNotFoundError", ImportError),
        Make("FileNotFoundError", OSError), Make("PermissionError", OSError), Make("TimeoutError", OSError),
        Make("KeyboardInterrupt", BaseException), GeneratorExit,
        Make("UnicodeError", ValueError), Make("UserWarning", Warning), Make("DeprecationWarning", Warning),
        Make("RuntimeWarning", Warning), Make("StopAsyncIteration", Exception), Make("SystemError", Exception),
    ];

    public static PyType Make(string name, params PyType[] bases) => new(name, null, null, bases);

    private static IEnumerable<NativeMethod> Methods() =>
    [
        new("__init__", 0, int.MaxValue, (_, self, args) =>
        {
            ((PyExceptionObject)self).Arguments = args.Positional;
            return PyNone.Value;
        }),
        new("__str__", 0, 0, (vm, self, _) => ((PyExceptionObject)self).Str(vm)),
        new("__repr__", 0, 0, (vm, self, _) => ((PyExceptionObject)self).Repr(vm)),
        new("with_traceback", 1, 1, (_, self, _) => self),
        new("add_note", 1, 1, (_, _, _) => PyNone.Value),
    ];
}
