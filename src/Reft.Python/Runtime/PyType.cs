namespace Reft.Python.Runtime;

internal delegate object Constructor(Vm vm, PyType type, Args args);

/// <summary>What makes a class more than a plain one.</summary>
internal enum ClassFlavor : byte
{
    Plain, Enumeration, WholeEnumeration, Abstract,
}

/// <summary>A type: built-in ones have a constructor and native methods, classes have attributes.</summary>
internal sealed class PyType : PyObject
{
    private static readonly Dictionary<string, NativeMethod> NoMethods = [];

    private readonly Lazy<Dictionary<string, NativeMethod>> _methods;

    public PyType(
        string name,
        Constructor? construct = null,
        Func<IEnumerable<NativeMethod>>? methods = null,
        params PyType[] bases)
    {
        Name = name;
        Construct = construct;
        Bases = bases;
        Mro = Linearize(this, bases);
        _methods = methods is null
            ? new Lazy<Dictionary<string, NativeMethod>>(NoMethods)
            : new Lazy<Dictionary<string, NativeMethod>>(
                () => methods().ToDictionary(m => m.Name, StringComparer.Ordinal));
    }

    /// <summary>A class of the program.</summary>
    public PyType(string name, PyType[] bases, Dictionary<string, object> attributes)
        : this(name, null, null, bases) => Attributes = attributes;

    public string Name { get; }

    public PyType[] Bases { get; }

    /// <summary>The type and its ancestors, in the order that attributes are looked up.</summary>
    public PyType[] Mro { get; }

    /// <summary>The names that a class body gave a value; null for built-in types.</summary>
    public Dictionary<string, object>? Attributes { get; }

    /// <summary>The annotated names of a class body, in order, for <c>@dataclass</c>.</summary>
    public List<string> Annotated { get; } = [];

    /// <summary>Class attributes of a built-in type: <c>datetime.min</c>.</summary>
    public Func<string, object?>? Statics { get; init; }

    /// <summary>The module that the type's text shows.</summary>
    public string? Module { get; init; }

    public bool IsClass => Attributes is not null;

    public ClassFlavor Flavor { get; init; }

    /// <summary>The members of an enumeration, in order; null for other classes.</summary>
    public List<PyEnumMember>? Members { get; set; }

    /// <summary>The abstract methods that keep a class from being made.</summary>
    public string[] Abstract { get; set; } = [];

    public bool IsException => IsSubtypeOf(ExceptionTypes.BaseException);

    public override PyType Type => Types.Type;

    public override bool IsCallable => true;

    private Constructor? Construct { get; }

    public bool IsSubtypeOf(PyType other) =>
        ReferenceEquals(this, other) || ReferenceEquals(other, Types.Object) || Array.IndexOf(Mro, other) >= 0;

    public NativeMethod? FindNative(string name)
    {
        foreach (var type in Mro)
        {
            if (type._methods.Value.TryGetValue(name, out var method))
            {
                return method;
            }
        }

        return null;
    }

    /// <summary>The attribute of a class or its ancestors as it was stored, or null.</summary>
    public object? Find(string name)
    {
        foreach (var type in Mro)
        {
            if (type.Attributes is { } attributes && attributes.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    public override object? GetAttribute(Vm vm, string name)
    {
        switch (name)
        {
            case "__name__" or "__qualname__":
                return Named();
            case "__members__" when Members is not null:
                var members = new PyDict();
                foreach (var (key, value) in Attributes!.Where(a => a.Value is PyEnumMember)) // an enumeration is a class
                {
                    members.Set(vm, key, value);
                }

                return members;
            case "__mro__" when IsClass:
                return new PyTuple([.. Mro, Types.Object]);
        }

        foreach (var type in Mro)
        {
            if (type.Attributes is { } attributes && attributes.TryGetValue(name, out var value))
            {
                return value switch
                {
                    PyStaticMethod method => method.Function,
                    PyClassMethod method => new PyBoundMethod(this, method.Function),
                    _ => value,
                };
            }

            if (type.Statics?.Invoke(name) is { } fixedValue)
            {
                return fixedValue;
            }

            if (type._methods.Value.TryGetValue(name, out var native))
            {
                return new UnboundNative(type, native);
            }
        }

        return null;
    }

    public override void SetAttribute(Vm vm, string name, object? value)
    {
        if (Attributes is null)
        {
            throw Err.Type($"cannot set '{name}' attribute of immutable type '{Name}'");
        }

        if (value is null ? !Attributes.Remove(name) : !Store(Attributes, name, value))
        {
            throw Err.Attribute(this, name);
        }
    }

    public override object Call(Vm vm, Args args)
    {
        vm.Tick();
        if (!IsClass)
        {
            var construct = Array.Find(Mro, t => t.Construct is not null)?.Construct
                ?? throw Err.Type($"cannot create '{Name}' instances");
            return construct(vm, this, args);
        }

        if (Members is not null)
        {
            return Enumerations.Member(vm, this, args);
        }

        if (Abstract.Length > 0)
        {
            throw Err.Type($"Can't instantiate abstract class {Name} with abstract method{(Abstract.Length > 1 ? "s" : "")} {string.Join(", ", Abstract)}");
        }

        vm.Allocate(200);
        var native = Array.Find(Mro, t => !t.IsClass);
        PyObject instance = native is null ? new PyInstance(this, vm)
            : native == Types.List ? new PyList([], this)
            : native == Types.Dict ? new PyDict(this)
            : new PyExceptionObject(this, args.Positional);
        var initialize = Find("__init__");
        if (initialize is not null)
        {
            if (Ops.Call(vm, initialize, args.Prepend(instance)) is not PyNone)
            {
                throw Err.Type("__init__() should return None");
            }
        }
        else if (instance is PyList list)
        {
            Signature.Check(Name, args, 0, 1, []);
            if (args.Count > 0)
            {
                list.Extend(vm, args[0]);
            }
        }
        else if (instance is PyDict dict)
        {
            Signature.Check(Name, args, 0, 1, ["**"]);
            Library.Constructors.Fill(vm, dict, args);
        }
        else if (native is null && args.Values.Length > 0)
        {
            throw Err.Type($"{Name}() takes no arguments");
        }

        return instance;
    }

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) =>
        op == BinaryOp.Or && other is PyType or PyNone ? PyTyping.Any : null;

    public override object GetItem(Vm vm, object key) => Members is null ? this
        : key is string name && Attributes!.TryGetValue(name, out var found) && found is PyEnumMember // it is a class
            ? found
            : throw Err.Key(key);

    public override long Length(Vm vm) => Members?.Count ?? -1;

    public override PyIterator? Iterate(Vm vm) => Members is null ? null : new ArrayIterator([.. Members]);

    public override bool? Contains(Vm vm, object item) => Members is null ? null
        : item is PyEnumMember member ? Members.Contains(member)
        : throw new UnsupportedException("a value looked for in an enumeration");

    public override bool? EqualTo(Vm vm, object other) => ReferenceEquals(this, other);

    public override long Hash(Vm vm) => Hashing.OfText(Name);

    public override string Repr(Vm vm) => IsClass
        ? $"<class '__main__.{Name}'>"
        : $"<class '{(Module is null ? "" : Module + ".")}{Named()}'>";

    private string Named() => Name.StartsWith("sympy", StringComparison.Ordinal)
        ? throw new UnsupportedException("types of sympy")
        : Name;

    private static bool Store(Dictionary<string, object> attributes, string name, object value)
    {
        attributes[name] = value;
        return true;
    }

    /// <summary>The C3 linearization of a class and its bases.</summary>
    private static PyType[] Linearize(PyType type, PyType[] bases)
    {
        if (bases.Length == 0)
        {
            return [type];
        }

        if (bases.Length == 1)
        {
            return [type, .. bases[0].Mro];
        }

        var order = new List<PyType> { type };
        var queues = bases.Select(b => b.Mro.ToList()).Append([.. bases]).ToList();
        while (queues.Exists(q => q.Count > 0))
        {
            var next = queues
                .Where(q => q.Count > 0)
                .Select(q => q[0])
                .FirstOrDefault(head => !queues.Exists(q => q.IndexOf(head) > 0))
                ?? throw Err.Type("Cannot create a consistent method resolution order (MRO)");
            order.Add(next);
            queues.ForEach(q => q.Remove(next));
        }

        return [.. order];
    }
}

/// <summary>What <c>typing</c> gives: a name that can be subscripted and means nothing.</summary>
internal static class PyTyping
{
    public static readonly PyConstant Any = new("typing.Any", "typing");
}
