namespace Reft.Python.Runtime;

/// <summary>
/// A set or frozenset. The table, its probes and its growth follow CPython's, since they decide the order in which
/// the items come out.
/// </summary>
internal sealed class PySet(bool frozen = false) : PyObject
{
    private const int Probes = 9;
    private const int SmallestTable = 8;

    private Entry[] _table = new Entry[SmallestTable];
    private int _fill;
    private int _finger;

    public override PyType Type => frozen ? Types.FrozenSet : Types.Set;

    public bool IsFrozen => frozen;

    public int Count { get; private set; }

    private int Mask => _table.Length - 1;

    public static PySet From(Vm vm, object source, bool isFrozen = false)
    {
        var set = new PySet(isFrozen);
        set.Update(vm, source);
        return set;
    }

    public void Add(Vm vm, object key)
    {
        if (key is double real && double.IsNaN(real))
        {
            throw new UnsupportedException("NaN in a set, whose place differs from run to run");
        }

        Add(vm, key, Hashing.Of(vm, key));
    }

    public bool Has(Vm vm, object key) => Find(vm, key, Hashing.Of(vm, key)) >= 0;

    public bool Discard(Vm vm, object key) => Discard(vm, key, Hashing.Of(vm, key));

    public void Update(Vm vm, object source)
    {
        if (source is PySet set)
        {
            Merge(vm, set);
            return;
        }

        if (source is PyDict dict)
        {
            if ((_fill + (long)dict.Count) * 5 >= Mask * 3L)
            {
                Resize(vm, (Count + dict.Count) * 2);
            }

            foreach (var (key, _) in dict.Pairs(vm))
            {
                Add(vm, key);
            }

            return;
        }

        foreach (var item in Ops.Each(vm, source))
        {
            Add(vm, item);
        }
    }

    public PySet Copy(Vm vm)
    {
        var copy = new PySet(frozen);
        copy.Merge(vm, this);
        return copy;
    }

    public void Clear()
    {
        _table = new Entry[SmallestTable];
        _fill = Count = _finger = 0;
    }

    public object? Pop()
    {
        if (Count == 0)
        {
            return null;
        }

        var i = _finger & Mask;
        while (_table[i].Key is null)
        {
            i = i == Mask ? 0 : i + 1;
        }

        var key = _table[i].Key;
        Bury(i);
        _finger = i + 1;
        return key;
    }

    public PySet Intersection(Vm vm, object other)
    {
        if (ReferenceEquals(this, other))
        {
            return Copy(vm);
        }

        var result = new PySet(frozen);
        if (other is PySet set)
        {
            var (walked, probed) = set.Count > Count ? (this, set) : (set, this);
            foreach (var (key, hash) in walked.Entries(vm))
            {
                if (probed.Find(vm, key, hash) >= 0)
                {
                    result.Add(vm, key, hash);
                }
            }

            return result;
        }

        foreach (var item in Ops.Each(vm, other))
        {
            if (Has(vm, item))
            {
                result.Add(vm, item);
            }
        }

        return result;
    }

    public PySet Difference(Vm vm, object other)
    {
        if ((other is not PySet && other is not PyDict) || (Count >> 2) > Ops.Length(vm, other))
        {
            var copy = Copy(vm);
            copy.Subtract(vm, other);
            return copy;
        }

        var result = new PySet(frozen);
        foreach (var (key, hash) in Entries(vm))
        {
            if (other is PySet set ? set.Find(vm, key, hash) < 0 : ((PyDict)other).Find(vm, key) is null)
            {
                result.Add(vm, key, hash);
            }
        }

        return result;
    }

    public void Subtract(Vm vm, object other)
    {
        if (ReferenceEquals(this, other))
        {
            Clear();
            return;
        }

        if (other is PySet set)
        {
            if ((set.Count >> 3) > Count)
            {
                set = Intersection(vm, set);
            }

            foreach (var (key, hash) in set.Entries(vm))
            {
                Discard(vm, key, hash);
            }
        }
        else
        {
            foreach (var item in Ops.Each(vm, other))
            {
                Discard(vm, item);
            }
        }

        if (_fill - Count > Mask / 4)
        {
            Resize(vm, Count > 50_000 ? Count * 2 : Count * 4);
        }
    }

    public void Replace(PySet other)
    {
        _table = other._table;
        _fill = other._fill;
        Count = other.Count;
    }

    /// <summary>Keeps what exactly one of the two has.</summary>
    public void Toggle(Vm vm, object other)
    {
        if (ReferenceEquals(this, other))
        {
            Clear();
            return;
        }

        var set = other as PySet ?? From(vm, other);
        foreach (var (key, hash) in set.Entries(vm))
        {
            if (!Discard(vm, key, hash))
            {
                Add(vm, key, hash);
            }
        }
    }

    public PySet SymmetricDifference(Vm vm, object other)
    {
        var result = From(vm, other, frozen);
        result.Toggle(vm, this);
        return result;
    }

    public bool IsSubsetOf(Vm vm, PySet other) =>
        Count <= other.Count && Entries(vm).TrueForAll(e => other.Find(vm, e.Key, e.Hash) >= 0);

    public override bool? EqualTo(Vm vm, object other)
    {
        if (other is not PySet set)
        {
            return null;
        }

        vm.Enter(" in comparison");
        var equal = Count == set.Count && IsSubsetOf(vm, set);
        vm.Leave();
        return equal;
    }

    public override bool? Compare(Vm vm, CompareOp op, object other) => other is not PySet set
        ? null
        : op switch
        {
            CompareOp.Less => Count < set.Count && IsSubsetOf(vm, set),
            CompareOp.LessEqual => IsSubsetOf(vm, set),
            CompareOp.Greater => Count > set.Count && set.IsSubsetOf(vm, this),
            _ => set.IsSubsetOf(vm, this),
        };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (reflected || other is not PySet)
        {
            return null;
        }

        switch (op)
        {
            case BinaryOp.Or:
                var union = Copy(vm);
                union.Update(vm, other);
                return union;
            case BinaryOp.And:
                return Intersection(vm, other);
            case BinaryOp.Subtract:
                return Difference(vm, other);
            case BinaryOp.Xor:
                return SymmetricDifference(vm, other);
            default:
                return null;
        }
    }

    public override object? InPlace(Vm vm, BinaryOp op, object other)
    {
        if (frozen || other is not PySet)
        {
            return null;
        }

        switch (op)
        {
            case BinaryOp.Or:
                Update(vm, other);
                return this;
            case BinaryOp.And:
                Replace(Intersection(vm, other));
                return this;
            case BinaryOp.Subtract:
                Subtract(vm, other);
                return this;
            case BinaryOp.Xor:
                Toggle(vm, other);
                return this;
            default:
                return null;
        }
    }

    public override long Length(Vm vm) => Count;

    public override bool Truth(Vm vm) => Count > 0;

    public override PyIterator Iterate(Vm vm) => new EnumeratorIterator("set_iterator", Walk(vm));

    public override bool? Contains(Vm vm, object item) =>
        item is PySet { IsFrozen: false } inner
            ? Find(vm, inner, Hashing.OfSet(inner.Entries(vm).Select(e => e.Hash), inner.Count)) >= 0
            : Has(vm, item);

    public override long Hash(Vm vm) => frozen
        ? Hashing.OfSet(Entries(vm).Select(e => e.Hash), Count)
        : throw Err.Type("unhashable type: 'set'");

    public override string Repr(Vm vm)
    {
        if (Count == 0)
        {
            return Type.Name + "()";
        }

        var items = Entries(vm).Select(e => e.Key).ToList();
        return frozen ? Show.Sequence(vm, this, "frozenset({", items, "})") : Show.Sequence(vm, this, "{", items, "}");
    }

    public List<(object Key, long Hash)> Entries(Vm vm)
    {
        vm.Charge(_table.Length >> 3);
        var entries = new List<(object, long)>(Count);
        foreach (var entry in _table)
        {
            if (entry.Key is { } key)
            {
                entries.Add((key, entry.Hash));
            }
        }

        return entries;
    }

    private IEnumerator<object> Walk(Vm vm)
    {
        var count = Count;
        var table = _table;
        for (var i = 0; i < table.Length; i++)
        {
            if ((i & 7) == 7)
            {
                vm.Tick();
            }

            if (table[i].Key is { } key)
            {
                yield return key;
                if (Count != count)
                {
                    throw Err.Runtime("Set changed size during iteration");
                }

                table = _table;
            }
        }
    }

    private void Add(Vm vm, object key, long hash)
    {
        var perturb = (ulong)hash;
        var i = (int)((ulong)hash & (ulong)Mask);
        var grave = -1;
        while (true)
        {
            var last = i + Probes <= Mask ? i + Probes : i;
            for (var at = i; at <= last; at++)
            {
                ref var entry = ref _table[at];
                if (!entry.Used)
                {
                    vm.Allocate(48);
                    if (grave >= 0)
                    {
                        // The last place on the way that a removed item left.
                        _table[grave] = new Entry { Key = key, Hash = hash, Used = true };
                        Count++;
                        return;
                    }

                    entry = new Entry { Key = key, Hash = hash, Used = true };
                    _fill++;
                    Count++;
                    if (_fill * 5L >= Mask * 3L)
                    {
                        Resize(vm, Count > 50_000 ? Count * 2 : Count * 4);
                    }

                    return;
                }

                vm.Tick();
                if (entry.Key is null)
                {
                    grave = at;
                }
                else if (entry.Hash == hash && Ops.Same(vm, entry.Key, key))
                {
                    return;
                }
            }

            perturb >>= 5;
            i = (int)((((ulong)i * 5) + 1 + perturb) & (ulong)Mask);
        }
    }

    private int Find(Vm vm, object key, long hash)
    {
        if (Count == 0)
        {
            return -1;
        }

        var perturb = (ulong)hash;
        var i = (int)((ulong)hash & (ulong)Mask);
        while (true)
        {
            var last = i + Probes <= Mask ? i + Probes : i;
            for (var at = i; at <= last; at++)
            {
                ref var entry = ref _table[at];
                if (!entry.Used)
                {
                    return -1;
                }

                vm.Tick();
                if (entry.Key is not null && entry.Hash == hash && Ops.Same(vm, entry.Key, key))
                {
                    return at;
                }
            }

            perturb >>= 5;
            i = (int)((((ulong)i * 5) + 1 + perturb) & (ulong)Mask);
        }
    }

    private bool Discard(Vm vm, object key, long hash)
    {
        var index = Find(vm, key, hash);
        if (index < 0)
        {
            return false;
        }

        Bury(index);
        return true;
    }

    private void Bury(int index)
    {
        _table[index] = new Entry { Used = true, Hash = -1 };
        Count--;
    }

    private void Merge(Vm vm, PySet other)
    {
        if (ReferenceEquals(this, other) || other.Count == 0)
        {
            return;
        }

        vm.Allocate(other.Count * 32L);
        if ((_fill + (long)other.Count) * 5 >= Mask * 3L)
        {
            Resize(vm, (Count + other.Count) * 2);
        }

        if (_fill == 0 && Mask == other.Mask && other._fill == other.Count)
        {
            _table = (Entry[])other._table.Clone();
            _fill = Count = other.Count;
            return;
        }

        if (_fill == 0)
        {
            foreach (var (key, hash) in other.Entries(vm))
            {
                InsertClean(_table, key, hash);
            }

            _fill = Count = other.Count;
            return;
        }

        foreach (var (key, hash) in other.Entries(vm))
        {
            Add(vm, key, hash);
        }
    }

    private void Resize(Vm vm, int wanted)
    {
        var size = SmallestTable;
        while (size <= wanted)
        {
            size <<= 1;
        }

        vm.AllocateItems(size * 2L);
        var table = new Entry[size];
        foreach (var entry in _table)
        {
            if (entry.Key is { } key)
            {
                InsertClean(table, key, entry.Hash);
            }
        }

        _table = table;
        _fill = Count;
    }

    private static void InsertClean(Entry[] table, object key, long hash)
    {
        var mask = table.Length - 1;
        var perturb = (ulong)hash;
        var i = (int)((ulong)hash & (ulong)mask);
        while (true)
        {
            var last = i + Probes <= mask ? i + Probes : i;
            for (var at = i; at <= last; at++)
            {
                if (!table[at].Used)
                {
                    table[at] = new Entry { Key = key, Hash = hash, Used = true };
                    return;
                }
            }

            perturb >>= 5;
            i = (int)((((ulong)i * 5) + 1 + perturb) & (ulong)mask);
        }
    }

    private record struct Entry
    {
        public object? Key;
        public long Hash;
        public bool Used;
    }
}
