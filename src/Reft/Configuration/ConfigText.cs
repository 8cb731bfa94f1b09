using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Reft.Configuration.Binding;

namespace Reft.Configuration;

/// <summary>Writes a config as YAML that reads back as the same config.</summary>
internal static partial class ConfigText
{
    /// <summary>
    /// Writes every value that the method reads, each with a comment of where it came from.
    /// </summary>
    /// <param name="config">The config.</param>
    /// <param name="provenance">Where its values came from.</param>
    public static string Write(RunConfig config, Provenance provenance)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(provenance);
        return Write(config, provenance, _ => true, config.Reads);
    }

    /// <summary>Writes a config without those keys that are at their defaults and need not be there.</summary>
    /// <param name="config">The config.</param>
    /// <param name="provenance">Where its values came from.</param>
    /// <param name="isNeeded">Whether a key, by its path without the places in lists, is there even at its default.</param>
    /// <param name="isRead">Whether a single key, by its path, is written at all; null for all of them.</param>
    internal static string Write(object config, Provenance provenance, Func<string, bool> isNeeded, Func<string, bool>? isRead = null)
    {
        var writer = new Writer(new StringBuilder(), provenance, isNeeded, isRead ?? (_ => true));
        writer.AppendKeys("", config, "");
        return writer.ToString();
    }

    /// <summary>A value as YAML writes it.</summary>
    internal static string Scalar(object? value) => value switch
    {
        null => "null",
        string text => SafeForm().IsMatch(text) && !ScalarValue.MeansSomethingElse(text) ? text : Quote(text),
        bool truth => truth ? "true" : "false",
        Enum word => EnumNames.Of(word),
        INamed named => named.Name,
        double number => ExactText.Of(number)
            .Replace('E', 'e').Replace("e-0", "e-"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "not a value"),
    };

    private static IEnumerable<ConfigKey> Keys(object record) => record is RunConfig config
        ? ConfigKey.Of(record.GetType(), config.Catalog).Where(key => config.Reads(key.Name))
        : ConfigKey.Of(record.GetType());

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

    private sealed record Writer(StringBuilder Text, Provenance Provenance, Func<string, bool> IsNeeded, Func<string, bool> IsRead)
    {
        public void AppendKeys(string indent, object record, string path)
        {
            var blank = new Lazy<object>(() => ConfigKey.Blank(record.GetType()));
            foreach (var key in Keys(record))
            {
                var child = ConfigPath.Key(path, key.Name);
                var value = key.Get(record);
                if (IsRead(child) && (IsNeeded(ConfigPath.Form(child)) || Line(value) != Line(key.GetDefault(blank.Value))))
                {
                    AppendKey(indent, key, value, child);
                }

                string Line(object? of)
                {
                    var alone = new Writer(new StringBuilder(), Provenance.None, IsNeeded, IsRead);
                    alone.AppendKey("", key, of, child);
                    return alone.ToString();
                }
            }
        }

        public override string ToString() => Text.ToString();

        private void AppendKey(string indent, ConfigKey key, object? value, string path)
        {
            var name = key.Name;
            if (value is INamed named && ConfigKey.Of(value.GetType()).Count == 0)
            {
                AppendLine($"{indent}{name}: {named.Name}", path);
            }
            else if (value is null or string || !ConfigKey.IsRecord(value.GetType()))
            {
                AppendLine($"{indent}{name}: {Scalar(value)}", path);
            }
            else if (value is not IEnumerable list)
            {
                Text.Append(indent).Append(name).Append(":\n");
                AppendTyped(indent + "  ", value, path, isUnnamed: !ConfigKey.IsNamed(key.Type) || (value is INamed one && key.IsUnnamed(one)));
            }
            else if (key.IsSection([.. list.Cast<object>()]))
            {
                Text.Append(indent).Append(name).Append(":\n");
                AppendKeys(indent + "  ", list.Cast<object>().Single(), path);
            }
            else
            {
                AppendList(indent, name, [.. list.Cast<object>()], path);
            }
        }

        /// <summary>A record's keys; of a thing that configs name its name first, unless it is plain without.</summary>
        private void AppendTyped(string indent, object record, string path, bool isUnnamed = false)
        {
            if (record is INamed named && !isUnnamed)
            {
                AppendLine($"{indent}type: {named.Name}", ConfigPath.Key(path, "type"));
            }

            AppendKeys(indent, record, path);
        }

        private void AppendList(string indent, string name, object[] items, string path)
        {
            if (items.Length == 0 || items[0] is string || !ConfigKey.IsRecord(items[0].GetType()))
            {
                var values = string.Join(", ", items.Select(Scalar));
                AppendLine($"{indent}{name}: [{values}]", path);
                return;
            }

            Text.Append(indent).Append(name).Append(":\n");
            for (var i = 0; i < items.Length; i++)
            {
                var start = Text.Length;
                AppendTyped(indent + "    ", items[i], ConfigPath.Item(path, i));
                if (Text.Length == start)
                {
                    Text.Append(indent).Append("    {}\n");
                }

                Text[start + indent.Length + 2] = '-';
            }
        }

        private void AppendLine(string line, string path) =>
            Text.Append(line).Append("  # ").Append(Provenance.Of(path)).Append('\n');
    }
}
