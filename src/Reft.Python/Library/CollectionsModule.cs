using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>collections</c>.</summary>
internal static class CollectionsModule
{
    public static readonly PyType Counter = new("Counter", MakeCounter, CounterMethods, Types.Dict)
    {
        Module = "collections",
        Statics = name => name == "fromkeys" ? throw new UnsupportedException("Counter.fromkeys") : null,
    };

    public static readonly PyType DefaultDict = new("defaultdict", MakeDefaultDict, null, Types.Dict)
    {
        Module = "collections",
    };
    public static readonly PyType OrderedDict = new(
        "OrderedDict", (vm, _, args) => Constructors.Fill(vm, new PyDict(OrderedDict), args), OrderedMethods, Types.Dict)
    {
        Module = "collections",
    };

    public static readonly PyType Deque = new("deque", MakeDeque, DequeMethods) { Module = "collections" };

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(new NativeFunction("namedtuple", 2, 2, NamedTupleType, "rename", "defaults", "module"));
        members["Counter"] = Counter;
        members["defaultdict"] = DefaultDict;
        members["OrderedDict"] = OrderedDict;
        members["deque"] = Deque;
        return members;
    }

    public static PyTuple NamedTuple(string name, string[] fields, object[] values) => new(values, TupleType(name, fields, []));

    public static string Repr(Vm vm, PyTuple tuple)
    {
        var fields = Fields(tuple);
        vm.Charge(fields.Length);
        return tuple.Type.Name + "(" + string.Join(
            ", ", tuple.Items.Select((item, i) => fields[i] + "=" + Show.Repr(vm, item))) + ")";
    }

    public static object? Attribute(Vm vm, PyTuple tuple, string name)
    {
        var fields = Fields(tuple);
        var index = Array.IndexOf(fields, name);
        if (index >= 0)
        {
            return tuple.Items[index];
        }

        switch (name)
        {
            case "_fields":
                return new PyTuple([.. fields]);
            case "_asdict":
                return new NativeFunction(name, 0, 0, (v, _) =>
                {
                    var dict = new PyDict();
                    for (var i = 0; i < fields.Length; i++)
                    {
                        dict.Set(v, fields[i], tuple.Items[i]);
                    }

                    return dict;
                });
            case "_replace":
                return new NativeFunction(
                    name,
                    0,
                    0,
                    (_, args) => new PyTuple([.. fields.Select((f, i) => args.Named(f) ?? tuple.Items[i])], tuple.Type),
                    fields);
            default:
                return Types.BindMethod(tuple, name);
        }
    }

    public static string Repr(Vm vm, PyDict dict)
    {
        if (dict.Type == DefaultDict)
        {
            return $"defaultdict({(dict.Factory is null ? "None" : Show.Repr(vm, dict.Factory))}, {Show.Dictionary(vm, dict)})";
        }

        if (dict.Count == 0)
        {
            return dict.Type.Name + "()";
        }

        if (dict.Type == Counter)
        {
            var sorted = new PyDict();
            foreach (var (key, value) in CounterMath.MostCommon(vm, dict, null))
            {
                sorted.Set(vm, key, value);
            }

            return "Counter(" + Show.Dictionary(vm, sorted) + ")";
        }

        return "OrderedDict(" + Show.Repr(
            vm, new PyList([.. dict.Pairs(vm).Select(p => new PyTuple([p.Key, p.Value]))])) + ")";
    }

    private static string[] Fields(PyTuple tuple) =>
        [.. ((PyTuple)tuple.Type.Statics!("_fields")!).Items.Cast<string>()]; // a tuple with a type is a named one

    private static object NamedTupleType(Vm vm, Args args)
    {
        var name = Ops.ToText(args[0], "typename");
        string[] fields = args[1] is string text
            ? text.Replace(',', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [.. Ops.ToList(vm, args[1]).Select(f => Ops.ToText(f, "field name"))];
        if (args.Named("rename") is not null)
        {
            throw new UnsupportedException("namedtuple with rename");
        }

        if (fields.Any(f => f.StartsWith('_') || !f.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) || fields.Distinct().Count() < fields.Length)
        {
            throw Err.Value("Type names and field names must be valid identifiers");
        }

        return TupleType(name, fields, args.Named("defaults") is { } defaults and not PyNone ? [.. Ops.ToList(vm, defaults)] : []);
    }

    private static PyType TupleType(string name, string[] fields, object[] defaults)
    {
        var names = new PyTuple([.. fields]);
        return new PyType(name, (_, type, args) =>
        {
            Signature.Check(name, args, 0, fields.Length, fields);
            var values = new object[fields.Length];
            for (var i = 0; i < fields.Length; i++)
            {
                var optional = i - fields.Length + defaults.Length;
                values[i] = args.At(i, fields[i])
                    ?? (optional >= 0 ? defaults[optional] : throw Err.Type($"{name} missing argument '{fields[i]}'"));
            }

            return new PyTuple(values, type);
        }, null, Types.Tuple)
        {
            Module = "__main__",
            Statics = member => member switch
            {
                "_fields" => names,
                "_make" => throw new UnsupportedException("namedtuple._make"),
                _ => null,
            },
        };
    }

    private static object MakeCounter(Vm vm, PyType type, Args args)
    {
        Signature.Check("Counter", args, 0, 1, ["**"]);
        var counter = new PyDict(Counter);
        CounterMath.Count(vm, counter, args, 1);
        return counter;
    }

    private static object MakeDefaultDict(Vm vm, PyType type, Args args)
    {
        var factory = args.Count > 0 && args[0] is not PyNone ? args[0] : null;
        if (factory is not null and not PyObject { IsCallable: true })
        {
            throw Err.Type("first argument must be callable or None");
        }

        return Constructors.Fill(vm, new PyDict(DefaultDict) { Factory = factory }, args.Count > 0 ? args.Skip(1) : args);
    }

    private static object MakeDeque(Vm vm, PyType type, Args args)
    {
        Signature.Check("deque", args, 0, 2, ["iterable", "maxlen"]);
        var deque = new PyDeque(args.At(1, "maxlen") is { } most and not PyNone ? Ops.ToLong(vm, most) : long.MaxValue);
        if (args.At(0, "iterable") is { } items)
        {
            deque.Extend(vm, items, false);
        }

        return deque;
    }

    private static IEnumerable<NativeMethod> CounterMethods() =>
    [
        new("most_common", 0, 1, (vm, self, args) => new PyList([.. CounterMath.MostCommon(
            vm, (PyDict)self, args.At(0, "n") is { } n and not PyNone ? Ops.ToLong(vm, n) : null)
            .Select(p => new PyTuple([p.Key, p.Value]))]), "n"),
        new("elements", 0, 0, (vm, self, _) => new EnumeratorIterator("chain", CounterMath.Elements(vm, (PyDict)self))),
        new("total", 0, 0, (vm, self, _) => ((PyDict)self).Pairs(vm).Aggregate(
            Ints.Box(0), (sum, pair) => Ops.Binary(vm, BinaryOp.Add, sum, pair.Value))),
        new("subtract", 0, 1, (vm, self, args) =>
        {
            CounterMath.Count(vm, (PyDict)self, args, -1);
            return PyNone.Value;
        }, "**"),
    ];

    private static IEnumerable<NativeMethod> OrderedMethods() =>
    [
        new("move_to_end", 1, 2, (vm, self, args) =>
        {
            if (args.At(1, "last") is { } last && !Ops.Truth(vm, last))
            {
                throw new UnsupportedException("move_to_end to the front");
            }

            var dict = (PyDict)self;
            var value = dict.Remove(vm, args[0]) ?? throw Err.Key(args[0]);
            dict.Set(vm, args[0], value);
            return PyNone.Value;
        }, "last"),
    ];

    private static IEnumerable<NativeMethod> DequeMethods() =>
    [
        new("append", 1, 1, (vm, self, args) => ((PyDeque)self).Add(vm, args[0], false)),
        new("appendleft", 1, 1, (vm, self, args) => ((PyDeque)self).Add(vm, args[0], true)),
        new("extend", 1, 1, (vm, self, args) => ((PyDeque)self).Extend(vm, args[0], false)),
        new("extendleft", 1, 1, (vm, self, args) => ((PyDeque)self).Extend(vm, args[0], true)),
        new("pop", 0, 0, (_, self, _) => ((PyDeque)self).Take(false)),
        new("popleft", 0, 0, (_, self, _) => ((PyDeque)self).Take(true)),
        new("clear", 0, 0, (_, self, _) =>
        {
            ((PyDeque)self).Items.Clear();
            return PyNone.Value;
        }),
        new("copy", 0, 0, (vm, self, _) => ((PyDeque)self).Copy(vm)),
        new("count", 1, 1, (vm, self, args) =>
        {
            vm.Charge(((PyDeque)self).Items.Count);
            return Ints.Box(((PyDeque)self).Items.LongCount(item => Ops.Same(vm, item, args[0])));
        }),
        new("rotate", 0, 1, (vm, self, args) => ((PyDeque)self).Rotate(vm, args.Count > 0 ? Ops.ToLong(vm, args[0]) : 1)),
        new("reverse", 0, 0, (vm, self, _) => ((PyDeque)self).Reverse(vm)),
        new("remove", 1, 1, (vm, self, args) => ((PyDeque)self).Remove(vm, args[0])),
        new("index", 1, 1, (vm, self, args) =>
            Sequences.IndexOf(vm, [.. ((PyDeque)self).Items], args[0], 0, ((PyDeque)self).Items.Count) is var at and >= 0
                ? Ints.Box(at)
                : throw Err.Value($"{Show.Repr(vm, args[0])} is not in deque")),
    ];
}

/// <summary>A queue with two ends.</summary>
internal sealed class PyDeque(long capacity) : PyObject
{
    public LinkedList<object> Items { get; } = new();

    public override PyType Type => CollectionsModule.Deque;

    public PyNone Add(Vm vm, object item, bool left)
    {
        vm.Allocate(48);
        if (left)
        {
            Items.AddFirst(item);
        }
        else
        {
            Items.AddLast(item);
        }

        if (Items.Count > capacity)
        {
            if (left)
            {
                Items.RemoveLast();
            }
            else
            {
                Items.RemoveFirst();
            }
        }

        return PyNone.Value;
    }

    public PyNone Extend(Vm vm, object items, bool left)
    {
        foreach (var item in ReferenceEquals(items, this) ? [.. Items] : Ops.Each(vm, items))
        {
            Add(vm, item, left);
        }

        return PyNone.Value;
    }

    public object Take(bool left)
    {
        var node = (left ? Items.First : Items.Last) ?? throw Err.Index("pop from an empty deque");
        Items.Remove(node);
        return node.Value;
    }

    public PyDeque Copy(Vm vm)
    {
        var copy = new PyDeque(capacity);
        copy.Extend(vm, new PyTuple([.. Items]), false);
        return copy;
    }

    public PyNone Rotate(Vm vm, long steps)
    {
        if (Items.Count > 1)
        {
            steps %= Items.Count;
            vm.Charge(Math.Abs(steps));
            for (; steps > 0; steps--)
            {
                Items.AddFirst(Take(false));
            }

            for (; steps < 0; steps++)
            {
                Items.AddLast(Take(true));
            }
        }

        return PyNone.Value;
    }

    public PyNone Reverse(Vm vm)
    {
        var items = Items.Reverse().ToArray();
        vm.AllocateItems(items.Length);
        Items.Clear();
        foreach (var item in items)
        {
            Items.AddLast(item);
        }

        return PyNone.Value;
    }

    public PyNone Remove(Vm vm, object item)
    {
        for (var node = Items.First; node is not null; node = node.Next)
        {
            vm.Tick();
            if (Ops.Same(vm, node.Value, item))
            {
                Items.Remove(node);
                return PyNone.Value;
            }
        }

        throw Err.Value("deque.remove(x): x not in deque");
    }

    public override long Length(Vm vm) => Items.Count;

    public override bool Truth(Vm vm) => Items.Count > 0;

    public override PyIterator Iterate(Vm vm) => new EnumeratorIterator("deque", Walk());

    public override bool? EqualTo(Vm vm, object other) =>
        other is PyDeque deque ? Sequences.Equal(vm, [.. Items], [.. deque.Items]) : null;

    public override long Hash(Vm vm) => throw Err.Type("unhashable type: 'collections.deque'");

    public override object GetItem(Vm vm, object key) => Node(vm, key).Value;

    public override void SetItem(Vm vm, object key, object value) => Node(vm, key).Value = value;

    public override object? GetAttribute(Vm vm, string name) => name == "maxlen"
        ? capacity == long.MaxValue ? PyNone.Value : Ints.Box(capacity)
        : base.GetAttribute(vm, name);

    public override object? InPlace(Vm vm, BinaryOp op, object other)
    {
        if (op != BinaryOp.Add)
        {
            return null;
        }

        Extend(vm, other, false);
        return this;
    }

    public override string Repr(Vm vm) => Show.Sequence(
        vm, this, "deque([", [.. Items], capacity == long.MaxValue ? "])" : FormattableString.Invariant($"], maxlen={capacity})"));

    private LinkedListNode<object> Node(Vm vm, object key)
    {
        var index = Sequences.Position(vm, key, Items.Count, "deque");
        var fromStart = index < Items.Count / 2;
        var node = fromStart ? Items.First : Items.Last;
        for (var i = fromStart ? index : Items.Count - 1 - index; i > 0; i--)
        {
            vm.Tick();
            node = fromStart ? node!.Next : node!.Previous; // the index lies within
        }

        return node!; // the index lies within
    }

    private IEnumerator<object> Walk()
    {
        var count = Items.Count;
        for (var node = Items.First; node is not null; node = node.Next)
        {
            yield return node.Value;
            if (Items.Count != count)
            {
                throw Err.Runtime("deque mutated during iteration");
            }
        }
    }
}

/// <summary>Arithmetic of Counters.</summary>
internal static class CounterMath
{
    public static void Count(Vm vm, PyDict counter, Args args, long sign)
    {
        void Add(object key, object count)
        {
            vm.Tick();
            counter.Set(vm, key, Ops.Binary(vm, sign > 0 ? BinaryOp.Add : BinaryOp.Subtract, Get(vm, counter, key), count));
        }

        if (args.Count > 0 && args[0] is PyDict dict)
        {
            foreach (var (key, value) in dict.Pairs(vm))
            {
                if (counter.Count == 0 && sign > 0 && !ReferenceEquals(dict, counter))
                {
                    // CPython copies a mapping into an empty Counter as it is.
                    Constructors.Fill(vm, counter, new Args([dict]));
                    break;
                }

                Add(key, value);
            }
        }
        else if (args.Count > 0 && args[0] is not PyNone)
        {
            foreach (var item in Ops.Each(vm, args[0]))
            {
                Add(item, Ints.Box(1));
            }
        }

        for (var i = 0; i < (args.Names?.Length ?? 0); i++)
        {
            Add(args.Names![i], args.Values[args.Count + i]); // the loop runs only where there are names
        }
    }

    public static List<KeyValuePair<object, object>> MostCommon(Vm vm, PyDict counter, long? count)
    {
        var pairs = counter.Pairs(vm);
        var items = pairs.ConvertAll(p => (object)new PyTuple([p.Key, p.Value]));
        var key = new NativeFunction("count", 1, 1, (_, args) => ((PyTuple)args[0]).Items[1]);
        Sorting.Sort(vm, items, key, Bools.True);
        return [.. items.Cast<PyTuple>()
            .Take((int)Math.Clamp(count ?? int.MaxValue, 0, int.MaxValue))
            .Select(t => new KeyValuePair<object, object>(t.Items[0], t.Items[1]))];
    }

    public static IEnumerator<object> Elements(Vm vm, PyDict counter)
    {
        foreach (var (key, value) in counter.Pairs(vm))
        {
            for (var i = Ops.ToLong(vm, value); i > 0; i--)
            {
                yield return key;
            }
        }
    }

    public static bool Equal(Vm vm, PyDict a, PyDict b) => Keys(vm, a, b)
        .TrueForAll(key => Ops.Equal(vm, Get(vm, a, key), Get(vm, b, key)));

    public static bool Compare(Vm vm, CompareOp op, PyDict a, PyDict b)
    {
        var keys = Keys(vm, a, b);
        var strict = op is CompareOp.Less or CompareOp.Greater;
        var loose = op is CompareOp.Less or CompareOp.LessEqual ? CompareOp.LessEqual : CompareOp.GreaterEqual;
        return keys.TrueForAll(key => Ops.Compare(vm, loose, Get(vm, a, key), Get(vm, b, key)))
            && !(strict && Equal(vm, a, b));
    }

    public static PyDict? Binary(Vm vm, BinaryOp op, PyDict a, PyDict b)
    {
        if (op is not (BinaryOp.Add or BinaryOp.Subtract or BinaryOp.And or BinaryOp.Or))
        {
            return null;
        }

        var result = new PyDict(CollectionsModule.Counter);
        foreach (var key in Keys(vm, a, b))
        {
            var (x, y) = (Get(vm, a, key), Get(vm, b, key));
            var value = op switch
            {
                BinaryOp.And => Ops.Compare(vm, CompareOp.Less, x, y) ? x : y,
                BinaryOp.Or => Ops.Compare(vm, CompareOp.Less, x, y) ? y : x,
                _ => Ops.Binary(vm, op, x, y),
            };
            if (Ops.Compare(vm, CompareOp.Greater, value, Ints.Box(0)))
            {
                result.Set(vm, key, value);
            }
        }

        return result;
    }

    public static PyDict? Unary(Vm vm, UnaryOp op, PyDict counter)
    {
        if (op == UnaryOp.Invert)
        {
            return null;
        }

        var empty = new PyDict(CollectionsModule.Counter);
        return op == UnaryOp.Plus
            ? Binary(vm, BinaryOp.Add, counter, empty)
            : Binary(vm, BinaryOp.Subtract, empty, counter);
    }

    private static object Get(Vm vm, PyDict counter, object key) => counter.Find(vm, key) ?? Ints.Box(0);

    private static List<object> Keys(Vm vm, PyDict a, PyDict b)
    {
        var keys = a.Pairs(vm).ConvertAll(p => p.Key);
        keys.AddRange(b.Pairs(vm).Where(p => a.Find(vm, p.Key) is null).Select(p => p.Key));
        vm.Charge(keys.Count);
        return keys;
    }
}
