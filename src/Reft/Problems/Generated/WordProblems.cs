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
    [Option("short problems and small numbers, or every kind of step")]
    public GeneratorProfile Profile { get; init; }

    /// <inheritdoc/>
    [Option("which of the generator's three disjoint sets; dev may not be `test`")]
    public required GeneratedSplit Split { get; init; }

    /// <inheritdoc/>
    [Option("how many", AtLeast = 1)]
    public required int Count { get; init => field = InRange.Of(this, value); }

    /// <inheritdoc/>
    [Option("how many of them, the first ones, come with a solution; absent for all", AtLeast = 0, Note = "at most count")]
    public int? Solutions { get; init => field = InRange.Of(this, value); }

    /// <summary>The generator's seed.</summary>
    [Option("the generator's seed")]
    public ulong Seed { get; init; }

    /// <summary>The most steps of a problem, in [1, 8]; absent for the profile's.</summary>
    [Option("the most steps of a problem; absent for the profile's", AtLeast = 1, AtMost = 8)]
    public int? MaxSteps { get; init => field = InRange.Of(this, value); }

    /// <summary>Whether programs have no docstring and call their variables a, b, c: easier for very small models.</summary>
    [Option("whether programs have no docstring and call their variables a, b, c: easier for very small models")]
    public bool PlainPrograms { get; init; }

    /// <summary>
    /// Whether no structure comes twice and all are as likely (<see cref="GeneratorOptions.DistinctStructures"/>); absent for what dev and
    /// test are to be, and train is not.
    /// </summary>
    [Option("whether no structure comes twice and all are as likely; absent for true in dev and test, false in train")]
    public bool? DistinctStructures { get; init; }

    /// <summary>How often an annotator calculates in the head (<see cref="GeneratorOptions.MentalArithmeticRate"/>), in [0, 1].</summary>
    [Option("how often whoever wrote the programs calculated in the head: the probability that a computed step is its value (`c = 42`) and not left to Python", AtLeast = 0, AtMost = 1, Note = "style program")]
    public double MentalArithmeticRate { get; init => field = InRange.Of(this, value); }

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
}

/// <summary>The profiles of word problems.</summary>
public enum GeneratorProfile
{
    /// <summary>Short problems, small numbers, few words.</summary>
    Easy,

    /// <summary>Every kind of step, varied words, distractors.</summary>
    Full,
}
