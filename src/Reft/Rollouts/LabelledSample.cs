using Reft.Problems;
using Reft.Text;

namespace Reft.Rollouts;

/// <summary>A sample of a problem, and whether it is right.</summary>
/// <param name="Problem">The problem.</param>
/// <param name="Text">The whole response, with what the prompt gave of it.</param>
/// <param name="IsRight">Whether the verifier found it correct.</param>
internal sealed record LabelledSample(Problem Problem, string Text, bool IsRight)
{
    /// <summary>
    /// Question and response as a reward model reads them, without a stop token (as the official program does), tokenised where the
    /// policy's own were: prompt and completion apart.
    /// </summary>
    /// <param name="question">The question.</param>
    /// <param name="text">The whole response.</param>
    /// <param name="template">The texts.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public static int[] Tokens(string question, string text, PromptTemplate template, Tokenizer tokenizer)
    {
        var (prompt, response) = Parts(question, text, template, tokenizer);
        return [.. prompt, .. response];
    }

    /// <summary>The tokens of the prompt, and those of what was written after it.</summary>
    internal static (int[] Prompt, int[] Response) Parts(string question, string text, PromptTemplate template, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var given = template.Given(question);
        // A sample made elsewhere may word the docstring otherwise; then its own header is read.
        var begins = given.Length > 0 && text.StartsWith(given, StringComparison.Ordinal);
        var used = begins ? template : template with { GiveProgramHeader = false };
        var tokens = used.PromptTokens(tokenizer, question);
        return (tokens, used.TargetTokens(tokenizer, question, tokens, begins ? text[given.Length..] : text));
    }
}

/// <summary>Samples with their labels: what a reward model learns. The one response token of each is its class.</summary>
internal sealed class LabelledSamples : StoredSequences
{
    /// <summary>Tokenizes every sample.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="template">The texts.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="wrong">The class of wrong ones.</param>
    /// <param name="right">The class of right ones.</param>
    /// <param name="maxTokens">The most tokens of a text.</param>
    /// <param name="batchSize">Samples of a step.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <exception cref="InputException">No sample is short enough.</exception>
    public LabelledSamples(
        IReadOnlyList<LabelledSample> samples, PromptTemplate template, Tokenizer tokenizer, int wrong, int right,
        int maxTokens, int batchSize, ulong seed)
        : base(
            [.. samples.Select((s, i) => Make(s, i, template, tokenizer, s.IsRight ? right : wrong))], "samples",
            maxTokens + 1, batchSize, seed) // The class is a token more.
    {
    }

    private static ScoredRollout Make(LabelledSample sample, int place, PromptTemplate template, Tokenizer tokenizer, int label)
    {
        var text = LabelledSample.Tokens(sample.Problem.Question, sample.Text, template, tokenizer);
        return new ScoredRollout
        {
            SampleId = $"{sample.Problem.Id}#{place}",
            Problem = sample.Problem,
            Tokens = [.. text, label],
            PromptLength = text.Length,
            Roles = [TokenRole.Sampled],
            Text = sample.Text,
        };
    }
}
