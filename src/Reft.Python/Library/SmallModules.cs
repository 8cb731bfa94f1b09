using System.Collections.Frozen;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>operator</c>.</summary>
internal static class OperatorModule
{
    private static readonly FrozenDictionary<string, BinaryOp> BinaryNames = new Dictionary<string, BinaryOp>
    {
        ["add"] = BinaryOp.Add,
        ["sub"] = BinaryOp.Subtract,
        ["mul"] = BinaryOp.Multiply,
        ["truediv"] = BinaryOp.Divide,
        ["floordiv"] = BinaryOp.FloorDivide,
        ["mod"] = BinaryOp.Modulo,
        ["pow"] = BinaryOp.Power,
        ["and_"] = BinaryOp.And,
        ["or_"] = BinaryOp.Or,
        ["xor"] = BinaryOp.Xor,
        ["lshift"] = BinaryOp.LeftShift,
        ["rshift"] = BinaryOp.RightShift,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, CompareOp> CompareNames = new Dictionary<string, CompareOp>
    {
        ["lt"] = CompareOp.Less,
        ["le"] = CompareOp.LessEqual,
        ["gt"] = CompareOp.Greater,
        ["ge"] = CompareOp.GreaterEqual,
        ["eq"] = CompareOp.Equal,
        ["ne"] = CompareOp.NotEqual,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            new NativeFunction("neg", 1, 1, (vm, args) => Ops.Unary(vm, UnaryOp.Negate, args[0])),
            new NativeFunction("not_", 1, 1, (vm, args) => Bools.Of(!Ops.Truth(vm, args[0]))),
            new NativeFunction("truth", 1, 1, (vm, args) => Bools.Of(Ops.Truth(vm, args[0]))),
            new NativeFunction("contains", 2, 2, (vm, args) => Bools.Of(Ops.Contains(vm, args[0], args[1]))),
            new NativeFunction("getitem", 2, 2, (vm, args) => Ops.GetItem(vm, args[0], args[1])),
            new NativeFunction("itemgetter", 1, int.MaxValue, (_, keys) => new NativeFunction("itemgetter", 1, 1, (vm, args) =>
                keys.Count == 1
                    ? Ops.GetItem(vm, args[0], keys[0])
                    : new PyTuple([.. keys.Values.Select(key => Ops.GetItem(vm, args[0], key))]))),
            new NativeFunction("attrgetter", 1, 1, (_, names) => new NativeFunction("attrgetter", 1, 1, (vm, args) =>
                Ops.ToText(names[0], "attribute name").Split('.').Aggregate(args[0], (o, n) => Ops.GetAttribute(vm, o, n)))));
        foreach (var (name, op) in BinaryNames)
        {
            members[name] = new NativeFunction(name, 2, 2, (vm, args) => Ops.Binary(vm, op, args[0], args[1]));
        }

        foreach (var (name, op) in CompareNames)
        {
            members[name] = new NativeFunction(name, 2, 2, (vm, args) => Bools.Of(Ops.Compare(vm, op, args[0], args[1])));
        }

        return members;
    }
}

/// <summary>The module <c>heapq</c>, with CPython's sifting, which decides the order of the list.</summary>
internal static class HeapqModule
{
    public static Dictionary<string, object> Create() => Modules.Of(
        new NativeFunction("heapify", 1, 1, (vm, args) =>
        {
            var items = Items(args[0]);
            for (var i = (items.Count / 2) - 1; i >= 0; i--)
            {
                SiftUp(vm, items, i);
            }

            return PyNone.Value;
        }),
        new NativeFunction("heappush", 2, 2, (vm, args) =>
        {
            Items(args[0]).Add(args[1]);
            vm.Allocate(8);
            SiftDown(vm, Items(args[0]), 0, Items(args[0]).Count - 1);
            return PyNone.Value;
        }),
        new NativeFunction("heappop", 1, 1, (vm, args) => Pop(vm, Items(args[0]))),
        new NativeFunction("heapreplace", 2, 2, (vm, args) => Replace(vm, Items(args[0]), args[1])),
        new NativeFunction("heappushpop", 2, 2, (vm, args) =>
            Items(args[0]) is { Count: > 0 } items && Ops.Compare(vm, CompareOp.Less, items[0], args[1])
                ? Replace(vm, items, args[1])
                : args[1]),
        new NativeFunction("nlargest", 2, 3, (vm, args) => Most(vm, args, true), "key"),
        new NativeFunction("nsmallest", 2, 3, (vm, args) => Most(vm, args, false), "key"),
        new NativeFunction("merge", 0, int.MaxValue, (_, _) => throw new UnsupportedException("heapq.merge"), "**"));

    private static List<object> Items(object heap) =>
        (heap as PyList ?? throw Err.Type($"heap argument must be a list, not {Types.Of(heap).Name}")).Items;

    private static object Pop(Vm vm, List<object> items)
    {
        if (items.Count == 0)
        {
            throw Err.Index("index out of range");
        }

        var last = items[^1];
        items.RemoveAt(items.Count - 1);
        return items.Count == 0 ? last : Replace(vm, items, last);
    }

    private static object Replace(Vm vm, List<object> items, object item)
    {
        if (items.Count == 0)
        {
            throw Err.Index("index out of range");
        }

        var first = items[0];
        items[0] = item;
        SiftUp(vm, items, 0);
        return first;
    }

    private static void SiftDown(Vm vm, List<object> items, int start, int position)
    {
        var item = items[position];
        while (position > start)
        {
            vm.Tick();
            var parent = (position - 1) >> 1;
            if (!Ops.Compare(vm, CompareOp.Less, item, items[parent]))
            {
                break;
            }

            items[position] = items[parent];
            position = parent;
        }

        items[position] = item;
    }

    private static void SiftUp(Vm vm, List<object> items, int position)
    {
        var start = position;
        var item = items[position];
        var child = (2 * position) + 1;
        while (child < items.Count)
        {
            vm.Tick();
            if (child + 1 < items.Count && !Ops.Compare(vm, CompareOp.Less, items[child], items[child + 1]))
            {
                child++;
            }

            items[position] = items[child];
            position = child;
            child = (2 * position) + 1;
        }

        items[position] = item;
        SiftDown(vm, items, start, position);
    }

    private static PyList Most(Vm vm, Args args, bool largest)
    {
        var items = Ops.ToList(vm, args[1]);
        Sorting.Sort(vm, items, args.At(2, "key"), Bools.Of(largest));
        var count = (int)Math.Clamp(Ops.ToLong(vm, args[0]), 0, items.Count);
        return new PyList(items.GetRange(0, count));
    }
}

/// <summary>The module <c>bisect</c>.</summary>
internal static class BisectModule
{
    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            Search("bisect_left", true, false),
            Search("bisect_right", false, false),
            Search("insort_left", true, true),
            Search("insort_right", false, true));
        members["bisect"] = members["bisect_right"];
        members["insort"] = members["insort_right"];
        return members;
    }

    private static NativeFunction Search(string name, bool left, bool inserts) => new(name, 2, 4, (vm, args) =>
    {
        var low = args.At(2, "lo") is { } from ? Ops.ToLong(vm, from) : 0;
        var high = args.At(3, "hi") is { } to and not PyNone ? Ops.ToLong(vm, to) : Ops.Length(vm, args[0]);
        var key = args.Named("key") is { } given and not PyNone ? given : null;
        if (low < 0)
        {
            throw Err.Value("lo must be non-negative");
        }

        var wanted = inserts && key is not null ? Ops.Call(vm, key, args[1]) : args[1];
        while (low < high)
        {
            vm.Tick();
            var middle = low + ((high - low) / 2);
            var item = Ops.GetItem(vm, args[0], Ints.Box(middle));
            item = key is null ? item : Ops.Call(vm, key, item);
            if (left ? Ops.Compare(vm, CompareOp.Less, item, wanted) : !Ops.Compare(vm, CompareOp.Less, wanted, item))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (!inserts)
        {
            return Ints.Box(low);
        }

        var items = (args[0] as PyList ?? throw new UnsupportedException("insort into other than a list")).Items;
        vm.Charge(items.Count >> 4);
        items.Insert((int)low, args[1]);
        return PyNone.Value;
    }, "lo", "hi", "key");
}

/// <summary>The module <c>copy</c>.</summary>
internal static class CopyModule
{
    public static Dictionary<string, object> Create() => Modules.Of(
        new NativeFunction("copy", 1, 1, (vm, args) => Copy(vm, args[0])),
        new NativeFunction("deepcopy", 1, 1, (vm, args) => Deep(
            vm, args[0], new Dictionary<object, object>(ReferenceEqualityComparer.Instance))));

    private static object Copy(Vm vm, object value) => value switch
    {
        PyEnumMember => value,
        PyList or PyDict when Types.Of(value).IsClass => throw new UnsupportedException("copy of an object that is a list or dict"),
        PyList => new PyList(Ops.ToList(vm, value)),
        PyDict dict => dict.Copy(vm),
        PySet set => set.Copy(vm),
        PyDeque deque => deque.Copy(vm),
        PyExceptionObject => throw new UnsupportedException("copy of an exception"),
        PyInstance instance => Instance(vm, instance, item => item),
        _ => value,
    };

    private static PyInstance Instance(Vm vm, PyInstance instance, Func<object, object> each)
    {
        var copy = new PyInstance(instance.Type, vm);
        foreach (var (name, item) in instance.Attributes)
        {
            copy.Attributes[name] = each(item);
        }

        return copy;
    }

    private static object Deep(Vm vm, object value, Dictionary<object, object> known)
    {
        if (value is PyEnumMember || value is not (PyList or PyDict or PySet or PyTuple or PyInstance or PyDeque))
        {
            return value;
        }

        if (value is PyList or PyDict && Types.Of(value).IsClass)
        {
            throw new UnsupportedException("copy of an object that is a list or dict");
        }

        if (known.TryGetValue(value, out var made))
        {
            return made;
        }

        vm.Enter();
        vm.Charge(12);
        vm.Allocate(64);
        switch (value)
        {
            case PyList list:
                var items = new PyList([]);
                made = known[value] = items;
                foreach (var item in list.Items)
                {
                    items.Add(vm, Deep(vm, item, known));
                }

                break;
            case PyDict dict:
                var pairs = new PyDict(dict.Type == Types.Dict ? null : dict.Type) { Factory = dict.Factory };
                made = known[value] = pairs;
                foreach (var (key, item) in dict.Pairs(vm))
                {
                    pairs.Set(vm, Deep(vm, key, known), Deep(vm, item, known));
                }

                break;
            case PyTuple tuple:
                made = new PyTuple(
                    [.. tuple.Items.Select(item => Deep(vm, item, known))], tuple.Type == Types.Tuple ? null : tuple.Type);
                break;
            case PySet set:
                made = set.Copy(vm);
                break;
            case PyInstance instance and not PyExceptionObject:
                made = Instance(vm, instance, item => Deep(vm, item, known));
                break;
            default:
                throw new UnsupportedException($"deepcopy of a {Types.Of(value).Name}");
        }

        vm.Leave();
        return made;
    }
}

/// <summary>The module <c>dataclasses</c>.</summary>
internal static class DataclassesModule
{
    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            new NativeFunction("dataclass", 0, 1, (_, args) => args.Count == 1
                ? Decorate(args[0], args)
                : new NativeFunction("dataclass", 1, 1, (_, inner) => Decorate(inner[0], args)),
                "order", "frozen", "eq", "repr", "init", "unsafe_hash", "slots", "kw_only"),
            new NativeFunction("field", 0, 0, (_, args) => new PyField(args), "default", "default_factory", "repr", "compare", "init"),
            new NativeFunction("asdict", 1, 1, (vm, args) =>
            {
                var instance = (PyInstance)args[0];
                var dict = new PyDict();
                foreach (var name in Fields(instance.Type))
                {
                    dict.Set(vm, name, Plain(vm, instance.Attributes[name]));
                }

                return dict;
            }));
        return members;
    }

    private static object Plain(Vm vm, object value)
    {
        switch (value)
        {
            case PyList list when list.Type == Types.List:
                vm.Enter();
                vm.AllocateItems(list.Items.Count);
                var copy = new PyList(list.Items.ConvertAll(item => Plain(vm, item)));
                vm.Leave();
                return copy;
            case PyInstance or PyDict or PyTuple or PyList or PySet:
                throw new UnsupportedException("asdict of nested values");
            default:
                return value;
        }
    }

    private static List<string> Fields(PyType type) =>
        [.. type.Mro.Reverse().SelectMany(t => t.Annotated).Distinct()];

    private static PyType Decorate(object target, Args options)
    {
        if (target is not PyType { IsClass: true } type)
        {
            throw new UnsupportedException("dataclass of other than a class");
        }

        foreach (var name in (ReadOnlySpan<string>)["unsafe_hash", "slots", "kw_only"])
        {
            if (options.Named(name) is not (null or false))
            {
                throw new UnsupportedException($"dataclass({name}=…)");
            }
        }

        var frozen = options.Named("frozen") is true;
        var order = options.Named("order") is true;
        var fields = Fields(type);
        void Define(string name, int count, NativeCall call)
        {
            if (!type.Attributes!.ContainsKey(name)) // a class has attributes
            {
                type.Attributes[name] = new NativeFunction(name, count, count, call);
            }
        }

        var compared = fields.Where(f => Field(type, f)?.IsOn("compare") != false).ToList();
        var hasEquality = options.Named("eq") is not false;
        if (options.Named("init") is not false)
        {
            var given = fields.Where(f => Field(type, f)?.IsOn("init") != false).ToList();
            type.Attributes!.TryAdd( // a class has attributes
                "__init__",
                new NativeFunction("__init__", 1, given.Count + 1, (vm, args) => Initialize(vm, type, fields, given, args), [.. given]));
        }

        type.Attributes!.TryAdd("__match_args__", new PyTuple([.. fields.Where(f => Field(type, f)?.IsOn("init") != false)]));
        if (options.Named("repr") is not false)
        {
            var shown = fields.Where(f => Field(type, f)?.IsOn("repr") != false).ToList();
            Define("__repr__", 1, (vm, args) => Types.Of(args[0]).Name + "(" + string.Join(
                ", ", shown.Select(f => f + "=" + Show.Repr(vm, ((PyInstance)args[0]).Attributes[f]))) + ")");
        }

        PyTuple Values(object instance) => new([.. compared.Select(f => ((PyInstance)instance).Attributes[f])]);
        if (hasEquality)
        {
            Define("__eq__", 2, (vm, args) => Types.Of(args[1]) == Types.Of(args[0])
                ? Bools.Of(Ops.Equal(vm, Values(args[0]), Values(args[1])))
                : PyConstant.NotImplemented);
            if (frozen)
            {
                Define("__hash__", 1, (vm, args) => Ints.Box(Hashing.Of(vm, Values(args[0]))));
            }
            else
            {
                type.Attributes!.TryAdd("__hash__", PyNone.Value);
            }
        }

        if (frozen)
        {
            type.Attributes!["__setattr__"] = new NativeFunction("__setattr__", 2, 2, (_, args) => throw Err.Make(
                ExceptionTypes.AttributeError, $"cannot assign to field '{args[1]}'"));
        }

        if (order)
        {
            foreach (var (name, op) in ((string, CompareOp)[])
            [
                ("__lt__", CompareOp.Less), ("__le__", CompareOp.LessEqual),
                ("__gt__", CompareOp.Greater), ("__ge__", CompareOp.GreaterEqual),
            ])
            {
                Define(name, 2, (vm, args) => Types.Of(args[1]) == Types.Of(args[0])
                    ? Bools.Of(Ops.Compare(vm, op, Values(args[0]), Values(args[1])))
                    : PyConstant.NotImplemented);
            }
        }

        return type;
    }

    private static PyField? Field(PyType type, string name) => type.Find(name) as PyField;

    private static PyNone Initialize(Vm vm, PyType type, List<string> fields, List<string> given, Args args)
    {
        var self = (PyInstance)args[0];
        foreach (var name in fields)
        {
            var usual = type.Find(name);
            var at = given.IndexOf(name);
            var value = (at < 0 ? null : args.At(at + 1, name)) ?? (usual is PyField field ? field.Make(vm) : usual);
            if (value is null && at < 0)
            {
                continue;
            }

            vm.Allocate(48);
            self.Attributes[name] = value ?? throw Err.Type($"__init__() missing a required argument: '{name}'");
        }

        if (type.Find("__post_init__") is { } after)
        {
            Ops.Call(vm, after, self);
        }

        return PyNone.Value;
    }

    private sealed class PyField(Args args) : PyObject
    {
        public override PyType Type => Types.Object;

        public bool IsOn(string option) => args.Named(option) switch
        {
            null or true => true,
            false => false,
            _ => throw new UnsupportedException($"dataclasses.field({option}=…) that is no bool"),
        };

        public object? Make(Vm vm) =>
            args.Named("default") ?? (args.Named("default_factory") is { } make ? Ops.Call(vm, make, Args.None) : null);
    }
}
