namespace Reft.Reporting;

/// <summary>
/// How much of a run goes into its page, so that the page of the longest run is below <see cref="PageBytes"/>. Bytes
/// are those of the JSON in the page.
/// </summary>
internal sealed record ReportLimits
{
    /// <summary>What a page is smaller than; the sum of the rest, and a test.</summary>
    public const int PageBytes = 8_000_000;

    /// <summary>Points of a curve: past twice as many, neighbours are joined to their mean and range.</summary>
    public int CurvePoints { get; init; } = 500;

    /// <summary>Figures of metrics.jsonl that become curves; the names that appear after them do not.</summary>
    public int CurveNames { get; init; } = 60;

    /// <summary>The same of timings.jsonl.</summary>
    public int TimingNames { get; init; } = 15;

    /// <summary>Bytes of rollouts.</summary>
    public int RolloutBytes { get; init; } = 2_600_000;

    /// <summary>Rollouts of the last step.</summary>
    public int LastStepRollouts { get; init; } = 128;

    /// <summary>Rollouts of every other step that is shown.</summary>
    public int StepRollouts { get; init; } = 24;

    /// <summary>Tokens of a rollout.</summary>
    public int RolloutTokens { get; init; } = 1_500;

    /// <summary>Bytes of the last dev evaluation's completions.</summary>
    public int EvaluationBytes { get; init; } = 400_000;

    /// <summary>Evaluations in the table.</summary>
    public int Evaluations { get; init; } = 300;

    /// <summary>Bytes of the completions of flipped problems.</summary>
    public int FlipBytes { get; init; } = 800_000;

    /// <summary>Bytes of questions, answers and solutions.</summary>
    public int ProblemBytes { get; init; } = 800_000;

    /// <summary>Characters of a single text, such as a completion or the config.</summary>
    public int TextLength { get; init; } = 8_000;

    /// <summary>Characters of the config.</summary>
    public int ConfigLength { get; init; } = 30_000;

    /// <summary>The text, cut at <see cref="TextLength"/> with a word about how much is missing.</summary>
    public string Cut(string text) => Cut(text, TextLength);

    /// <summary>The text, cut with a word about how much is missing.</summary>
    public static string Cut(string text, int limit)
    {
        if (text.Length <= limit)
        {
            return text;
        }

        // No half of a character.
        var length = char.IsHighSurrogate(text[limit - 1]) ? limit - 1 : limit;
        return $"{text[..length]}… ({text.Length - length} more characters)";
    }
}
