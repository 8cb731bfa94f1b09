using Reft.Configuration;
using Reft.Sampling;

namespace Reft.Reproduction;

/// <summary>A whole comparison: methods × answer formats × seeds, from one base model. One YAML file is one of these.</summary>
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

    /// <summary>What answers are: words, programs.</summary>
    public required IReadOnlyList<FormatSection> Formats { get; init; }

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

/// <summary>One kind of answers, and the methods that learn it.</summary>
internal sealed record FormatSection
{
    /// <summary>Its name, such as P-CoT: a column of the table, and a folder.</summary>
    public required string Name { get; init; }

    /// <summary>Settings over every config of the format.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>Supervised fine-tuning from the base model; its problems are everybody's.</summary>
    public required RunReference Sft { get; init; }

    /// <summary>The epoch of <see cref="Sft"/> that the others begin from, and that draws the training samples.</summary>
    public required int WarmUpEpoch { get; init; }

    /// <summary>Supervised fine-tuning of the base model on correct samples and gold; absent to leave it out.</summary>
    public RunReference? Offline { get; init; }

    /// <summary>Online self-training from the warm-up; absent to leave it out.</summary>
    public RunReference? Online { get; init; }

    /// <summary>ReFT from the warm-up; absent to leave it out.</summary>
    public RunReference? Reft { get; init; }

    /// <summary>
    /// ReFT from the warm-up on more questions, of which answers are enough: its <c>problems.train</c> is its own, and begins with the
    /// others'. Absent to leave it out.
    /// </summary>
    public RunReference? ReftAnswers { get; init; }

    /// <summary>The reward model of every method, from its best checkpoint; absent for no re-ranking.</summary>
    public RunReference? RewardModel { get; init; }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path).AtLeast("warmUpEpoch", WarmUpEpoch, 1).All;
}

/// <summary>The samples of a comparison.</summary>
internal sealed record SamplesSection
{
    /// <summary>Samples of each training and dev question by the warm-up: for offline self-training and reward models.</summary>
    public int Train { get; init; } = 8;

    /// <summary>Samples of each test question by each method's best checkpoint: for votes and choices.</summary>
    public int Test { get; init; } = 16;

    /// <summary>Divides the logits.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// The temperatures of which each method's test samples get the one whose majority of <see cref="Test"/> samples is right most often
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
