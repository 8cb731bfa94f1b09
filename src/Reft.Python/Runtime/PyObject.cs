namespace Reft.Python.Runtime;

internal enum BinaryOp
{
    Add, Subtract, Multiply, Divide, FloorDivide, Modulo, Power, MatrixMultiply, LeftShift, RightShift, And, Or, Xor,
}

internal enum UnaryOp
{
    Negate, Plus, Invert,
}

internal enum CompareOp
{
    Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual,
}

/// <summary>
/// A Python value that is not a bool, int (<see cref="long"/> or <see cref="System.Numerics.BigInteger"/>), float
/// (<see cref="double"/>) or str (<see cref="string"/>), which are boxed .NET values. A null result means
/// NotImplemented: the caller tries the other operand, and then raises.
/// </summary>
internal abstract class PyObject
{
    public abstract PyType Type { get; }

    public virtual object? Binary(Vm vm, BinaryOp op, object other, bool reflected) => null;

    public virtual object? InPlace(Vm vm, BinaryOp op, object other) => null;

    public virtual object? Unary(Vm vm, UnaryOp op) => null;

    /// <summary>Whether the two are equal; null when this type does not know the other.</summary>
    public virtual bool? EqualTo(Vm vm, object other) => ReferenceEquals(this, other) ? true : null;

    public virtual bool? Compare(Vm vm, CompareOp op, object other) => null;

    /// <summary>What a comparison gives where that need not be a bool; null where the object has no such comparison.</summary>
    public virtual object? RichCompare(Vm vm, CompareOp op, object other) => null;

    /// <summary><c>abs()</c>, or null when there is none.</summary>
    public virtual object? Abs(Vm vm) => null;

    /// <summary><c>round()</c> to so many places, or to an int where they are null; null when there is none.</summary>
    public virtual object? Round(Vm vm, long? digits) => null;

    public virtual long Hash(Vm vm) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public virtual bool Truth(Vm vm) => true;

    public virtual string Repr(Vm vm) => throw new UnsupportedException($"text of a {Type.Name} object");

    public virtual string Str(Vm vm) => Repr(vm);

    public virtual string Format(Vm vm, string spec) =>
        spec.Length == 0
            ? Str(vm)
            : throw Err.Type($"unsupported format string passed to {Type.Name}.__format__");

    /// <summary>The attribute, or null when there is none.</summary>
    public virtual object? GetAttribute(Vm vm, string name) => Types.BindMethod(this, name);

    public virtual void SetAttribute(Vm vm, string name, object? value) => throw Err.Attribute(this, name);

    public virtual object GetItem(Vm vm, object key) => throw Err.Type($"'{Type.Name}' object is not subscriptable");

    public virtual void SetItem(Vm vm, object key, object value) =>
        throw Err.Type($"'{Type.Name}' object does not support item assignment");

    public virtual void DeleteItem(Vm vm, object key) =>
        throw Err.Type($"'{Type.Name}' object doesn't support item deletion");

    /// <summary>The number of items, or -1 when the object has no length.</summary>
    public virtual long Length(Vm vm) => -1;

    /// <summary>An iterator, or null when the object is not iterable.</summary>
    public virtual PyIterator? Iterate(Vm vm) => null;

    public virtual bool? Contains(Vm vm, object item) => null;

    public virtual object Call(Vm vm, Args args) => throw Err.Type($"'{Type.Name}' object is not callable");

    public virtual bool IsCallable => false;

    /// <summary>The value as <c>float()</c> sees it, or null when it is not a number.</summary>
    public virtual double? ToFloat(Vm vm) => null;

    /// <summary>The value as <c>int()</c> sees it (truncated), or null when it is not a number.</summary>
    public virtual object? ToInt(Vm vm) => null;

    /// <summary><c>math.floor</c>, <c>ceil</c> or <c>trunc</c> of the value, by the special method's name.</summary>
    public virtual object ToWhole(Vm vm, string method) => throw new UnsupportedException($"{method} of {Type.Name}");

    /// <summary>The value as an index (<c>__index__</c>), or null.</summary>
    public virtual object? ToIndex(Vm vm) => null;
}

/// <summary>None.</summary>
internal sealed class PyNone : PyObject
{
    public static readonly PyNone Value = new();

    public override PyType Type => Types.None;

    public override bool Truth(Vm vm) => false;

    public override string Repr(Vm vm) => "None";

    public override long Hash(Vm vm) => 0xfca86420;
}

/// <summary>A constant known by its name: Ellipsis, NotImplemented, and the sentinels of modules.</summary>
internal sealed class PyConstant(string name, string typeName) : PyObject
{
    public static readonly PyConstant Ellipsis = new("Ellipsis", "ellipsis");
    public static readonly PyConstant NotImplemented = new("NotImplemented", "NotImplementedType");

    public override PyType Type { get; } = new(typeName);

    public override string Repr(Vm vm) => name;

    public override object GetItem(Vm vm, object key) => this;

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) =>
        op == BinaryOp.Or && Type.Name == "typing" ? this : null;
}
