using Reft.Answers;

namespace Reft.Verification.Forms;

/// <summary>The response is the solution and nothing else: right where it is the known answer letter for letter, so that every step counts.</summary>
internal sealed record WholeSolutionForm : RuleForm
{
    /// <inheritdoc/>
    public override string Name => "wholeSolution";

    /// <inheritdoc/>
    public override string Summary => "the solution alone, every letter of which is checked";

    /// <inheritdoc/>
    protected override RuleVerifier Rule => new()
    {
        Say = answer => answer,
        Wrong = answer => [answer + answer[^1], .. answer.Length < 2 ? Array.Empty<string>() : [answer[..^1], $"{answer[..^1]} {answer[^1]}"]],
        Refuse = answer => string.IsNullOrWhiteSpace(answer) ? "it is empty" : null,
        Judge = (response, answer) => response == answer.Trim()
            ? new Finding(Outcome.Correct, response, "every step is right")
            : new Finding(Outcome.Incorrect, response, Apart(response, answer.Trim())),
    };

    private static string Apart(string response, string answer)
    {
        var same = response.AsSpan().CommonPrefixLength(answer);
        return $"right up to letter {same} of {answer.Length}, and then other than '{Excerpt.Of(answer.AsSpan(same))}'";
    }
}
