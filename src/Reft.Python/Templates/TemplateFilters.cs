using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python.Templates;

internal delegate object TemplateFilter(TemplateFrame frame, object value, Args args);

/// <summary>What may stand behind a bar.</summary>
internal static partial class TemplateFilters
{
    private static readonly FrozenDictionary<string, TemplateFilter> All = Create().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The filter of a name; null when there is none.</summary>
    public static TemplateFilter? Find(string name) => All.GetValueOrDefault(name);

    private static Dictionary<string, TemplateFilter> Create()
    {
        var table = new Dictionary<string, TemplateFilter>(StringComparer.Ordinal);
        void Add(string name, int most, TemplateFilter filter, params string[] names) => table[name] = (frame, value, args) =>
        {
            Signature.Check(name, args, 0, most, names);
            return filter(frame, value, args);
        };
        Text(Add);
        Numbers(Add);
        Sequences(Add);
        Choosing(table);
        foreach (var name in new[] { "pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr" })
        {
            table[name] = (_, _, _) => throw new UnsupportedException($"filter '{name}'");
        }

        return table;
    }

    private delegate void Adding(string name, int most, TemplateFilter filter, params string[] names);

    private static void Text(Adding add)
    {
        add("upper", 0, (frame, value, _) => Method(frame, value, "upper"));
        add("lower", 0, (frame, value, _) => Method(frame, value, "lower"));
        add("capitalize", 0, (frame, value, _) => Method(frame, value, "capitalize"));
        add("title", 0, (frame, value, _) => Title(frame, Str(frame, value)));
        add("trim", 1, (frame, value, args) => Method(frame, value, "strip", args.At(0, "chars") ?? PyNone.Value), "chars");
        add("string", 0, (frame, value, _) => value is TemplateMarkup ? value : Str(frame, value));
        add("center", 1, (frame, value, args) => Method(frame, value, "center", args.At(0, "width") ?? 80L), "width");
        add("replace", 3, (frame, value, args) => Method(
            frame, value, "replace", Str(frame, Required(args, 0, "old")), Str(frame, Required(args, 1, "new")),
            args.At(2, "count") is { } count and not PyNone ? count : -1L), "old", "new", "count");
        add("join", 2, Join, "d", "attribute");
        add("indent", 3, Indent, "width", "first", "blank");
        add("truncate", 4, Truncate, "length", "killwords", "end", "leeway");
        add("wordcount", 0, (frame, value, _) => Ints.Box((long)Words().Count(Str(frame, value))));
        add("format", int.MaxValue, Format, "**");
        add("tojson", 4, ToJson, "ensure_ascii", "indent", "separators", "sort_keys");
        add("urlencode", 0, UrlEncode);
        foreach (var name in new[] { "e", "escape", "forceescape" })
        {
            add(name, 0, (frame, value, _) => value is TemplateMarkup && name != "forceescape" ? value : new TemplateMarkup(Escape(Str(frame, value))));
        }

        add("safe", 0, (frame, value, _) => new TemplateMarkup(Str(frame, value)));
    }

    private static object Format(TemplateFrame frame, object value, Args args)
    {
        if (args.Count > 0 && args.HasNames)
        {
            throw Err.Type("can't handle positional and keyword arguments at the same time");
        }

        object given = args.HasNames ? Constructors.Fill(frame.Vm, new PyDict(), args) : new PyTuple(args.Positional);
        return PercentFormat.Apply(frame.Vm, Str(frame, value), given);
    }

    private static void Numbers(Adding add)
    {
        add("abs", 0, (frame, value, _) => Call(frame, "abs", value));
        add("int", 2, ToInt, "default", "base");
        add("float", 1, (frame, value, args) =>
        {
            try
            {
                return Constructors.Float(frame.Vm, Types.Float, new Args([Plain(value)]));
            }
            catch (PyError error) when (IsTypeOrValue(error))
            {
                return args.At(0, "default") ?? 0.0;
            }
        }, "default");
        add("round", 2, Round, "precision", "method");
        add("sum", 2, (frame, value, args) => Call(
            frame, "sum", Mapped(frame, value, args.At(0, "attribute")), args.At(1, "start") ?? Ints.Box(0)), "attribute", "start");
        add("filesizeformat", 1, FileSize, "binary");
    }

    private static void Sequences(Adding add)
    {
        foreach (var name in new[] { "length", "count" })
        {
            add(name, 0, (frame, value, _) => Ints.Box(Ops.Length(frame.Vm, value)));
        }

        foreach (var name in new[] { "default", "d" })
        {
            add(name, 2, (frame, value, args) =>
                value is TemplateUndefined || (Truth(frame, args.At(1, "boolean")) && !Ops.Truth(frame.Vm, value))
                    ? args.At(0, "default_value") ?? ""
                    : value, "default_value", "boolean");
        }

        add("first", 0, (frame, value, _) => Ops.Iterate(frame.Vm, value).Next(frame.Vm)
            ?? new TemplateUndefined("No first item, sequence was empty."));
        add("last", 0, (frame, value, _) => ((PyIterator)Call(frame, "reversed", value is TemplateUndefined ? PyTuple.Empty : value)).Next(frame.Vm)
            ?? new TemplateUndefined("No last item, sequence was empty."));
        add("list", 0, (frame, value, _) => new PyList(Ops.ToList(frame.Vm, value)));
        add("reverse", 0, Reverse);
        add("items", 0, (frame, value, _) => value switch
        {
            TemplateUndefined => Lazily([]),
            PyDict dict => Lazily(dict.Pairs(frame.Vm).Select(pair => (object)new PyTuple([pair.Key, pair.Value]))),
            _ => throw Err.Type("Can only get item pairs from a mapping."),
        });
        add("dictsort", 3, DictSort, "case_sensitive", "by", "reverse");
        add("sort", 3, (frame, value, args) => Sorted(
            frame, value, item => Keys(frame, item, args.At(2, "attribute"), !Truth(frame, args.At(1, "case_sensitive"))),
            Truth(frame, args.At(0, "reverse"))), "reverse", "case_sensitive", "attribute");
        add("unique", 2, (frame, value, args) => Lazily(Unique(
            frame, value, !Truth(frame, args.At(0, "case_sensitive")), args.At(1, "attribute"))), "case_sensitive", "attribute");
        foreach (var name in new[] { "min", "max" })
        {
            add(name, 2, (frame, value, args) => Extreme(frame, name, value, args), "case_sensitive", "attribute");
        }

        add("groupby", 3, GroupBy, "attribute", "default", "case_sensitive");
        add("batch", 2, (frame, value, args) => Lazily(Batch(
            frame, value, Ops.ToLong(frame.Vm, Required(args, 0, "linecount")), args.At(1, "fill_with"))), "linecount", "fill_with");
        add("slice", 2, (frame, value, args) => Lazily(Slices(
            frame, value, Ops.ToLong(frame.Vm, Required(args, 0, "slices")), args.At(1, "fill_with"))), "slices", "fill_with");
        add("attr", 1, (frame, value, args) =>
        {
            var name = Ops.ToText(Required(args, 0, "name"), "name");
            return value is TemplateUndefined undefined
                ? throw undefined.Failure()
                : frame.OwnAttribute(value, name) ?? TemplateUndefined.Of(frame.Vm, value, name);
        }, "name");
    }

    /// <summary>The filters that take another filter or a test by its name.</summary>
    private static void Choosing(Dictionary<string, TemplateFilter> table)
    {
        table["map"] = (frame, value, args) => Lazily(Map(frame, value, args));
        table["select"] = (frame, value, args) => Lazily(Choose(frame, value, args, false, true));
        table["reject"] = (frame, value, args) => Lazily(Choose(frame, value, args, false, false));
        table["selectattr"] = (frame, value, args) => Lazily(Choose(frame, value, args, true, true));
        table["rejectattr"] = (frame, value, args) => Lazily(Choose(frame, value, args, true, false));
    }

    private static string Str(TemplateFrame frame, object value) => frame.Shown(value);

    private static object Plain(object value) => value is TemplateMarkup markup ? markup.Text : value;

    private static bool Truth(TemplateFrame frame, object? value) => value is not null && Ops.Truth(frame.Vm, value);

    private static object Required(Args args, int index, string name) =>
        args.At(index, name) ?? throw Err.Type($"missing a required argument: '{name}'");

    private static object Call(TemplateFrame frame, string builtin, params object[] values) =>
        Ops.Call(frame.Vm, Builtins.Find(builtin)!, values); // Python has them all.

    private static object Method(TemplateFrame frame, object value, string name, params object[] values) =>
        Ops.Call(frame.Vm, Ops.GetAttribute(frame.Vm, Str(frame, value), name), values);

    private static bool IsTypeOrValue(PyError error) =>
        error.Value.Type.IsSubtypeOf(ExceptionTypes.TypeError) || error.Value.Type.IsSubtypeOf(ExceptionTypes.ValueError);

    private static EnumeratorIterator Lazily(IEnumerable<object> items) => new("generator", items.GetEnumerator());

    private static string Title(TemplateFrame frame, string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var part in WordBeginnings().Split(text).Where(part => part.Length > 0))
        {
            result.Append(Method(frame, part[..1], "upper")).Append(Method(frame, part[1..], "lower"));
        }

        return frame.Vm.Text(result.ToString());
    }

    private static object Join(TemplateFrame frame, object value, Args args) => Method(
        frame, args.At(0, "d") ?? "", "join",
        PyList.From(frame.Vm, Ops.Each(frame.Vm, Mapped(frame, value, args.At(1, "attribute"))).Select(item => (object)Str(frame, item))));

    private static object Indent(TemplateFrame frame, object value, Args args)
    {
        var indent = args.At(0, "width") switch
        {
            string given => given,
            var width => new string(' ', (int)Math.Clamp(Ops.ToLong(frame.Vm, width ?? 4L), 0, 10_000)),
        };
        var text = Plain(value) as string ?? throw Err.Type($"unsupported operand type(s) for +=: '{Types.Of(value).Name}' and 'str'");
        var lines = ((PyList)Method(frame, text + "\n", "splitlines")).Items.Cast<string>().ToArray();
        frame.Vm.AllocateText(text.Length + ((long)lines.Length * indent.Length));
        var keepsBlank = Truth(frame, args.At(2, "blank"));
        var indented = string.Join('\n', lines.Select((line, i) => i > 0 && (keepsBlank || line.Length > 0) ? indent + line : line));
        return frame.Vm.Text(Truth(frame, args.At(1, "first")) ? indent + indented : indented);
    }

    private static object Truncate(TemplateFrame frame, object value, Args args)
    {
        var text = Ops.ToText(Plain(value), "value");
        var length = Ops.ToLong(frame.Vm, args.At(0, "length") ?? 255L);
        var end = Ops.ToText(args.At(2, "end") ?? "...", "end");
        var leeway = args.At(3, "leeway") is { } given and not PyNone ? Ops.ToLong(frame.Vm, given) : 5;
        Texts.RequirePlain(text + end);
        if (length < end.Length || leeway < 0)
        {
            throw Err.Make(ExceptionTypes.AssertionError, length < end.Length
                ? FormattableString.Invariant($"expected length >= {end.Length}, got {length}")
                : FormattableString.Invariant($"expected leeway >= 0, got {leeway}"));
        }

        if (text.Length <= length + leeway)
        {
            return text;
        }

        var cut = text[..(int)(length - end.Length)];
        return Truth(frame, args.At(1, "killwords")) || cut.LastIndexOf(' ') is not (>= 0 and var space) ? cut + end : cut[..space] + end;
    }

    private static object ToJson(TemplateFrame frame, object value, Args args)
    {
        var indent = args.At(1, "indent") switch
        {
            null or PyNone => null,
            string text => text,
            var width => new string(' ', (int)Math.Clamp(Ops.ToLong(frame.Vm, width), 0, 10_000)),
        };
        var (between, afterKey) = args.At(2, "separators") is { } given and not PyNone
            && Ops.ToList(frame.Vm, given) is [string first, string second]
            ? (first, second)
            : (indent is null ? ", " : ",", ": ");
        return TemplateJson.Write(frame.Vm, value, new JsonLayout(
            Truth(frame, args.At(0, "ensure_ascii")), indent, between, afterKey, Truth(frame, args.At(3, "sort_keys"))));
    }

    private static object UrlEncode(TemplateFrame frame, object value, Args args)
    {
        if (value is not (string or PyDict) && value is PyObject other && other.Iterate(frame.Vm) is not null)
        {
            throw new UnsupportedException("urlencode of pairs");
        }

        return value is PyDict dict
            ? string.Join('&', dict.Pairs(frame.Vm).Select(pair => Quote(Str(frame, pair.Key), "", true) + "=" + Quote(Str(frame, pair.Value), "", true)))
            : Quote(Str(frame, value), "/", false);

        static string Quote(string text, string safe, bool plus)
        {
            var quoted = new StringBuilder();
            foreach (var b in Encoding.UTF8.GetBytes(text))
            {
                var c = (char)b;
                quoted.Append(char.IsAsciiLetterOrDigit(c) || "_.-~".Contains(c, StringComparison.Ordinal) || safe.Contains(c, StringComparison.Ordinal)
                    ? c.ToString()
                    : plus && c == ' ' ? "+" : FormattableString.Invariant($"%{b:X2}"));
            }

            return quoted.ToString();
        }
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal);

    private static object ToInt(TemplateFrame frame, object value, Args args)
    {
        try
        {
            return value is string && args.At(1, "base") is { } radix
                ? Constructors.Int(frame.Vm, Types.Int, new Args([value, radix]))
                : Constructors.Int(frame.Vm, Types.Int, new Args([Plain(value)]));
        }
        catch (PyError error) when (IsTypeOrValue(error))
        {
            try
            {
                return Constructors.Int(frame.Vm, Types.Int, new Args([Constructors.Float(frame.Vm, Types.Float, new Args([Plain(value)]))]));
            }
            catch (PyError second) when (IsTypeOrValue(second) || second.Value.Type.IsSubtypeOf(ExceptionTypes.OverflowError))
            {
                return args.At(0, "default") ?? Ints.Box(0);
            }
        }
    }

    private static object Round(TemplateFrame frame, object value, Args args)
    {
        var digits = args.At(0, "precision") ?? Ints.Box(0);
        var method = Str(frame, args.At(1, "method") ?? "common");
        if (method == "common")
        {
            return value is TemplateUndefined undefined ? throw undefined.Failure() : Builtins.Round(frame.Vm, value, digits);
        }

        if (method is not ("ceil" or "floor"))
        {
            throw Err.Value("method must be common, ceil or floor");
        }

        var scale = Ops.Binary(frame.Vm, BinaryOp.Power, Ints.Box(10), digits);
        var scaled = Ops.ToFloat(frame.Vm, Ops.Binary(frame.Vm, BinaryOp.Multiply, value, scale));
        var whole = Floats.ToIntOrRaise(method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled));
        return Ops.Binary(frame.Vm, BinaryOp.Divide, whole, scale);
    }

    private static object FileSize(TemplateFrame frame, object value, Args args)
    {
        var size = Ops.ToFloat(frame.Vm, Constructors.Float(frame.Vm, Types.Float, new Args([Plain(value)])));
        var isBinary = Truth(frame, args.At(0, "binary"));
        var unit = isBinary ? 1024.0 : 1000.0;
        if (size == 1)
        {
            return "1 Byte";
        }

        if (size < unit)
        {
            return FormattableString.Invariant($"{(long)size} Bytes");
        }

        string[] prefixes = isBinary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
        var power = unit * unit;
        var at = 0;
        while (at < prefixes.Length - 1 && size >= power)
        {
            power *= unit;
            at++;
        }

        return Formats.Apply(frame.Vm, unit * size / power, ".1f") + " " + prefixes[at];
    }

    private static object Reverse(TemplateFrame frame, object value, Args args)
    {
        if (value is string text)
        {
            return Ops.GetItem(frame.Vm, text, new PySlice(PyNone.Value, PyNone.Value, Ints.Box(-1)));
        }

        if (value is PyList or PyTuple or PyRange or PyDict)
        {
            return Call(frame, "reversed", value);
        }

        var items = Ops.ToList(frame.Vm, value);
        items.Reverse();
        return new PyList(items);
    }

    private static object DictSort(TemplateFrame frame, object value, Args args)
    {
        var by = Str(frame, args.At(1, "by") ?? "key");
        if (by is not ("key" or "value"))
        {
            throw Err.Value("You can only sort by either \"key\" or \"value\"");
        }

        var dict = value as PyDict ?? throw Err.Attribute(value, "items");
        var ignoresCase = !Truth(frame, args.At(0, "case_sensitive"));
        var pairs = new PyList([.. dict.Pairs(frame.Vm).Select(pair => (object)new PyTuple([pair.Key, pair.Value]))]);
        return Sorted(
            frame, pairs, pair => Folded(frame, ((PyTuple)pair).Items[by == "key" ? 0 : 1], ignoresCase), Truth(frame, args.At(2, "reverse")));
    }

    private static PyList Sorted(TemplateFrame frame, object value, Func<object, object> key, bool isReverse)
    {
        var items = Ops.ToList(frame.Vm, value);
        Sorting.Sort(frame.Vm, items, new NativeFunction("key", 1, 1, (_, args) => key(args[0])), Bools.Of(isReverse));
        return new PyList(items);
    }

    private static object Folded(TemplateFrame frame, object value, bool ignoresCase) =>
        ignoresCase && value is string ? Method(frame, value, "lower") : value;

    /// <summary>What a sequence is sorted by: one or several attributes, as a list.</summary>
    private static PyList Keys(TemplateFrame frame, object item, object? attribute, bool ignoresCase)
    {
        object?[] attributes = attribute is string text ? [.. text.Split(',')] : [attribute];
        return new PyList([.. attributes.Select(a => Folded(frame, Path(frame, item, a, null), ignoresCase))]);
    }

    /// <summary>The value at a path such as <c>a.b.0</c>.</summary>
    private static object Path(TemplateFrame frame, object item, object? attribute, object? fallback)
    {
        object[] parts = attribute switch
        {
            null or PyNone => [],
            string text => [.. text.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit)
                ? Ints.Box(BigInteger.Parse(part, CultureInfo.InvariantCulture))
                : (object)part)],
            var one => [one],
        };
        foreach (var part in parts)
        {
            item = frame.Subscript(item, part);
            if (fallback is not null and not PyNone && item is TemplateUndefined)
            {
                item = fallback;
            }
        }

        return item;
    }

    private static object Mapped(TemplateFrame frame, object value, object? attribute) => attribute is null or PyNone
        ? value
        : Lazily(Ops.Each(frame.Vm, value).Select(item => Path(frame, item, attribute, null)));

    private static IEnumerable<object> Unique(TemplateFrame frame, object value, bool ignoresCase, object? attribute)
    {
        var seen = new PyDict();
        foreach (var item in Ops.Each(frame.Vm, value))
        {
            var key = Folded(frame, Path(frame, item, attribute, null), ignoresCase);
            if (seen.Find(frame.Vm, key) is null)
            {
                seen.Set(frame.Vm, key, Bools.True);
                yield return item;
            }
        }
    }

    private static object Extreme(TemplateFrame frame, string name, object value, Args args)
    {
        var items = Ops.ToList(frame.Vm, value);
        if (items.Count == 0)
        {
            return new TemplateUndefined("No aggregated item, sequence was empty.");
        }

        var ignoresCase = !Truth(frame, args.At(0, "case_sensitive"));
        var attribute = args.At(1, "attribute");
        var key = new NativeFunction("key", 1, 1, (_, given) => Folded(frame, Path(frame, given[0], attribute, null), ignoresCase));
        return Ops.Call(frame.Vm, Builtins.Find(name)!, new Args([new PyList(items), key], ["key"])); // Python has min and max.
    }

    private static object GroupBy(TemplateFrame frame, object value, Args args)
    {
        var (attribute, fallback) = (Required(args, 0, "attribute"), args.At(1, "default"));
        var ignoresCase = !Truth(frame, args.At(2, "case_sensitive"));
        object Key(object item) => Folded(frame, Path(frame, item, attribute, fallback), ignoresCase);
        var groups = new List<object>();
        PyList? members = null;
        object? last = null;
        foreach (var item in Sorted(frame, value, Key, false).Items)
        {
            var key = Key(item);
            if (members is null || !Ops.Equal(frame.Vm, last!, key)) // a group has a key
            {
                members = new PyList([]);
                // The name of a group is as its first member has it.
                groups.Add(new TemplateGroup(Path(frame, item, attribute, fallback), members));
            }

            members.Add(frame.Vm, item);
            last = key;
        }

        return new PyList(groups);
    }

    private static IEnumerable<object> Batch(TemplateFrame frame, object value, long size, object? fill)
    {
        var row = new PyList([]);
        foreach (var item in Ops.Each(frame.Vm, value))
        {
            if (row.Items.Count == size)
            {
                yield return row;
                row = new PyList([]);
            }

            row.Add(frame.Vm, item);
        }

        if (row.Items.Count > 0)
        {
            while (fill is not null and not PyNone && row.Items.Count < size)
            {
                row.Add(frame.Vm, fill);
            }

            yield return row;
        }
    }

    private static IEnumerable<object> Slices(TemplateFrame frame, object value, long count, object? fill)
    {
        var items = Ops.ToList(frame.Vm, value);
        if (count == 0)
        {
            throw Err.ZeroDivision("integer division or modulo by zero");
        }

        var (size, longer) = (items.Count / count, items.Count % count);
        var start = 0;
        for (var i = 0L; i < count; i++)
        {
            frame.Vm.Tick();
            var length = (int)(size + (i < longer ? 1 : 0));
            var part = new PyList(items.GetRange(start, length));
            start += length;
            if (fill is not null and not PyNone && i >= longer)
            {
                part.Add(frame.Vm, fill);
            }

            yield return part;
        }
    }

    private static IEnumerable<object> Map(TemplateFrame frame, object value, Args args)
    {
        if (!Ops.Truth(frame.Vm, value))
        {
            yield break;
        }

        Func<object, object> change;
        if (args.Count == 0 && args.Named("attribute") is { } attribute)
        {
            Signature.Check("map", args, 0, 0, ["attribute", "default"]);
            var fallback = args.Named("default");
            change = item => Path(frame, item, attribute, fallback);
        }
        else
        {
            var name = args.Count > 0 ? args[0] : throw Err.Type("map requires a filter argument");
            var filter = (name is string text ? Find(text) : null)
                ?? throw new TemplateFailure(JinjaFault.Type, $"No filter named {Show.Repr(frame.Vm, name)}.");
            var rest = args.Skip(1);
            change = item => filter(frame, item, rest);
        }

        foreach (var item in Ops.Each(frame.Vm, value))
        {
            yield return change(item);
        }
    }

    private static IEnumerable<object> Choose(TemplateFrame frame, object value, Args args, bool byAttribute, bool wanted)
    {
        if (!Ops.Truth(frame.Vm, value))
        {
            yield break;
        }

        var offset = byAttribute ? 1 : 0;
        var attribute = !byAttribute ? null : args.Count > 0 ? args[0] : throw Err.Type("Missing parameter for attribute name");
        TemplateTest holds = (inner, item, _) => Ops.Truth(inner.Vm, item);
        var rest = Args.None;
        if (args.Count > offset)
        {
            holds = (args[offset] is string text ? TemplateTests.Find(text) : null)
                ?? throw new TemplateFailure(JinjaFault.Type, $"No test named {Show.Repr(frame.Vm, args[offset])}.");
            rest = args.Skip(offset + 1);
        }

        foreach (var item in Ops.Each(frame.Vm, value))
        {
            if (holds(frame, Path(frame, item, attribute, null), rest) == wanted)
            {
                yield return item;
            }
        }
    }

    [GeneratedRegex(@"([-\s({\[<]+)")]
    private static partial Regex WordBeginnings();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();
}
