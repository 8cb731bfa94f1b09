namespace Reft.Python.Runtime;

/// <summary>A dictionary in order of insertion; also Counter, defaultdict and OrderedDict by their type.</summary>
internal sealed class PyDict(PyType? type = null) : PyObject
{
    private int[] _buckets = [];
    private Entry[] _entries = [];
    private int _used;

    public override PyType Type => type ?? Types.Dict;

    public int Count { get; private set; }

    /// <summary>Rises with every change of the keys, so that iterators notice.</summary>
    public int Version { get; private set; }

    /// <summary>What a change of this dictionary would be, where it is a copy of something that Python lets it change.</summary>
    public string? WhyFixed { get; set; }

    /// <summary>The attributes of an object of a class that inherits from dict.</summary>
    public Dictionary<string, object>? Attributes { get; private set; }

    /// <summary>What makes a missing value of a defaultdict.</summary>
    public object? Factory { get; set; }

    public object? Find(Vm vm, object key)
    {
        var index = IndexOf(vm, key, Hashing.Of(vm, key));
        return index < 0 ? null : _entries[index].Value;
    }

    public void Set(Vm vm, object key, object value)
    {
        if (WhyFixed is not null)
        {
            throw new UnsupportedException(WhyFixed);
        }

        var hash = Hashing.Of(vm, key);
        var index = IndexOf(vm, key, hash);
        if (index >= 0)
        {
            _entries[index].Value = value;
            return;
        }

        vm.Allocate(48);
        if (_used == _entries.Length)
        {
            Resize(vm);
        }

        ref var bucket = ref _buckets[Bucket(hash)];
        _entries[_used] = new Entry { Key = key, Value = value, Hash = hash, Next = bucket - 1 };
        bucket = ++_used;
        Count++;
        Version++;
    }

    public object? Remove(Vm vm, object key)
    {
        if (WhyFixed is not null)
        {
            throw new UnsupportedException(WhyFixed);
        }

        var hash = Hashing.Of(vm, key);
        var index = IndexOf(vm, key, hash);
        if (index < 0)
        {
            return null;
        }

        var value = _entries[index].Value;
        RemoveAt(index);
        return value;
    }

    public KeyValuePair<object, object>? RemoveLast()
    {
        for (var i = _used - 1; i >= 0; i--)
        {
            if (_entries[i].Key is { } key)
            {
                var pair = new KeyValuePair<object, object>(key, _entries[i].Value);
                RemoveAt(i);
                _used = i;
                return pair;
            }
        }

        return null;
    }

    public KeyValuePair<object, object>? RemoveFirst(Vm vm)
    {
        for (var i = 0; i < _used; i++)
        {
            vm.Tick();
            if (_entries[i].Key is { } key)
            {
                var pair = new KeyValuePair<object, object>(key, _entries[i].Value);
                RemoveAt(i);
                return pair;
            }
        }

        return null;
    }

    public void Clear()
    {
        _buckets = [];
        _entries = [];
        _used = Count = 0;
        Version++;
    }

    /// <summary>The pairs as they are now.</summary>
    public List<KeyValuePair<object, object>> Pairs(Vm vm)
    {
        vm.Charge(_used >> 3);
        var pairs = new List<KeyValuePair<object, object>>(Count);
        for (var i = 0; i < _used; i++)
        {
            if (_entries[i].Key is { } key)
            {
                pairs.Add(new KeyValuePair<object, object>(key, _entries[i].Value));
            }
        }

        return pairs;
    }

    public IEnumerator<object> Walk(Vm vm, Func<object, object, object> choose)
    {
        var count = Count;
        for (var i = 0; i < _used; i++)
        {
            vm.Tick();
            if (_entries[i].Key is { } key)
            {
                yield return choose(key, _entries[i].Value);
                if (Count != count)
                {
                    throw Err.Runtime("dictionary changed size during iteration");
                }
            }
        }
    }

    public PyDict Copy(Vm vm)
    {
        vm.Allocate(Count * 48L);
        vm.Charge(Count >> 2);
        var copy = new PyDict(type) { Factory = Factory };
        foreach (var (key, value) in Pairs(vm))
        {
            copy.Set(vm, key, value);
        }

        return copy;
    }

    /// <summary>Sets every pair of a mapping or of an iterable of pairs.</summary>
    public void Update(Vm vm, object source)
    {
        if (source is PyDict dict)
        {
            foreach (var (key, value) in dict.Pairs(vm))
            {
                vm.Tick();
                Set(vm, key, value);
            }

            return;
        }

        if (source is PyInstance instance && instance.Type.Find("keys") is not null)
        {
            throw new UnsupportedException("dict from an object with keys()");
        }

        foreach (var item in Ops.Each(vm, source))
        {
            var pair = Ops.ToList(vm, item, "cannot convert dictionary update sequence element #0 to a sequence");
            if (pair.Count != 2)
            {
                throw Err.Value(FormattableString.Invariant(
                    $"dictionary update sequence element #0 has length {pair.Count}; 2 is required"));
            }

            Set(vm, pair[0], pair[1]);
        }
    }

    public override long Length(Vm vm) => Count;

    public override bool Truth(Vm vm) => Count > 0;

    public override PyIterator Iterate(Vm vm) => new EnumeratorIterator("dict_keyiterator", Walk(vm, (key, _) => key));

    public override bool? Contains(Vm vm, object item) => Find(vm, item) is not null;

    public override object GetItem(Vm vm, object key)
    {
        if (Find(vm, key) is { } value)
        {
            return value;
        }

        if (Factory is not null)
        {
            var made = Ops.Call(vm, Factory, Args.None);
            Set(vm, key, made);
            return made;
        }

        return type == Library.CollectionsModule.Counter ? Ints.Box(0) : throw Err.Key(key);
    }

    public override void SetItem(Vm vm, object key, object value) => Set(vm, key, value);

    public override void DeleteItem(Vm vm, object key)
    {
        if (Remove(vm, key) is null && type != Library.CollectionsModule.Counter)
        {
            throw Err.Key(key);
        }
    }

    public override bool? EqualTo(Vm vm, object other)
    {
        if (other is not PyDict dict)
        {
            return null;
        }

        if (type == Library.CollectionsModule.Counter && dict.Type == type)
        {
            return Library.CounterMath.Equal(vm, this, dict);
        }

        if (dict.Count != Count)
        {
            return false;
        }

        vm.Enter(" in comparison");
        var equal = true;
        foreach (var (key, value) in Pairs(vm))
        {
            if (dict.Find(vm, key) is not { } mine || !Ops.Same(vm, value, mine))
            {
                equal = false;
                break;
            }
        }

        if (equal && type == Library.CollectionsModule.OrderedDict && dict.Type == type)
        {
            equal = Sequences.Equal(
                vm, [.. Pairs(vm).Select(p => p.Key)], [.. dict.Pairs(vm).Select(p => p.Key)]);
        }

        vm.Leave();
        return equal;
    }

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        type == Library.CollectionsModule.Counter && other is PyDict dict && dict.Type == type
            ? Library.CounterMath.Compare(vm, op, this, dict)
            : null;

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (other is not PyDict dict || reflected)
        {
            return null;
        }

        if (type == Library.CollectionsModule.Counter && dict.Type == type)
        {
            return Library.CounterMath.Binary(vm, op, this, dict);
        }

        if (op != BinaryOp.Or)
        {
            return null;
        }

        var union = Copy(vm);
        union.Update(vm, dict);
        return union;
    }

    public override object? InPlace(Vm vm, BinaryOp op, object other)
    {
        if (op != BinaryOp.Or || type == Library.CollectionsModule.Counter)
        {
            return null;
        }

        Update(vm, other);
        return this;
    }

    public override object? Unary(Vm vm, UnaryOp op) =>
        type == Library.CollectionsModule.Counter ? Library.CounterMath.Unary(vm, op, this) : null;

    public override long Hash(Vm vm) => throw Err.Type($"unhashable type: '{Type.Name}'");

    public override object? GetAttribute(Vm vm, string name) => type is { IsClass: true }
        ? Members.Get(vm, this, Attributes ??= new(StringComparer.Ordinal), name)
        : base.GetAttribute(vm, name);

    public override void SetAttribute(Vm vm, string name, object? value)
    {
        if (type is not { IsClass: true })
        {
            base.SetAttribute(vm, name, value);
            return;
        }

        Members.Set(vm, this, Attributes ??= new(StringComparer.Ordinal), name, value);
    }

    public override string Str(Vm vm) => Members.Text(vm, this, "__str__") ?? Repr(vm);

    public override string Repr(Vm vm) => Members.Text(vm, this, "__repr__") ?? OwnRepr(vm);

    private string OwnRepr(Vm vm) => type is null or { IsClass: true }
        ? Show.Dictionary(vm, this)
        : Library.CollectionsModule.Repr(vm, this);

    private static int Spread(long hash) => (int)((ulong)(hash * -7046029254386353131L) >> 33);

    private int Bucket(long hash) => Spread(hash) & (_buckets.Length - 1);

    private int IndexOf(Vm vm, object key, long hash)
    {
        if (Count == 0)
        {
            return -1;
        }

        for (var i = _buckets[Bucket(hash)] - 1; i >= 0; i = _entries[i].Next)
        {
            vm.Tick();
            ref var entry = ref _entries[i];
            if (entry.Hash == hash && Ops.Same(vm, entry.Key!, key))
            {
                return i;
            }
        }

        return -1;
    }

    private void RemoveAt(int index)
    {
        ref var slot = ref _buckets[Bucket(_entries[index].Hash)];
        if (slot - 1 == index)
        {
            slot = _entries[index].Next + 1;
        }
        else
        {
            var previous = slot - 1;
            while (_entries[previous].Next != index)
            {
                previous = _entries[previous].Next;
            }

            _entries[previous].Next = _entries[index].Next;
        }

        _entries[index] = default;
        Count--;
        Version++;
    }

    private void Resize(Vm vm)
    {
        vm.Charge(_used >> 2);
        var size = Math.Max(8, Count * 2);
        var entries = new Entry[size];
        var buckets = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size)];
        var old = _entries;
        var used = _used;
        _buckets = buckets;
        _used = 0;
        for (var i = 0; i < used; i++)
        {
            if (old[i].Key is not null)
            {
                ref var bucket = ref buckets[Bucket(old[i].Hash)];
                entries[_used] = old[i] with { Next = bucket - 1 };
                bucket = ++_used;
            }
        }

        _entries = entries;
    }

    private record struct Entry
    {
        public object? Key;
        public object Value;
        public long Hash;
        public int Next;
    }
}

/// <summary>The keys, values or items of a dictionary, as a living view.</summary>
internal sealed class PyDictView(PyDict dict, PyType kind) : PyObject
{
    public override PyType Type => kind;

    public PyDict Dict => dict;

    public override long Length(Vm vm) => dict.Count;

    public override bool Truth(Vm vm) => dict.Count > 0;

    public override PyIterator Iterate(Vm vm) => new EnumeratorIterator(kind.Name[..^1] + "iterator", dict.Walk(vm, Choose));

    public override bool? Contains(Vm vm, object item)
    {
        if (kind == Types.DictKeys)
        {
            return dict.Find(vm, item) is not null;
        }

        return kind == Types.DictItems && item is PyTuple { Items: [var key, var value] }
            ? dict.Find(vm, key) is { } mine && Ops.Same(vm, mine, value)
            : null;
    }

    public override bool? EqualTo(Vm vm, object other) => kind == Types.DictValues
        ? base.EqualTo(vm, other)
        : AsSet(vm).EqualTo(vm, other is PyDictView view && view.Type != Types.DictValues ? view.AsSet(vm) : other);

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        kind == Types.DictValues ? null : AsSet(vm).Compare(vm, op, other is PyDictView view ? view.AsSet(vm) : other);

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (kind == Types.DictValues
            || op is not (BinaryOp.And or BinaryOp.Or or BinaryOp.Subtract or BinaryOp.Xor))
        {
            return null;
        }

        // CPython's order of these results is the order of sets built one by one.
        return reflected ? null : Library.SetMethods.OfView(vm, op, this, other);
    }

    public PySet AsSet(Vm vm)
    {
        var set = new PySet();
        foreach (var item in Ops.Each(vm, this))
        {
            set.Add(vm, item);
        }

        return set;
    }

    public override long Hash(Vm vm) => throw Err.Type($"unhashable type: '{Type.Name}'");

    public override string Repr(Vm vm) => Show.Sequence(
        vm, this, kind.Name + "([", [.. dict.Pairs(vm).Select(p => Choose(p.Key, p.Value))], "])");

    private object Choose(object key, object value) =>
        kind == Types.DictKeys ? key : kind == Types.DictValues ? value : new PyTuple([key, value]);
}
