using Reft.Composition.Configuration.Binding;

namespace Reft.Composition.Configuration.Checks;

/// <summary>What a method cannot do, or does not read.</summary>
internal static class MethodContradictions
{
    /// <summary>The contradictions of a config.</summary>
    /// <param name="config">The config.</param>
    /// <param name="isGiven">Whether something was written, even if it is a default.</param>
    public static IEnumerable<Contradiction> Of(RunConfig config, Func<string, bool> isGiven)
    {
        var method = config.Method;
        if (!Methods.Names.Contains(method))
        {
            var names = string.Join(", ", Methods.Names) + NearName.Ask(method, Methods.Names);
            return [new Contradiction($"is {OneLine.Quote(method)}: it must be one of {names}", "method")];
        }

        return
        [
            .. UnreadSections(method, isGiven), .. UnreadOptions(config),
            .. MethodSections.UnreadBy(method).Contains("rewardModel") ? [] : RewardModel(config, isGiven),
        ];
    }

    private static IEnumerable<Contradiction> UnreadSections(string method, Func<string, bool> isGiven) =>
        MethodSections.UnreadBy(method).Where(isGiven).Select(section => new Contradiction(
            $"is not read by method {method}, only by {string.Join(" and ", MethodSections.ReadersOf(section))}; remove it",
            section,
            "method"));

    private static IEnumerable<Contradiction> RewardModel(RunConfig config, Func<string, bool> isGiven)
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

        string[] unread = ["maxTokens", "samples", "temperature", "slots"];
        foreach (var path in unread.Select(key => $"evaluation.{key}").Where(isGiven))
        {
            yield return new("is given, but a reward model writes nothing: it is evaluated on its samples; remove it", path, "method");
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
