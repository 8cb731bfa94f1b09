using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary>One <c>case</c>: its pattern, its <c>if</c>, its block.</summary>
internal sealed record MatchCase(Pattern Pattern, Expr? Guard, Block Body);

/// <summary><c>match</c>: the first case whose pattern fits and whose guard holds runs.</summary>
internal sealed class MatchStmt(Expr subject, List<MatchCase> cases) : Stmt
{
    public override Signal Exec(Frame frame) => Choose(frame)?.Exec(frame) ?? Signal.Next;

    public override IEnumerable<object> Walk(Frame frame)
    {
        frame.Signal = Signal.Next;
        return Choose(frame)?.Walk(frame) ?? [];
    }

    private Block? Choose(Frame frame)
    {
        var value = subject.Eval(frame);
        foreach (var (pattern, guard, body) in cases)
        {
            frame.Vm.Tick();
            if (pattern.Fits(frame, value) && (guard is null || Ops.Truth(frame.Vm, guard.Eval(frame))))
            {
                return body;
            }
        }

        return null;
    }
}

/// <summary>What a value may look like; names in it are bound as it is compared.</summary>
internal abstract class Pattern
{
    public abstract bool Fits(Frame frame, object value);
}

/// <summary>A literal or a dotted name: equality, and identity for True, False and None.</summary>
internal sealed class ValuePattern(Expr wanted) : Pattern
{
    public override bool Fits(Frame frame, object value)
    {
        var constant = wanted.Eval(frame);
        return constant is bool or PyNone ? constant.Equals(value) : Ops.Equal(frame.Vm, value, constant);
    }
}

/// <summary>A name, which takes the value, or <c>_</c>, which takes anything.</summary>
internal sealed class CapturePattern(NameExpr? target) : Pattern
{
    public override bool Fits(Frame frame, object value)
    {
        target?.Assign(frame, value);
        return true;
    }
}

/// <summary><c>pattern as name</c>.</summary>
internal sealed class NamedPattern(Pattern inner, NameExpr target) : Pattern
{
    public override bool Fits(Frame frame, object value)
    {
        if (!inner.Fits(frame, value))
        {
            return false;
        }

        target.Assign(frame, value);
        return true;
    }
}

/// <summary><c>a | b</c>.</summary>
internal sealed class EitherPattern(List<Pattern> alternatives) : Pattern
{
    public override bool Fits(Frame frame, object value) => alternatives.Exists(a => a.Fits(frame, value));
}

/// <summary><c>[a, *rest]</c>: lists, tuples, ranges and deques, but no strings.</summary>
internal sealed class SequencePattern(List<Pattern> items, int star, NameExpr? rest) : Pattern
{
    public override bool Fits(Frame frame, object value)
    {
        var vm = frame.Vm;
        if (value is not (PyList or PyTuple or PyRange or Library.PyDeque))
        {
            return false;
        }

        var length = Ops.Length(vm, value);
        if (star < 0 ? length != items.Count : length < items.Count)
        {
            return false;
        }

        var values = Ops.ToList(vm, value);
        var after = items.Count - Math.Max(star, 0);
        for (var i = 0; i < items.Count; i++)
        {
            var at = star >= 0 && i >= star ? values.Count - after + (i - star) : i;
            if (!items[i].Fits(frame, values[at]))
            {
                return false;
            }
        }

        if (star >= 0)
        {
            rest?.Assign(frame, new PyList(values.GetRange(star, values.Count - items.Count)));
        }

        return true;
    }
}

/// <summary><c>{"key": pattern, **rest}</c>.</summary>
internal sealed class MappingPattern(List<(Expr Key, Pattern Pattern)> pairs, NameExpr? rest) : Pattern
{
    public override bool Fits(Frame frame, object value)
    {
        var vm = frame.Vm;
        if (value is not PyDict dict)
        {
            return false;
        }

        var keys = new List<object>();
        foreach (var (key, pattern) in pairs)
        {
            var name = key.Eval(frame);
            keys.Add(name);
            if (dict.Find(vm, name) is not { } item || !pattern.Fits(frame, item))
            {
                return false;
            }
        }

        if (rest is not null)
        {
            var others = new PyDict();
            foreach (var (key, item) in dict.Pairs(vm))
            {
                if (!keys.Exists(k => Ops.Same(vm, k, key)))
                {
                    others.Set(vm, key, item);
                }
            }

            rest.Assign(frame, others);
        }

        return true;
    }
}

/// <summary><c>Class(a, name=b)</c>.</summary>
internal sealed class ClassPattern(Expr type, List<Pattern> positional, List<(string Name, Pattern Pattern)> named) : Pattern
{
    public override bool Fits(Frame frame, object value)
    {
        var vm = frame.Vm;
        if (type.Eval(frame) is not PyType wanted)
        {
            throw new UnsupportedException("class pattern of other than a plain class");
        }

        if (!Types.Of(value).IsSubtypeOf(wanted))
        {
            return false;
        }

        if (positional.Count > 0)
        {
            if (wanted == Types.Int || wanted == Types.Float || wanted == Types.Str || wanted == Types.Bool
                || wanted == Types.List || wanted == Types.Tuple || wanted == Types.Dict || wanted == Types.Set
                || wanted == Types.FrozenSet)
            {
                return positional.Count == 1
                    ? positional[0].Fits(frame, value) && Named(frame, value)
                    : throw Err.Type($"{wanted.Name}() accepts 1 positional sub-pattern ({positional.Count} given)");
            }

            var names = wanted.Find("__match_args__") is PyTuple tuple
                ? tuple.Items
                : throw Err.Type($"{wanted.Name}() accepts 0 positional sub-patterns ({positional.Count} given)");
            if (names.Length < positional.Count)
            {
                throw Err.Type($"{wanted.Name}() accepts {names.Length} positional sub-patterns ({positional.Count} given)");
            }

            for (var i = 0; i < positional.Count; i++)
            {
                if (Ops.FindAttribute(vm, value, Ops.ToText(names[i], "__match_args__ elements")) is not { } item
                    || !positional[i].Fits(frame, item))
                {
                    return false;
                }
            }
        }

        return Named(frame, value);
    }

    private bool Named(Frame frame, object value) => named.TrueForAll(
        pair => Ops.FindAttribute(frame.Vm, value, pair.Name) is { } item && pair.Pattern.Fits(frame, item));
}
