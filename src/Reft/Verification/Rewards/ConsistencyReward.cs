using System.Text.RegularExpressions;
using Reft.Answers;

namespace Reft.Verification.Rewards;

/// <summary>
/// Thinking and answer that agree (TACO, <see href="https://arxiv.org/abs/2505.20777"/>), as a rule for text: the value stated last before the answer, the answer and
/// the known one are the same. The paper compares boxes of an image, or asks a judge of 32 billion parameters.
/// </summary>
internal sealed record ConsistencyReward : IReward
{
    internal const string ConsistencyName = "consistency";

    /// <inheritdoc/>
    public string Name => ConsistencyName;

    /// <inheritdoc/>
    public string Summary => "for a right answer that is the value stated last in the thinking before it";

    /// <summary>For a right answer that the thinking ends in.</summary>
    [Option("for a right answer that the thinking ends in", Note = "above disagreeing")]
    public double Agreeing { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>For a right answer where the thinking ends in another value, or states none.</summary>
    [Option("for a right answer where the thinking ends in another value or states none; as much as agreeing pays for answers alone")]
    public double Disagreeing { get; init => field = InRange.Of(this, value); }

    /// <summary>For a wrong answer, or none.</summary>
    [Option("for a wrong answer or none")]
    public double Wrong { get; init => field = InRange.Of(this, value); }

    /// <summary>What is wrong with the worths together, each line beginning with its path.</summary>
    public IEnumerable<string> Validate(string path) => Agreeing > Wrong && Agreeing >= Disagreeing && Disagreeing >= Wrong
        ? []
        : [FormattableString.Invariant($"{path} pays {Agreeing} for right and agreeing, {Disagreeing} for right and {Wrong} for wrong; no worse answer may pay more, and a wrong one must pay less")];

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return !sample.Verdict.IsCorrect ? Wrong : Agrees(sample.Response, sample.Verdict.Answer) ? Agreeing : Disagreeing;
    }

    /// <summary>Whether the thinking before an answer ends in its value; an answer that is no number is compared with the last word.</summary>
    /// <param name="response">The whole response.</param>
    /// <param name="answer">The answer as the verifier read it; null for none.</param>
    internal static bool Agrees(string response, string? answer)
    {
        if (answer is null)
        {
            return false;
        }

        var thinking = Thinking(response);
        if (!NumberReader.TryParse(answer, out var value))
        {
            var words = thinking.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 0 && string.Equals(words[^1].Trim('.', ',', '(', ')'), answer.Trim(), StringComparison.OrdinalIgnoreCase);
        }

        var last = Regex.Matches(thinking, @"-?[0-9][0-9,]*(\.[0-9]+)?", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant).LastOrDefault();
        return last is not null && NumberReader.TryParse(last.Value.TrimEnd(','), out var stated) && stated == value;
    }

    /// <summary>What stands before the last answer: before its tags, or before the words that announce it.</summary>
    private static string Thinking(string response)
    {
        var at = response.LastIndexOf("<answer>", StringComparison.Ordinal);
        at = at >= 0 ? at : response.LastIndexOf(AnswerFormat.AnswerTrigger.Trim(), StringComparison.Ordinal);
        return at < 0 ? "" : response[..at].Replace("</think>", "", StringComparison.Ordinal);
    }
}
