using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Inputs;
using Reft.Models;
using Reft.Rollouts;
using Reft.Text;

namespace Reft.Sampling;

/// <summary>
/// What a model that was trained by preferences thinks of samples: its implicit reward <c>r = β (log π(y|x) - log π_ref(y|x))</c> against the
/// model that it was trained from (DPO, <see href="https://arxiv.org/abs/2305.18290"/>, equation 5), as the score <c>σ(r)</c>, which orders
/// samples as r does and is the model's probability that a sample beats one worth 0.
/// </summary>
/// <param name="policy">The trained model, π.</param>
/// <param name="reference">The model that it was trained from.</param>
/// <param name="beta">β, above 0.</param>
/// <param name="template">The texts.</param>
/// <param name="tokenizer">The tokenizer, the same of both.</param>
/// <param name="stopToken">Ends every response; part of its probability.</param>
internal sealed class ImplicitReward(
    PretrainedModel policy, PretrainedModel reference, double beta, PromptTemplate template, Tokenizer tokenizer, int stopToken)
{
    /// <summary>β where nobody says another.</summary>
    public const double UsualBeta = 0.1;

    private const int EvaluationTokens = 8192;

    /// <summary>Loads both models' folders.</summary>
    /// <param name="folder">The trained model's.</param>
    /// <param name="reference">The other's.</param>
    /// <param name="load">Loads a folder.</param>
    /// <param name="beta">β.</param>
    /// <param name="template">The texts.</param>
    /// <exception cref="InputException">The models do not read the same tokens.</exception>
    public static ImplicitReward Load(
        string folder, string reference, Func<string, PretrainedModel> load, double beta, PromptTemplate template)
    {
        var (policy, other) = (load(folder), load(reference));
        if (policy.Decoder.Config.VocabularySize != other.Decoder.Config.VocabularySize)
        {
            throw new InputException(
                $"{OneLine.Of(reference)}: has {other.Decoder.Config.VocabularySize} tokens where {OneLine.Of(folder)} has "
                + $"{policy.Decoder.Config.VocabularySize}: name the model that it was trained from");
        }

        var tokenizer = Tokenizer.Load(folder);
        return new ImplicitReward(policy, other, beta, template, tokenizer, EndTokens.Of(folder, policy, tokenizer, template.Chat).Learned);
    }

    /// <summary>Scores samples, equal ones once; what is longer than the models read scores 0 and is counted.</summary>
    /// <param name="samples">Question and whole response of each.</param>
    public (double[] Scores, int TooLong) Score(IReadOnlyList<(string Question, string Text)> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var context = Math.Min(policy.Decoder.Config.MaxPositions, reference.Decoder.Config.MaxPositions);
        var texts = samples.Distinct().Select(sample => (Sample: sample, Sequence: Sequence(sample)))
            .Where(text => text.Sequence.Tokens.Length <= context + 1).OrderBy(text => text.Sequence.Tokens.Length).ToArray();
        PolicySequence[] sequences = [.. texts.Select(text => text.Sequence)];
        var (own, other) = (Sums(policy, sequences), Sums(reference, sequences));
        var scores = texts.Select((text, i) => (text.Sample, Score: 1 / (1 + Math.Exp(-beta * (own[i] - other[i])))))
            .ToDictionary(pair => pair.Sample, pair => pair.Score);
        return ([.. samples.Select(sample => scores.GetValueOrDefault(sample))], samples.Count(sample => !scores.ContainsKey(sample)));
    }

    private static double[] Sums(PretrainedModel model, PolicySequence[] sequences) => sequences.Length == 0
        ? []
        : [.. PolicyEvaluation.LogProbs(new Policy(model.Decoder), sequences, EvaluationTokens).Select(row => row.Sum(p => (double)p))];

    private PolicySequence Sequence((string Question, string Text) sample)
    {
        var (prompt, response) = LabelledSample.Parts(sample.Question, sample.Text, template, tokenizer);
        return new PolicySequence([.. prompt, .. response, stopToken], prompt.Length);
    }
}
