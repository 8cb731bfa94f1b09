namespace Reft.Text.Prompts;

/// <summary>A form in which a model is asked a question.</summary>
public interface IPromptForm : INamed
{
    /// <summary>Whether the prompt is a conversation in the model's own chat template, whose text brings the beginning of a text along.</summary>
    bool IsChat { get; }

    /// <summary>The prompt's text.</summary>
    /// <param name="question">The question.</param>
    /// <param name="chat">The model's chat template; null where it has none.</param>
    /// <exception cref="InputException">The form needs a template and there is none, or the template refuses the conversation.</exception>
    string Prompt(string question, ChatTemplate? chat);

    /// <summary>Prompt and response as one text; what ends a turn stands behind the response in it.</summary>
    /// <param name="question">The question.</param>
    /// <param name="response">The response.</param>
    /// <param name="chat">The model's chat template; null where it has none.</param>
    string Whole(string question, string response, ChatTemplate? chat);
}
