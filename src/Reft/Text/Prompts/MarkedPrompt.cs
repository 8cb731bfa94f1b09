using Reft.Answers;

namespace Reft.Text.Prompts;

/// <summary>A question between marks, as the paper's prompts have it: five texts one behind the other, with nothing between them.</summary>
public sealed record MarkedPrompt : IPromptForm
{
    /// <inheritdoc/>
    public string Name => "marks";

    /// <inheritdoc/>
    public string Summary => "the question between two marks, behind a system text and an instruction where they are given";

    /// <summary>Who the model is to be; opens the prompt. Null for nothing.</summary>
    [Option("opens the prompt; null for nothing", IsFreeText = true)]
    public string? System { get; init; }

    /// <summary>What it is to do.</summary>
    [Option("stands behind `system`", IsFreeText = true)]
    public string Instruction { get; init; } = "";

    /// <summary>Stands before the question.</summary>
    [Option("stands before the question", IsFreeText = true, Note = "the texts of a prompt follow each other with nothing between: write line breaks as `\"\\n\"`")]
    public string Question { get; init; } = AnswerFormat.Instruction;

    /// <summary>Stands between the question and the response.</summary>
    [Option("stands between question and response", IsFreeText = true)]
    public string Answer { get; init; } = AnswerFormat.SolutionTrigger;

    /// <inheritdoc/>
    public bool IsChat => false;

    /// <inheritdoc/>
    public string Prompt(string question, ChatTemplate? chat)
    {
        ArgumentNullException.ThrowIfNull(question);
        return System + Instruction + Question + question.Trim() + Answer;
    }

    /// <inheritdoc/>
    public string Whole(string question, string response, ChatTemplate? chat) => Prompt(question, chat) + response;
}
