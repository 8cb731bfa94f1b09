using System.Text;

namespace Reft.Python.Runtime;

/// <summary>Strings by code point. A string without surrogates, the usual one, takes the short way.</summary>
internal static class Texts
{
    private static readonly string[] Single = [.. Enumerable.Range(0, 256).Select(i => ((char)i).ToString())];

    public static string Of(char c) => c < 256 ? Single[c] : c.ToString();

    public static bool IsPlain(string text) => text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0;

    /// <summary>Refuses characters beyond the basic plane where positions are counted.</summary>
    public static void RequirePlain(string text)
    {
        if (!IsPlain(text))
        {
            throw new UnsupportedException("characters beyond U+FFFF here");
        }
    }

    public static int Length(string text) => IsPlain(text) ? text.Length : text.EnumerateRunes().Count();

    /// <summary>The length, with its cost: the text must be looked through.</summary>
    public static int Length(Vm vm, string text)
    {
        vm.Charge(text.Length >> 8);
        return Length(text);
    }

    public static object GetItem(Vm vm, string text, object key)
    {
        vm.Charge(text.Length >> 8);
        if (!IsPlain(text))
        {
            return FromRunes(vm, text, key);
        }

        if (key is PySlice slice)
        {
            var (start, step, count) = slice.Resolve(vm, text.Length);
            vm.AllocateText(count);
            return step == 1
                ? text.Substring((int)start, (int)count)
                : string.Create((int)count, (text, start, step), static (span, state) =>
                {
                    for (var i = 0; i < span.Length; i++)
                    {
                        span[i] = state.text[(int)(state.start + (i * state.step))];
                    }
                });
        }

        return Of(text[Sequences.Position(vm, key, text.Length, "string")]);
    }

    public static string Repeat(Vm vm, string text, object times)
    {
        var count = Ints.Big(times);
        if (count.Sign <= 0 || text.Length == 0)
        {
            return "";
        }

        var total = count * text.Length;
        vm.AllocateText(total > long.MaxValue ? long.MaxValue : (long)total);
        return new StringBuilder((int)total).Insert(0, text, (int)count).ToString();
    }

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static string Strip(string text, bool left = true, bool right = true)
    {
        var start = 0;
        var end = text.Length;
        while (left && start < end && IsSpace(text[start]))
        {
            start++;
        }

        while (right && end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    private static string FromRunes(Vm vm, string text, object key)
    {
        var runes = text.EnumerateRunes().Select(r => (object)r.ToString()).ToArray();
        vm.AllocateItems(runes.Length);
        var picked = new PyTuple(runes).GetItem(vm, key);
        return picked is PyTuple several ? string.Concat(several.Items) : (string)picked;
    }
}
