using System.Globalization;
using System.Text;
using Reft.Configuration;
using Reft.Configuration.Checks;
using Reft.Methods;

namespace Reft.Reproduction;

/// <summary>One training of a comparison, read.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">What the tables call it.</param>
/// <param name="Config">Its config.</param>
/// <param name="From">What it begins from.</param>
/// <param name="Learns">What it learns.</param>
internal sealed record Arm(string Name, string Title, RunConfig Config, ArmStart From, ArmProblems Learns)
{
    /// <summary>Whether the first arm has to be trained before it.</summary>
    public bool NeedsWarmUp => From == ArmStart.WarmUp || Learns == ArmProblems.WarmUpSamples;
}

/// <summary>The configs of one format, read and made to fit together.</summary>
/// <param name="Name">The format's name.</param>
/// <param name="WarmUpEpoch">The epoch of the first arm that others begin from; 0 for none.</param>
/// <param name="Arms">The arms, one at least.</param>
/// <param name="RewardModel">The reward models; null for no re-ranking.</param>
internal sealed record FormatPlan(string Name, int WarmUpEpoch, IReadOnlyList<Arm> Arms, RunConfig? RewardModel)
{
    /// <summary>The arm whose problems, answers and evaluations are everybody's.</summary>
    public Arm First => Arms[0];
}

/// <summary>A comparison, read.</summary>
/// <param name="Config">The file's values.</param>
/// <param name="Base">The run that makes the base model; null where it is there.</param>
/// <param name="Formats">The formats.</param>
internal sealed record ReproducePlan(ReproduceConfig Config, RunConfig? Base, IReadOnlyList<FormatPlan> Formats)
{
    /// <summary>
    /// All that decides the figures, but for the seeds: who goes on with a folder must go on with this. Seeds, formats and arms may
    /// be added; a line begins with the format and arm that it belongs to.
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
                foreach (var arm in format.Arms)
                {
                    text.Append($"{format.Name} {arm.Name}: from {arm.From}, learns {arm.Learns}\n");
                    Add($"{format.Name} {arm.Name}", arm.Config);
                }

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
    /// <param name="catalog">What the configs can name; null for what comes with Reft.</param>
    /// <exception cref="InputException">Something is wrong; the message has a line for every error.</exception>
    public static ReproducePlan Load(string path, IReadOnlyList<string> sets, Catalog? catalog = null)
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
        var start = config.Base is null ? null : Read(config.Base.Config, [.. config.Base.Set, .. device], catalog, faults);
        FormatPlan[] formats = [.. config.Formats.Select(format => Read(format, config, device, catalog, faults)).OfType<FormatPlan>()];
        if (config.Base is null && config.Model is null)
        {
            faults.AddRange(formats.SelectMany(format => format.Arms.Where(arm => arm is { From: ArmStart.Base, Config.Model.Fresh: null })
                .Select(arm => $"formats {format.Name}: {arm.Name} begins from a base model; give base or model, or its config model.fresh")));
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

        foreach (var fault in Names(config.Formats.Select(format => format.Name), "formats", "format").Concat(Arms(config.Arms, "arms")))
        {
            yield return fault;
        }

        if (config.Against.FirstOrDefault(name => config.Formats.All(format => ArmsOf(format, config).All(arm => arm.Name != name))) is { } nobody)
        {
            yield return ("against", $"has {OneLine.Quote(nobody)}, which no format has as an arm");
        }

        foreach (var (format, i) in config.Formats.Select((format, i) => (format, i)))
        {
            var arms = ArmsOf(format, config);
            foreach (var fault in Arms(format.Arms, FormattableString.Invariant($"formats[{i}].arms")))
            {
                yield return fault;
            }

            if (arms.Count == 0)
            {
                yield return (FormattableString.Invariant($"formats[{i}].arms"), "is empty, and there are no arms for all formats; give at least one");
            }
            else if (format.WarmUpEpoch is null && arms.Skip(1).Any(arm => arm.From != ArmStart.Base || arm.Learns == ArmProblems.WarmUpSamples))
            {
                yield return (FormattableString.Invariant($"formats[{i}].warmUpEpoch"), $"is absent, and arms begin from an epoch of {arms[0].Name} or learn its samples");
            }
        }
    }

    private static IReadOnlyList<ArmSection> ArmsOf(FormatSection format, ReproduceConfig config) => format.Arms.Count > 0 ? format.Arms : config.Arms;

    private static IEnumerable<(string Path, string Message)> Arms(IReadOnlyList<ArmSection> arms, string path)
    {
        foreach (var fault in Names(arms.Select(arm => arm.Name), path, "arm"))
        {
            yield return fault;
        }

        if (arms is [{ } first, ..] && (first.From == ArmStart.WarmUp || first.Learns != ArmProblems.Same))
        {
            yield return ($"{path}[0].{(first.From == ArmStart.WarmUp ? "from" : "learns")}", "is what others may begin from or learn; the first arm begins from the base model and learns its own problems");
        }
    }

    /// <summary>Names are folders, each its own.</summary>
    private static IEnumerable<(string Path, string Message)> Names(IEnumerable<string> names, string path, string what)
    {
        string[] all = [.. names];
        foreach (var (name, i) in all.Select((name, i) => (name, i)))
        {
            var at = FormattableString.Invariant($"{path}[{i}].name");
            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            {
                yield return (at, $"is {OneLine.Quote(name)}: it names a folder and must be letters, digits, - and _");
            }

            if (all.AsSpan()[..i].Contains(name))
            {
                yield return (at, $"is {OneLine.Quote(name)}, as another {what}'s; give each its own");
            }
        }
    }

    private static FormatPlan? Read(
        FormatSection format, ReproduceConfig comparison, string[] device, Catalog? catalog, List<string> faults)
    {
        var arms = new List<Arm>();
        foreach (var section in ArmsOf(format, comparison))
        {
            if (Read(section.Config, [.. format.Set, .. section.Set, .. device], catalog, faults) is not { } config)
            {
                continue;
            }

            var here = OneLine.Of(section.Config);
            if (config.Catalog.Find(config.Method)?.Use is { } use)
            {
                faults.Add($"{here}: method {config.Method} is no arm: {use}");
            }

            var first = arms.FirstOrDefault()?.Config;
            // What it has more is compared when the problems are read.
            var own = section.Learns == ArmProblems.More && first is not null ? config with { Problems = config.Problems with { Train = first.Problems.Train } } : config;
            if (first is not null && Shared(own) != Shared(first))
            {
                faults.Add($"{here}: problems or answers are not those of the format's first arm, {arms[0].Name}; a comparison needs the same "
                    + $"(problems.test is read from {arms[0].Name} alone)");
            }

            arms.Add(new Arm(section.Name, section.Title ?? section.Name, config, section.From ?? (first is null ? ArmStart.Base : ArmStart.WarmUp), section.Learns));
        }

        if (arms.Count > 0 && arms.Any(arm => arm.NeedsWarmUp) && arms[0].Config.Training.Epochs is null)
        {
            faults.Add($"formats {format.Name}: others begin from an epoch of {arms[0].Name}, whose config counts steps; give it training.epochs");
        }

        var reward = format.RewardModel is { } reference ? Read(reference.Config, [.. format.Set, .. reference.Set, .. device], catalog, faults) : null;
        if (reward is { MethodOptions: not RewardModelSection })
        {
            faults.Add($"{OneLine.Of(format.RewardModel!.Config)}: method {reward.Method} makes no reward model");
        }

        return arms.Count == 0 ? null : new FormatPlan(format.Name, format.WarmUpEpoch ?? 0, arms, reward);
    }

    /// <summary>Reads one config; null where that failed, with the faults added.</summary>
    private static RunConfig? Read(string path, IReadOnlyList<string> sets, Catalog? catalog, List<string> faults)
    {
        try
        {
            return ConfigFile.Load(path, sets, catalog).Config;
        }
        catch (InputException error)
        {
            faults.Add(error.Message);
            return null;
        }
    }

    /// <summary>What all arms of a format have in common, as text.</summary>
    private static string Shared(RunConfig config) => string.Join('\n', ConfigText.Write(
            config with { Problems = config.Problems with { Test = [] } }, Provenance.None, _ => true).Split('\n')
        .SkipWhile(line => !line.StartsWith("problems:", StringComparison.Ordinal))
        .TakeWhile(line => !line.StartsWith("training:", StringComparison.Ordinal)));
}
