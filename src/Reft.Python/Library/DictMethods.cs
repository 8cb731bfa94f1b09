using Reft.Python.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The methods of dictionaries and their views.</summary>
internal static class DictMethods
{
    public static IEnumerable<NativeMethod> All() =>
    [
        new("get", 1, 2, (vm, self, args) => ((PyDict)self).Find(vm, args[0]) ?? args.At(1) ?? PyNone.Value),
        new("keys", 0, 0, (_, self, _) => new PyDictView((PyDict)self, Types.DictKeys)),
        new("values", 0, 0, (_, self, _) => new PyDictView((PyDict)self, Types.DictValues)),
        new("items", 0, 0, (_, self, _) => new PyDictView((PyDict)self, Types.DictItems)),
        new("pop", 1, 2, (vm, self, args) =>
            ((PyDict)self).Remove(vm, args[0]) ?? args.At(1) ?? throw Err.Key(args[0])),
        new("popitem", 0, 1, (vm, self, args) =>
        {
            var dict = (PyDict)self;
            var last = args.At(0, "last") is not { } end || Ops.Truth(vm, end);
            return (last ? dict.RemoveLast() : dict.RemoveFirst(vm)) is { } pair
                ? new PyTuple([pair.Key, pair.Value])
                : throw Err.Key(
                    dict.Type == CollectionsModule.OrderedDict ? "dictionary is empty" : "popitem(): dictionary is empty");
        }, "last"),
        new("setdefault", 1, 2, (vm, self, args) =>
        {
            var dict = (PyDict)self;
            if (dict.Find(vm, args[0]) is { } known)
            {
                return known;
            }

            dict.Set(vm, args[0], args.At(1) ?? PyNone.Value);
            return args.At(1) ?? PyNone.Value;
        }),
        new("update", 0, 1, (vm, self, args) =>
        {
            if (((PyDict)self).Type == CollectionsModule.Counter)
            {
                CounterMath.Count(vm, (PyDict)self, args, 1);
            }
            else
            {
                Constructors.Fill(vm, (PyDict)self, args);
            }

            return PyNone.Value;
        }, "**"),
        new("clear", 0, 0, (_, self, _) =>
        {
            ((PyDict)self).Clear();
            return PyNone.Value;
        }),
        new("copy", 0, 0, (vm, self, _) => ((PyDict)self).Copy(vm)),
    ];

    public static IEnumerable<NativeMethod> OfView() =>
    [
        new("isdisjoint", 1, 1, (vm, self, args) => Bools.Of(
            ((PyDictView)self).AsSet(vm).Intersection(vm, PySet.From(vm, args[0])).Count == 0)),
    ];

    public static object FromKeys(Vm vm, Args args)
    {
        var dict = new PyDict();
        foreach (var key in Ops.Each(vm, args[0]))
        {
            dict.Set(vm, key, args.At(1) ?? PyNone.Value);
        }

        return dict;
    }
}

/// <summary>The methods of sets.</summary>
internal static class SetMethods
{
    public static IEnumerable<NativeMethod> All() =>
    [
        .. OfFrozen(),
        new("add", 1, 1, (vm, self, args) => Done(() => ((PySet)self).Add(vm, args[0]))),
        new("discard", 1, 1, (vm, self, args) => Done(() => ((PySet)self).Discard(vm, args[0]))),
        new("remove", 1, 1, (vm, self, args) =>
            ((PySet)self).Discard(vm, args[0]) ? PyNone.Value : throw Err.Key(args[0])),
        new("pop", 0, 0, (_, self, _) => ((PySet)self).Pop() ?? throw Err.Key("pop from an empty set")),
        new("clear", 0, 0, (_, self, _) => Done(((PySet)self).Clear)),
        new("update", 0, int.MaxValue, (vm, self, args) => Each(args, other => ((PySet)self).Update(vm, other))),
        new("difference_update", 0, int.MaxValue, (vm, self, args) =>
            Each(args, other => ((PySet)self).Subtract(vm, other))),
        new("intersection_update", 0, int.MaxValue, (vm, self, args) =>
            Each(args, other => ((PySet)self).Replace(((PySet)self).Intersection(vm, other)))),
        new("symmetric_difference_update", 1, 1, (vm, self, args) => Done(() => ((PySet)self).Toggle(vm, args[0]))),
    ];

    public static IEnumerable<NativeMethod> OfFrozen() =>
    [
        new("copy", 0, 0, (vm, self, _) => ((PySet)self).Copy(vm)),
        new("union", 0, int.MaxValue, (vm, self, args) =>
        {
            var result = ((PySet)self).Copy(vm);
            Each(args, other => result.Update(vm, other));
            return result;
        }),
        new("intersection", 0, int.MaxValue, (vm, self, args) => args.Count == 0
            ? ((PySet)self).Copy(vm)
            : args.Values.Aggregate((PySet)self, (set, other) => set.Intersection(vm, other))),
        new("difference", 0, int.MaxValue, (vm, self, args) => args.Count == 0
            ? ((PySet)self).Copy(vm)
            : Difference(vm, (PySet)self, args)),
        new("symmetric_difference", 1, 1, (vm, self, args) => ((PySet)self).SymmetricDifference(vm, args[0])),
        new("issubset", 1, 1, (vm, self, args) => Bools.Of(((PySet)self).IsSubsetOf(vm, AsSet(vm, args[0])))),
        new("issuperset", 1, 1, (vm, self, args) => Bools.Of(AsSet(vm, args[0]).IsSubsetOf(vm, (PySet)self))),
        new("isdisjoint", 1, 1, (vm, self, args) => Bools.Of(
            ((PySet)self).Intersection(vm, AsSet(vm, args[0])).Count == 0)),
    ];

    /// <summary>A set operator between a dictionary's view and any iterable.</summary>
    public static PySet OfView(Vm vm, BinaryOp op, PyDictView view, object other)
    {
        if (op == BinaryOp.And)
        {
            var kept = new PySet();
            var (probed, walked) = other is PyDictView or PySet && Ops.Length(vm, other) > Ops.Length(vm, view)
                ? (other, (object)view)
                : (view, other);
            foreach (var item in Ops.Each(vm, walked))
            {
                if (Ops.Contains(vm, probed, item))
                {
                    kept.Add(vm, item);
                }
            }

            return kept;
        }

        if (op == BinaryOp.Xor)
        {
            throw new UnsupportedException("^ between views of dictionaries");
        }

        var set = view.AsSet(vm);
        if (op == BinaryOp.Or)
        {
            set.Update(vm, other);
        }
        else
        {
            set.Subtract(vm, other);
        }

        return set;
    }

    private static PySet AsSet(Vm vm, object value) => value as PySet ?? PySet.From(vm, value);

    private static PySet Difference(Vm vm, PySet set, Args args)
    {
        var result = set.Difference(vm, args[0]);
        foreach (var other in args.Values.Skip(1))
        {
            result.Subtract(vm, other);
        }

        return result;
    }

    private static PyNone Done(Action action)
    {
        action();
        return PyNone.Value;
    }

    private static PyNone Each(Args args, Action<object> action)
    {
        foreach (var value in args.Values)
        {
            action(value);
        }

        return PyNone.Value;
    }
}

/// <summary>The methods of generators.</summary>
internal static class IteratorMethods
{
    public static IEnumerable<NativeMethod> OfGenerator() =>
    [
        new("send", 1, 1, (vm, self, args) => ((PyGenerator)self).Send(vm, args[0])
            ?? throw Err.Make(ExceptionTypes.StopIteration)),
        new("close", 0, 0, (vm, self, _) => ((PyGenerator)self).Close(vm)),
        new("throw", 1, 3, (_, _, _) => throw new UnsupportedException("generator.throw")),
    ];
}
