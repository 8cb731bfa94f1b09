using Reft.Answers;

namespace Reft.Verification.Rewards;

/// <summary>What a distance of edits is worth.</summary>
internal enum EditWorth
{
    /// <summary><c>1/(1 + d₁)</c>: how near the answer is.</summary>
    Nearness,

    /// <summary><c>min(1, 1/(1 + d₁) · (1 + ½ max(d₀ - d₁ - e + 1, -3)))</c>: how near it is, and whether its e edits of the question each brought it nearer.</summary>
    Progress,
}

/// <summary>What is counted in a distance.</summary>
internal enum EditUnit
{
    /// <summary>Words.</summary>
    Word,

    /// <summary>Letters.</summary>
    Letter,
}

/// <summary>
/// Partial credit by edit distance (RISE of conversational questions, ACL 2021): d₀ and d₁ are the Levenshtein distances of question and answer to the known
/// answer. In the paper a model of edits says what it does, and e counts all but keeping; here e is the distance of answer and question, which is ours.
/// </summary>
internal sealed record EditReward : IReward
{
    /// <inheritdoc/>
    public string Name => "edits";

    /// <inheritdoc/>
    public string Summary => "for how few edits an answer is away from the known one";

    /// <summary>What a distance is worth.</summary>
    [Option("what a distance is worth: 1/(1 + d); or that, more where every edit of the question brought it nearer and less where some did not")]
    public EditWorth Worth { get; init; }

    /// <summary>What is counted.</summary>
    [Option("what is counted")]
    public EditUnit Unit { get; init; }

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        // Nothing that is much longer than what is known can be near it, and a table of it would take long.
        const int Most = 4000;
        if (sample.Verdict.Answer is not { } answer || answer.Length > Most || sample.Problem.Answer.Length > Most || sample.Problem.Question.Length > Most)
        {
            return 0;
        }

        var (question, given, known) = (Parts(sample.Problem.Question), Parts(answer), Parts(sample.Problem.Answer));
        var after = EditPaths.Distance(given, known);
        return Worth == EditWorth.Nearness ? 1.0 / (1 + after) : Progress(EditPaths.Distance(question, known), after, EditPaths.Distance(question, given));
    }

    /// <summary>The reward of a round of edits.</summary>
    /// <param name="before">d₀, the distance to the target before it.</param>
    /// <param name="after">d₁, the distance after it.</param>
    /// <param name="edits">e, the edits of the round that are no keeping.</param>
    internal static double Progress(int before, int after, int edits) =>
        Math.Min(1, 1.0 / (after + 1) * (1 + (0.5 * Math.Max(before - after - edits + 1, -3))));

    /// <summary>A text without case, with single spaces, in its units.</summary>
    private string[] Parts(string text)
    {
        var words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return Unit == EditUnit.Word ? words : [.. string.Join(' ', words).Select(letter => letter.ToString())];
    }
}
