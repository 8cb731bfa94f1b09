namespace Reft.Problems.Generated;

/// <summary>What a step of a generated problem computes.</summary>
[Flags]
internal enum StepKinds
{
    /// <summary>No step.</summary>
    None = 0,

    /// <summary>Something is gained: addition.</summary>
    Gain = 1,

    /// <summary>Something is lost: subtraction.</summary>
    Lose = 2,

    /// <summary>Containers with as many things in each, or a price for each thing: multiplication.</summary>
    Each = 4,

    /// <summary>Things are shared or packed with nothing over: exact division.</summary>
    Share = 8,

    /// <summary>Things are packed, and what is left over counts.</summary>
    Remainder = 16,

    /// <summary>A percentage is kept, given away or added.</summary>
    Percent = 32,

    /// <summary>"Twice as many as", "half as many as".</summary>
    Times = 64,

    /// <summary>"Three fewer than", "five more than".</summary>
    Difference = 128,

    /// <summary>What two people have together; it needs a comparison before it, and ends the problem.</summary>
    Together = 256,

    /// <summary>Every kind.</summary>
    All = 511,
}

/// <summary>The three disjoint sets that the generator makes.</summary>
public enum GeneratedSplit
{
    /// <summary>8 of 10 structures.</summary>
    Train,

    /// <summary>1 of 10.</summary>
    Dev,

    /// <summary>1 of 10.</summary>
    Test,
}

/// <summary>How the generator makes problems.</summary>
internal sealed record GeneratorOptions
{
    /// <summary>
    /// Short problems of one to three steps, small numbers and few words, for a model of a few million parameters that
    /// is
    /// trained from nothing in minutes.
    /// </summary>
    public static GeneratorOptions Easy { get; } = new()
    {
        MaxSteps = 3,
        MaxOperand = 12,
        MaxValue = 60,
        DistractorRate = 0,
        Kinds = StepKinds.Gain | StepKinds.Lose | StepKinds.Each | StepKinds.Share | StepKinds.Times
            | StepKinds.Difference,
        PlainWords = true,
    };

    /// <summary>Every kind of step, up to eight of them, in varied words, with distractors.</summary>
    public static GeneratorOptions Full { get; } = new();

    /// <summary>The same seed makes the same problems on every platform.</summary>
    public ulong Seed { get; init; }

    /// <summary>The fewest steps, at least 1.</summary>
    public int MinSteps { get; init; } = 1;

    /// <summary>The most steps, at most 8.</summary>
    public int MaxSteps { get; init; } = 8;

    /// <summary>The largest number that a question gives, at least 10; percentages may be larger.</summary>
    public int MaxOperand { get; init; } = 60;

    /// <summary>The largest number that a step may compute, at least <see cref="MaxOperand"/>.</summary>
    public int MaxValue { get; init; } = 2000;

    /// <summary>The probability in [0, 1] that a question has a sentence with a number that nobody needs.</summary>
    public double DistractorRate { get; init; } = 0.3;

    /// <summary>The kinds of steps that may occur; <see cref="StepKinds.Gain"/> must be among them.</summary>
    public StepKinds Kinds { get; init; } = StepKinds.All;

    /// <summary>Whether prices may have cents, so that answers need not be whole numbers.</summary>
    public bool Decimals { get; init; }

    /// <summary>Whether to use few names and things and one wording of each step.</summary>
    public bool PlainWords { get; init; }

    /// <summary>
    /// Whether programs have no docstring and call their variables a, b, c, so that there is nothing to learn but
    /// numbers and steps, and sequences are half as long.
    /// </summary>
    public bool PlainPrograms { get; init; }

    /// <summary>
    /// Whether no structure comes twice, and each is as likely as any other (of so many steps that there are more than 100,000: each
    /// possible step as likely as any other). So a set's problems are independent, and two splits are of one distribution however many
    /// are drawn of each. Otherwise problems are told step by step, and short ones come back in other words.
    /// </summary>
    public bool DistinctStructures { get; init; }

    /// <summary>
    /// The probability in [0, 1] that whoever writes the programs does a computation in the head, and writes its value (<c>c = 42</c>)
    /// where they would otherwise leave it to Python (<c>c = a * b</c>); what is then not needed is left out. Questions and answers are
    /// the same at every rate, and what is done in the head at one rate is so at every higher one.
    /// </summary>
    public double MentalArithmeticRate { get; init; }

    /// <summary>What is wrong with the options, each line beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (MinSteps < 1 || MaxSteps > 8 || MinSteps > MaxSteps)
        {
            yield return $"{path}: steps are {MinSteps} to {MaxSteps}; they must lie in 1 to 8, the fewest first";
        }

        if (MaxOperand is < 10 or > 10_000)
        {
            yield return $"{path}.maxOperand is {MaxOperand}; it must be in [10, 10000]";
        }

        if (MaxValue < MaxOperand || MaxValue > 1_000_000)
        {
            yield return $"{path}.maxValue is {MaxValue}; it must be in [maxOperand, 1000000]";
        }

        if (!(DistractorRate is >= 0 and <= 1))
        {
            yield return $"{path}.distractorRate is {DistractorRate}; it must be in [0, 1]";
        }

        if (!(MentalArithmeticRate is >= 0 and <= 1))
        {
            yield return $"{path}.mentalArithmeticRate is {MentalArithmeticRate}; it must be in [0, 1]";
        }

        if (!Kinds.HasFlag(StepKinds.Gain) || (Kinds & ~StepKinds.All) != 0)
        {
            yield return $"{path}.kinds is {Kinds}; it must be made of the known kinds, Gain among them";
        }
    }
}
