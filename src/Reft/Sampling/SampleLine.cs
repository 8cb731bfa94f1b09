using System.Text.Json;
using Reft.Problems;
using Reft.Training.Runs;
using Reft.Verification;

namespace Reft.Sampling;

/// <summary>A line of a file of <c>reft sample</c>.</summary>
/// <param name="Id">The problem's id.</param>
/// <param name="Sample">Which of its samples, from 0.</param>
/// <param name="Question">The question.</param>
/// <param name="Answer">The known answer.</param>
/// <param name="Completion">The whole response.</param>
/// <param name="Outcome">What the verifier said.</param>
/// <param name="Value">The answer that was read; null where none was.</param>
internal sealed record SampleLine(
    string Id, int Sample, string Question, string Answer, string Completion, Outcome Outcome, string? Value)
{
    /// <summary>Whether it was verified correct.</summary>
    public bool IsCorrect => Outcome == Outcome.Correct;

    /// <summary>The key of the problem's group; null in files that were written without it.</summary>
    public string? Group { get; init; }

    /// <summary>What counts as one draw with the sample's problem.</summary>
    public string GroupKey => Group ?? Problem.KeyOf(null, Question);

    /// <summary>The verdict, as far as votes need it.</summary>
    public Verdict Verdict => new(Id, Outcome, Value, "");

    /// <summary>Reads a file's lines.</summary>
    /// <exception cref="InputException">The file cannot be read, or a line is no verified sample; the message names it.</exception>
    public static IEnumerable<SampleLine> Read(string path)
    {
        var number = 0;
        foreach (var text in InputFile.Guarded(path, () => LineFile.Read(path).ToArray()))
        {
            number++;
            SampleLine line;
            try
            {
                using var document = JsonDocument.Parse(text);
                var root = document.RootElement;
                line = new SampleLine(
                    Text(root, "id"), root.GetProperty("sample").GetInt32(), Text(root, "question"), Text(root, "answer"),
                    Text(root, "completion"), Enum.Parse<Outcome>(Text(root, "outcome"), ignoreCase: true),
                    root.TryGetProperty("value", out var value) ? value.GetString() : null)
                {
                    Group = root.TryGetProperty("group", out var group) ? group.GetString() : null,
                };
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException
                or FormatException or ArgumentException)
            {
                throw new InputException(
                    $"{OneLine.Of(path)} line {number}: is no sample of 'reft sample' ({OneLine.Of(error.Message)})", error);
            }

            yield return line;
        }
    }

    private static string Text(JsonElement root, string key) =>
        root.GetProperty(key).GetString() ?? throw new InvalidOperationException($"'{key}' is null");
}
