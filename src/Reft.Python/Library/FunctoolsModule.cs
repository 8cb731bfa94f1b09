using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>functools</c>.</summary>
internal static class FunctoolsModule
{
    public static Dictionary<string, object> Create() => Modules.Of(
        new NativeFunction("reduce", 2, 3, Reduce),
        new NativeFunction("lru_cache", 0, 2, Cache, "maxsize", "typed"),
        new NativeFunction("cache", 1, 1, (_, args) => new PyCached(args[0], null, false)),
        new NativeFunction("partial", 1, int.MaxValue, (_, args) => new PyPartial(args), "**"),
        new NativeFunction("cmp_to_key", 1, 1, (_, args) =>
            new NativeFunction("key", 1, 1, (_, item) => new PyRank(args[0], item[0]))),
        new NativeFunction("wraps", 1, 1, (_, args) =>
            new NativeFunction("wraps", 1, 1, (vm, inner) =>
            {
                if (inner[0] is PyObject function)
                {
                    function.SetAttribute(vm, "__name__", Ops.GetAttribute(vm, args[0], "__name__"));
                }

                return inner[0];
            })),
        new NativeFunction("total_ordering", 1, 1, (vm, args) => TotalOrdering(vm, (PyType)args[0])));

    private static object Reduce(Vm vm, Args args)
    {
        var items = Ops.Iterate(vm, args[1]);
        var total = args.At(2) ?? items.Next(vm) ?? throw Err.Type("reduce() of empty iterable with no initial value");
        while (items.Next(vm) is { } item)
        {
            vm.Tick();
            total = Ops.Call(vm, args[0], total, item);
        }

        return total;
    }

    private static object Cache(Vm vm, Args args)
    {
        var most = args.At(0, "maxsize");
        if (most is PyObject { IsCallable: true } function)
        {
            return new PyCached(function, 128, false);
        }

        long? capacity = most is PyNone ? null : most is null ? 128 : Math.Max(0, Ops.ToLong(vm, most));
        var typed = args.At(1, "typed") is { } flag && Ops.Truth(vm, flag);
        return new NativeFunction("lru_cache", 1, 1, (_, inner) => new PyCached(inner[0], capacity, typed));
    }

    private static PyType TotalOrdering(Vm vm, PyType type)
    {
        if (type.Find("__lt__") is not { } less)
        {
            throw new UnsupportedException("total_ordering of a class without __lt__");
        }

        bool Less(object a, object b) => Ops.Truth(vm, Ops.Call(vm, less, a, b));
        void Define(string name, Func<object, object, bool> holds)
        {
            if (type.Find(name) is null)
            {
                type.SetAttribute(vm, name, new NativeFunction(name, 2, 2, (_, args) => Bools.Of(holds(args[0], args[1]))));
            }
        }

        Define("__gt__", (a, b) => !Less(a, b) && !Ops.Equal(vm, a, b));
        Define("__le__", (a, b) => Less(a, b) || Ops.Equal(vm, a, b));
        Define("__ge__", (a, b) => !Less(a, b));
        return type;
    }
}

/// <summary>A function with some of its arguments given.</summary>
internal sealed class PyPartial(Args given) : PyObject
{
    public override PyType Type => Types.BuiltinFunction;

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args)
    {
        var names = new List<string>(given.Names ?? []);
        var named = new List<object>(given.Values[given.Count..]);
        for (var i = 0; i < (args.Names?.Length ?? 0); i++)
        {
            var at = names.IndexOf(args.Names![i]); // the loop runs only where there are names
            if (at >= 0)
            {
                named[at] = args.Values[args.Count + i];
            }
            else
            {
                names.Add(args.Names[i]);
                named.Add(args.Values[args.Count + i]);
            }
        }

        return Ops.Call(
            vm,
            given[0],
            new Args([.. given.Positional.Skip(1), .. args.Positional, .. named], names.Count == 0 ? null : [.. names]));
    }

    public override object? GetAttribute(Vm vm, string name) => name == "func" ? given[0] : base.GetAttribute(vm, name);
}

/// <summary>A sort key that asks a comparing function.</summary>
internal sealed class PyRank(object compare, object item) : PyObject
{
    public override PyType Type => Types.Object;

    public override bool? EqualTo(Vm vm, object other) => Compare(vm, CompareOp.Equal, other);

    public override bool? Compare(Vm vm, CompareOp op, object other) => other is PyRank rank
        ? Ops.Compare(vm, op, Ops.Call(vm, compare, item, rank.Item), Ints.Box(0))
        : null;

    private object Item => item;
}
