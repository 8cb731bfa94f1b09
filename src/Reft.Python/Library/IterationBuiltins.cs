using Reft.Python.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The built-in functions over iterables.</summary>
internal static class IterationBuiltins
{
    public static IEnumerable<NativeFunction> Functions() =>
    [
        new("sum", 1, 2, Sum, "start"),
        new("min", 1, int.MaxValue, (vm, args) => Extreme(vm, args, "min", CompareOp.Less), "key", "default"),
        new("max", 1, int.MaxValue, (vm, args) => Extreme(vm, args, "max", CompareOp.Greater), "key", "default"),
        new("sorted", 1, 1, (vm, args) =>
        {
            var items = Ops.ToList(vm, args[0]);
            Sorting.Sort(vm, items, args.Named("key"), args.Named("reverse"));
            return new PyList(items);
        }, "key", "reverse"),
        new("reversed", 1, 1, (vm, args) => Reversed(vm, args[0])),
        new("enumerate", 1, 2, (vm, args) => new EnumeratorIterator(
            "enumerate", Enumerate(vm, Ops.Iterate(vm, args.At(0, "iterable")!), args.At(1, "start"))), "iterable", "start"),
        new("zip", 0, int.MaxValue, (vm, args) => new EnumeratorIterator(
            "zip",
            Zip(
                vm,
                [.. args.Positional.Select(a => Ops.Iterate(vm, a))],
                args.Named("strict") is { } strict && Ops.Truth(vm, strict))), "strict"),
        new("map", 2, int.MaxValue, (vm, args) => new EnumeratorIterator(
            "map", Map(vm, args[0], [.. args.Values.Skip(1).Select(a => Ops.Iterate(vm, a))]))),
        new("filter", 2, 2, (vm, args) => new EnumeratorIterator(
            "filter", Filter(vm, args[0], Ops.Iterate(vm, args[1])))),
        new("any", 1, 1, (vm, args) => Bools.Of(AnyIs(vm, args[0], true))),
        new("all", 1, 1, (vm, args) => Bools.Of(!AnyIs(vm, args[0], false))),
        new("iter", 1, 2, (vm, args) => args.Count == 1
            ? Ops.Iterate(vm, args[0]) : new SentinelIterator(args[0], args[1])),
        new("next", 1, 2, (vm, args) => args[0] switch
        {
            PyIterator iterator => Next(vm, iterator, args),
            PyInstance instance when instance.Type.Find("__next__") is not null => args.Count == 1
                ? instance.CallSpecial(vm, "__next__") ?? PyNone.Value
                : Next(vm, new InstanceIterator(instance), args),
            _ => throw Err.Type($"'{Types.Of(args[0]).Name}' object is not an iterator"),
        }),
    ];

    private static object Next(Vm vm, PyIterator iterator, Args args)
    {
        if (args.Count == 1)
        {
            return iterator.Next(vm) ?? throw (iterator is PyGenerator { Result: not PyNone } generator
                ? Err.Make(ExceptionTypes.StopIteration, [generator.Result])
                : Err.Make(ExceptionTypes.StopIteration));
        }

        return iterator.Next(vm) ?? args[1];
    }

    private static object Sum(Vm vm, Args args)
    {
        var total = args.At(1, "start") ?? Ints.Box(0);
        if (total is string)
        {
            throw Err.Type("sum() can't sum strings [use ''.join(seq) instead]");
        }

        var iterator = Ops.Iterate(vm, args[0]);
        while (iterator.Next(vm) is { } item)
        {
            vm.Tick();
            total = Ops.Binary(vm, BinaryOp.Add, total, item);
        }

        return total;
    }

    private static object Extreme(Vm vm, Args args, string name, CompareOp op)
    {
        var several = args.Count > 1;
        if (several && args.Named("default") is not null)
        {
            throw Err.Type($"Cannot specify a default for {name}() with multiple positional arguments");
        }

        var key = args.Named("key");
        var iterator = several ? new ArrayIterator(args.Positional) : Ops.Iterate(vm, args[0]);
        object? best = null;
        object? bestKey = null;
        while (iterator.Next(vm) is { } item)
        {
            vm.Tick();
            var rank = key is null or PyNone ? item : Ops.Call(vm, key, item);
            if (bestKey is null || Ops.Compare(vm, op, rank, bestKey))
            {
                best = item;
                bestKey = rank;
            }
        }

        return best ?? args.Named("default") ?? throw Err.Value($"{name}() arg is an empty sequence");
    }

    private static PyIterator Reversed(Vm vm, object value)
    {
        switch (value)
        {
            case PyInstance instance when instance.CallSpecial(vm, "__reversed__") is { } iterator:
                return Ops.Iterate(vm, iterator);
            case PyRange range:
                return range.Count == 0
                    ? new RangeIterator(0, 1, 0)
                    : new RangeIterator(range.Start + (range.Step * (range.Count - 1)), -range.Step, range.Count);
            case PyDict or PyDictView:
                var items = Ops.ToList(vm, value);
                items.Reverse();
                return new ArrayIterator([.. items]);
            case string or PyList or PyTuple or PyInstance or PyDeque:
                return new EnumeratorIterator("reversed", Backwards(vm, value));
            default:
                throw Err.Type($"'{Types.Of(value).Name}' object is not reversible");
        }
    }

    private static IEnumerator<object> Backwards(Vm vm, object value)
    {
        for (var i = Ops.Length(vm, value) - 1; i >= 0; i--)
        {
            yield return Ops.GetItem(vm, value, Ints.Box(i));
        }
    }

    private static IEnumerator<object> Enumerate(Vm vm, PyIterator items, object? start)
    {
        var index = start is null ? Ints.Box(0) : Ops.ToIndex(vm, start)
            ?? throw Err.Type($"'{Types.Of(start).Name}' object cannot be interpreted as an integer");
        while (items.Next(vm) is { } item)
        {
            vm.Allocate(56);
            yield return new PyTuple([index, item]);
            index = Ops.Binary(vm, BinaryOp.Add, index, Ints.Box(1));
        }
    }

    private static IEnumerator<object> Zip(Vm vm, PyIterator[] sources, bool strict)
    {
        while (sources.Length > 0)
        {
            var row = new object[sources.Length];
            for (var i = 0; i < sources.Length; i++)
            {
                if (sources[i].Next(vm) is { } item)
                {
                    row[i] = item;
                    continue;
                }

                if (strict)
                {
                    for (var j = i + 1; i == 0 && j < sources.Length; j++)
                    {
                        if (sources[j].Next(vm) is not null)
                        {
                            throw Err.Value(FormattableString.Invariant(
                                $"zip() argument {j + 1} is longer than argument{(j == 1 ? " 1" : $"s 1-{j}")}"));
                        }
                    }

                    if (i > 0)
                    {
                        throw Err.Value(FormattableString.Invariant(
                            $"zip() argument {i + 1} is shorter than argument{(i == 1 ? " 1" : $"s 1-{i}")}"));
                    }
                }

                yield break;
            }

            vm.AllocateItems(row.Length);
            yield return new PyTuple(row);
        }
    }

    private static IEnumerator<object> Map(Vm vm, object function, PyIterator[] sources)
    {
        while (true)
        {
            var row = new object[sources.Length];
            for (var i = 0; i < sources.Length; i++)
            {
                if (sources[i].Next(vm) is not { } item)
                {
                    yield break;
                }

                row[i] = item;
            }

            yield return Ops.Call(vm, function, new Args(row));
        }
    }

    private static IEnumerator<object> Filter(Vm vm, object function, PyIterator items)
    {
        while (items.Next(vm) is { } item)
        {
            vm.Tick();
            if (Ops.Truth(vm, function is PyNone ? item : Ops.Call(vm, function, item)))
            {
                yield return item;
            }
        }
    }

    private static bool AnyIs(Vm vm, object items, bool wanted)
    {
        var iterator = Ops.Iterate(vm, items);
        while (iterator.Next(vm) is { } item)
        {
            vm.Tick();
            if (Ops.Truth(vm, item) == wanted)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// Stable sorting. Below 64 items the comparisons are those of CPython's (a run, then binary insertion), so that even
/// lists with NaN come out the same; above, items are merged.
/// </summary>
internal static class Sorting
{
    private const int ShortRun = 64;

    public static void Sort(Vm vm, List<object> items, object? key, object? reverse)
    {
        vm.AllocateItems(items.Count);
        var backwards = reverse is not null && Ops.Truth(vm, reverse);
        var entries = new Entry[items.Count];
        for (var i = 0; i < entries.Length; i++)
        {
            vm.Tick();
            entries[i] = new Entry(key is null or PyNone ? items[i] : Ops.Call(vm, key, items[i]), items[i]);
        }

        if (backwards)
        {
            Array.Reverse(entries);
        }

        if (entries.Length < ShortRun)
        {
            Insertion(vm, entries, 0, entries.Length);
        }
        else
        {
            Merge(vm, entries, new Entry[entries.Length], 0, entries.Length);
        }

        if (backwards)
        {
            Array.Reverse(entries);
        }

        for (var i = 0; i < entries.Length; i++)
        {
            items[i] = entries[i].Item;
        }
    }

    private static bool Less(Vm vm, Entry a, Entry b)
    {
        vm.Tick();
        return Ops.Compare(vm, CompareOp.Less, a.Key, b.Key);
    }

    private static void Insertion(Vm vm, Entry[] entries, int low, int high)
    {
        var next = low + 1;
        if (high - low > 1)
        {
            var descending = Less(vm, entries[next], entries[next - 1]);
            for (next++; next < high && Less(vm, entries[next], entries[next - 1]) == descending; next++)
            {
            }

            if (descending)
            {
                Array.Reverse(entries, low, next - low);
            }
        }

        for (; next < high; next++)
        {
            var pivot = entries[next];
            var left = low;
            var right = next;
            while (left < right)
            {
                var middle = left + ((right - left) >> 1);
                if (Less(vm, pivot, entries[middle]))
                {
                    right = middle;
                }
                else
                {
                    left = middle + 1;
                }
            }

            Array.Copy(entries, left, entries, left + 1, next - left);
            entries[left] = pivot;
        }
    }

    private static void Merge(Vm vm, Entry[] entries, Entry[] spare, int low, int high)
    {
        if (high - low < ShortRun)
        {
            Insertion(vm, entries, low, high);
            return;
        }

        var middle = low + ((high - low) / 2);
        Merge(vm, entries, spare, low, middle);
        Merge(vm, entries, spare, middle, high);
        if (!Less(vm, entries[middle], entries[middle - 1]))
        {
            return;
        }

        Array.Copy(entries, low, spare, low, middle - low);
        var (left, right, to) = (low, middle, low);
        while (left < middle)
        {
            entries[to++] = right < high && Less(vm, entries[right], spare[left]) ? entries[right++] : spare[left++];
        }
    }

    private readonly record struct Entry(object Key, object Item);
}
