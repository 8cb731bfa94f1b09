using System.Globalization;
using System.Text.RegularExpressions;

namespace Reft.Configuration.Binding;

/// <summary>Reads single values by YAML 1.2's core schema, without guessing.</summary>
internal static partial class ScalarValue
{
    /// <summary>What a value of a type is called in messages.</summary>
    public static string KindOf(Type type) =>
        type == typeof(string) ? "text"
        : type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number"
        : type.IsEnum ? $"one of {string.Join(", ", EnumNames.Of(type))}"
        : "a whole number";

    /// <summary>Reads a value that is not null.</summary>
    /// <param name="type">What it should be.</param>
    /// <param name="scalar">The value.</param>
    /// <param name="complaint">What is wrong with it; null if nothing is.</param>
    /// <param name="isFreeText">Whether a text may be empty and have several lines.</param>
    /// <returns>The value; null if something is wrong with it.</returns>
    public static object? Read(Type type, ScalarNode scalar, out string? complaint, bool isFreeText = false)
    {
        var (value, reason) = type == typeof(string) ? Text(scalar, isFreeText)
            : type.IsEnum ? Word(type, scalar.Text)
            : !scalar.Plain ? (null, $"it must be {KindOf(type)}, without quotes")
            : type == typeof(bool) ? Truth(scalar.Text)
            : type == typeof(double) ? Number(scalar.Text)
            : Whole(type, scalar.Text);
        complaint = reason is null ? null : $"is {OneLine.Quote(scalar.Text)}: {reason}";
        return value;
    }

    /// <summary>Whether a text without quotes would be read as something else than text.</summary>
    public static bool MeansSomethingElse(string text) =>
        text is "" or "~" || text.ToLowerInvariant() is "null" or "true" or "false"
        || NumberForm().IsMatch(text) || NotFinite().IsMatch(text);

    private static (object? Value, string? Reason) Text(ScalarNode scalar, bool isFree)
    {
        var text = scalar.Text;
        return scalar.Plain && MeansSomethingElse(text) ? (null, "it must be text; put it in quotes")
            : !isFree && string.IsNullOrWhiteSpace(text) ? (null, "it must not be empty")
            : !isFree && text.Any(char.IsControl) ? (null, "it must be one line without control characters")
            : !IsWellFormed(text) ? (null, "it holds half of a surrogate pair")
            : (text, null);
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private static (object? Value, string? Reason) Word(Type type, string text) =>
        EnumNames.Parse(type, text) is { } value
            ? (value, null)
            : (null, $"it must be {KindOf(type)}{NearName.Ask(text, EnumNames.Of(type))}");

    private static (object? Value, string? Reason) Truth(string text) => text switch
    {
        "true" or "True" or "TRUE" => (true, null),
        "false" or "False" or "FALSE" => (false, null),
        _ => (null, "it must be true or false"),
    };

    private static (object? Value, string? Reason) Number(string text)
    {
        if (NotFinite().IsMatch(text))
        {
            return (null, "it must be a finite number");
        }

        if (!NumberForm().IsMatch(text))
        {
            return (null, "it must be a number, such as 0.5 or 3e-7");
        }

        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        var mantissa = text.Split('e', 'E')[0];
        return !double.IsFinite(value) ? (null, "it is too large")
            : value == 0 && mantissa.AsSpan().ContainsAnyInRange('1', '9') ? (null, "it is too small to differ from 0")
            : (value, null);
    }

    private static (object? Value, string? Reason) Whole(Type type, string text)
    {
        if (!WholeForm().IsMatch(text))
        {
            return (null, "it must be a whole number, written in digits alone");
        }

        // -0 is 0 for signed and unsigned types alike.
        var (least, most) = type == typeof(int) ? (int.MinValue, int.MaxValue)
            : type == typeof(long) ? (long.MinValue, long.MaxValue)
            : ((Int128)ulong.MinValue, (Int128)ulong.MaxValue);
        if (!Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            || value < least || value > most)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"it must lie between {least} and {most}"));
        }

        return (type == typeof(int) ? (int)value : type == typeof(long) ? (long)value : (object)(ulong)value, null);
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex NumberForm();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z")]
    private static partial Regex NotFinite();

    [GeneratedRegex(@"^[-+]?[0-9]+\z")]
    private static partial Regex WholeForm();
}
