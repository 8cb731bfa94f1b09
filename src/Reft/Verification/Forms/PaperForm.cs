using Reft.Answers;

namespace Reft.Verification.Forms;

/// <summary>The paper's texts: words that end in the trigger and the answer, or a program.</summary>
public sealed record PaperForm : IAnswerForm
{
    /// <inheritdoc/>
    public string Name => "paper";

    /// <inheritdoc/>
    public string Summary => "the style's own: words that end in the trigger and the answer, or a program";

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => true;

    /// <inheritdoc/>
    public string Completion(AnswerStyle style, string solution, string answer) => AnswerFormat.Completion(style, solution, answer);

    /// <inheritdoc/>
    public IVerifier Create(IVerifier plain) => plain;
}
