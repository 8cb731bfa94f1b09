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

    /// <summary>What every replay can change: what samples are worth, and who judges them.</summary>
    private static readonly string[] _always = ["reward.", "answers.policy", "answers.engine"];

    /// <summary>Whether a setting is about the KL penalty: then β follows from the settings, and not from what is stored.</summary>
    public bool ChangesPenalty => Sets.Any(set => ConfigPath.Form(set.Split('=')[0].Trim()).Split('.')[1..]
        .Any(part => part.StartsWith("kl", StringComparison.Ordinal)));

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

        var own = ConfigFile.Load(folder.Config, [], Catalog, isOfRun: true).Config;
        string[] known = [.. _always, .. own.Catalog.Find(own.Method)?.Replays ?? []];
        foreach (var path in Sets.Select(set => set.Split('=')[0].Trim()).Where(path => !IsKnown(known, ConfigPath.Form(path))))
        {
            throw new InputException(
                $"--set {OneLine.Of(path)}: a replay draws and trains nothing, so it cannot show what this does; it can change "
                + string.Join(", ", known.Select(one => one.EndsWith('.') ? one + "*" : one)));
        }

        if (own.Catalog.Of(own.Method).Again(own) is null)
        {
            throw new InputException($"{OneLine.Of(folder.Path)}: is a run of method {own.Method}, {Why(own)}");
        }

        var changed = ConfigFile.Load(folder.Config, Sets, Catalog, isOfRun: true).Config;
        return changed.Catalog.Of(changed.Method).Again(changed) is not null
            ? (own, changed)
            : throw new InputException($"the settings make this a run of method {changed.Method}, {Why(changed)}");
    }

    private static string Why(RunConfig config) => !config.Reads("rollouts") ? "which rolls nothing out"
        : "which a replay does not work out again"
            + (config.Catalog.Of(config.Method).Unreplayed is { } missing ? $": no file of a run has {missing}" : "")
            + "; its completions, verdicts and figures are in rollouts.jsonl";

    private static bool IsKnown(string[] all, string path) =>
        all.Any(known => known.EndsWith('.') ? path.StartsWith(known, StringComparison.Ordinal) : path == known);
}
