using Reft.Problems;
using Reft.Text;

namespace Reft.Rollouts;

/// <summary>Known answers behind the thinking of samples, and how likely they are there.</summary>
/// <param name="tokenizer">Makes the tokens.</param>
/// <param name="completion">What a model should write for a solution and an answer.</param>
/// <param name="stopToken">What ends a completion; it counts as a token of the answer, so that 1 is not 12.</param>
/// <param name="context">The most tokens of a sequence.</param>
/// <param name="logProbs">Log-probabilities of the tokens behind prompts [B][T], of sequences and the lengths of their prompts.</param>
internal sealed class KnownAnswers(
    Tokenizer tokenizer, Func<string, string, string> completion, int stopToken, int context,
    Func<IReadOnlyList<(int[] Tokens, int PromptLength)>, float[][]> logProbs)
{
    private readonly (string Before, string After) _frame = Frame(completion)
        ?? throw new ArgumentException("completions have no answer apart from the solution", nameof(completion));

    /// <summary>What stands between a solution and its answer, and behind it; null where completions have no answer apart from the solution.</summary>
    public static (string Before, string After)? Frame(Func<string, string, string> completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        const string Solution = "\u2460", Answer = "\u2461";
        var whole = completion(Solution, Answer);
        var (solution, answer) = (whole.IndexOf(Solution, StringComparison.Ordinal), whole.IndexOf(Answer, StringComparison.Ordinal));
        return solution < 0 || answer < solution ? null : (whole[(solution + Solution.Length)..answer], whole[(answer + Answer.Length)..]);
    }

    /// <summary>
    /// The geometric mean of the probabilities of an answer's tokens behind each sample's thinking, in [0, 1]; 0 where thinking leaves no room for it.
    /// </summary>
    /// <param name="samples">Problems, their prompts' tokens, and responses.</param>
    public double[] Likelihoods(IReadOnlyList<(Problem Problem, int[] Prompt, string Response)> samples)
    {
        var sequences = samples.Select(Sequence).ToArray();
        int[] asked = [.. Enumerable.Range(0, sequences.Length).Where(i => sequences[i].Tokens.Length <= context)];
        var likelihoods = new double[sequences.Length];
        foreach (var (i, found) in asked.Zip(asked.Length == 0 ? [] : logProbs([.. asked.Select(i => sequences[i])])))
        {
            likelihoods[i] = Math.Exp(found.Average(p => (double)p));
        }

        return likelihoods;
    }

    /// <summary>A prompt with a response's thinking and the known answer; of these all before the answer's tokens is its prompt.</summary>
    internal (int[] Tokens, int PromptLength) Sequence((Problem Problem, int[] Prompt, string Response) sample)
    {
        // Where the response says an answer, the first one, its thinking ends; one that says none is all thinking.
        var at = sample.Response.IndexOf(_frame.Before.Trim(), StringComparison.Ordinal);
        var thinking = (at < 0 ? sample.Response : sample.Response[..at]).TrimEnd() + _frame.Before;
        var before = tokenizer.EncodeResponse(sample.Prompt, thinking);
        int[] whole = [.. tokenizer.EncodeResponse(sample.Prompt, thinking + sample.Problem.Answer.Trim() + _frame.After), stopToken];
        // A token may reach over the border; it says some of the answer, and counts.
        var shared = before.Zip(whole).TakeWhile(pair => pair.First == pair.Second).Count();
        return ([.. sample.Prompt, .. whole], sample.Prompt.Length + Math.Min(shared, whole.Length - 1));
    }
}
