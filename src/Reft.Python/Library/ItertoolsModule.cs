using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>itertools</c>.</summary>
internal static class ItertoolsModule
{
    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            Lazy("count", 0, 2, Count, "start", "step"),
            Lazy("cycle", 1, 1, (vm, args) => Cycle(vm, Ops.Iterate(vm, args[0]))),
            Lazy("repeat", 1, 2, Repeat, "object", "times"),
            Lazy("accumulate", 1, 2, Accumulate, "func", "initial"),
            Lazy("compress", 2, 2, (vm, args) => Compress(vm, Ops.Iterate(vm, args[0]), Ops.Iterate(vm, args[1]))),
            Lazy("dropwhile", 2, 2, (vm, args) => While(vm, args[0], Ops.Iterate(vm, args[1]), false)),
            Lazy("takewhile", 2, 2, (vm, args) => While(vm, args[0], Ops.Iterate(vm, args[1]), true)),
            Lazy("filterfalse", 2, 2, (vm, args) => FilterFalse(vm, args[0], Ops.Iterate(vm, args[1]))),
            Lazy("islice", 2, 4, Slice),
            Lazy("starmap", 2, 2, (vm, args) => StarMap(vm, args[0], Ops.Iterate(vm, args[1]))),
            Lazy("zip_longest", 0, int.MaxValue, ZipLongest, "fillvalue"),
            Lazy("product", 0, int.MaxValue, Product, "repeat"),
            Lazy("permutations", 1, 2, Permutations, "r"),
            Lazy("combinations", 2, 2, (vm, args) => Combinations(vm, args, false), "r"),
            Lazy("combinations_with_replacement", 2, 2, (vm, args) => Combinations(vm, args, true), "r"),
            Lazy("groupby", 1, 2, GroupBy, "key"),
            Lazy("pairwise", 1, 1, (vm, args) => Pairwise(vm, Ops.Iterate(vm, args[0]))));
        members["chain"] = new PyType("chain", (vm, _, args) => new EnumeratorIterator(
            "chain", Chain(vm, new ArrayIterator(args.Positional))))
        {
            Statics = name => name == "from_iterable"
                ? new NativeFunction(name, 1, 1, (vm, args) => new EnumeratorIterator(
                    "chain", Chain(vm, Ops.Iterate(vm, args[0]))))
                : null,
        };
        members["tee"] = new NativeFunction("tee", 1, 2, (_, _) => throw new UnsupportedException("itertools.tee"));
        return members;
    }

    private static NativeFunction Lazy(
        string name, int min, int max, Func<Vm, Args, IEnumerator<object>> make, params string[] names) =>
        new(name, min, max, (vm, args) => new EnumeratorIterator(name, make(vm, args)), names);

    private static IEnumerator<object> Count(Vm vm, Args args)
    {
        var value = args.At(0, "start") ?? Ints.Box(0);
        var step = args.At(1, "step") ?? Ints.Box(1);
        return Counting();

        IEnumerator<object> Counting()
        {
            while (true)
            {
                yield return value;
                value = Ops.Binary(vm, BinaryOp.Add, value, step);
            }
        }
    }

    private static IEnumerator<object> Cycle(Vm vm, PyIterator items)
    {
        var seen = new List<object>();
        while (items.Next(vm) is { } item)
        {
            vm.Allocate(8);
            seen.Add(item);
            yield return item;
        }

        while (seen.Count > 0)
        {
            foreach (var item in seen)
            {
                yield return item;
            }
        }
    }

    private static IEnumerator<object> Repeat(Vm vm, Args args)
    {
        var value = args.At(0, "object")!; // Check saw an argument
        var times = args.At(1, "times") is { } given ? Ops.ToLong(vm, given) : long.MaxValue;
        return Repeating();

        IEnumerator<object> Repeating()
        {
            for (var i = 0L; i < times; i++)
            {
                yield return value;
            }
        }
    }

    private static IEnumerator<object> Accumulate(Vm vm, Args args)
    {
        var items = Ops.Iterate(vm, args[0]);
        var function = args.At(1, "func");
        var total = args.Named("initial");
        return Accumulating();

        IEnumerator<object> Accumulating()
        {
            if (total is null or PyNone)
            {
                total = items.Next(vm);
                if (total is null)
                {
                    yield break;
                }
            }

            yield return total;
            while (items.Next(vm) is { } item)
            {
                total = function is null or PyNone
                    ? Ops.Binary(vm, BinaryOp.Add, total, item)
                    : Ops.Call(vm, function, total, item);
                yield return total;
            }
        }
    }

    private static IEnumerator<object> Compress(Vm vm, PyIterator items, PyIterator selectors)
    {
        while (items.Next(vm) is { } item && selectors.Next(vm) is { } selector)
        {
            vm.Tick();
            if (Ops.Truth(vm, selector))
            {
                yield return item;
            }
        }
    }

    private static IEnumerator<object> While(Vm vm, object function, PyIterator items, bool takes)
    {
        var dropping = !takes;
        while (items.Next(vm) is { } item)
        {
            vm.Tick();
            if (takes || dropping)
            {
                var holds = Ops.Truth(vm, Ops.Call(vm, function, item));
                if (takes && !holds)
                {
                    yield break;
                }

                if (dropping && holds)
                {
                    continue;
                }

                dropping = false;
            }

            yield return item;
        }
    }

    private static IEnumerator<object> FilterFalse(Vm vm, object function, PyIterator items)
    {
        while (items.Next(vm) is { } item)
        {
            vm.Tick();
            if (!Ops.Truth(vm, function is PyNone ? item : Ops.Call(vm, function, item)))
            {
                yield return item;
            }
        }
    }

    private static IEnumerator<object> Slice(Vm vm, Args args)
    {
        var items = Ops.Iterate(vm, args[0]);
        long Bound(object? value, long usual, string what) => value is null or PyNone
            ? usual
            : Ops.ToIndex(vm, value) is long and >= 0 and var number
                ? (long)number
                : throw Err.Value($"{what} for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
        var single = args.Count == 2;
        var start = single ? 0 : Bound(args[1], 0, "Indices");
        var stop = Bound(single ? args[1] : args[2], long.MaxValue, single ? "Stop argument" : "Indices");
        var step = Bound(args.At(3), 1, "Step");
        return step == 0
            ? throw Err.Value("Step for islice() must be a positive integer or None.")
            : Slicing();

        IEnumerator<object> Slicing()
        {
            var next = start;
            for (var i = 0L; i < stop && items.Next(vm) is { } item; i++)
            {
                vm.Tick();
                if (i == next)
                {
                    next = step > long.MaxValue - next ? long.MaxValue : next + step;
                    yield return item;
                }
            }
        }
    }

    private static IEnumerator<object> StarMap(Vm vm, object function, PyIterator items)
    {
        while (items.Next(vm) is { } item)
        {
            yield return Ops.Call(vm, function, new Args([.. Ops.ToList(vm, item)]));
        }
    }

    private static IEnumerator<object> ZipLongest(Vm vm, Args args)
    {
        var fill = args.Named("fillvalue") ?? PyNone.Value;
        PyIterator?[] sources = [.. args.Positional.Select(a => Ops.Iterate(vm, a))];
        return Zipping();

        IEnumerator<object> Zipping()
        {
            while (true)
            {
                var row = new object[sources.Length];
                for (var i = 0; i < row.Length; i++)
                {
                    var item = sources[i]?.Next(vm);
                    if (item is null)
                    {
                        sources[i] = null;
                    }

                    row[i] = item ?? fill;
                }

                if (Array.TrueForAll(sources, s => s is null))
                {
                    yield break;
                }

                vm.AllocateItems(row.Length);
                yield return new PyTuple(row);
            }
        }
    }

    private static IEnumerator<object> Product(Vm vm, Args args)
    {
        var repeat = args.Named("repeat") is { } times ? Ops.ToLong(vm, times) : 1;
        if (repeat < 0)
        {
            throw Err.Value("repeat argument cannot be negative");
        }

        vm.AllocateItems(repeat * args.Count);
        var once = args.Positional.Select(a => Ops.ToList(vm, a)).ToList();
        var pools = Enumerable.Repeat(once, (int)repeat).SelectMany(p => p).ToList();
        return Producing();

        IEnumerator<object> Producing()
        {
            if (pools.Exists(p => p.Count == 0))
            {
                yield break;
            }

            var indices = new int[pools.Count];
            while (true)
            {
                vm.AllocateItems(indices.Length);
                yield return new PyTuple([.. indices.Select((index, i) => pools[i][index])]);
                var position = indices.Length - 1;
                while (position >= 0 && ++indices[position] == pools[position].Count)
                {
                    indices[position--] = 0;
                }

                if (position < 0)
                {
                    yield break;
                }
            }
        }
    }

    private static IEnumerator<object> Permutations(Vm vm, Args args)
    {
        var pool = Ops.ToList(vm, args[0]);
        var length = args.At(1, "r") is { } r and not PyNone ? Ops.ToLong(vm, r) : pool.Count;
        return length < 0 ? throw Err.Value("r must be non-negative") : Permuting();

        IEnumerator<object> Permuting()
        {
            if (length > pool.Count)
            {
                yield break;
            }

            var size = (int)length;
            var indices = Enumerable.Range(0, pool.Count).ToArray();
            var cycles = Enumerable.Range(0, size).Select(i => pool.Count - i).ToArray();
            while (true)
            {
                vm.AllocateItems(size);
                yield return new PyTuple([.. indices.Take(size).Select(i => pool[i])]);
                var position = size - 1;
                for (; position >= 0; position--)
                {
                    if (--cycles[position] == 0)
                    {
                        vm.Charge(indices.Length >> 4);
                        var first = indices[position];
                        Array.Copy(indices, position + 1, indices, position, indices.Length - position - 1);
                        indices[^1] = first;
                        cycles[position] = pool.Count - position;
                    }
                    else
                    {
                        var other = indices.Length - cycles[position];
                        (indices[position], indices[other]) = (indices[other], indices[position]);
                        break;
                    }
                }

                if (position < 0)
                {
                    yield break;
                }
            }
        }
    }

    private static IEnumerator<object> Combinations(Vm vm, Args args, bool repeats)
    {
        var pool = Ops.ToList(vm, args[0]);
        var length = Ops.ToLong(vm, args.At(1, "r")!); // Check saw two arguments
        if (length < 0)
        {
            throw Err.Value("r must be non-negative");
        }

        vm.AllocateItems(length);
        return Combining();

        IEnumerator<object> Combining()
        {
            if (repeats ? pool.Count == 0 && length > 0 : length > pool.Count)
            {
                yield break;
            }

            var size = (int)length;
            var indices = repeats ? new int[size] : Enumerable.Range(0, size).ToArray();
            while (true)
            {
                vm.AllocateItems(size);
                yield return new PyTuple([.. indices.Select(i => pool[i])]);
                var position = size - 1;
                while (position >= 0 && indices[position] == (repeats ? pool.Count - 1 : position + pool.Count - size))
                {
                    position--;
                }

                if (position < 0)
                {
                    yield break;
                }

                var next = indices[position] + 1;
                for (var i = position; i < size; i++)
                {
                    indices[i] = repeats ? next : next + i - position;
                }
            }
        }
    }

    private static IEnumerator<object> GroupBy(Vm vm, Args args)
    {
        var items = Ops.Iterate(vm, args[0]);
        var key = args.At(1, "key");
        return Grouping();

        IEnumerator<object> Grouping()
        {
            object? current = null;
            PyList? group = null;
            while (items.Next(vm) is { } item)
            {
                var rank = key is null or PyNone ? item : Ops.Call(vm, key, item);
                if (current is not null && Ops.Same(vm, current, rank))
                {
                    group!.Add(vm, item); // a key has its group
                    continue;
                }

                if (group is not null)
                {
                    yield return new PyTuple([current!, new ListIterator(group)]); // a group has its key
                }

                current = rank;
                group = new PyList([]);
                group.Add(vm, item);
            }

            if (group is not null)
            {
                yield return new PyTuple([current!, new ListIterator(group)]); // a group has its key
            }
        }
    }

    private static IEnumerator<object> Pairwise(Vm vm, PyIterator items)
    {
        var last = items.Next(vm);
        while (last is not null && items.Next(vm) is { } item)
        {
            yield return new PyTuple([last, item]);
            last = item;
        }
    }

    private static IEnumerator<object> Chain(Vm vm, PyIterator sources)
    {
        while (sources.Next(vm) is { } source)
        {
            var items = Ops.Iterate(vm, source);
            while (items.Next(vm) is { } item)
            {
                yield return item;
            }
        }
    }
}
