using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>Of the module <c>enum</c>: <c>Enum</c>, <c>IntEnum</c>, <c>auto</c>, <c>unique</c>.</summary>
internal static class EnumModule
{
    public static Dictionary<string, object> Create()
    {
        // Classes of the program may change them, so every run has its own.
        var enumeration = new PyType("Enum", [], new(StringComparer.Ordinal)) { Flavor = ClassFlavor.Enumeration, Members = [] };
        var whole = new PyType("IntEnum", [enumeration], new(StringComparer.Ordinal))
        {
            Flavor = ClassFlavor.WholeEnumeration,
            Members = [],
        };
        return new(StringComparer.Ordinal)
        {
            ["Enum"] = enumeration,
            ["IntEnum"] = whole,
            ["auto"] = new NativeFunction("auto", 0, 0, (_, _) => new Automatic()),
            ["unique"] = new NativeFunction("unique", 1, 1, (_, args) => args[0] is PyType { Members: { } members } type
                && type.Attributes!.Values.Count(v => v is PyEnumMember) > members.Count // an enumeration is a class
                ? throw Err.Value($"duplicate values found in <enum '{type.Name}'>")
                : args[0]),
        };
    }

    /// <summary>What <c>auto()</c> gives: one more than the value before.</summary>
    internal sealed class Automatic : PyObject
    {
        public override PyType Type => Types.Object;
    }
}

/// <summary>The module <c>abc</c>.</summary>
internal static class AbcModule
{
    private const string Mark = "__isabstractmethod__";

    public static Dictionary<string, object> Create() => new(StringComparer.Ordinal)
    {
        ["ABC"] = new PyType("ABC", [], new(StringComparer.Ordinal)) { Flavor = ClassFlavor.Abstract },
        ["ABCMeta"] = new PyType("ABCMeta") { Flavor = ClassFlavor.Abstract },
        ["abstractmethod"] = new NativeFunction("abstractmethod", 1, 1, (vm, args) =>
        {
            if (Function(args[0]) is PyObject function)
            {
                function.SetAttribute(vm, Mark, Bools.True);
            }

            return args[0];
        }),
    };

    /// <summary>The abstract methods that a class inherits or has, sorted.</summary>
    public static string[] Find(Vm vm, PyType type) =>
    [
        .. type.Mro.Where(t => t.Attributes is not null).SelectMany(t => t.Attributes!.Keys).Distinct(StringComparer.Ordinal)
            .Where(name => Function(type.Find(name)!) is Nodes.PyFunction function // the name comes from the class
                && function.GetAttribute(vm, Mark) is true)
            .Order(StringComparer.Ordinal),
    ];

    private static object Function(object member) => member switch
    {
        PyProperty property => property.Get,
        PyStaticMethod method => method.Function,
        PyClassMethod method => method.Function,
        _ => member,
    };
}
