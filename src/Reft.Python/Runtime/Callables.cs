namespace Reft.Python.Runtime;

/// <summary>A method with its object.</summary>
internal sealed class PyBoundMethod(object self, object function) : PyObject
{
    public object Self { get; } = self;

    public object Function { get; } = function;

    public override PyType Type => Types.Method;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args) => Ops.Call(vm, Function, args.Prepend(Self));

    public override object? GetAttribute(Vm vm, string name) =>
        name == "__self__" ? Self : Ops.FindAttribute(vm, Function, name);
}

/// <summary>A property of a class.</summary>
internal sealed class PyProperty(object get, object? set) : PyObject
{
    public object Get { get; } = get;

    public object? Set { get; } = set;

    public override PyType Type => Types.Property;

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "setter" => new NativeFunction("setter", 1, 1, (_, args) => new PyProperty(Get, args[0])),
        "getter" => new NativeFunction("getter", 1, 1, (_, args) => new PyProperty(args[0], Set)),
        "fget" => Get,
        _ => null,
    };
}

/// <summary>A function in a class that takes no object.</summary>
internal sealed class PyStaticMethod(object function) : PyObject
{
    public object Function { get; } = function;

    public override PyType Type => Types.StaticMethod;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args) => Ops.Call(vm, Function, args);
}

/// <summary>A function in a class that takes the class.</summary>
internal sealed class PyClassMethod(object function) : PyObject
{
    public object Function { get; } = function;

    public override PyType Type => Types.ClassMethod;
}

/// <summary>A function that remembers its results: <c>functools.lru_cache</c>.</summary>
internal sealed class PyCached(object function, long? capacity, bool typed) : PyObject
{
    private readonly PyDict _results = new();
    private long _hits;
    private long _misses;

    public override PyType Type => Types.BuiltinFunction;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args)
    {
        vm.Enter();
        var result = Look(vm, args);
        vm.Leave();
        return result;
    }

    private object Look(Vm vm, Args args)
    {
        vm.Tick();
        if (capacity == 0)
        {
            _misses++;
            return Ops.Call(vm, function, args);
        }

        var key = Key(args);
        if (_results.Find(vm, key) is { } known)
        {
            _hits++;
            if (capacity is not null)
            {
                _results.Remove(vm, key);
                _results.Set(vm, key, known);
            }

            return known;
        }

        _misses++;
        var result = Ops.Call(vm, function, args);
        _results.Set(vm, key, result);
        if (capacity < _results.Count)
        {
            _results.RemoveFirst(vm);
        }

        return result;
    }

    public override object? GetAttribute(Vm vm, string name)
    {
        switch (name)
        {
            case "cache_clear":
                return new NativeFunction(name, 0, 0, (_, _) =>
                {
                    _results.Clear();
                    _hits = _misses = 0;
                    return PyNone.Value;
                });
            case "cache_info":
                return new NativeFunction(name, 0, 0, (_, _) => Library.CollectionsModule.NamedTuple(
                    "CacheInfo",
                    ["hits", "misses", "maxsize", "currsize"],
                    [Ints.Box(_hits), Ints.Box(_misses), capacity is { } c ? c : PyNone.Value, Ints.Box(_results.Count)]));
            case "__wrapped__":
                return function;
            default:
                return Ops.FindAttribute(vm, function, name);
        }
    }

    private PyTuple Key(Args args)
    {
        var parts = new List<object>(args.Positional);
        if (args.Names is not null)
        {
            parts.Add(PyConstant.NotImplemented);
            for (var i = 0; i < args.Names.Length; i++)
            {
                parts.Add(args.Names[i]);
                parts.Add(args.Values[args.Count + i]);
            }
        }

        if (typed)
        {
            parts.AddRange(args.Values.Select(Types.Of));
        }

        return new PyTuple([.. parts]);
    }
}

/// <summary>A module: its name and what is in it.</summary>
internal sealed class PyModule(string name, Dictionary<string, object> members) : PyObject
{
    public string Name { get; } = name;

    public Dictionary<string, object> Members { get; } = members;

    public override PyType Type => Types.Module;

    public override object? GetAttribute(Vm vm, string name) =>
        name == "__name__"
            ? Name
            : Members.TryGetValue(name, out var value) && value is not Library.Absence
                ? value
                : throw new UnsupportedException($"attribute '{Name}.{name}'");

    public override string Repr(Vm vm) => $"<module '{Name}'>";
}
