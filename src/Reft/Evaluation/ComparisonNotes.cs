using System.Globalization;
using Reft.Generation;

namespace Reft.Evaluation;

/// <summary>How two evaluations of the same problems were made otherwise, besides the model.</summary>
internal static class ComparisonNotes
{
    public static IEnumerable<string> Of(EvaluationResult result, EvaluationResult baseline)
    {
        if (result.Style != baseline.Style)
        {
            yield return
                $"answers are {result.Style} answers, in the baseline {baseline.Style} answers".ToLowerInvariant();
        }

        if (result.Form != baseline.Form)
        {
            yield return $"answers are given in form {result.Form ?? "paper"}, in the baseline {baseline.Form ?? "paper"}";
        }

        var prompts = baseline.Greedy.Items.ToDictionary(item => item.Problem, item => item.Prompt);
        if (result.Greedy.Items.FirstOrDefault(item => prompts[item.Problem] != item.Prompt) is { } other)
        {
            yield return $"the prompts differ, first at problem {OneLine.Quote(other.Problem)}";
        }

        foreach (var note in Settings("", result.Greedy.Sampling, baseline.Greedy.Sampling))
        {
            yield return note;
        }

        if (result.Sampled is { } now && baseline.Sampled is { } then)
        {
            foreach (var note in Settings(
                "of the samples ", now.Sampling with { MaxTokens = 1 }, then.Sampling with { MaxTokens = 1 }))
            {
                yield return note;
            }
        }
    }

    private static IEnumerable<string> Settings(string of, SamplingOptions now, SamplingOptions then)
    {
        (string Name, IFormattable Now, IFormattable Then)[] settings =
        [
            ("max-tokens", now.MaxTokens, then.MaxTokens), ("temperature", now.Temperature, then.Temperature),
            ("top-k", now.TopK, then.TopK), ("top-p", now.TopP, then.TopP), ("min-p", now.MinP, then.MinP),
        ];
        return settings.Where(setting => !setting.Now.Equals(setting.Then)).Select(setting => string.Create(
            CultureInfo.InvariantCulture, $"{setting.Name} {of}is {setting.Now}, in the baseline {setting.Then}"));
    }
}
