using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>The names that every template has.</summary>
internal static class TemplateGlobals
{
    private const long MostItems = 100_000;

    public static object? Find(string name, TemplateFrame frame) => name switch
    {
        "range" => new NativeFunction(name, 1, 3, (vm, args) =>
        {
            var range = (PyRange)Constructors.Range(vm, Types.Range, args);
            return range.Count > MostItems
                ? throw Err.Overflow($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MostItems}).")
                : range;
        }),
        "dict" => new NativeFunction(name, 0, 1, (vm, args) => Constructors.Fill(vm, new PyDict(), args), "**"),
        "namespace" => new NativeFunction(
            name, 0, 1, (vm, args) => new TemplateNamespace(Constructors.Fill(vm, new PyDict(), args)), "**"),
        "cycler" => new NativeFunction(name, 0, int.MaxValue, (_, args) => args.Count == 0
            ? throw Err.Runtime("at least one item has to be provided")
            : new TemplateCycler(args.Positional)),
        "joiner" => new NativeFunction(name, 0, 1, (_, args) => new TemplateJoiner(args.At(0, "sep") ?? ", "), "sep"),
        "lipsum" => throw new UnsupportedException("lipsum: it is random"),
        "raise_exception" => new NativeFunction(name, 1, 1, (vm, args) =>
            throw new TemplateFailure(JinjaFault.Raised, Show.Str(vm, args.At(0, "message")!)), "message"), // there is one
        "strftime_now" => new NativeFunction(name, 1, 1, (vm, args) => DateTexts.Write(
            vm, new PyDateTime(frame.Clock.GetLocalNow().DateTime, true), Ops.ToText(args.At(0, "format")!, "format")), "format"), // there is one
        _ => null,
    };
}
