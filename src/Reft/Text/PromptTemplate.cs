using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Reft.Answers;
using Reft.Problems;
using Reft.Text.Prompts;

namespace Reft.Text;

/// <summary>
/// Turns problems into the texts a model reads and learns to write, and those into tokens. Training, rollouts, evaluation, sampling and
/// scoring all take theirs from one template, so that they cannot differ.
/// </summary>
/// <remarks>
/// Each text is a prompt and a target. Between marks they are tokenised apart: their tokens are those of the two texts, never of the two joined.
/// In a conversation the target's tokens are those of the assistant's turn in the whole rendered text.
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

    /// <summary>How the model is asked.</summary>
    public IPromptForm Form { get; init; } = new MarkedPrompt();

    /// <summary>The model's chat template; null where it has none, or the form needs none.</summary>
    public ChatTemplate? Chat { get; init; }

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

    /// <summary>The template with the chat template of a model's folder, where the form is a conversation.</summary>
    /// <exception cref="InputException">The form is a conversation, and the folder has no template or one that is damaged.</exception>
    public PromptTemplate For(string folder)
    {
        if (!Form.IsChat)
        {
            return this;
        }

        var chat = ChatTemplate.Find(folder, (Form as ChatPrompt)?.Clock);
        var bound = this with { Chat = chat };
        bound.Prompt("?"); // A template that refuses a system's turn, or is missing, shows now.
        return bound;
    }

    /// <summary>The whole prompt of a question.</summary>
    public string Prompt(string question) => Form.Prompt(question, Chat) + Given(question);

    /// <summary>
    /// What tells prompts apart that are made otherwise, for those who go on with what was made: the form and a hash of a prompt's tokens; null
    /// between the paper's marks with no token before them.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    public string? Mark(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Opening.Count == 0 && Form.Equals(new MarkedPrompt()) ? null
            : $"{Form.Name} {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<int>(PromptTokens(tokenizer, "?"))))[..16]}";
    }

    /// <summary>
    /// The tokens of the whole prompt: the one way to them. What begins a text is there once: before marks where the tokenizer puts it, in a
    /// conversation where the chat template writes it.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="question">The question.</param>
    public int[] PromptTokens(Tokenizer tokenizer, string question)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var text = Prompt(question);
        return Form.IsChat ? tokenizer.Encode(text, addSpecialTokens: false) : tokenizer.EncodePrompt(text);
    }

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
    /// The tokens of a target, without what ends it. Between marks a target that begins the response is tokenised by itself, as in the official
    /// program: SentencePiece puts a space before it, which no verdict depends on. One that goes on inside a program whose header the
    /// prompt gives has no such space, for there it would be indentation. In a conversation the tokens are those of the assistant's turn,
    /// with the space that a template puts round it.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="question">The question.</param>
    /// <param name="prompt">The prompt's tokens.</param>
    /// <param name="target">The target's text.</param>
    public int[] TargetTokens(Tokenizer tokenizer, string question, ReadOnlySpan<int> prompt, string target)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(target);
        return Form.IsChat ? TurnTokens(tokenizer, question, prompt, target)
            : GiveProgramHeader ? tokenizer.EncodeResponse(prompt, target)
            : tokenizer.Encode(target, addSpecialTokens: false);
    }

    /// <summary>
    /// The response's part of the rendered conversation. A template may word an earlier turn otherwise than the one that is being written
    /// (thoughts are dropped); then the target goes on from the prompt as it stands.
    /// </summary>
    private int[] TurnTokens(Tokenizer tokenizer, string question, ReadOnlySpan<int> prompt, string target)
    {
        var whole = Form.Whole(question, Given(question) + target, Chat);
        var end = whole.LastIndexOf(target, StringComparison.Ordinal) + target.Length;
        if (!whole.StartsWith(Prompt(question), StringComparison.Ordinal) || end <= target.Length)
        {
            return tokenizer.EncodeResponse(prompt, target);
        }

        var space = whole.AsSpan(end).Length - whole.AsSpan(end).TrimStart(' ').Length;
        var tokens = tokenizer.Encode(whole[..(end + space)], addSpecialTokens: false);
        return tokens.AsSpan().StartsWith(prompt) ? tokens[prompt.Length..] : tokenizer.EncodeResponse(prompt, target);
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
