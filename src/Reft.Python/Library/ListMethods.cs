using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The methods of lists, tuples and ranges.</summary>
internal static class ListMethods
{
    public static IEnumerable<NativeMethod> All() =>
    [
        new("append", 1, 1, (vm, self, args) =>
        {
            ((PyList)self).Add(vm, args[0]);
            return PyNone.Value;
        }),
        new("extend", 1, 1, (vm, self, args) =>
        {
            ((PyList)self).Extend(vm, args[0]);
            return PyNone.Value;
        }),
        new("insert", 2, 2, Insert),
        new("pop", 0, 1, Pop),
        new("remove", 1, 1, (vm, self, args) =>
        {
            var items = ((PyList)self).Items;
            var at = Sequences.IndexOf(vm, items, args[0], 0, items.Count);
            if (at < 0)
            {
                throw Err.Value("list.remove(x): x not in list");
            }

            vm.Charge((items.Count - at) >> 4);
            items.RemoveAt(at);
            return PyNone.Value;
        }),
        new("clear", 0, 0, (_, self, _) =>
        {
            ((PyList)self).Items.Clear();
            return PyNone.Value;
        }),
        new("copy", 0, 0, (vm, self, _) => new PyList(Ops.ToList(vm, self))),
        new("reverse", 0, 0, (vm, self, _) =>
        {
            vm.Charge(((PyList)self).Items.Count >> 4);
            ((PyList)self).Items.Reverse();
            return PyNone.Value;
        }),
        new("sort", 0, 0, Sort, "key", "reverse"),
        new("index", 1, 3, (vm, self, args) => Index(vm, ((PyList)self).Items, args, "list", self)),
        new("count", 1, 1, (vm, self, args) => Count(vm, ((PyList)self).Items, args[0])),
    ];

    public static IEnumerable<NativeMethod> OfTuple() =>
    [
        new("index", 1, 3, (vm, self, args) => Index(vm, ((PyTuple)self).Items, args, "tuple", self)),
        new("count", 1, 1, (vm, self, args) => Count(vm, ((PyTuple)self).Items, args[0])),
    ];

    public static IEnumerable<NativeMethod> OfRange() =>
    [
        new("index", 1, 1, (_, self, args) => Ints.Plain(args[0]) is { } value && ((PyRange)self).IndexOf(value) is var at and >= 0
            ? Ints.Box(at)
            : throw Err.Value($"{args[0]} is not in range")),
        new("count", 1, 1, (vm, self, args) => Ints.Box(Ops.Contains(vm, self, args[0]) ? 1 : 0)),
    ];

    private static object Insert(Vm vm, object self, Args args)
    {
        var items = ((PyList)self).Items;
        var index = Ops.ToLong(vm, args[0]);
        index = Math.Clamp(index < 0 ? index + items.Count : index, 0, items.Count);
        vm.Allocate(8);
        vm.Charge((items.Count - index) >> 4);
        items.Insert((int)index, args[1]);
        return PyNone.Value;
    }

    private static object Pop(Vm vm, object self, Args args)
    {
        var items = ((PyList)self).Items;
        if (items.Count == 0)
        {
            throw Err.Index("pop from empty list");
        }

        var index = args.Count == 0
            ? items.Count - 1
            : (int)Sequences.LongPosition(vm, Ints.Box(Ops.ToLong(vm, args[0])), items.Count, "pop index out of range", "list");
        var item = items[index];
        vm.Charge((items.Count - index) >> 4);
        items.RemoveAt(index);
        return item;
    }

    private static PyNone Sort(Vm vm, object self, Args args)
    {
        var list = (PyList)self;
        var items = list.Items;
        var placeholder = new List<object>();
        list.Items = placeholder;
        try
        {
            Sorting.Sort(vm, items, args.Named("key"), args.Named("reverse"));
        }
        finally
        {
            list.Items = items;
        }

        return placeholder.Count == 0 ? PyNone.Value : throw Err.Value("list modified during sort");
    }

    private static object Index(Vm vm, IReadOnlyList<object> items, Args args, string kind, object self)
    {
        var start = Bound(vm, args.At(1), 0, items.Count);
        var stop = Bound(vm, args.At(2), items.Count, items.Count);
        var at = Sequences.IndexOf(vm, items, args[0], start, stop);
        if (at >= 0)
        {
            return Ints.Box(at);
        }

        throw Err.Value(kind == "list" ? $"{Show.Repr(vm, args[0])} is not in list" : "tuple.index(x): x not in tuple");
    }

    private static long Bound(Vm vm, object? value, long usual, int count)
    {
        if (value is null)
        {
            return usual;
        }

        var index = Ops.ToIndex(vm, value) switch
        {
            long number => number,
            System.Numerics.BigInteger big => big.Sign < 0 ? -count : count,
            _ => throw Err.Type("slice indices must be integers or have an __index__ method"),
        };
        return index < 0 ? Math.Max(0, index + count) : index;
    }

    private static object Count(Vm vm, IReadOnlyList<object> items, object value)
    {
        var count = 0L;
        for (var i = 0; i < items.Count; i++)
        {
            vm.Tick();
            count += Ops.Same(vm, items[i], value) ? 1 : 0;
        }

        return Ints.Box(count);
    }
}
