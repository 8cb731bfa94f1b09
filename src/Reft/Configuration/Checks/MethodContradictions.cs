using Reft.Configuration.Binding;
using Reft.Methods;

namespace Reft.Configuration.Checks;

/// <summary>What a method cannot do, or does not read.</summary>
internal static class MethodContradictions
{
    /// <summary>The contradictions of a config.</summary>
    /// <param name="config">The config.</param>
    /// <param name="isGiven">Whether something was written, even if it is a default.</param>
    public static IEnumerable<Contradiction> Of(RunConfig config, Func<string, bool> isGiven)
    {
        var method = config.Method;
        if (!MethodCatalog.Names.Contains(method))
        {
            var names = string.Join(", ", MethodCatalog.Names) + NearName.Ask(method, MethodCatalog.Names);
            return [new Contradiction($"is {OneLine.Quote(method)}: it must be one of {names}", "method")];
        }

        return
        [
            .. UnreadSections(method, isGiven), .. UnreadOptions(config),
            .. MethodSections.UnreadBy(method).Contains("rewardModel") ? [] : RewardModel(config),
        ];
    }

    private static IEnumerable<Contradiction> UnreadSections(string method, Func<string, bool> isGiven) =>
        MethodSections.UnreadBy(method).Where(isGiven).Select(section => new Contradiction(
            $"is not read by method {method}, only by {string.Join(" and ", MethodSections.ReadersOf(section))}; remove it",
            section,
            "method"));

    private static IEnumerable<Contradiction> RewardModel(RunConfig config)
    {
        if (config.RewardModel.Samples is null)
        {
            yield return new("is missing: name a file of 'reft sample'", "rewardModel.samples", "rewardModel", "method");
        }

        if (config.Model.Lora is not null)
        {
            yield return new("is given, but a reward model is trained whole, with its new head; remove it", "model.lora", "method");
        }

        if (config.Problems.Test.Count > 0)
        {
            yield return new("is given, but a reward model meets test problems in 'reft rerank' alone; remove it", "problems.test", "method");
        }

        // Not what is given: a run's own config.yaml gives everything.
        var (own, unset) = (config.Evaluation, new EvaluationSection());
        (string Key, bool IsSet)[] unread =
        [
            ("maxTokens", own.MaxTokens != unset.MaxTokens), ("samples", own.Samples != unset.Samples),
            ("temperature", own.Temperature != unset.Temperature), ("slots", own.Slots != unset.Slots),
        ];
        foreach (var (key, _) in unread.Where(pair => pair.IsSet))
        {
            yield return new(
                "is given, but a reward model writes nothing: it is evaluated on its samples; remove it", $"evaluation.{key}", "method");
        }
    }

    private static IEnumerable<Contradiction> UnreadOptions(RunConfig config)
    {
        var rollsOut = !MethodSections.UnreadBy(config.Method).Contains("ppo");
        if (config.Model.Dropout && rollsOut)
        {
            yield return new(
                $"is true, but method {config.Method} never drops out: what it samples must be what it trains; remove it",
                "model.dropout",
                "method");
        }

        var noValues = $"is true, but method {config.Method} has no values; remove it";
        if (config.Model.SeparateValueNetwork && !rollsOut)
        {
            yield return new(noValues, "model.separateValueNetwork", "method");
        }

        if (config.Model.ZeroValueHead && !rollsOut)
        {
            yield return new(noValues, "model.zeroValueHead", "method");
        }
    }
}
