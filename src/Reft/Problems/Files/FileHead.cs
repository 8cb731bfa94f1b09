using System.Text;

namespace Reft.Problems.Files;

/// <summary>What a file's format can be told by: its name, how it begins, its rows. Nothing is read before it is asked for.</summary>
public sealed class FileHead
{
    private const int MostBytes = 64 * 1024;

    private readonly IReadOnlyList<IProblemFormat> _formats;

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">The columns that were named.</param>
    /// <param name="formats">The formats that may read its rows, in the order in which they are asked.</param>
    internal FileHead(string path, ProblemColumns columns, IReadOnlyList<IProblemFormat> formats)
    {
        Path = path;
        Columns = columns;
        _formats = formats;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The extension in lower case, with its dot; empty for none.</summary>
    public string Extension => System.IO.Path.GetExtension(Path).ToLowerInvariant();

    /// <summary>The columns that were named.</summary>
    public ProblemColumns Columns { get; }

    /// <summary>The first 64 KiB as UTF-8, from the first character on that is neither a byte order mark nor white space.</summary>
    /// <exception cref="InputException">There is no such character.</exception>
    public string Text => field ??= ReadText();

    /// <summary>The file's rows, read by the first format that says yes among those that read rows.</summary>
    /// <exception cref="InputException">No format reads the file, or the one that does finds it malformed.</exception>
    public IReadOnlyList<ProblemRow> Rows => field ??= [.. Of(_formats.OfType<IRowFormat>()).Rows(Path)];

    /// <summary>The first of some formats that says yes.</summary>
    /// <exception cref="InputException">None does.</exception>
    internal T Of<T>(IEnumerable<T> formats)
        where T : IProblemFormat => formats.FirstOrDefault(format => format.Recognises(this))
        ?? throw new InputException(
            $"{Path} is in no format that can be told from its content or its extension '{Extension}'; "
            + $"name one of {string.Join(", ", _formats.Select(format => format.Name))}");

    private string ReadText()
    {
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var bytes = new byte[MostBytes];
        var text = Encoding.UTF8.GetString(bytes, 0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false))
            .TrimStart('\uFEFF').TrimStart();
        return text.Length > 0 ? text : throw new InputException($"{Path} is empty; it should hold problems");
    }
}
