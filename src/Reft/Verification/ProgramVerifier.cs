using Reft.Answers;
using Reft.Python;

namespace Reft.Verification;

/// <summary>
/// Verifies completions that are programs (P-CoT): runs them and compares what <c>solution()</c> returns. Where the
/// known
/// answer is an option's letter, the result is compared as a letter.
/// </summary>
internal sealed class ProgramVerifier : IVerifier
{
    private readonly ProgramReader _reader;
    private readonly AnswerComparison _comparison;
    private readonly AnswerExtractor _numbers;
    private readonly int _workers;
    private readonly Heartbeat? _heartbeat;

    /// <summary>Creates the verifier.</summary>
    /// <param name="engine">Runs the programs; it must be safe to call from <paramref name="workers"/> threads.</param>
    /// <param name="policy">How programs are prepared, and their values read and compared.</param>
    /// <param name="limits">What a program may use; null takes the default limits.</param>
    /// <param name="tolerance">The exact policy's tolerance; null takes the default.</param>
    /// <param name="workers">How many programs run at a time, at least 1.</param>
    /// <param name="heartbeat">Told which samples are running, so that one that hangs can be named; null for nobody.</param>
    public ProgramVerifier(
        IProgramEngine engine,
        AnswerPolicy policy = AnswerPolicy.Exact,
        ProgramLimits? limits = null,
        Tolerance? tolerance = null,
        int workers = 1,
        Heartbeat? heartbeat = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        limits ??= new ProgramLimits();
        if (limits.Validate("limits").FirstOrDefault() is { } error)
        {
            throw new InputException(error);
        }

        _reader = new ProgramReader(engine, policy, limits);
        _comparison = new AnswerComparison(tolerance);
        _numbers = new AnswerExtractor(policy, AnswerStyle.Number);
        _workers = workers;
        _heartbeat = heartbeat;
    }

    /// <inheritdoc/>
    public AnswerStyle Style => AnswerStyle.Program;

    /// <inheritdoc/>
    public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) =>
        Verdicts.Judge(samples, sample => Judge(sample, cancellation), _workers, cancellation);

    /// <inheritdoc/>
    public string? WhyUnreadable(string answer) => OptionLetters.Is(answer)
        ? null : Golds.WhyUnreadable(_numbers.ReadGold(answer));

    /// <summary>The program; space that stands before a whole one, as SentencePiece's decoders leave it, is no indentation.</summary>
    private static string Program(Sample sample) =>
        sample.Given.Length > 0 ? sample.Given + sample.Completion : sample.Completion.TrimStart(' ');

    private Finding Judge(Sample sample, CancellationToken cancellation)
    {
        if (WhyUnreadable(sample.Answer) is { } reason)
        {
            return Golds.Unreadable(sample.Answer, reason);
        }

        using var work = _heartbeat?.Begin(sample.Id);
        var letter = OptionLetters.Is(sample.Answer);
        var (failure, reading) = _reader.Read(Program(sample), letter, cancellation);
        return failure is { } outcome
            ? new Finding(outcome, null, reading.Reason)
            : letter
                ? Golds.CompareLetters(reading, sample.Answer.Trim().ToLowerInvariant())
                : Golds.Compare(reading, _numbers.ReadGold(sample.Answer), _comparison);
    }
}
