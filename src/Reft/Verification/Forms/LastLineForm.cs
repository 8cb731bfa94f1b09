using System.Globalization;
using Reft.Answers;

namespace Reft.Verification.Forms;

/// <summary>The last line of the response is the answer, right where it is the known one letter for letter; how many words it is away is said.</summary>
internal sealed record LastLineForm : RuleForm
{
    /// <inheritdoc/>
    public override string Name => "lastLine";

    /// <inheritdoc/>
    public override string Summary => "lines, the last of which is the answer, every letter of which is checked";

    /// <inheritdoc/>
    protected override RuleVerifier Rule => new()
    {
        Say = answer => answer,
        Wrong = answer => [$"{answer} {answer}", $"{answer} ."],
        Refuse = answer => string.IsNullOrWhiteSpace(answer) ? "it is empty" : answer.Trim().Contains('\n', StringComparison.Ordinal) ? "it has more than one line" : null,
        Judge = (response, answer) =>
        {
            var last = response[(response.LastIndexOf('\n') + 1)..].Trim();
            var away = EditPaths.Distance(Words(last), Words(answer));
            return new Finding(last == answer.Trim() ? Outcome.Correct : Outcome.Incorrect, last, string.Create(CultureInfo.InvariantCulture, $"{away} words away"));
        },
    };

    private static string[] Words(string text) => text.Length > 4000 ? [text] : text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
