using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Rollouts;
using Reft.Text;

namespace Reft.Sampling;

/// <summary>P(right) of samples, by a reward model.</summary>
internal sealed class RewardScorer(RewardModel model, PromptTemplate template, Tokenizer tokenizer, int batchTokens = 8192)
{
    private const int Portion = 1024;

    /// <summary>Scores samples, equal ones once; what is longer than the model reads scores 0 and is counted.</summary>
    /// <param name="samples">Question and whole response of each.</param>
    /// <param name="onProgress">Told how many of how many texts are read; null for nobody.</param>
    /// <param name="cancellation">Stops between two portions.</param>
    public (double[] Scores, int TooLong) Score(
        IReadOnlyList<(string Question, string Text)> samples, Action<int, int>? onProgress = null,
        CancellationToken cancellation = default)
    {
        var texts = samples.Distinct().Select(sample => (Sample: sample, Tokens: Tokens(sample))).ToArray();
        // Texts of one length are computed together.
        var fitting = texts.Where(text => text.Tokens.Length <= model.MaxTokens + 1).OrderBy(text => text.Tokens.Length).ToArray();
        var scores = new Dictionary<(string, string), double>();
        foreach (var portion in fitting.Chunk(Portion))
        {
            cancellation.ThrowIfCancellationRequested();
            var logs = PolicyEvaluation.LogProbs(
                model.Classifier, [.. portion.Select(text => new PolicySequence(text.Tokens, text.Tokens.Length - 1))], batchTokens);
            for (var i = 0; i < portion.Length; i++)
            {
                scores[portion[i].Sample] = Math.Min(1, Math.Exp(logs[i][0]));
            }

            onProgress?.Invoke(scores.Count, fitting.Length);
        }

        return ([.. samples.Select(sample => scores.GetValueOrDefault(sample))], samples.Count(sample => !scores.ContainsKey(sample)));
    }

    private int[] Tokens((string Question, string Text) sample) =>
        [.. LabelledSample.Tokens(sample.Question, sample.Text, template, tokenizer), RewardModel.Right];
}
