using Reft.Answers;
using Reft.Problems;

namespace Reft.Text;

/// <summary>
/// Turns problems into the texts a model reads and learns to write. Training, rollouts and evaluation all take theirs
/// from
/// one template, so that they cannot differ.
/// </summary>
/// <remarks>
/// Each text is a prompt and a target, tokenised apart: their tokens are those of the two texts, never of the two
/// joined.
/// The official program gives programs their header and docstring in the prompt at rollouts but not at training; here
/// <see cref="GiveProgramHeader"/> decides it once for both.
/// </remarks>
public sealed record PromptTemplate
{
    /// <summary>What the model writes: words that end in a number or a letter, or a program.</summary>
    public AnswerStyle Style { get; init; }

    /// <summary>
    /// Whether the prompt of a program already holds <c>def solution():</c> and the question as its docstring, to spare
    /// the model writing them.
    /// </summary>
    public bool GiveProgramHeader { get; init; }

    /// <summary>What a model should write, of a solution and its answer; null for the style's own form (<see cref="AnswerFormat.Completion"/>).</summary>
    public Func<string, string, string>? Completion { get; init; }

    /// <summary>What is wrong with the options, each line beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (GiveProgramHeader && Style != AnswerStyle.Program)
        {
            yield return $"{path}.giveProgramHeader is true, but the style is {Style}; only programs have a header";
        }
    }

    /// <summary>The whole prompt of a question.</summary>
    public string Prompt(string question) => AnswerFormat.Prompt(question) + Given(question);

    /// <summary>
    /// What the prompt holds of the response itself: a program's header and docstring, or nothing. The verifier needs
    /// it
    /// before the completion. A question that would break the docstring is escaped; see
    /// <see cref="ProgramText.HeaderFor"/>.
    /// </summary>
    public string Given(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return GiveProgramHeader ? ProgramText.HeaderFor(question.Trim()) : "";
    }

    /// <summary>What a model is taught to write after <see cref="Prompt"/>, without the stop token.</summary>
    /// <exception cref="InputException">The problem has no solution, or the solution does not begin with a header and a
    /// docstring, which the prompt gives.</exception>
    public string Target(Problem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.Solution is null)
        {
            throw new InputException($"problem '{problem.Id}' has no solution to learn from; leave it out of training");
        }

        return Target(problem, problem.Solution);
    }

    /// <summary>What a model is taught to write, for a solution that need not be the problem's own.</summary>
    /// <exception cref="InputException">The solution does not begin with a header and a docstring, which the prompt
    /// gives.</exception>
    public string Target(Problem problem, string solution)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var target = Completion?.Invoke(solution, problem.Answer) ?? AnswerFormat.Completion(Style, solution, problem.Answer);
        return GiveProgramHeader ? WithoutHeader(problem, target) : target;
    }

    /// <summary>
    /// The tokens of a target. A target that begins the response is tokenised by itself, as in the official program: SentencePiece
    /// puts a space before it, which no verdict depends on. One that goes on inside a program whose header the prompt gives has no
    /// such space, for there it would be indentation.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="prompt">The prompt's tokens.</param>
    /// <param name="target">The target's text.</param>
    public int[] TargetTokens(Tokenizer tokenizer, ReadOnlySpan<int> prompt, string target)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return GiveProgramHeader ? tokenizer.EncodeResponse(prompt, target) : tokenizer.Encode(target, addSpecialTokens: false);
    }

    /// <summary>Drops the header and the docstring, even one that words the question otherwise.</summary>
    private static string WithoutHeader(Problem problem, string program)
    {
        const string Quotes = "\"\"\"";
        const string Start = ProgramText.Header + ProgramText.Indent + Quotes;
        var end = program.StartsWith(Start, StringComparison.Ordinal)
            ? program.IndexOf(Quotes + "\n", Start.Length, StringComparison.Ordinal)
            : -1;
        return end < 0
            ? throw new InputException(
                $"the solution of problem '{problem.Id}' does not begin with 'def solution():' and a docstring, "
                + "which the prompt gives; leave it out, or set giveProgramHeader to false")
            : program[(end + Quotes.Length + 1)..];
    }
}
