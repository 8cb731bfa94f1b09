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
        var result = policy == AnswerPolicy.Paper
            ? engine.Run(PaperProgramText.Prepare(PaperText.Response(program).ToString()), limits, Function, cancellation)
            : RunExact(program, cancellation);
        return result switch
        {
            { Outcome: ProgramOutcome.Timeout } => (Outcome.Timeout, Reading.None(result.Detail)),
            { Outcome: ProgramOutcome.Value, Value: { } value } => (null, asLetter ? Letter(value) : Number(value, result.Output)),
            _ => (Outcome.Error, Reading.None(result.Detail)),
        };
    }

    private ProgramResult RunExact(string completion, CancellationToken cancellation)
    {
        var program = CompletionProgram.Find(completion);
        var result = RunOne(program, cancellation);
        if (!IsNoPython(result))
        {
            return result;
        }

        foreach (var less in CompletionProgram.WithoutWords(program))
        {
            var again = RunOne(less, cancellation);
            if (!IsNoPython(again))
            {
                return again;
            }
        }

        return result;
    }

    private ProgramResult RunOne(string program, CancellationToken cancellation)
    {
        if (CompletionProgram.EntryOf(program) is { } entry)
        {
            return engine.Run(program, limits, entry, cancellation);
        }

        if (CompletionProgram.AnswerOf(program) is { } answer)
        {
            return engine.Run($"{program}\n\ndef {Function}():\n    return {answer}\n", limits, Function, cancellation);
        }

        // A program without a function may print its answer; one that prints nothing lacks its function.
        var result = engine.Run(program, limits, entry: null, cancellation);
        return result is { Outcome: ProgramOutcome.Value, Output: "" }
            ? engine.Run(program, limits, Function, cancellation)
            : result;
    }

    private static bool IsNoPython(ProgramResult result) => result.Outcome == ProgramOutcome.Error
        && (result.Detail.StartsWith("SyntaxError", StringComparison.Ordinal)
            || result.Detail.StartsWith("IndentationError", StringComparison.Ordinal)
            || result.Detail.StartsWith("TabError", StringComparison.Ordinal));

    private Reading Number(ProgramValue value, string output) => policy == AnswerPolicy.Paper
        ? PaperNumberOf(value) : ExactNumberOf(value, output);

    private static Reading PaperNumberOf(ProgramValue value) => value.ToFloat() is { } number
        ? new Reading(PaperNumber.Write(number), "") { FloatValue = number }
        : Reading.None($"Python's float() refuses {Excerpt.Of(value.Repr)}");

    private static Reading ExactNumberOf(ProgramValue value, string output) => value.Kind switch
    {
        ProgramValueKind.WholeNumber or ProgramValueKind.Fraction or ProgramValueKind.DecimalNumber
            when value is { Numerator: { } numerator, Denominator: { } denominator } =>
            Reading.Of(new Rational(numerator, denominator)),
        ProgramValueKind.FloatingPoint or ProgramValueKind.Symbolic when value.ToFloat() is { } real
            && double.IsFinite(real) =>
            new Reading(PaperNumber.Write(real), "") { Value = new NumberAnswer(Rational.FromDouble(real)), IsFloat = true },
        ProgramValueKind.Text => AnswerKinds.Default.Read(value.Text, AnswerPlace.Alone),
        ProgramValueKind.None when output.AsSpan().Trim().Length > 0 => Printed(output),
        ProgramValueKind.Other when value.Only is { } only => ExactNumberOf(only, ""),
        _ => Reading.None($"the program returned {Excerpt.Of(value.Repr)}, which is no number"),
    };

    /// <summary>The last line that a program printed, where it returned nothing: a number, or a sentence with a mark.</summary>
    private static Reading Printed(string output)
    {
        var line = output.Trim();
        line = line[(line.LastIndexOf('\n') + 1)..].Trim();
        var reading = AnswerKinds.Default.Read(line, AnswerPlace.Alone);
        return reading.Text is not null ? reading : new AnswerExtractor(AnswerPolicy.Exact, AnswerStyle.Number).Read(line);
    }

    private Reading Letter(ProgramValue value) => policy == AnswerPolicy.Paper
        ? AnswerExtractor.PaperChoice(value.Text)
        : value.Kind == ProgramValueKind.Text
            ? ChoiceText.Read(value.Text.AsSpan().Trim(), OptionLetters.Default)
            : Reading.None($"the program returned {Excerpt.Of(value.Repr)}, which is no option letter");
}
