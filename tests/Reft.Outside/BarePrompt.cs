using Reft.Text;
using Reft.Text.Prompts;

namespace Reft.Outside;

/// <summary>A form of prompts: the question and nothing else.</summary>
public sealed record BarePrompt : IPromptForm
{
    /// <inheritdoc/>
    public string Name => "bare";

    /// <inheritdoc/>
    public string Summary => "the question, on a line of its own";

    /// <inheritdoc/>
    public bool IsChat => false;

    /// <inheritdoc/>
    public string Prompt(string question, ChatTemplate? chat) => $"{question}\n";

    /// <inheritdoc/>
    public string Whole(string question, string response, ChatTemplate? chat) => Prompt(question, chat) + response;
}
