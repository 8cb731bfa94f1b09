using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Reft.Composition.Configuration.Binding;

namespace Reft.Composition.Configuration;

/// <summary>Writes a config as YAML that reads back as the same config.</summary>
public static partial class ConfigText
{
    /// <summary>
    /// Writes every value, each with a comment of where it came from. Sections that the method does not read are left
    /// out.
    /// </summary>
    /// <param name="config">The config.</param>
    /// <param name="provenance">Where its values came from.</param>
    public static string Write(RunConfig config, Provenance provenance)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(provenance);
        var unread = MethodSections.UnreadBy(config.Method);
        var text = new StringBuilder();
        foreach (var key in ConfigKey.Of(typeof(RunConfig)).Where(key => !unread.Contains(key.Name)))
        {
            AppendKey(text, "", key.Name, key.Property.GetValue(config), key.Name, provenance);
        }

        return text.ToString();
    }

    /// <summary>A value as YAML writes it.</summary>
    internal static string Scalar(object? value) => value switch
    {
        null => "null",
        string text => SafeForm().IsMatch(text) && !ScalarValue.MeansSomethingElse(text) ? text : Quote(text),
        bool truth => truth ? "true" : "false",
        Enum word => EnumNames.Of(word),
        double number => ExactText.Of(number)
            .Replace('E', 'e').Replace("e-0", "e-"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "not a value"),
    };

    private static void AppendKey(
        StringBuilder text, string indent, string name, object? value, string path, Provenance provenance)
    {
        if (value is null or string || !ConfigKey.IsRecord(value.GetType()))
        {
            AppendLine(text, $"{indent}{name}: {Scalar(value)}", path, provenance);
        }
        else if (value is not IEnumerable list)
        {
            text.Append(indent).Append(name).Append(":\n");
            AppendRecord(text, indent + "  ", value, path, provenance);
        }
        else
        {
            AppendList(text, indent, name, [.. list.Cast<object>()], path, provenance);
        }
    }

    private static void AppendList(
        StringBuilder text, string indent, string name, object[] items, string path, Provenance provenance)
    {
        if (items.Length == 0 || items[0] is string || !ConfigKey.IsRecord(items[0].GetType()))
        {
            var values = string.Join(", ", items.Select(Scalar));
            AppendLine(text, $"{indent}{name}: [{values}]", path, provenance);
            return;
        }

        text.Append(indent).Append(name).Append(":\n");
        for (var i = 0; i < items.Length; i++)
        {
            var start = text.Length;
            AppendRecord(text, indent + "    ", items[i], ConfigPath.Item(path, i), provenance);
            text[start + indent.Length + 2] = '-';
        }
    }

    private static void AppendRecord(StringBuilder text, string indent, object record, string path, Provenance provenance)
    {
        foreach (var key in ConfigKey.Of(record.GetType()))
        {
            var child = ConfigPath.Key(path, key.Name);
            AppendKey(text, indent, key.Name, key.Property.GetValue(record), child, provenance);
        }
    }

    private static void AppendLine(StringBuilder text, string line, string path, Provenance provenance) =>
        text.Append(line).Append("  # ").Append(provenance.Of(path)).Append('\n');

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' or '\\' => $"\\{rune}",
                >= ' ' and <= '~' => rune.ToString(),
                // Letters stay readable; the rest may be a line break or invisible.
                _ when Rune.IsLetterOrDigit(rune) => rune.ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
            });
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^[A-Za-z0-9_./][A-Za-z0-9_./ -]*(?<! )\z")]
    private static partial Regex SafeForm();
}
