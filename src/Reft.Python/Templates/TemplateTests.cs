using System.Collections.Frozen;
using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Templates;

internal delegate bool TemplateTest(TemplateFrame frame, object value, Args args);

/// <summary>What may stand behind <c>is</c>.</summary>
internal static class TemplateTests
{
    private static readonly FrozenDictionary<string, TemplateTest> All = new Dictionary<string, TemplateTest>(StringComparer.Ordinal)
    {
        ["odd"] = (frame, value, _) => Modulo(frame, value, 2L) is 1L,
        ["even"] = (frame, value, _) => Modulo(frame, value, 2L) is var rest && Ops.Equal(frame.Vm, rest, 0L),
        ["divisibleby"] = (frame, value, args) => Ops.Equal(frame.Vm, Modulo(frame, value, Given(args, "num")), 0L),
        ["defined"] = (_, value, _) => value is not TemplateUndefined,
        ["undefined"] = (_, value, _) => value is TemplateUndefined,
        ["filter"] = (_, value, _) => value is string name && TemplateFilters.Find(name) is not null,
        ["test"] = (_, value, _) => value is string name && Find(name) is not null,
        ["none"] = (_, value, _) => value is PyNone,
        ["boolean"] = (_, value, _) => value is bool,
        ["false"] = (_, value, _) => value is false,
        ["true"] = (_, value, _) => value is true,
        ["integer"] = (_, value, _) => value is long or BigInteger,
        ["float"] = (_, value, _) => value is double,
        ["number"] = (_, value, _) => value is long or BigInteger or double or bool,
        ["string"] = (_, value, _) => value is string or TemplateMarkup,
        ["mapping"] = (_, value, _) => value is PyDict,
        ["sequence"] = (_, value, _) => value is string or PyList or PyTuple or PyDict or PyRange or TemplateUndefined or TemplateMarkup
            or TemplateGroup,
        ["iterable"] = (frame, value, _) => value is string or TemplateLoop || (value is PyObject item && item.Iterate(frame.Vm) is not null),
        ["callable"] = (_, value, _) => value is PyObject { IsCallable: true } or TemplateUndefined,
        ["sameas"] = (_, value, args) => Same(value, Given(args, "other")),
        ["escaped"] = (_, value, _) => value is TemplateMarkup,
        ["lower"] = (frame, value, _) => Case(frame, value, "islower"),
        ["upper"] = (frame, value, _) => Case(frame, value, "isupper"),
        ["in"] = (frame, value, args) => CompareExpression.Holds(frame.Vm, "in", value, Given(args, "seq")),
        ["=="] = Comparing("=="),
        ["eq"] = Comparing("=="),
        ["equalto"] = Comparing("=="),
        ["!="] = Comparing("!="),
        ["ne"] = Comparing("!="),
        [">"] = Comparing(">"),
        ["gt"] = Comparing(">"),
        ["greaterthan"] = Comparing(">"),
        [">="] = Comparing(">="),
        ["ge"] = Comparing(">="),
        ["<"] = Comparing("<"),
        ["lt"] = Comparing("<"),
        ["lessthan"] = Comparing("<"),
        ["<="] = Comparing("<="),
        ["le"] = Comparing("<="),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The test of a name; null when there is none.</summary>
    public static TemplateTest? Find(string name) => All.GetValueOrDefault(name);

    private static TemplateTest Comparing(string sign) =>
        (frame, value, args) => CompareExpression.Holds(frame.Vm, sign, value, Given(args, "b"));

    private static object Given(Args args, string name) =>
        args.At(0, name) ?? throw Err.Type($"missing 1 required positional argument: '{name}'");

    private static object Modulo(TemplateFrame frame, object value, object by) => Ops.Binary(frame.Vm, BinaryOp.Modulo, value, by);

    private static bool Case(TemplateFrame frame, object value, string method) =>
        Ops.Truth(frame.Vm, Ops.Call(frame.Vm, Ops.GetAttribute(frame.Vm, Show.Str(frame.Vm, value), method)));

    /// <summary>Whether two values are one object. Of numbers and texts Python does not promise it.</summary>
    private static bool Same(object a, object b) => (a, b) switch
    {
        (bool x, bool y) => x == y,
        (string or long or double or BigInteger, string or long or double or BigInteger) when a.GetType() == b.GetType() && a.Equals(b)
            && !ReferenceEquals(a, b) => throw new UnsupportedException("sameas of numbers or texts that are equal"),
        _ => ReferenceEquals(a, b),
    };
}
