using Reft.Answers;

namespace Reft.Verification.Rewards;

/// <summary>What a wrong option letter is worth.</summary>
public enum ChoiceReward
{
    /// <summary>Nothing, as the paper's text says: a letter is too easy to guess.</summary>
    PaperText,

    /// <summary>
    /// The partial reward for whatever is not correct, even a crash or no answer, as the paper's program does.
    /// </summary>
    PaperCode,

    /// <summary>The partial reward for one wrong option letter, nothing for anything else.</summary>
    SingleLetter,
}

/// <summary>What a verdict is worth as a terminal reward (ReFT, section 3.2: 1, 0.1 or 0).</summary>
public sealed record RewardRule : IReward
{
    internal const string VerdictName = "verdict";

    /// <inheritdoc/>
    public string Name => VerdictName;

    /// <inheritdoc/>
    public string Summary => "for what the verifier said";

    /// <summary>The rule with no reward for wrong answers: the paper's ablation.</summary>
    public static RewardRule WithoutPartial { get; } = new() { Partial = 0 };

    /// <summary>For a correct answer.</summary>
    [Option("for a correct answer", Note = "above partial")]
    public double Correct { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>For an answer that can be read but is wrong.</summary>
    [Option("for an answer that can be read but is wrong")]
    public double Partial { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <summary>For a completion without an answer.</summary>
    [Option("for no answer")]
    public double NoAnswer { get; init => field = InRange.Of(this, value); }

    /// <summary>For a program that ran out of its budget.</summary>
    [Option("for a program that ran out of its budget")]
    public double Timeout { get; init => field = InRange.Of(this, value); }

    /// <summary>For a program that failed. It is counted besides: errors never pass for zeros.</summary>
    [Option("for a program that failed")]
    public double Error { get; init => field = InRange.Of(this, value); }

    /// <summary>What a wrong answer is worth where answers are option letters.</summary>
    [Option("a wrong option letter: nothing; partial whatever it is; or partial for one letter only")]
    public ChoiceReward Choice { get; init; }

    /// <summary>What is wrong with the worths together, beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path) => Correct > Partial
        ? []
        : [FormattableString.Invariant($"{path}.correct is {Correct}, no more than partial, {Partial}; being right must pay more")];

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return Reward(sample.Verdict, sample.Style, sample.Problem.Answer);
    }

    /// <summary>The reward of a verdict.</summary>
    /// <param name="verdict">What happened.</param>
    /// <param name="style">What answers are.</param>
    /// <param name="answer">The known answer, as the data writes it: where it is an option's letter, in words or in a
    /// program, <see cref="Choice"/> says what wrong ones are worth.</param>
    public double Reward(Verdict verdict, AnswerStyle style, string answer)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return (verdict.Outcome, OptionLetters.Answer(style, answer), Choice) switch
        {
            (Outcome.Correct, _, _) => Correct,
            (_, true, ChoiceReward.PaperCode) => Partial,
            (Outcome.Incorrect, true, ChoiceReward.PaperText) => NoAnswer,
            (Outcome.Incorrect, true, ChoiceReward.SingleLetter) => IsLetter(verdict.Answer) ? Partial : NoAnswer,
            (Outcome.Incorrect, _, _) => Partial,
            (Outcome.NoAnswer, _, _) => NoAnswer,
            (Outcome.Timeout, _, _) => Timeout,
            _ => Error,
        };
    }

    private static bool IsLetter(string? answer) => answer is { Length: 1 } && char.IsAsciiLetter(answer[0]);
}
