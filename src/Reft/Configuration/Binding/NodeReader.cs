using System.Buffers;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Reft.Configuration.Binding;

/// <summary>
/// Turns YAML into nodes. It reads YamlDotNet's events and not its documents, which end at the first duplicate key and
/// know nothing of where keys stand.
/// </summary>
/// <param name="origin">The origin of a line, counted from 1.</param>
/// <param name="errors">Where errors go.</param>
internal sealed class NodeReader(Func<long, Origin> origin, ConfigErrors errors)
{
    // Far deeper than any config; a file of brackets must not exhaust the stack.
    private const int MostLevels = 32;

    private static readonly SearchValues<char> _forbidden =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c != '\t')]);

    /// <summary>Reads one document.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="path">What the document is a value of; the empty path is a whole config.</param>
    /// <returns>The node; null where there is none or it cannot be read, which is then an error.</returns>
    public ConfigNode? Read(string text, string path)
    {
        var complaints = text.Split('\n').Select(Complain).ToArray();
        foreach (var (index, complaint) in complaints.Index().Where(line => line.Item is not null))
        {
            errors.Add(origin(index + 1), path, complaint!); // Those without one were left out.
        }

        if (complaints.Any(complaint => complaint is not null))
        {
            return null;
        }

        var parser = new Parser(new StringReader(text));
        try
        {
            return ReadDocument(parser, path);
        }
        catch (YamlException error)
        {
            errors.Add(origin(error.Start.Line), path, $"is not valid YAML: {OneLine.Of(error.Message, 200)}");
        }
        catch (InvalidOperationException)
        {
            // What YamlDotNet throws at stray document ends, as in "...\n?".
            errors.Add(origin(parser.Current?.End.Line ?? 1), path, "is not valid YAML: a document ends before it begins");
        }

        return null;
    }

    /// <summary>What YamlDotNet reads in silence or complains of somewhere else; null for nothing.</summary>
    private static string? Complain(string line)
    {
        var content = line.AsSpan().TrimStart();
        return line.TrimEnd('\r').AsSpan().ContainsAny(_forbidden) ? "holds a control character; a config is plain text"
            : content.Length > 0 && content[0] != '#' && line.AsSpan(0, line.Length - content.Length).Contains('\t')
                ? "is indented with a tab; use spaces"
            : null;
    }

    private ConfigNode? ReadDocument(Parser parser, string path)
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        var node = ReadNode(parser, path, 0);
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
        {
            errors.Add(origin(second.Start.Line), path, "starts a second document; one file is one run: split it");
        }

        return node;
    }

    private ConfigNode ReadNode(Parser parser, string path, int level)
    {
        var where = origin(parser.Current!.Start.Line); // There is an event: the caller is inside a document.
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            errors.Add(where, path, $"is the alias '*{alias.Value.Value}'; aliases are not read: write the value out");
            return new FaultyNode(where);
        }

        var decorated = (NodeEvent)parser.Current!; // The callers have seen to it that there is a node.
        if (level > MostLevels)
        {
            throw new YamlException(decorated.Start, decorated.End, $"it is nested {level} levels deep");
        }

        RefuseDecoration(decorated, where, path);
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return new ScalarNode(where, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        return parser.Accept<SequenceStart>(out _)
            ? ReadList(parser, path, level, where)
            : ReadMapping(parser, path, level, where);
    }

    private ListNode ReadList(Parser parser, string path, int level, Origin where)
    {
        parser.Consume<SequenceStart>();
        var items = new List<ConfigNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(parser, ConfigPath.Item(path, items.Count), level + 1));
        }

        return new ListNode(where, items);
    }

    private MappingNode ReadMapping(Parser parser, string path, int level, Origin where)
    {
        parser.Consume<MappingStart>();
        var entries = new OrderedDictionary<string, ConfigEntry>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var start = parser.Current!.Start;
            var at = origin(start.Line);
            var key = ReadNode(parser, path, level + 1) as ScalarNode;
            var child = key is null ? path : ConfigPath.Key(path, OneLine.Of(key.Text, 60));
            if (parser.Current is not (NodeEvent or AnchorAlias))
            {
                // YamlDotNet gives a key without a name, as in "- :", no value.
                throw new YamlException(start, parser.Current!.Start, "a key or its value is missing");
            }

            var value = ReadNode(parser, child, level + 1);
            if (key is null)
            {
                errors.Add(at, path, "has a key that is no plain name");
            }
            else if (entries.TryGetValue(key.Text, out var first))
            {
                errors.Add(at, child, $"is given twice; it is already there in {first.Origin.Label}");
            }
            else
            {
                entries.Add(key.Text, new ConfigEntry(key.Text, at, value));
            }
        }

        return new MappingNode(where, [.. entries.Values]);
    }

    private void RefuseDecoration(NodeEvent node, Origin where, string path)
    {
        if (!node.Anchor.IsEmpty)
        {
            errors.Add(where, path, $"has the anchor '&{node.Anchor.Value}'; anchors are not read: remove it");
        }

        if (!node.Tag.IsEmpty)
        {
            errors.Add(where, path, $"has the tag '{OneLine.Of(node.Tag.Value, 60)}'; tags are not read: remove it");
        }
    }
}
