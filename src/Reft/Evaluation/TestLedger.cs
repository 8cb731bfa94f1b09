using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reft.Evaluation;

/// <summary>One look at a test set.</summary>
internal sealed record TestLook
{
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The model's <see cref="ModelHash"/>.</summary>
    public required string Model { get; init; }

    /// <summary>The problems' <see cref="ProblemsHash"/>, by which looks are counted.</summary>
    public required string Problems { get; init; }

    /// <summary>What the set is called.</summary>
    public required string Set { get; init; }

    /// <summary>The greedy accuracy that was seen.</summary>
    public required double Accuracy { get; init; }
}

/// <summary>
/// Every look at test sets, one JSON line each, in a file that only grows. A figure that was looked at often, and
/// chosen by, is no test result any more: the count says how often.
/// </summary>
internal sealed class TestLedger
{
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    private readonly string _path;
    private readonly TimeProvider _clock;

    /// <summary>
    /// Opens a ledger, and makes an empty one where there is none: what would keep a look from being recorded shows
    /// now.
    /// </summary>
    /// <param name="path">The file, such as <c>test-looks.jsonl</c>.</param>
    /// <param name="clock">Says when looks are taken.</param>
    /// <exception cref="InputException">The file cannot be read or written.</exception>
    public TestLedger(string path, TimeProvider clock)
    {
        _path = path;
        _clock = clock;
        Use(Read);
    }

    /// <summary>The looks on record, oldest first.</summary>
    public IReadOnlyList<TestLook> Looks { get; private set; } = [];

    /// <summary>
    /// What to tell the user about lines that cannot be read, such as the last line of a program that was killed; null
    /// where there are none.
    /// </summary>
    public string? Warning { get; private set; }

    /// <summary>How many looks at a problem set are on record.</summary>
    /// <param name="problems">The set's <see cref="ProblemsHash"/>.</param>
    public int CountOf(string problems) => Looks.Count(look => look.Problems == problems);

    /// <summary>Records a look; it is on the disk when this returns.</summary>
    /// <param name="result">What was seen.</param>
    /// <param name="problems">The set's <see cref="ProblemsHash"/>.</param>
    /// <returns>Which look at this set it is, counted from 1.</returns>
    /// <exception cref="InputException">The file cannot be read or written.</exception>
    public int Record(EvaluationResult result, string problems)
    {
        var look = new TestLook
        {
            At = _clock.GetUtcNow(),
            Model = result.Model,
            Problems = problems,
            Set = result.Set,
            Accuracy = result.Greedy.Accuracy.Value,
        };
        Use(stream =>
        {
            // Another process may have looked meanwhile.
            var ended = Read(stream);
            stream.Write(Encoding.UTF8.GetBytes((ended ? "" : "\n") + JsonSerializer.Serialize(look, _json) + "\n"));
            stream.Flush(flushToDisk: true);
        });
        Looks = [.. Looks, look];
        return CountOf(problems);
    }

    /// <summary>Reads every line; false where the last one has no end.</summary>
    private bool Read(FileStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        var text = reader.ReadToEnd();
        var looks = new List<TestLook>();
        var damaged = new List<int>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                continue;
            }

            if (Parse(lines[i]) is { } look)
            {
                looks.Add(look);
            }
            else
            {
                damaged.Add(i + 1);
            }
        }

        Looks = looks;
        Warning = damaged.Count == 0
            ? null
            : $"{OneLine.Of(_path)}: line {string.Join(", ", damaged)} cannot be read and counts for no look; "
                + "it may be one that was cut off";
        return text.Length == 0 || text.EndsWith('\n');
    }

    private static TestLook? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<TestLook>(line, _json);
        }
        catch (JsonException)
        {
            return null; // The caller names the line.
        }
    }

    private void Use(Func<FileStream, bool> read) => Use(stream => { read(stream); });

    private void Use(Action<FileStream> action)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(_path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            using var stream = Open();
            action(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException(
                $"{OneLine.Of(_path)}: cannot be used as the ledger of test looks ({OneLine.Of(error.Message)}); "
                + "check its folder's permissions and that no other evaluation has it open, or name another file",
                error);
        }
    }

    /// <summary>Waits a little where another process writes its look: no evaluation should be lost to it.</summary>
    private FileStream Open()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < Attempts)
            {
                Thread.Sleep(Pause);
            }
        }
    }
}
