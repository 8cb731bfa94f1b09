using Reft.Configuration;
using Reft.Configuration.Binding;
using Reft.Methods;
using Reft.Training.Runs;

namespace Reft.Replay;

/// <summary>What a replay changes: the settings, the steps, and whether completions are judged anew.</summary>
/// <param name="Sets">Settings over the run's own config, such as <c>ppo.lambda=1</c>.</param>
/// <param name="Verify">Whether completions are judged anew even if no setting asks for it.</param>
/// <param name="From">The first step; null for the run's first.</param>
/// <param name="To">The last step; null for the run's last.</param>
internal sealed record ReplaySettings(IReadOnlyList<string> Sets, bool Verify, long? From, long? To)
{
    /// <summary>What the run's config can name; null for what comes with Reft.</summary>
    public Catalog? Catalog { get; init; }

    private static readonly string[] _known =
    [
        "reward.", "ppo.discount", "ppo.lambda", "ppo.whitensAdvantages", "ppo.kl.", "ppo.aggregation", "ppo.constantLength",
        "ppo.truncation", "ppo.truncationReward", "answers.policy", "answers.engine",
    ];

    /// <summary>Reads the run's own config and the one with the settings.</summary>
    /// <exception cref="InputException">A setting is wrong, or a replay cannot show what it does.</exception>
    public (RunConfig Own, RunConfig Changed) Load(RunFolder folder)
    {
        if (!folder.IsRun)
        {
            throw new InputException($"{OneLine.Of(folder.Path)}: is not a run (no config.yaml); name a run's folder");
        }

        if (From > To)
        {
            throw new InputException($"--from {From} is after --to {To}; swap them");
        }

        foreach (var path in Sets.Select(set => set.Split('=')[0].Trim()).Where(path => !IsKnown(ConfigPath.Form(path))))
        {
            throw new InputException(
                $"--set {OneLine.Of(path)}: a replay draws and trains nothing, so it cannot show what this does; it can change "
                + string.Join(", ", _known.Select(known => known.EndsWith('.') ? known + "*" : known)));
        }

        var own = ConfigFile.Load(folder.Config, [], Catalog, isOfRun: true).Config;
        return own.Catalog.Find(own.Method)?.CanReplay == true
            ? (own, ConfigFile.Load(folder.Config, Sets, Catalog, isOfRun: true).Config)
            : throw new InputException(
                $"{OneLine.Of(folder.Path)}: is a run of method {own.Method}, {Why(own)}; runs that can be replayed are those of "
                + string.Join(" and ", own.Catalog.Methods.Where(method => method.CanReplay).Select(method => method.Name)));
    }

    private static string Why(RunConfig config) => config.Reads("rollouts")
        ? "which a replay does not work out again yet (its completions, verdicts and figures are in rollouts.jsonl)"
        : "which rolls nothing out";

    private static bool IsKnown(string path) =>
        _known.Any(known => known.EndsWith('.') ? path.StartsWith(known, StringComparison.Ordinal) : path == known);
}
