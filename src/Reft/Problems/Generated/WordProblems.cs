using Reft.Answers;

namespace Reft.Problems.Generated;

/// <summary>Word problems of several steps, with solutions in words or as programs (<see cref="ProblemGenerator"/>).</summary>
public sealed record WordProblems : IProblemGenerator
{
    /// <summary>What it is called in configs; a section without a name is this.</summary>
    internal const string WordsName = "words";

    /// <inheritdoc/>
    public string Name => WordsName;

    /// <inheritdoc/>
    public string Summary => "word problems of several steps, solved in words or by programs";

    /// <summary>Which profile: <c>easy</c> or <c>full</c>.</summary>
    public GeneratorProfile Profile { get; init; }

    /// <inheritdoc/>
    public required GeneratedSplit Split { get; init; }

    /// <inheritdoc/>
    public required int Count { get; init; }

    /// <inheritdoc/>
    public int? Solutions { get; init; }

    /// <summary>The generator's seed.</summary>
    public ulong Seed { get; init; }

    /// <summary>The most steps of a problem, in [1, 8]; absent for the profile's.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Whether programs have no docstring and call their variables a, b, c: easier for very small models.</summary>
    public bool PlainPrograms { get; init; }

    /// <summary>
    /// Whether no structure comes twice and all are as likely (<see cref="GeneratorOptions.DistinctStructures"/>); absent for what dev and
    /// test are to be, and train is not.
    /// </summary>
    public bool? DistinctStructures { get; init; }

    /// <summary>How often an annotator calculates in the head (<see cref="GeneratorOptions.MentalArithmeticRate"/>), in [0, 1].</summary>
    public double MentalArithmeticRate { get; init; }

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style != AnswerStyle.Choice;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style)
    {
        var profile = Profile == GeneratorProfile.Easy ? GeneratorOptions.Easy : GeneratorOptions.Full;
        var generator = new ProblemGenerator(profile with
        {
            Seed = Seed,
            MaxSteps = MaxSteps ?? profile.MaxSteps,
            PlainPrograms = PlainPrograms,
            DistinctStructures = DistinctStructures ?? Split != GeneratedSplit.Train,
            MentalArithmeticRate = MentalArithmeticRate,
        });
        return new GeneratedSource(generator, Split, Count, style).Load();
    }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => ProblemDraws.Errors(
        this,
        path,
        (MaxSteps is null or (>= 1 and <= 8), "maxSteps", MaxSteps, "between 1 and 8"),
        (MentalArithmeticRate is >= 0 and <= 1, "mentalArithmeticRate", MentalArithmeticRate, "between 0 and 1"));
}

/// <summary>The profiles of word problems.</summary>
public enum GeneratorProfile
{
    /// <summary>Short problems, small numbers, few words.</summary>
    Easy,

    /// <summary>Every kind of step, varied words, distractors.</summary>
    Full,
}
