using Reft.Methods;

namespace Reft.Configuration.Binding;

/// <summary>Fills records from nodes. It goes on after an error, so that all are found at once.</summary>
/// <param name="type">The record of a whole config.</param>
/// <param name="catalog">What it can name.</param>
/// <param name="errors">Where errors go.</param>
internal sealed class Binder(Type type, Catalog catalog, ConfigErrors errors)
{
    private const string TypeKey = "type";

    private readonly Dictionary<string, Origin> _origins = new(StringComparer.Ordinal);
    private readonly UnknownKeys _unknown = new(type, catalog);

    /// <summary>Where everything that was given stands: values, sections and lists by their paths.</summary>
    public IReadOnlyDictionary<string, Origin> Origins => _origins;

    /// <summary>Fills a whole config; faulty values are left at their defaults.</summary>
    public object Bind(MappingNode root)
    {
        _origins[""] = root.Origin;
        return BindRecord(type, root, "");
    }

    private object BindRecord(Type type, MappingNode mapping, string path)
    {
        var keys = ConfigKey.Of(type, catalog).ToList();
        var record = ConfigKey.Blank(type);
        if (record is RunConfig run)
        {
            record = run with { Catalog = catalog };
        }

        var given = mapping.Entries.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        // In the record's order: the method tells which options are its own.
        foreach (var entry in mapping.Entries.OrderBy(entry => keys.FindIndex(key => key.Name == entry.Key)))
        {
            var child = ConfigPath.Key(path, OneLine.Of(entry.Key, 60));
            if (keys.Find(key => key.Name == entry.Key) is not { } known)
            {
                errors.Add(entry.Origin, child, _unknown.Complain(entry.Key, keys));
                if (UnknownKeys.Guess(entry.Key, keys) is { } meant && !given.Contains(meant))
                {
                    errors.Excuse(ConfigPath.Key(path, meant));
                }

                continue;
            }

            _origins[child] = entry.Origin;
            if (BindValue(known, entry, child) is { } value)
            {
                if (known.Set(record, value) is { } fault)
                {
                    errors.Add(entry.Origin, child, fault);
                }
            }
            else if (known.IsNullable)
            {
                known.Set(record, null);
            }
        }

        foreach (var key in keys.Where(key => key.IsRequired && !given.Contains(key.Name)))
        {
            var child = ConfigPath.Key(path, key.Name);
            if (!errors.Cover(child))
            {
                errors.Add(mapping.Origin, child, $"is missing{Needs(key.Type)}");
            }
        }

        return record;
    }

    private static string Needs(Type type)
    {
        var needed = ConfigKey.IsRecord(type) ? ConfigKey.Of(type).Where(key => key.IsRequired).ToArray() : [];
        return needed.Length == 0 ? "" : $"; it needs {string.Join(", ", needed.Select(key => key.Name))}";
    }

    /// <summary>The value of a key; null if it is absent or wrong.</summary>
    private object? BindValue(ConfigKey key, ConfigEntry entry, string path)
    {
        if (entry.Value is ScalarNode { IsNull: true })
        {
            if (!key.IsNullable)
            {
                errors.Add(entry.Origin, path, "has no value; give one, or leave the key out");
            }

            return null;
        }

        return key.Element is null ? BindNode(key.Type, entry.Value, path, key.IsFreeText)
            : key.Unnamed is not null && IsUnnamed(entry.Value, key.Unnamed) ? BindUnnamed(key, entry.Value, path)
            : BindList(key.Element, entry.Value, path);
    }

    /// <summary>Whether a node is the unnamed one alone: as a section, or as a list of one.</summary>
    private static bool IsUnnamed(ConfigNode node, string name) => node switch
    {
        ListNode { Items: [MappingNode only] } => IsUnnamed(only, name),
        MappingNode section => section.Entries.FirstOrDefault(entry => entry.Key == TypeKey) is not { } type
            || type.Value is ScalarNode word && word.Text == name,
        _ => false,
    };

    private Array? BindUnnamed(ConfigKey key, ConfigNode node, string path)
    {
        if (BindNode(key.Element!, node is ListNode list ? list.Items[0] : node, path) is not { } value) // Not null: a list with an unnamed one.
        {
            return null;
        }

        var array = Array.CreateInstance(key.Element!, 1);
        array.SetValue(value, 0);
        return array;
    }

    /// <summary>A thing of the catalog: a word for one with its defaults, or a section with <c>type</c> and options.</summary>
    private object? BindNamed(Type kind, ConfigNode node, string path)
    {
        var known = catalog.Of(kind);
        var (word, options) = node switch
        {
            ScalarNode scalar => (scalar, null),
            MappingNode section => (section.Entries.FirstOrDefault(entry => entry.Key == TypeKey)?.Value,
                section with { Entries = [.. section.Entries.Where(entry => entry.Key != TypeKey)] }),
            _ => ((ConfigNode?)null, (MappingNode?)null),
        };
        if (word is null && options is null)
        {
            if (node is not FaultyNode)
            {
                errors.Add(node.Origin, path, $"is {Describe(node)}: it must be one of {string.Join(", ", known.Select(one => one.Name))}");
            }

            return null;
        }

        var at = options is null ? path : ConfigPath.Key(path, TypeKey);
        var found = word is null ? known[0] : known.FirstOrDefault(one => word is ScalarNode text && one.Name == text.Text);
        if (found is null)
        {
            var names = known.Select(one => one.Name).ToArray();
            var near = word is ScalarNode text ? NearName.Ask(text.Text, names) : "";
            errors.Add(word!.Origin, at, $"is {Describe(word)}: it must be one of {string.Join(", ", names)}{near}"); // Without a word there is one.
            return null;
        }

        if (word is not null)
        {
            _origins[ConfigPath.Key(path, TypeKey)] = word.Origin;
        }

        return options is not null || ConfigKey.Of(found.GetType()).Any(key => key.IsRequired)
            ? BindRecord(found.GetType(), options ?? new MappingNode(node.Origin, []), path)
            : found;
    }

    private object? BindNode(Type type, ConfigNode node, string path, bool isFreeText = false)
    {
        if (ConfigKey.IsNamed(type))
        {
            return BindNamed(type, node, path);
        }

        switch (node)
        {
            case MappingNode mapping when ConfigKey.IsRecord(type):
                return BindRecord(type, mapping, path);
            case ScalarNode scalar when !ConfigKey.IsRecord(type):
                var value = ScalarValue.Read(type, scalar, out var complaint, isFreeText);
                if (complaint is not null)
                {
                    errors.Add(node.Origin, path, complaint);
                }

                return value;
            case FaultyNode:
                return null;
            default:
                errors.Add(node.Origin, path, $"is {Describe(node)}: it must be {Kind(type)}");
                return null;
        }
    }

    private Array? BindList(Type element, ConfigNode node, string path)
    {
        // One set of problems needs no dash.
        var items = node switch
        {
            ListNode list => list.Items,
            MappingNode when ConfigKey.IsRecord(element) || ConfigKey.IsNamed(element) => [node],
            _ => null,
        };
        if (items is null)
        {
            if (node is not FaultyNode)
            {
                errors.Add(node.Origin, path, $"is {Describe(node)}: it must be a list, such as [a, b]");
            }

            return null;
        }

        var values = items.Select((item, index) => BindItem(element, item, ConfigPath.Item(path, index)))
            .OfType<object>().ToArray();
        if (ConfigKey.IsNamed(element) && values.Length < items.Count)
        {
            errors.Excuse(path); // What the list lacks are its faulty items.
        }

        var array = Array.CreateInstance(element, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            array.SetValue(values[i], i);
        }

        return array;
    }

    /// <summary>An item; a faulty record keeps its place, so that those after it are called by the right number.</summary>
    private object? BindItem(Type element, ConfigNode item, string path)
    {
        _origins[path] = item.Origin;
        if (item is ScalarNode { IsNull: true })
        {
            errors.Add(item.Origin, path, "has no value; give one, or remove the item");
        }
        else if (BindNode(element, item, path) is { } value)
        {
            return value;
        }

        return ConfigKey.IsRecord(element) ? ConfigKey.Blank(element) : null;
    }

    private static string Kind(Type type) => ConfigKey.IsRecord(type)
        ? $"a section with the keys {string.Join(", ", ConfigKey.Of(type).Select(key => key.Name))}"
        : ScalarValue.KindOf(type);

    private static string Describe(ConfigNode node) => node switch
    {
        ListNode => "a list",
        MappingNode => "a section",
        ScalarNode scalar => OneLine.Quote(scalar.Text),
        _ => "wrong",
    };
}
