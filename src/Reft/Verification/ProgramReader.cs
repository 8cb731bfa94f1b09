using Reft.Answers;
using Reft.Answers.Grammar;
using Reft.Python;

namespace Reft.Verification;

/// <summary>Runs a completion as a program and reads what it returns as an answer.</summary>
/// <param name="engine">Runs programs.</param>
/// <param name="policy">How programs are prepared and their values read.</param>
/// <param name="limits">What a program may use.</param>
internal sealed class ProgramReader(IProgramEngine engine, AnswerPolicy policy, ProgramLimits limits)
{
    private const string Function = "solution";

    /// <summary>
    /// The value as a number or, for option letters, as a text; the outcome is null unless the program failed.
    /// </summary>
    public (Outcome? Failure, Reading Reading) Read(string program, bool asLetter, CancellationToken cancellation)
    {
        var text = policy == AnswerPolicy.Paper ? PaperProgramText.Prepare(PaperText.Response(program).ToString()) : WithoutFence(program);
        var result = engine.Run(text, limits, Function, cancellation);
        return result switch
        {
            { Outcome: ProgramOutcome.Timeout } => (Outcome.Timeout, Reading.None(result.Detail)),
            { Outcome: ProgramOutcome.Value, Value: { } value } => (null, asLetter ? Letter(value) : Number(value)),
            _ => (Outcome.Error, Reading.None(result.Detail)),
        };
    }

    private Reading Number(ProgramValue value) => policy == AnswerPolicy.Paper
        ? PaperNumberOf(value) : ExactNumberOf(value);

    private static Reading PaperNumberOf(ProgramValue value) => value.ToFloat() is { } number
        ? new Reading(PaperNumber.Write(number), "") { FloatValue = number }
        : Reading.None($"Python's float() refuses {Excerpt.Of(value.Repr)}");

    private static Reading ExactNumberOf(ProgramValue value) => value.Kind switch
    {
        ProgramValueKind.WholeNumber or ProgramValueKind.Fraction or ProgramValueKind.DecimalNumber
            when value is { Numerator: { } numerator, Denominator: { } denominator } =>
            Reading.Of(new Rational(numerator, denominator)),
        ProgramValueKind.FloatingPoint or ProgramValueKind.Symbolic when value.ToFloat() is { } real
            && double.IsFinite(real) =>
            new Reading(PaperNumber.Write(real), "") { Value = new NumberAnswer(Rational.FromDouble(real)), IsFloat = true },
        ProgramValueKind.Text => AnswerKinds.Default.Read(value.Text, AnswerPlace.Alone),
        _ => Reading.None($"the program returned {Excerpt.Of(value.Repr)}, which is no number"),
    };

    private Reading Letter(ProgramValue value) => policy == AnswerPolicy.Paper
        ? AnswerExtractor.PaperChoice(value.Text)
        : value.Kind == ProgramValueKind.Text
            ? ChoiceText.Read(value.Text.AsSpan().Trim(), OptionLetters.Default)
            : Reading.None($"the program returned {Excerpt.Of(value.Repr)}, which is no option letter");

    /// <summary>The program inside a markdown fence, where there is one round it.</summary>
    private static string WithoutFence(string program)
    {
        const string Fence = "```";
        var text = program.Trim();
        if (!text.StartsWith(Fence, StringComparison.Ordinal))
        {
            return program;
        }

        var start = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        var end = text.IndexOf("\n" + Fence, StringComparison.Ordinal);
        return start > 0 && end >= start ? text[start..end] : program;
    }
}
