using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>How Python's <c>json.dumps</c> lays a value out.</summary>
internal sealed record JsonLayout(bool EnsuresAscii, string? Indent, string Between, string AfterKey, bool SortsKeys);

/// <summary>Between JSON and the values of templates; texts are those of Python's <c>json</c>.</summary>
internal static class TemplateJson
{
    /// <summary>The value of a JSON node.</summary>
    public static object Read(Vm vm, JsonNode? node)
    {
        switch (node)
        {
            case null:
                return PyNone.Value;
            case JsonObject members:
                var dict = new PyDict();
                foreach (var (key, value) in members)
                {
                    dict.Set(vm, key, Read(vm, value));
                }

                return dict;
            case JsonArray items:
                return PyList.From(vm, items.Select(item => Read(vm, item)));
        }

        return node.GetValueKind() switch
        {
            JsonValueKind.True => Bools.True,
            JsonValueKind.False => Bools.False,
            JsonValueKind.String => vm.Text(node.GetValue<string>()),
            JsonValueKind.Number => Number(node.ToJsonString()),
            var kind => throw new ArgumentException($"a value of kind {kind} is no JSON", nameof(node)),
        };
    }

    /// <summary>The text of a value.</summary>
    public static string Write(Vm vm, object value, JsonLayout layout)
    {
        var text = new StringBuilder();
        Append(vm, text, value, layout, 0);
        return text.ToString();
    }

    private static object Number(string digits) =>
        BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? Ints.Box(whole)
            : double.Parse(digits, CultureInfo.InvariantCulture);

    private static void Append(Vm vm, StringBuilder text, object value, JsonLayout layout, int depth)
    {
        vm.Tick();
        switch (value)
        {
            case string or TemplateMarkup:
                var shown = Show.Str(vm, value);
                vm.AllocateText(shown.Length);
                Quote(text, shown, layout.EnsuresAscii);
                break;
            case PyNone or bool or long or BigInteger or double:
                text.Append(Plain(vm, value));
                break;
            case PyDict dict:
                Members(vm, text, dict, layout, depth);
                break;
            case PyList list:
                Items(vm, text, '[', list.Items, ']', layout, depth, item => Append(vm, text, item, layout, depth + 1));
                break;
            case PyTuple tuple:
                Items(vm, text, '[', tuple.Items, ']', layout, depth, item => Append(vm, text, item, layout, depth + 1));
                break;
            default:
                throw Err.Type($"Object of type {Types.Of(value).Name} is not JSON serializable");
        }
    }

    private static void Members(Vm vm, StringBuilder text, PyDict dict, JsonLayout layout, int depth)
    {
        var pairs = dict.Pairs(vm);
        if (layout.SortsKeys)
        {
            var keys = new List<object>(pairs.Select(pair => pair.Key));
            Sorting.Sort(vm, keys, null, null);
            pairs = [.. keys.Select(key => KeyValuePair.Create(key, dict.GetItem(vm, key)))];
        }

        Items(vm, text, '{', pairs, '}', layout, depth, pair =>
        {
            Quote(text, Key(vm, pair.Key), layout.EnsuresAscii);
            text.Append(layout.AfterKey);
            Append(vm, text, pair.Value, layout, depth + 1);
        });
    }

    private static void Items<T>(
        Vm vm, StringBuilder text, char open, IReadOnlyCollection<T> items, char close, JsonLayout layout, int depth, Action<T> append)
    {
        text.Append(open);
        vm.Enter();
        var isFirst = true;
        foreach (var item in items)
        {
            vm.AllocateText(layout.Between.Length + layout.AfterKey.Length);
            text.Append(isFirst ? "" : layout.Between);
            isFirst = false;
            Break(vm, text, layout, depth + 1);
            append(item);
        }

        if (!isFirst)
        {
            Break(vm, text, layout, depth);
        }

        vm.Leave();
        text.Append(close);
    }

    private static void Break(Vm vm, StringBuilder text, JsonLayout layout, int depth)
    {
        if (layout.Indent is not null)
        {
            vm.AllocateText((long)layout.Indent.Length * depth);
            text.Append('\n').Insert(text.Length, layout.Indent, depth);
        }
    }

    private static string Plain(Vm vm, object value) => value switch
    {
        PyNone => "null",
        bool truth => truth ? "true" : "false",
        double real => double.IsNaN(real) ? "NaN" : double.IsInfinity(real) ? real > 0 ? "Infinity" : "-Infinity" : Floats.Repr(real),
        _ => Show.Repr(vm, value),
    };

    private static string Key(Vm vm, object key) => key switch
    {
        string text => text,
        PyNone or bool or long or BigInteger or double => Plain(vm, key),
        _ => throw Err.Type($"keys must be str, int, float, bool or None, not {Types.Of(key).Name}"),
    };

    private static void Quote(StringBuilder text, string value, bool ensuresAscii)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"' or '\\':
                    text.Append('\\').Append(c);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                default:
                    if (c < ' ' || (ensuresAscii && c > '~'))
                    {
                        text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    }
                    else
                    {
                        text.Append(c);
                    }

                    break;
            }
        }

        text.Append('"');
    }
}
