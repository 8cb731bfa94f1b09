namespace Reft.Python.Runtime;

/// <summary>A list.</summary>
internal sealed class PyList(List<object> items, PyType? type = null) : PyObject
{
    public List<object> Items { get; set; } = items;

    public override PyType Type => type ?? Types.List;

    /// <summary>The attributes of an object of a class that inherits from list.</summary>
    public Dictionary<string, object>? Attributes { get; private set; }

    public override object? GetAttribute(Vm vm, string name) => type is null
        ? base.GetAttribute(vm, name)
        : Members.Get(vm, this, Attributes ??= new(StringComparer.Ordinal), name);

    public override void SetAttribute(Vm vm, string name, object? value)
    {
        if (type is null)
        {
            base.SetAttribute(vm, name, value);
            return;
        }

        Members.Set(vm, this, Attributes ??= new(StringComparer.Ordinal), name, value);
    }

    public static PyList From(Vm vm, IEnumerable<object> items)
    {
        var list = new PyList([.. items]);
        vm.AllocateItems(list.Items.Count);
        return list;
    }

    public void Add(Vm vm, object item)
    {
        vm.Allocate(8);
        Items.Add(item);
    }

    public override long Length(Vm vm) => Items.Count;

    public override bool Truth(Vm vm) => Items.Count > 0;

    public override PyIterator Iterate(Vm vm) => new ListIterator(this);

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (op == BinaryOp.Add && !reflected)
        {
            if (other is not PyList right)
            {
                throw Err.Type($"can only concatenate list (not \"{Types.Of(other).Name}\") to list");
            }

            vm.AllocateItems(Items.Count + right.Items.Count);
            return new PyList([.. Items, .. right.Items]);
        }

        return op == BinaryOp.Multiply ? Sequences.Repeat(vm, Items, other) is { } items ? new PyList(items) : null : null;
    }

    public override object? InPlace(Vm vm, BinaryOp op, object other)
    {
        if (op == BinaryOp.Add)
        {
            Extend(vm, other);
            return this;
        }

        if (op == BinaryOp.Multiply && Sequences.Repeat(vm, Items, other) is { } items)
        {
            Items = items;
            return this;
        }

        return null;
    }

    public void Extend(Vm vm, object other)
    {
        if (other is PyList list)
        {
            vm.AllocateItems(list.Items.Count);
            Items.AddRange(list.Items.ToArray());
            return;
        }

        foreach (var item in Ops.Each(vm, other))
        {
            Add(vm, item);
        }
    }

    public override bool? EqualTo(Vm vm, object other) =>
        other is PyList list ? Sequences.Equal(vm, Items, list.Items) : null;

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        other is PyList list ? Sequences.Compare(vm, op, Items, list.Items) : null;

    public override long Hash(Vm vm) => throw Err.Type("unhashable type: 'list'");

    public override string Str(Vm vm) => Members.Text(vm, this, "__str__") ?? Repr(vm);

    public override string Repr(Vm vm) => Members.Text(vm, this, "__repr__") ?? Show.Sequence(vm, this, "[", Items, "]");

    public override object GetItem(Vm vm, object key)
    {
        if (key is PySlice slice)
        {
            var (start, step, count) = slice.Resolve(vm, Items.Count);
            vm.AllocateItems(count);
            if (step == 1)
            {
                return new PyList(Items.GetRange((int)start, (int)count));
            }

            var items = new List<object>((int)count);
            for (var i = 0L; i < count; i++)
            {
                items.Add(Items[(int)(start + (i * step))]);
            }

            return new PyList(items);
        }

        return Items[Sequences.Position(vm, key, Items.Count, "list")];
    }

    public override void SetItem(Vm vm, object key, object value)
    {
        if (key is PySlice slice)
        {
            SetSlice(vm, slice, value);
            return;
        }

        Items[Sequences.Position(vm, key, Items.Count, "list", "list assignment index out of range")] = value;
    }

    public override void DeleteItem(Vm vm, object key)
    {
        if (key is PySlice slice)
        {
            var (start, step, count) = slice.Resolve(vm, Items.Count);
            vm.Charge(Items.Count >> 3);
            if (step == 1)
            {
                Items.RemoveRange((int)start, (int)count);
                return;
            }

            var doomed = new HashSet<long>();
            for (var i = 0L; i < count; i++)
            {
                doomed.Add(start + (i * step));
            }

            var index = 0;
            Items.RemoveAll(_ => doomed.Contains(index++));
            return;
        }

        var position = Sequences.Position(vm, key, Items.Count, "list", "list assignment index out of range");
        vm.Charge((Items.Count - position) >> 4);
        Items.RemoveAt(position);
    }

    public override bool? Contains(Vm vm, object item) => Sequences.IndexOf(vm, Items, item, 0, Items.Count) >= 0;

    private void SetSlice(Vm vm, PySlice slice, object value)
    {
        var values = Ops.ToList(vm, value, "can only assign an iterable");
        var (start, step, count) = slice.Resolve(vm, Items.Count);
        vm.AllocateItems(values.Count);
        if (step == 1)
        {
            vm.Charge(Items.Count >> 3);
            Items.RemoveRange((int)start, (int)count);
            Items.InsertRange((int)start, values);
            return;
        }

        if (values.Count != count)
        {
            throw Err.Value(FormattableString.Invariant(
                $"attempt to assign sequence of size {values.Count} to extended slice of size {count}"));
        }

        for (var i = 0; i < values.Count; i++)
        {
            Items[(int)(start + (i * step))] = values[i];
        }
    }
}

/// <summary>A tuple, and a named tuple when it has a type of its own.</summary>
internal sealed class PyTuple(object[] items, PyType? type = null) : PyObject
{
    public static readonly PyTuple Empty = new([]);

    public object[] Items { get; } = items;

    public override PyType Type => type ?? Types.Tuple;

    public override long Length(Vm vm) => Items.Length;

    public override bool Truth(Vm vm) => Items.Length > 0;

    public override PyIterator Iterate(Vm vm) => new ArrayIterator(Items);

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (op == BinaryOp.Add && !reflected)
        {
            if (other is not PyTuple right)
            {
                throw Err.Type($"can only concatenate tuple (not \"{Types.Of(other).Name}\") to tuple");
            }

            vm.AllocateItems(Items.Length + right.Items.Length);
            return new PyTuple([.. Items, .. right.Items]);
        }

        return op == BinaryOp.Multiply && Sequences.Repeat(vm, Items, other) is { } items
            ? new PyTuple([.. items])
            : null;
    }

    public override bool? EqualTo(Vm vm, object other) =>
        other is PyTuple tuple ? Sequences.Equal(vm, Items, tuple.Items) : null;

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        other is PyTuple tuple ? Sequences.Compare(vm, op, Items, tuple.Items) : null;

    public override long Hash(Vm vm) => Hashing.OfTuple(vm, Items);

    public override string Repr(Vm vm) => type is null
        ? Show.Sequence(vm, this, "(", Items, Items.Length == 1 ? ",)" : ")")
        : Library.CollectionsModule.Repr(vm, this);

    public override object? GetAttribute(Vm vm, string name) =>
        type is null ? base.GetAttribute(vm, name) : Library.CollectionsModule.Attribute(vm, this, name);

    public override void SetAttribute(Vm vm, string name, object? value)
    {
        if (type is not null)
        {
            throw Err.Make(ExceptionTypes.AttributeError, "can't set attribute");
        }

        base.SetAttribute(vm, name, value);
    }

    public override object GetItem(Vm vm, object key)
    {
        if (key is PySlice slice)
        {
            var (start, step, count) = slice.Resolve(vm, Items.Length);
            vm.AllocateItems(count);
            var items = new object[count];
            for (var i = 0L; i < count; i++)
            {
                items[i] = Items[start + (i * step)];
            }

            return new PyTuple(items);
        }

        return Items[Sequences.Position(vm, key, Items.Length, "tuple")];
    }

    public override bool? Contains(Vm vm, object item) => Sequences.IndexOf(vm, Items, item, 0, Items.Length) >= 0;
}

/// <summary>A range of integers.</summary>
internal sealed class PyRange(long start, long stop, long step) : PyObject
{
    public long Start { get; } = start;

    public long Stop { get; } = stop;

    public long Step { get; } = step;

    public long Count { get; } = CountOf(start, stop, step);

    public override PyType Type => Types.Range;

    public override long Length(Vm vm) => Count;

    public override bool Truth(Vm vm) => Count > 0;

    public override PyIterator Iterate(Vm vm) => new RangeIterator(Start, Step, Count);

    public override object GetItem(Vm vm, object key)
    {
        if (key is PySlice slice)
        {
            var (start, step, count) = slice.Resolve(vm, Count);
            return new PyRange(At(start), At(start) + (step * Step * count), Step * step);
        }

        return Ints.Box(At(Sequences.LongPosition(vm, key, Count, "range object index out of range", "range")));
    }

    public override bool? EqualTo(Vm vm, object other) =>
        other is PyRange range
            ? Count == range.Count
                && (Count == 0 || (Start == range.Start && (Count == 1 || Step == range.Step)))
            : null;

    public override long Hash(Vm vm) => Hashing.OfTuple(
        vm,
        [
            Ints.Box(Count),
            Count == 0 ? PyNone.Value : Ints.Box(Start),
            Count <= 1 ? PyNone.Value : Ints.Box(Step),
        ]);

    public override bool? Contains(Vm vm, object item) => Ints.Plain(item) is { } value
        ? IndexOf(value) >= 0
        : item is double real ? double.IsFinite(real) && real == Math.Floor(real) && IndexOf(Floats.Truncate(real)) >= 0 : null;

    /// <summary>The position of an integer in the range, or -1.</summary>
    public long IndexOf(object value)
    {
        if (value is not long number || Count == 0)
        {
            return -1;
        }

        var offset = (System.Numerics.BigInteger)number - Start;
        var position = System.Numerics.BigInteger.DivRem(offset, Step, out var rest);
        return rest.IsZero && position.Sign >= 0 && position < Count ? (long)position : -1;
    }

    public override string Repr(Vm vm) => Step == 1
        ? FormattableString.Invariant($"range({Start}, {Stop})")
        : FormattableString.Invariant($"range({Start}, {Stop}, {Step})");

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "start" => Ints.Box(Start),
        "stop" => Ints.Box(Stop),
        "step" => Ints.Box(Step),
        _ => base.GetAttribute(vm, name),
    };

    private static long CountOf(long start, long stop, long step)
    {
        var span = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        if (span <= 0)
        {
            return 0;
        }

        var count = ((span - 1) / Int128.Abs(step)) + 1;
        return count > long.MaxValue ? throw new UnsupportedException("range beyond 64 bits") : (long)count;
    }

    private long At(long index)
    {
        var value = Start + ((Int128)index * Step);
        return value < long.MinValue || value > long.MaxValue
            ? throw new UnsupportedException("range beyond 64 bits")
            : (long)value;
    }
}

/// <summary>A slice: start, stop and step, each an int or None.</summary>
internal sealed class PySlice(object start, object stop, object step) : PyObject
{
    public override PyType Type => Types.Slice;

    public override long Hash(Vm vm) => throw Err.Type("unhashable type: 'slice'");

    public override string Repr(Vm vm) =>
        $"slice({Show.Repr(vm, start)}, {Show.Repr(vm, stop)}, {Show.Repr(vm, step)})";

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "start" => start,
        "stop" => stop,
        "step" => step,
        _ => base.GetAttribute(vm, name),
    };

    /// <summary>The first index, the step and the number of items for a sequence of this length.</summary>
    public (long Start, long Step, long Count) Resolve(Vm vm, long length)
    {
        var by = step is PyNone ? 1 : Clamp(vm, step);
        if (by == 0)
        {
            throw Err.Value("slice step cannot be zero");
        }

        var low = by > 0 ? 0 : -1;
        var high = by > 0 ? length : length - 1;
        var first = start is PyNone ? (by > 0 ? low : high) : Bound(Clamp(vm, start), length, low, high);
        var last = stop is PyNone ? (by > 0 ? high : low) : Bound(Clamp(vm, stop), length, low, high);
        var count = by > 0
            ? last > first ? ((last - first - 1) / by) + 1 : 0
            : last < first ? ((first - last - 1) / -by) + 1 : 0;
        return (first, by, count);
    }

    private static long Bound(long index, long length, long low, long high)
    {
        if (index < 0)
        {
            index += length;
            return index < low ? low : index;
        }

        return index > high ? high : index;
    }

    private static long Clamp(Vm vm, object value) => Ops.ToIndex(vm, value) switch
    {
        long index => Math.Clamp(index, -long.MaxValue / 2, long.MaxValue / 2),
        System.Numerics.BigInteger big => big.Sign < 0 ? -long.MaxValue / 2 : long.MaxValue / 2,
        _ => throw Err.Type("slice indices must be integers or None or have an __index__ method"),
    };
}

/// <summary>What lists and tuples share.</summary>
internal static class Sequences
{
    public static List<object>? Repeat(Vm vm, IReadOnlyList<object> items, object times)
    {
        if (Ops.ToIndex(vm, times) is not { } count)
        {
            return null;
        }

        var wanted = Ints.Big(count);
        if (wanted.Sign <= 0 || items.Count == 0)
        {
            return [];
        }

        var total = wanted * items.Count;
        vm.AllocateItems(total > long.MaxValue ? long.MaxValue : (long)total);
        var result = new List<object>((int)total);
        for (var i = 0; i < (int)wanted; i++)
        {
            result.AddRange(items);
        }

        return result;
    }

    public static bool Equal(Vm vm, IReadOnlyList<object> a, IReadOnlyList<object> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        vm.Enter(" in comparison");
        var equal = true;
        for (var i = 0; equal && i < a.Count && i < b.Count; i++)
        {
            vm.Tick();
            equal = Ops.Same(vm, a[i], b[i]);
        }

        vm.Leave();
        return equal;
    }

    public static bool Compare(Vm vm, CompareOp op, IReadOnlyList<object> a, IReadOnlyList<object> b)
    {
        vm.Enter(" in comparison");
        var result = false;
        var decided = false;
        for (var i = 0; i < a.Count && i < b.Count; i++)
        {
            vm.Tick();
            if (!Ops.Same(vm, a[i], b[i]))
            {
                result = Ops.Compare(vm, op, a[i], b[i]);
                decided = true;
                break;
            }
        }

        vm.Leave();
        return decided ? result : Ops.Holds(op, a.Count.CompareTo(b.Count));
    }

    public static int Position(Vm vm, object key, int count, string kind, string? message = null) =>
        (int)LongPosition(vm, key, count, message ?? kind + " index out of range", kind);

    public static long LongPosition(Vm vm, object key, long count, string message, string kind)
    {
        var value = key as long? ?? Ops.ToIndex(vm, key) switch
        {
            long number => number,
            null => throw Err.Type($"{kind} indices must be integers or slices, not {Types.Of(key).Name}"),
            _ => throw Err.Index("cannot fit 'int' into an index-sized integer"),
        };
        var index = value < 0 ? value + count : value;
        return index >= 0 && index < count ? index : throw Err.Index(message);
    }

    public static int IndexOf(Vm vm, IReadOnlyList<object> items, object item, long start, long stop)
    {
        for (var i = (int)Math.Max(0, start); i < stop && i < items.Count; i++)
        {
            vm.Tick();
            if (Ops.Same(vm, items[i], item))
            {
                return i;
            }
        }

        return -1;
    }
}
