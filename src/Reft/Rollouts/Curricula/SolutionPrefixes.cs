using Reft.Problems;

namespace Reft.Rollouts.Curricula;

/// <summary>Where a solution can be cut into what is given and what is left to the policy.</summary>
public enum HintUnit
{
    /// <summary>After any token.</summary>
    Token,

    /// <summary>After a line.</summary>
    Line,
}

/// <summary>The beginnings of what a model would be taught to write, as tokens.</summary>
/// <param name="parts">What the curriculum is made from.</param>
internal sealed class SolutionPrefixes(CurriculumParts parts)
{
    /// <summary>All tokens of a problem's target, without the stop token.</summary>
    public int[] Whole(Problem problem, int[] prompt) => parts.Template.TargetTokens(parts.Tokenizer, problem.Question, prompt, parts.Template.Target(problem));

    /// <summary>
    /// How many of those tokens come before the line in which the answer stands, whatever its form: the line in which another answer changes
    /// the target. All of them, where the target does not say the answer by itself.
    /// </summary>
    public int BeforeAnswer(Problem problem, int[] prompt, int[] whole)
    {
        var target = parts.Template.Target(problem);
        var other = problem with { Answer = problem.Answer.Trim().StartsWith('0') ? "1" : "0" };
        var same = target.AsSpan().CommonPrefixLength(parts.Template.Target(other));
        return same == target.Length ? whole.Length : Count(problem, target[..Math.Max(0, target.AsSpan(0, same).LastIndexOf('\n'))], prompt, whole);
    }

    /// <summary>The numbers of tokens after which a unit ends; the last one is all of them.</summary>
    public int[] Ends(Problem problem, int[] prompt, int[] whole, HintUnit unit)
    {
        if (unit == HintUnit.Token)
        {
            return [.. Enumerable.Range(1, whole.Length)];
        }

        var target = parts.Template.Target(problem);
        var lines = Enumerable.Range(0, target.Length).Where(i => target[i] == '\n').Select(i => Count(problem, target[..(i + 1)], prompt, whole));
        return [.. lines.Append(whole.Length).Where(end => end > 0).Distinct()];
    }

    /// <summary>The first tokens, as many as fit behind the prompt.</summary>
    public int[] First(int[] prompt, int[] whole, int count) => whole[..Math.Max(0, Math.Min(count, parts.MaxTokens - prompt.Length))];

    private int Count(Problem problem, string beginning, int[] prompt, int[] whole) =>
        whole.AsSpan().CommonPrefixLength(parts.Template.TargetTokens(parts.Tokenizer, problem.Question, prompt, beginning));
}
