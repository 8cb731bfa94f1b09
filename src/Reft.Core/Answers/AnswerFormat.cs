namespace Reft.Answers;

/// <summary>What an answer is, and so how it is read.</summary>
public enum AnswerStyle
{
    /// <summary>A number that ends a chain of thought in words (N-CoT).</summary>
    Number,

    /// <summary>An option's letter that ends a chain of thought in words.</summary>
    Choice,

    /// <summary>What a program returns (P-CoT).</summary>
    Program,
}

/// <summary>
/// The three strings that ReFT's texts are made of; prompts write them and answer extraction looks for them.
/// </summary>
public static class AnswerFormat
{
    /// <summary>Opens every prompt.</summary>
    public const string Instruction = "Question:\n";

    /// <summary>Stands between the question and the chain of thought.</summary>
    public const string SolutionTrigger = "\nAnswer reasoning:\n";

    /// <summary>Stands between a chain of thought in words and the answer. The last space belongs to it.</summary>
    public const string AnswerTrigger = "\nTherefore, the answer is: ";

    /// <summary>The paper's prompt: the instruction, the question without space round it, the trigger.</summary>
    public static string Prompt(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return Instruction + question.Trim() + SolutionTrigger;
    }

    /// <summary>
    /// What a model should write after the prompt: the solution, and for solutions in words the trigger and the answer
    /// as
    /// the data writes it.
    /// </summary>
    public static string Completion(AnswerStyle style, string solution, string answer)
    {
        ArgumentNullException.ThrowIfNull(solution);
        ArgumentNullException.ThrowIfNull(answer);
        return style == AnswerStyle.Program ? solution.Trim() : solution.Trim() + AnswerTrigger + answer.Trim();
    }
}
