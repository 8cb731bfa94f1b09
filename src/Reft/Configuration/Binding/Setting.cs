using System.Globalization;
using System.Text.RegularExpressions;

namespace Reft.Configuration.Binding;

/// <summary>One <c>--set a.b[0].c=value</c> of the command line.</summary>
internal sealed partial record Setting
{
    private readonly string _path;
    private readonly Step[] _steps;
    private readonly ConfigNode _value;
    private readonly Origin _origin;

    private Setting(string path, ConfigNode value, Origin origin)
    {
        _path = path;
        _value = value;
        _origin = origin;
        _steps = [.. StepForm().Matches(path).Select(match => match.Groups["index"] is { Success: true } index
            ? new Step(null, int.Parse(index.Value, CultureInfo.InvariantCulture))
            : new Step(match.Groups["key"].Value, 0))];
    }

    /// <summary>Reads a setting; null if it cannot be read, which is then an error.</summary>
    /// <param name="text">What stands after <c>--set</c>.</param>
    /// <param name="index">Its place among the settings.</param>
    /// <param name="errors">Where errors go.</param>
    public static Setting? Read(string text, int index, ConfigErrors errors)
    {
        var origin = Origin.OfSetting(text, index);
        var (path, value) = text.Split('=', 2) is [var left, var right] ? (left.Trim(), right) : (text, null);
        if (value is null || !PathForm().IsMatch(path))
        {
            errors.Add(origin, "", "must look like training.epochs=3 or problems.train[0].file=data/train.json");
            return null;
        }

        // A value that begins with a tab or a line of its own would be read as something else than it says.
        var node = value.Trim().Length == 0
            ? new ScalarNode(origin, "", true)
            : new NodeReader(_ => origin, errors).Read(value.Trim(), path);
        return node is null ? null : new Setting(path, node, origin);
    }

    /// <summary>The config with the setting's value in place of what was there.</summary>
    public MappingNode ApplyTo(MappingNode root, ConfigErrors errors) => (MappingNode)Apply(root, 0, errors);

    private ConfigNode Apply(ConfigNode? node, int depth, ConfigErrors errors)
    {
        if (depth == _steps.Length)
        {
            return _value;
        }

        var (key, index) = _steps[depth];
        return key is null ? ApplyToItem(node, index, depth, errors) : ApplyToKey(node, key, depth, errors);
    }

    private ConfigNode ApplyToKey(ConfigNode? node, string key, int depth, ConfigErrors errors)
    {
        if (node is ListNode)
        {
            errors.Add(_origin, _path, $"goes into a list; say into which item, as in [0].{key}");
            return node;
        }

        var mapping = node as MappingNode ?? new MappingNode(_origin, []);
        var old = mapping.Entries.FirstOrDefault(entry => entry.Key == key);
        var entry = new ConfigEntry(key, _origin, Apply(old?.Value, depth + 1, errors));
        // A section keeps its place: a key that is missing in it is missing there.
        return mapping with
        {
            Entries = old is null
                ? [.. mapping.Entries, entry]
                : [.. mapping.Entries.Select(e => e == old ? entry with { Origin = Place(old, depth) } : e)],
        };
    }

    private Origin Place(ConfigEntry old, int depth) => depth + 1 == _steps.Length ? _origin : old.Origin;

    private ConfigNode ApplyToItem(ConfigNode? node, int index, int depth, ConfigErrors errors)
    {
        var items = node switch
        {
            ListNode list => list.Items,
            MappingNode => [node],
            _ => [],
        };
        if (index > items.Count)
        {
            errors.Add(_origin, _path, string.Create(
                CultureInfo.InvariantCulture,
                $"sets item {index} of a list of {items.Count}; the next one is {items.Count}"));
            return node ?? new FaultyNode(_origin);
        }

        var value = Apply(items.ElementAtOrDefault(index), depth + 1, errors);
        return new ListNode(node?.Origin ?? _origin, [.. items.Take(index), value, .. items.Skip(index + 1)]);
    }

    [GeneratedRegex(@"^\w+(\.\w+|\[\d{1,6}\])*\z")]
    private static partial Regex PathForm();

    [GeneratedRegex(@"\[(?<index>\d+)\]|(?<key>\w+)")]
    private static partial Regex StepForm();

    private sealed record Step(string? Key, int Index);
}
