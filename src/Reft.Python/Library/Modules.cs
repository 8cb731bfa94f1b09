using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The modules that a program can import; each is made when it is first imported.</summary>
internal static class Modules
{
    public static PyModule Load(Vm vm, string name)
    {
        if (vm.Modules.TryGetValue(name, out var known))
        {
            return known;
        }

        if (!LibraryNames.HasModule(name))
        {
            throw new UnsupportedException($"module '{name}'");
        }

        vm.Allocate(4096);
        vm.Charge(20);
        var module = new PyModule(name, Members(name) ?? []);
        vm.Modules[name] = module;
        return module;
    }

    /// <summary>What <c>from module import name</c> binds: perhaps an <see cref="Absence"/>, which may go unused.</summary>
    public static object Import(Vm vm, string module, string name)
    {
        var loaded = Load(vm, module);
        if (loaded.Members.TryGetValue(name, out var value))
        {
            return value;
        }

        // A package also has modules, whose names are not in the list.
        return LibraryNames.Has(module, name) == false && module is not ("sympy" or "numpy" or "collections")
            ? throw Err.Make(ExceptionTypes.ImportError, $"cannot import name '{name}' from '{module}'")
            : new Absence($"'{name}' of module '{module}'");
    }

    /// <summary>What <c>import *</c> gives a name of the program; null where the module does not have it.</summary>
    public static object? ImportAny(PyModule module, IReadOnlySet<string> star, string name) =>
        !star.Contains(name) ? null
        : module.Members.TryGetValue(name, out var value) ? value
        : new Absence($"'{name}' of module '{module.Name}'");

    private static Dictionary<string, object>? Members(string name) => name switch
    {
        "math" => MathModule.Create(),
        "fractions" => FractionsModule.Create(),
        "decimal" => DecimalModule.Create(),
        "itertools" => ItertoolsModule.Create(),
        "functools" => FunctoolsModule.Create(),
        "collections" => CollectionsModule.Create(),
        "statistics" => StatisticsModule.Create(),
        "datetime" => DateTimeModule.Create(),
        "operator" => OperatorModule.Create(),
        "heapq" => HeapqModule.Create(),
        "bisect" => BisectModule.Create(),
        "copy" => CopyModule.Create(),
        "string" => StringModule(),
        "typing" or "collections.abc" => TypingModule(),
        "numbers" => null,
        "dataclasses" => DataclassesModule.Create(),
        "random" => RandomModule.Create(),
        "cmath" => CMathModule.Create(),
        "calendar" => CalendarModule.Create(),
        "dateutil.relativedelta" => RelativeDeltaModule.Create(),
        "dateutil" => new(StringComparer.Ordinal)
        {
            ["relativedelta"] = new PyModule("dateutil.relativedelta", RelativeDeltaModule.Create()),
        },
        "enum" => EnumModule.Create(),
        "abc" => AbcModule.Create(),
        "sys" => SysModule.Create(),
        "numpy" => NumPy.NumPyModule.Create(),
        "numpy.linalg" => NumPy.NumPyModule.Linear(),
        "sympy.abc" => SymPy.SymPyModule.Letters(),
        "sympy" => SymPy.SymPyModule.Create(),
        // The packages inside sympy hold names that sympy itself has, too.
        _ when name.StartsWith("sympy.", StringComparison.Ordinal) => SymPy.SymPyModule.Create(),
        _ => null,
    };

    public static Dictionary<string, object> Of(params NativeFunction[] functions) =>
        functions.ToDictionary(f => f.Name, f => (object)f, StringComparer.Ordinal);

    private static Dictionary<string, object> StringModule() => new(StringComparer.Ordinal)
    {
        ["ascii_lowercase"] = "abcdefghijklmnopqrstuvwxyz",
        ["ascii_uppercase"] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        ["ascii_letters"] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        ["digits"] = "0123456789",
        ["hexdigits"] = "0123456789abcdefABCDEF",
        ["octdigits"] = "01234567",
        ["punctuation"] = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        ["whitespace"] = " \t\n\r\v\f",
    };

    private static Dictionary<string, object> TypingModule()
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)
        [
            "Any", "List", "Dict", "Set", "Tuple", "FrozenSet", "Optional", "Union", "Callable", "Iterable", "Iterator",
            "Sequence", "Mapping", "Generator", "Type", "Deque", "DefaultDict", "Counter", "Final", "Literal",
            "ClassVar", "Hashable", "Text", "NoReturn", "Collection", "MutableMapping", "MutableSequence",
        ])
        {
            members[name] = PyTyping.Any;
        }

        return members;
    }
}
