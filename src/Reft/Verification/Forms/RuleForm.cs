using Reft.Answers;

namespace Reft.Verification.Forms;

/// <summary>A form in which the response is the solution and nothing else, judged as a whole by a rule of its task.</summary>
public abstract record RuleForm : IAnswerForm
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Summary { get; }

    /// <summary>The rule.</summary>
    protected abstract RuleVerifier Rule { get; }

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    public string Completion(AnswerStyle style, string solution, string answer)
    {
        ArgumentNullException.ThrowIfNull(solution);
        return Rule.Completion(solution, answer);
    }

    /// <inheritdoc/>
    public IVerifier Create(IVerifier plain) => Rule;
}
