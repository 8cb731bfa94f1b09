using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The methods of strings.</summary>
internal static class StringMethods
{
    public static IEnumerable<NativeMethod> All() =>
    [
        new("upper", 0, 0, (vm, self, _) => CaseMapping.Upper(vm, (string)self)),
        new("lower", 0, 0, (vm, self, _) => CaseMapping.Lower(vm, (string)self)),
        new("casefold", 0, 0, (vm, self, _) => Ascii(vm, self, "casefold").ToLowerInvariant()),
        new("swapcase", 0, 0, (vm, self, _) => string.Concat(Ascii(vm, self, "swapcase").Select(
            c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
        new("capitalize", 0, 0, (vm, self, _) => CaseMapping.Capitalized(vm, (string)self)),
        new("title", 0, 0, (vm, self, _) => Title(Ascii(vm, self, "title"))),
        new("strip", 0, 1, (vm, self, args) => Strip(vm, self, args, true, true)),
        new("lstrip", 0, 1, (vm, self, args) => Strip(vm, self, args, true, false)),
        new("rstrip", 0, 1, (vm, self, args) => Strip(vm, self, args, false, true)),
        new("split", 0, 2, (vm, self, args) => Split(vm, (string)self, args, false), "sep", "maxsplit"),
        new("rsplit", 0, 2, (vm, self, args) => Split(vm, (string)self, args, true), "sep", "maxsplit"),
        new("splitlines", 0, 1, SplitLines, "keepends"),
        new("partition", 1, 1, (vm, self, args) => Partition(vm, (string)self, args[0], false)),
        new("rpartition", 1, 1, (vm, self, args) => Partition(vm, (string)self, args[0], true)),
        new("join", 1, 1, Join),
        new("replace", 2, 3, Replace),
        new("find", 1, 3, (vm, self, args) => Ints.Box(Find(vm, self, args, false))),
        new("rfind", 1, 3, (vm, self, args) => Ints.Box(Find(vm, self, args, true))),
        new("index", 1, 3, (vm, self, args) => Index(vm, self, args, false)),
        new("rindex", 1, 3, (vm, self, args) => Index(vm, self, args, true)),
        new("count", 1, 3, Count),
        new("startswith", 1, 3, (vm, self, args) => Affix(vm, self, args, true)),
        new("endswith", 1, 3, (vm, self, args) => Affix(vm, self, args, false)),
        new("removeprefix", 1, 1, (_, self, args) => (string)self is var text
            && text.StartsWith(Text(args[0]), StringComparison.Ordinal) ? text[Text(args[0]).Length..] : self),
        new("removesuffix", 1, 1, (_, self, args) => (string)self is var text && Text(args[0]).Length > 0
            && text.EndsWith(Text(args[0]), StringComparison.Ordinal) ? text[..^Text(args[0]).Length] : self),
        new("isdigit", 0, 0, (_, self, _) => Every(self, char.IsAsciiDigit)),
        new("isdecimal", 0, 0, (_, self, _) => Every(self, char.IsAsciiDigit)),
        new("isnumeric", 0, 0, (_, self, _) => Every(self, char.IsAsciiDigit)),
        new("isalpha", 0, 0, (_, self, _) => Every(self, char.IsAsciiLetter)),
        new("isalnum", 0, 0, (_, self, _) => Every(self, char.IsAsciiLetterOrDigit)),
        new("isspace", 0, 0, (_, self, _) => Every(self, Texts.IsSpace)),
        new("isascii", 0, 0, (_, self, _) => Bools.Of(System.Text.Ascii.IsValid((string)self))),
        new("isupper", 0, 0, (vm, self, _) => Bools.Of(
            Ascii(vm, self, "isupper").Any(char.IsAsciiLetterUpper) && !((string)self).Any(char.IsAsciiLetterLower))),
        new("islower", 0, 0, (vm, self, _) => Bools.Of(
            Ascii(vm, self, "islower").Any(char.IsAsciiLetterLower) && !((string)self).Any(char.IsAsciiLetterUpper))),
        new("istitle", 0, 0, (vm, self, _) => Bools.Of(
            Ascii(vm, self, "istitle").Any(char.IsAsciiLetter) && Title((string)self) == (string)self)),
        new("isidentifier", 0, 0, (vm, self, _) => Bools.Of(
            Ascii(vm, self, "isidentifier").Length > 0 && !char.IsAsciiDigit(((string)self)[0])
            && ((string)self).All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))),
        new("isprintable", 0, 0, (vm, self, _) => Bools.Of(Ascii(vm, self, "isprintable").All(c => c is >= ' ' and < '\x7f'))),
        new("zfill", 1, 1, ZFill),
        new("center", 1, 2, (vm, self, args) => Pad(vm, self, args, '^')),
        new("ljust", 1, 2, (vm, self, args) => Pad(vm, self, args, '<')),
        new("rjust", 1, 2, (vm, self, args) => Pad(vm, self, args, '>')),
        new("expandtabs", 0, 1, ExpandTabs, "tabsize"),
        new("format", 0, int.MaxValue, (vm, self, args) => BraceFormat.Apply(vm, (string)self, args), "**"),
        new("translate", 1, 1, Translate),
        new("encode", 0, 2, (_, _, _) => throw new UnsupportedException("bytes"), "encoding", "errors"),
        new("__len__", 0, 0, (vm, self, _) => Ints.Box(Ops.Length(vm, self))),
        new("format_map", 1, 1, (_, _, _) => throw new UnsupportedException("str.format_map")),
    ];

    public static object MakeTrans(Vm vm, Args args)
    {
        var table = new PyDict();
        if (args.Count == 1)
        {
            foreach (var (key, value) in ((args[0] as PyDict)
                ?? throw Err.Type("if you give only one argument to maketrans it must be a dict")).Pairs(vm))
            {
                table.Set(vm, key is string { Length: 1 } letter ? Ints.Box((long)letter[0]) : key, value);
            }

            return table;
        }

        var (from, to) = (Text(args[0]), Text(args[1]));
        if (from.Length != to.Length)
        {
            throw Err.Value("the first two maketrans arguments must have equal length");
        }

        for (var i = 0; i < from.Length; i++)
        {
            table.Set(vm, Ints.Box((long)from[i]), Ints.Box((long)to[i]));
        }

        foreach (var c in args.Count > 2 ? Text(args[2]) : "")
        {
            table.Set(vm, Ints.Box((long)c), PyNone.Value);
        }

        return table;
    }

    private static string Text(object value) => Ops.ToText(value, "argument");

    private static string Ascii(Vm vm, object self, string method)
    {
        var text = (string)self;
        vm.AllocateText(text.Length);
        return System.Text.Ascii.IsValid(text)
            ? text
            : throw new UnsupportedException($"str.{method} of characters that are not ASCII");
    }

    private static object Every(object self, Func<char, bool> holds)
    {
        var text = (string)self;
        if (!System.Text.Ascii.IsValid(text))
        {
            throw new UnsupportedException("classes of characters that are not ASCII");
        }

        return Bools.Of(text.Length > 0 && text.All(holds));
    }

    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var inside = false;
        foreach (var c in text)
        {
            result.Append(inside ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inside = char.IsAsciiLetter(c);
        }

        return result.ToString();
    }

    private static object Strip(Vm vm, object self, Args args, bool left, bool right)
    {
        var text = (string)self;
        vm.Charge(text.Length >> 5);
        if (args.Count == 0 || args[0] is PyNone)
        {
            return Texts.Strip(text, left, right);
        }

        var set = Ops.ToText(args[0], "strip arg");
        vm.Charge((long)text.Length * Math.Min(set.Length, 64) >> 6);
        Texts.RequirePlain(set); // A character of the basic plane is no half of another.
        var chars = set.ToCharArray();
        if (chars.Length == 0)
        {
            return text;
        }

        text = left ? text.TrimStart(chars) : text;
        return right ? text.TrimEnd(chars) : text;
    }

    private static object Split(Vm vm, string text, Args args, bool fromRight)
    {
        var limit = args.At(1, "maxsplit") is { } most ? Ops.ToLong(vm, most) : -1;
        var separator = args.At(0, "sep");
        vm.AllocateText(text.Length);
        var parts = new List<object>();
        if (separator is null or PyNone)
        {
            return new PyList(Words(vm, text, limit, fromRight));
        }

        var mark = Ops.ToText(separator, "sep");
        if (mark.Length == 0)
        {
            throw Err.Value("empty separator");
        }

        Ops.ChargeSearch(vm, text, mark);
        var low = 0;
        var high = text.Length;
        while (limit < 0 || parts.Count < limit)
        {
            var at = fromRight
                ? text[..high].LastIndexOf(mark, StringComparison.Ordinal)
                : text.IndexOf(mark, low, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            vm.Tick();
            vm.Allocate(40);
            if (fromRight)
            {
                vm.Charge(high >> 5);
                parts.Add(text[(at + mark.Length)..high]);
                high = at;
            }
            else
            {
                parts.Add(text[low..at]);
                low = at + mark.Length;
            }
        }

        parts.Add(text[low..high]);
        if (fromRight)
        {
            parts.Reverse();
        }

        return new PyList(parts);
    }

    private static List<object> Words(Vm vm, string text, long limit, bool fromRight)
    {
        var words = new List<object>();
        var body = Texts.Strip(text, !fromRight || limit < 0, fromRight || limit < 0);
        while (body.Length > 0)
        {
            vm.Allocate(40);
            if (limit >= 0 && words.Count == limit)
            {
                words.Add(body);
                break;
            }

            vm.Charge(1);
            var end = fromRight ? body.Length : 0;
            while (fromRight ? end > 0 && !Texts.IsSpace(body[end - 1]) : end < body.Length && !Texts.IsSpace(body[end]))
            {
                end += fromRight ? -1 : 1;
            }

            words.Add(fromRight ? body[end..] : body[..end]);
            vm.Charge(body.Length >> 4);
            body = fromRight ? Texts.Strip(body[..end], false) : Texts.Strip(body[end..], true, false);
        }

        if (fromRight)
        {
            words.Reverse();
        }

        return words;
    }

    private static PyList SplitLines(Vm vm, object self, Args args)
    {
        var keep = args.At(0, "keepends") is { } keepEnds && Ops.Truth(vm, keepEnds);
        var text = (string)self;
        var lines = new List<object>();
        vm.AllocateText(text.Length);
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '\n' or '\r' or '\v' or '\f' or (>= '\x1c' and <= '\x1e') or '\x85' or '\u2028' or '\u2029')
            {
                var end = i;
                if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                {
                    i++;
                }

                vm.Allocate(40);
                lines.Add(keep ? text[start..(i + 1)] : text[start..end]);
                start = i + 1;
            }
        }

        if (start < text.Length)
        {
            lines.Add(text[start..]);
        }

        return new PyList(lines);
    }

    private static PyTuple Partition(Vm vm, string text, object separator, bool last)
    {
        var mark = Text(separator);
        if (mark.Length == 0)
        {
            throw Err.Value("empty separator");
        }

        Ops.ChargeSearch(vm, text, mark);
        vm.AllocateText(text.Length);
        var at = last
            ? text.LastIndexOf(mark, StringComparison.Ordinal)
            : text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0
            ? new PyTuple(last ? ["", "", text] : [text, "", ""])
            : new PyTuple([text[..at], mark, text[(at + mark.Length)..]]);
    }

    private static object Join(Vm vm, object self, Args args)
    {
        var separator = (string)self;
        var parts = Ops.ToList(vm, args[0], "can only join an iterable");
        long length = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            length += parts[i] is string part
                ? part.Length + separator.Length
                : throw Err.Type(FormattableString.Invariant(
                    $"sequence item {i}: expected str instance, {Types.Of(parts[i]).Name} found"));
        }

        vm.AllocateText(length);
        return string.Join(separator, parts);
    }

    private static object Replace(Vm vm, object self, Args args)
    {
        var (text, from, to) = ((string)self, Text(args[0]), Text(args[1]));
        var limit = args.Count > 2 ? Ops.ToLong(vm, args[2]) : -1;
        limit = limit < 0 ? long.MaxValue : limit;
        if (from.Length == 0)
        {
            Texts.RequirePlain(text);
        }

        Ops.ChargeSearch(vm, text, from);
        var result = new StringBuilder();
        var low = 0;
        while (limit-- > 0)
        {
            var at = from.Length == 0
                ? (low <= text.Length ? low : -1)
                : text.IndexOf(from, low, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            vm.Tick();
            vm.AllocateText(to.Length);
            result.Append(text, low, at - low).Append(to);
            low = at + from.Length;
            if (from.Length == 0)
            {
                if (low == text.Length)
                {
                    low++;
                    break;
                }

                result.Append(text[low++]);
            }
        }

        if (low < text.Length)
        {
            result.Append(text, low, text.Length - low);
        }

        return vm.Text(result.ToString());
    }

    private static (int Low, int High) Bounds(Vm vm, string text, Args args)
    {
        if (args.Count > 1)
        {
            Texts.RequirePlain(text); // Places are counted.
        }

        var (start, _, _) = new PySlice(args.At(1) ?? PyNone.Value, PyNone.Value, PyNone.Value).Resolve(vm, text.Length);
        var stop = args.At(2) ?? PyNone.Value;
        var high = stop is PyNone ? text.Length : Math.Clamp(Negative(Ops.ToLong(vm, stop), text.Length), 0, text.Length);
        var raw = args.At(1) is { } first and not PyNone ? Negative(Ops.ToLong(vm, first), text.Length) : 0;
        return (raw > text.Length ? text.Length + 1 : (int)start, (int)high);
    }

    private static long Negative(long index, int length) => index < 0 ? index + length : index;

    private static long Find(Vm vm, object self, Args args, bool last)
    {
        var (text, part) = ((string)self, Ops.ToText(args[0], "argument"));
        var (low, high) = Bounds(vm, text, args);
        if (low > high)
        {
            return -1;
        }

        Ops.ChargeSearch(vm, text, part);
        var span = text.AsSpan(low, high - low);
        var at = last ? span.LastIndexOf(part, StringComparison.Ordinal) : span.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1 : Texts.Length(vm, text[..(at + low)]);
    }

    private static object Index(Vm vm, object self, Args args, bool last) => Find(vm, self, args, last) is var at and >= 0
        ? Ints.Box(at)
        : throw Err.Value("substring not found");

    private static object Count(Vm vm, object self, Args args)
    {
        var (text, part) = ((string)self, Ops.ToText(args[0], "argument"));
        var (low, high) = Bounds(vm, text, args);
        if (low > high)
        {
            return Ints.Box(0);
        }

        Ops.ChargeSearch(vm, text, part);
        return Ints.Box(part.Length == 0 ? Texts.Length(vm, text[low..high]) + 1L : text.AsSpan(low, high - low).Count(part));
    }

    private static object Affix(Vm vm, object self, Args args, bool start)
    {
        var text = (string)self;
        var (low, high) = Bounds(vm, text, args);
        if (low > high)
        {
            return Bools.False;
        }

        var parts = args[0] is PyTuple several ? several.Items : [args[0]];
        foreach (var item in parts)
        {
            var part = item as string ?? throw Err.Type(
                $"{(start ? "startswith" : "endswith")} first arg must be str or a tuple of str, not {Types.Of(item).Name}");
            var span = text.AsSpan(low, high - low);
            if (start ? span.StartsWith(part, StringComparison.Ordinal) : span.EndsWith(part, StringComparison.Ordinal))
            {
                return Bools.True;
            }
        }

        return Bools.False;
    }

    private static object ZFill(Vm vm, object self, Args args)
    {
        var text = (string)self;
        Texts.RequirePlain(text);
        var width = Ops.ToLong(vm, args[0]);
        if (width <= text.Length)
        {
            return text;
        }

        vm.AllocateText(width);
        var sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        return text[..sign] + text[sign..].PadLeft((int)width - sign, '0');
    }

    private static object Pad(Vm vm, object self, Args args, char align)
    {
        var text = (string)self;
        Texts.RequirePlain(text);
        var width = Ops.ToLong(vm, args[0]);
        var fill = args.At(1) is { } with
            ? with as string is { Length: 1 } single
                ? single[0]
                : throw Err.Type("The fill character must be exactly one character long")
            : ' ';
        if (width <= text.Length)
        {
            return text;
        }

        vm.AllocateText(width);
        var missing = (int)width - text.Length;
        var left = align switch { '<' => 0, '>' => missing, _ => (missing / 2) + (missing & (int)width & 1) };
        return new string(fill, left) + text + new string(fill, missing - left);
    }

    private static object ExpandTabs(Vm vm, object self, Args args)
    {
        var size = args.At(0, "tabsize") is { } given ? Ops.ToLong(vm, given) : 8;
        var result = new StringBuilder();
        var column = 0L;
        foreach (var c in (string)self)
        {
            if (c == '\t')
            {
                var count = size > 0 ? size - (column % size) : 0;
                vm.AllocateText(count);
                result.Append(' ', (int)count);
                column += count;
            }
            else
            {
                result.Append(c);
                column = c is '\n' or '\r' ? 0 : column + 1;
            }
        }

        return vm.Text(result.ToString());
    }

    private static object Translate(Vm vm, object self, Args args)
    {
        if (args[0] is not PyDict table)
        {
            throw new UnsupportedException("str.translate without a dict");
        }

        var result = new StringBuilder();
        foreach (var rune in ((string)self).EnumerateRunes())
        {
            vm.Tick();
            switch (table.Find(vm, Ints.Box((long)rune.Value)))
            {
                case null:
                    result.Append(rune.ToString());
                    break;
                case string text:
                    vm.AllocateText(text.Length);
                    result.Append(text);
                    break;
                case PyNone:
                    break;
                case var code:
                    result.Append(Builtins.Character(Ops.ToBig(vm, code)));
                    break;
            }
        }

        return vm.Text(result.ToString());
    }
}
