namespace Reft.Reporting;

/// <summary>
/// The text of a run's config.yaml, and single values of it by their dotted path. Reft wrote it, a value a line with its
/// path in the indentation, so that no YAML parser is needed to look at it.
/// </summary>
internal sealed class RecordedConfig
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private RecordedConfig(string text)
    {
        Text = text;
        var parents = new Stack<(int Indent, string Path)>();
        foreach (var line in text.Split('\n'))
        {
            var content = WithoutComment(line).TrimEnd();
            var colon = content.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || content.TrimStart().StartsWith('-'))
            {
                continue;
            }

            var indent = content.Length - content.TrimStart().Length;
            while (parents.TryPeek(out var parent) && parent.Indent >= indent)
            {
                parents.Pop();
            }

            var key = content[..colon].Trim();
            var path = parents.TryPeek(out var above) ? $"{above.Path}.{key}" : key;
            parents.Push((indent, path));
            _values[path] = content[(colon + 1)..].Trim().Trim('"', '\'');
        }
    }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>The value at a path; null if there is none or it is empty.</summary>
    public string? this[string path] =>
        _values.TryGetValue(path, out var value) && value is not ("" or "null" or "~") ? value : null;

    /// <summary>Reads the file; empty, with a note, where there is none.</summary>
    public static RecordedConfig Read(string path, List<string> notes)
    {
        if (!File.Exists(path))
        {
            notes.Add($"{Path.GetFileName(path)}: absent");
            return new RecordedConfig("");
        }

        using var reader = new StreamReader(InputFile.OpenRead(path));
        return new RecordedConfig(InputFile.Guarded(path, reader.ReadToEnd).ReplaceLineEndings("\n"));
    }

    /// <summary>A number sign begins a comment after a space or at the start, outside of quotes.</summary>
    private static string WithoutComment(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
            {
                quote = line[i] == quote ? '\0' : quote;
            }
            else if (line[i] is '"' or '\'' && (i == 0 || line[i - 1] == ' '))
            {
                quote = line[i];
            }
            else if (line[i] == '#' && (i == 0 || line[i - 1] == ' '))
            {
                return line[..i];
            }
        }

        return line;
    }
}
