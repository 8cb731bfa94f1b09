using System.Globalization;
using System.Text;
using Reft.Configuration;
using Reft.Configuration.Checks;

namespace Reft.Reproduction;

/// <summary>The configs of one format, read and made to fit together.</summary>
/// <param name="Name">The format's name.</param>
/// <param name="WarmUpEpoch">The epoch of SFT that the others begin from.</param>
/// <param name="Sft">Supervised fine-tuning.</param>
/// <param name="Offline">Offline self-training; null to leave it out.</param>
/// <param name="Online">Online self-training; null to leave it out.</param>
/// <param name="Reft">ReFT; null to leave it out.</param>
/// <param name="ReftAnswers">ReFT on more questions; null to leave it out.</param>
/// <param name="RewardModel">The reward models; null for no re-ranking.</param>
internal sealed record FormatPlan(
    string Name, int WarmUpEpoch, RunConfig Sft, RunConfig? Offline, RunConfig? Online, RunConfig? Reft, RunConfig? ReftAnswers, RunConfig? RewardModel);

/// <summary>A comparison, read.</summary>
/// <param name="Config">The file's values.</param>
/// <param name="Base">The run that makes the base model; null where it is there.</param>
/// <param name="Formats">The formats.</param>
internal sealed record ReproducePlan(ReproduceConfig Config, RunConfig? Base, IReadOnlyList<FormatPlan> Formats)
{
    /// <summary>
    /// All that decides the figures, but for the seeds: who goes on with a folder must go on with this. Seeds, formats and methods may
    /// be added; a line begins with the format and method that it belongs to.
    /// </summary>
    public string Settings
    {
        get
        {
            var text = new StringBuilder();
            var samples = Config.Samples;
            text.Append(FormattableString.Invariant(
                $"samples: train {samples.Train}, test {samples.Test}, temperature {samples.Temperature}, topK {samples.TopK}, keep {samples.Keep}, pick {samples.Pick}\n"));
            if (samples.Temperatures.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"temperatures: {string.Join(", ", samples.Temperatures.Select(t => t.ToString("R", CultureInfo.InvariantCulture)))}\n");
            }

            Add("base", Base);
            text.Append($"model: {Config.Model}\n");
            foreach (var format in Formats)
            {
                text.Append(FormattableString.Invariant($"{format.Name}: warmUpEpoch {format.WarmUpEpoch}\n"));
                Add($"{format.Name} sft", format.Sft);
                Add($"{format.Name} offline", format.Offline);
                Add($"{format.Name} online", format.Online);
                Add($"{format.Name} reft", format.Reft);
                Add($"{format.Name} reftAnswers", format.ReftAnswers);
                Add($"{format.Name} rewardModel", format.RewardModel);
            }

            return text.ToString();

            void Add(string name, RunConfig? config)
            {
                if (config is null)
                {
                    return;
                }

                foreach (var line in ConfigIdentity.Spell(Placeless(config)).Split('\n'))
                {
                    text.Append($"{name}: {line.Replace("  # default", "", StringComparison.Ordinal)}\n");
                }
            }
        }
    }

    private static RunConfig Placeless(RunConfig config) =>
        config with { Run = "", Seed = 0, Training = config.Training with { MaxTokens = config.Training.MostLearned } };
}

/// <summary>Reads comparisons.</summary>
internal static class ReproduceFile
{
    /// <summary>Reads a comparison and every config that it names.</summary>
    /// <param name="path">The YAML file.</param>
    /// <param name="sets">Settings over it.</param>
    /// <exception cref="InputException">Something is wrong; the message has a line for every error.</exception>
    public static ReproducePlan Load(string path, IReadOnlyList<string> sets)
    {
        var (config, _) = ConfigFile.Parse<ReproduceConfig>(
            ConfigFile.ReadText(path), path, sets, "folder, seeds, base or model, and formats",
            (bound, origins, errors) =>
            {
                ConfigChecks.CheckRanges(bound, origins, errors);
                errors.NextStage();
                foreach (var (at, message) in Contradictions(bound).Where(found => !errors.Cover(found.Path)))
                {
                    errors.Add(ConfigChecks.PlaceOf(at, origins), at, message);
                }
            });
        var faults = new List<string>();
        string[] device = config.Device is { } name ? [$"model.device={ConfigText.Scalar(name)}"] : [];
        var start = config.Base is null ? null : Read(config.Base with { Set = [.. config.Base.Set, .. device] }, [], "base", null, false, faults);
        FormatPlan[] formats = [.. config.Formats.Select(format => Read(format, device, faults)).OfType<FormatPlan>()];
        if (config.Base is null && config.Model is null)
        {
            faults.AddRange(formats.SelectMany(format => new[] { ("sft", format.Sft), ("offline", format.Offline) }
                .Where(run => run.Item2 is { Model.Fresh: null })
                .Select(run => $"formats {format.Name}: {run.Item1} begins from a base model; give base or model, or its config model.fresh")));
        }

        return faults.Count == 0
            ? new ReproducePlan(config, start, formats)
            : throw new InputException(string.Join('\n', faults.Distinct()));
    }

    private static IEnumerable<(string Path, string Message)> Contradictions(ReproduceConfig config)
    {
        if (config.Base is not null && config.Model is not null)
        {
            yield return ("base", "is given, and model too; give one of the two");
        }

        if (config.Seeds.GroupBy(seed => seed).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            yield return ("seeds", $"has {twice.Key} twice");
        }

        if (config.K.Any(k => k > config.Samples.Test))
        {
            yield return ("k", $"has {config.K.Max()}: it must be at most samples.test, {config.Samples.Test}");
        }

        foreach (var (format, i) in config.Formats.Select((format, i) => (format, i)))
        {
            if (format.Name.Length == 0 || format.Name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            {
                yield return ($"formats[{i}].name", $"is {OneLine.Quote(format.Name)}: it names a folder and must be letters, digits, - and _");
            }

            if (config.Formats.Take(i).Any(other => other.Name == format.Name))
            {
                yield return ($"formats[{i}].name", $"is {OneLine.Quote(format.Name)}, as another format's; give each its own");
            }
        }
    }

    private static FormatPlan? Read(FormatSection format, string[] device, List<string> faults)
    {
        RunConfig? One(RunReference reference, string method, RunConfig? sft, bool hasMore = false) =>
            Read(reference with { Set = [.. reference.Set, .. device] }, format.Set, method, sft, hasMore, faults);
        var sft = One(format.Sft, "sft", null);
        RunConfig? Other(RunReference? reference, string method, bool hasMore = false) =>
            reference is null ? null : One(reference, method, sft, hasMore);
        var plan = (Offline: Other(format.Offline, "sft"), Online: Other(format.Online, "online-self-training"),
            Reft: Other(format.Reft, "reft"), ReftAnswers: Other(format.ReftAnswers, "reft", hasMore: true), RewardModel: Other(format.RewardModel, "outcome-reward"));
        return sft is null
            ? null
            : new FormatPlan(format.Name, format.WarmUpEpoch, sft, plan.Offline, plan.Online, plan.Reft, plan.ReftAnswers, plan.RewardModel);
    }

    /// <summary>Reads one config; null where that failed, with the faults added.</summary>
    private static RunConfig? Read(
        RunReference reference, IReadOnlyList<string> sets, string method, RunConfig? sft, bool hasMore, List<string> faults)
    {
        try
        {
            var config = ConfigFile.Load(reference.Config, [.. sets, .. reference.Set]).Config;
            var here = OneLine.Of(reference.Config);
            if (method != "base" && config.Method != method)
            {
                faults.Add($"{here}: method is {config.Method} where {method} is needed");
            }

            // What it has more is compared when the problems are read.
            var own = hasMore && sft is not null ? config with { Problems = config.Problems with { Train = sft.Problems.Train } } : config;
            if (sft is not null && Shared(own) != Shared(sft))
            {
                faults.Add($"{here}: problems or answers are not those of the format's sft config; a comparison needs the same "
                    + "(problems.test is read from sft alone)");
            }

            return config;
        }
        catch (InputException error)
        {
            faults.Add(error.Message);
            return null;
        }
    }

    /// <summary>What all methods of a format have in common, as text.</summary>
    private static string Shared(RunConfig config) => string.Join('\n', ConfigText.Write(
            config with { Problems = config.Problems with { Test = [] } }, Provenance.None, _ => true).Split('\n')
        .SkipWhile(line => !line.StartsWith("problems:", StringComparison.Ordinal))
        .TakeWhile(line => !line.StartsWith("training:", StringComparison.Ordinal)));
}
