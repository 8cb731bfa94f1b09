using Reft.Python.Library;
using Reft.Python.Nodes;

namespace Reft.Python.Runtime;

/// <summary>A member of an enumeration.</summary>
internal sealed class PyEnumMember(PyType type, Vm vm, string name, object value) : PyInstance(type, vm)
{
    public string Name => name;

    public object Value => value;

    private bool IsWhole => Array.Exists(Type.Mro, t => t.Flavor == ClassFlavor.WholeEnumeration);

    public override object? GetAttribute(Vm vm, string attribute) => attribute switch
    {
        "name" or "_name_" => name,
        "value" or "_value_" => value,
        _ => base.GetAttribute(vm, attribute),
    };

    public override void SetAttribute(Vm vm, string attribute, object? changed)
    {
        if (attribute is "name" or "value")
        {
            throw Err.Make(ExceptionTypes.AttributeError, $"<enum '{Type.Name}'> cannot set attribute '{attribute}'");
        }

        base.SetAttribute(vm, attribute, changed);
    }

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (base.Binary(vm, op, other, reflected) is { } own)
        {
            return own;
        }

        return !IsWhole ? null : reflected ? Ops.Binary(vm, op, other, value) : Ops.Binary(vm, op, value, Plain(other));
    }

    public override object? Unary(Vm vm, UnaryOp op) => base.Unary(vm, op) ?? (IsWhole ? Ops.Unary(vm, op, value) : null);

    public override bool? EqualTo(Vm vm, object other) => IsWhole ? Ops.Equal(vm, value, Plain(other)) : base.EqualTo(vm, other);

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        base.Compare(vm, op, other) ?? (IsWhole ? Ops.Compare(vm, op, value, Plain(other)) : null);

    public override long Hash(Vm vm) => IsWhole ? Hashing.Of(vm, value) : Hashing.OfText(name);

    public override bool Truth(Vm vm) => IsWhole && Type.Find("__bool__") is null ? Ops.Truth(vm, value) : base.Truth(vm);

    public override double? ToFloat(Vm vm) => IsWhole ? Ops.ToFloat(vm, value) : base.ToFloat(vm);

    public override object? ToInt(Vm vm) => IsWhole ? value : base.ToInt(vm);

    public override object? ToIndex(Vm vm) => IsWhole ? value : base.ToIndex(vm);

    public override object? Abs(Vm vm) => IsWhole ? throw new UnsupportedException("abs of an IntEnum's member") : null;

    public override string Repr(Vm vm) =>
        Type.Find("__repr__") is null ? $"<{Type.Name}.{name}: {Show.Repr(vm, value)}>" : base.Repr(vm);

    public override string Str(Vm vm) => Type.Find("__str__") is not null ? base.Str(vm)
        : IsWhole ? Show.Str(vm, value)
        : $"{Type.Name}.{name}";

    public override string Format(Vm vm, string spec) => IsWhole && Type.Find("__str__") is null
        ? Formats.Apply(vm, value, spec)
        : Formats.Apply(vm, Str(vm), spec);

    private static object Plain(object other) => other is PyEnumMember { IsWhole: true } member ? member.Value : other;
}

/// <summary>How an enumeration is made of a class body, and its members are found.</summary>
internal static class Enumerations
{
    public static bool Is(PyType type) => Array.Exists(
        type.Mro, t => t.Flavor is ClassFlavor.Enumeration or ClassFlavor.WholeEnumeration);

    /// <summary>Replaces the plain values of the class body by members; a value that is there already is a second name.</summary>
    public static void Make(Vm vm, PyType type)
    {
        if (Array.Exists(type.Mro, t => t != type && t.Members is { Count: > 0 }))
        {
            throw new UnsupportedException("enumeration that extends another");
        }

        type.Members = [];
        object last = Ints.Box(0);
        foreach (var (name, given) in type.Attributes!.ToList()) // an enumeration is a class
        {
            if (given is PyFunction or NativeFunction or PyProperty or PyStaticMethod or PyClassMethod or PyType
                || (name.StartsWith('_') && name.EndsWith('_')))
            {
                if (name.StartsWith('_') && !name.StartsWith("__", StringComparison.Ordinal))
                {
                    throw new UnsupportedException($"enumeration with {name}");
                }

                continue;
            }

            var value = given is EnumModule.Automatic ? Ops.Binary(vm, BinaryOp.Add, last, Ints.Box(1)) : given;
            if (Array.Exists(type.Mro, t => t.Flavor == ClassFlavor.WholeEnumeration) && !Ints.IsInt(value))
            {
                throw new UnsupportedException("IntEnum with other than ints");
            }

            vm.Allocate(200);
            var member = type.Members.Find(m => Ops.Same(vm, m.Value, value));
            if (member is null)
            {
                member = new PyEnumMember(type, vm, name, value);
                type.Members.Add(member);
                if (type.Find("__init__") is { } initialize)
                {
                    Ops.Call(vm, initialize, value is PyTuple tuple ? [member, .. tuple.Items] : [member, value]);
                }
            }

            type.Attributes![name] = member; // an enumeration is a class
            last = value is string ? Ints.Box(0) : value;
        }
    }

    /// <summary><c>Day(2)</c>: the member with a value.</summary>
    public static object Member(Vm vm, PyType type, Args args)
    {
        if (args.Count != 1 || args.HasNames || type.Members is not { Count: > 0 } members)
        {
            throw new UnsupportedException("an enumeration made by a call");
        }

        return args[0] is PyEnumMember own && own.Type == type ? own
            : members.Find(m => Ops.Same(vm, m.Value, args[0]))
            ?? throw Err.Value($"{Show.Repr(vm, args[0])} is not a valid {type.Name}");
    }
}
