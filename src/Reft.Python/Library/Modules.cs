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

        var members = Members(name) ?? throw new UnsupportedException($"module '{name}'");
        vm.Allocate(4096);
        vm.Charge(20);
        var module = new PyModule(name, members);
        vm.Modules[name] = module;
        return module;
    }

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
        "sympy" => SymPy.SymPyModule.Create(),
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
