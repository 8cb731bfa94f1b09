using Reft.Configuration;
using Reft.Sampling;

namespace Reft.Reproduction;

/// <summary>A whole comparison: arms × formats × seeds. One YAML file is one of these.</summary>
internal sealed record ReproduceConfig
{
    /// <summary>Where everything goes; relative to the working directory.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Where finished formats and seeds are kept as small files (<see cref="ReproductionUnit"/>), and taken from; relative to the working
    /// directory, absent to keep none.
    /// </summary>
    public string? Units { get; init; }

    /// <summary>The seeds; each makes every run once.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>
    /// The run that makes the base model; absent where <see cref="Model"/> is one, or where every run that begins from the base model
    /// makes a fresh one of its own seed.
    /// </summary>
    public RunReference? Base { get; init; }

    /// <summary>A base model that is there; absent where <see cref="Base"/> makes one.</summary>
    public string? Model { get; init; }

    /// <summary>Where every run computes, over their own <c>model.device</c>; absent for theirs.</summary>
    public string? Device { get; init; }

    /// <summary>What is compared, in the order of the tables; a format may have its own. The first is what the others begin from.</summary>
    public IReadOnlyList<ArmSection> Arms { get; init; } = [];

    /// <summary>What answers are: words, programs; or how many problems there are, or how they were solved.</summary>
    public required IReadOnlyList<FormatSection> Formats { get; init; }

    /// <summary>The arms that all others are subtracted from, one after the other; empty for the first arm.</summary>
    public IReadOnlyList<string> Against { get; init; } = [];

    /// <summary>How many samples are drawn, and how.</summary>
    public SamplesSection Samples { get; init; } = new();

    /// <summary>Of how many test samples votes and choices are reported; all of them are in any case.</summary>
    public IReadOnlyList<int> K { get; init; } = [];

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .NotEmpty("seeds", Seeds, "at least one seed")
        .NotEmpty("formats", Formats, "at least one format")
        .Check(K.All(k => k >= 1), "k", K.FirstOrDefault(k => k < 1), "at least 1")
        .All;
}

/// <summary>A run's config, with settings over it.</summary>
internal sealed record RunReference
{
    /// <summary>The YAML file of <c>reft train</c>; its run, seed and model are replaced.</summary>
    public required string Config { get; init; }

    /// <summary>Settings over the file, as of <c>--set</c>.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];
}

/// <summary>What an arm begins from.</summary>
internal enum ArmStart
{
    /// <summary>The base model, or a fresh one.</summary>
    Base,

    /// <summary>An epoch of the first arm.</summary>
    WarmUp,
}

/// <summary>What an arm learns.</summary>
internal enum ArmProblems
{
    /// <summary>The first arm's problems.</summary>
    Same,

    /// <summary>The first arm's problems, with the warm-up's correct samples of them as solutions beside their own.</summary>
    WarmUpSamples,

    /// <summary>Its config's, which begin with the first arm's and go on with others.</summary>
    More,
}

/// <summary>One training that is compared with others.</summary>
internal sealed record ArmSection
{
    /// <summary>Its name: a folder.</summary>
    public required string Name { get; init; }

    /// <summary>What the tables call it; absent for its name.</summary>
    public string? Title { get; init; }

    /// <summary>The YAML file of <c>reft train</c>, of any method that makes a language model; its run, seed, model and problems are replaced.</summary>
    public required string Config { get; init; }

    /// <summary>Settings over the file, as of <c>--set</c>.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>What it begins from; absent for <see cref="ArmStart.Base"/> for the first arm, and <see cref="ArmStart.WarmUp"/> for others.</summary>
    public ArmStart? From { get; init; }

    /// <summary>What it learns.</summary>
    public ArmProblems Learns { get; init; }
}

/// <summary>One kind of answers, and what learns it.</summary>
internal sealed record FormatSection
{
    /// <summary>Its name, such as P-CoT: a column of the table, and a folder.</summary>
    public required string Name { get; init; }

    /// <summary>Settings over every config of the format; an arm's own come after.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Its own arms, in the place of the comparison's; the problems of the first, test among them, are everybody's.</summary>
    public IReadOnlyList<ArmSection> Arms { get; init; } = [];

    /// <summary>The epoch of the first arm that others begin from, and that draws the training samples; absent where none does.</summary>
    public int? WarmUpEpoch { get; init; }

    /// <summary>The reward model of every arm, from its best checkpoint; absent for no re-ranking.</summary>
    public RunReference? RewardModel { get; init; }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path).AtLeast("warmUpEpoch", WarmUpEpoch ?? 1, 1).All;
}

/// <summary>The samples of a comparison.</summary>
internal sealed record SamplesSection
{
    /// <summary>Samples of each training and dev question by the warm-up: for offline self-training and reward models.</summary>
    public int Train { get; init; } = 8;

    /// <summary>Samples of each test question by each arm's best checkpoint: for votes and choices.</summary>
    public int Test { get; init; } = 16;

    /// <summary>Divides the logits.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// The temperatures of which each arm's test samples get the one whose majority of <see cref="Test"/> samples is right most often
    /// on dev, the first of equals; empty for <see cref="Temperature"/>.
    /// </summary>
    public IReadOnlyList<double> Temperatures { get; init; } = [];

    /// <summary>Only so many tokens can be drawn; 0 for all. The paper's samples had 50 without saying so.</summary>
    public int TopK { get; init; }

    /// <summary>The most correct samples of a question that offline self-training learns.</summary>
    public int Keep { get; init; } = 10;

    /// <summary>Which of more.</summary>
    public SamplePick Pick { get; init; }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .AtLeast("train", Train, 1)
        .AtLeast("test", Test, 1)
        .Check(Temperature >= 1e-4, "temperature", Temperature, "at least 0.0001")
        .Check(Temperatures.All(t => t >= 1e-4), "temperatures", Temperatures.FirstOrDefault(t => t < 1e-4), "at least 0.0001")
        .AtLeast("topK", TopK, 0)
        .AtLeast("keep", Keep, 1)
        .All;
}
