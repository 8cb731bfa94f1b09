using System.Text.RegularExpressions;
using Reft.Answers;

namespace Reft.Verification.Rewards;

/// <summary>
/// Pays a response for its form, right or wrong: that of the answers' own style, or of a pattern. A response that was cut off has none.
/// </summary>
internal sealed record FormatReward : IReward
{
    /// <inheritdoc/>
    public string Name => "format";

    /// <inheritdoc/>
    public string Summary => "for a response of the right form, whatever its answer";

    /// <summary>What it is worth.</summary>
    [Option("for a response of the right form that ended by itself, whatever its answer")]
    public double Worth { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <summary>
    /// A regular expression that the response must match somewhere, as in <c>(?s)^&lt;think&gt;.*&lt;/think&gt;</c>; null for the style's
    /// own form: the answer's trigger once with text behind it, or a function that returns something.
    /// </summary>
    [Option("what the response must match; absent for the style's own form, the answer's trigger once with the answer behind it, or a `solution` that "
        + "returns something", Note = "a regular expression without looking around or back")]
    public string? Pattern
    {
        get;
        init => field = value is not null && Fault(value) is { } fault
            ? throw new OptionException(
                nameof(Pattern), $"is {OneLine.Quote(value)}: it must be a regular expression without looking around or back: {OneLine.Of(fault)}")
            : value;
    }

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var keeps = Pattern is { } pattern ? Matches(pattern, sample.Response)
            : sample.Style == AnswerStyle.Program ? IsProgram(sample.Response)
            : EndsInAnswer(sample.Response);
        return keeps && !sample.IsTruncated ? Worth : 0;
    }

    /// <summary>In time proportional to the text: a policy must not be able to stall its own judge.</summary>
    private static bool Matches(string pattern, string text) =>
        Regex.IsMatch(text, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string? Fault(string pattern)
    {
        try
        {
            Matches(pattern, "");
            return null;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return error.Message;
        }
    }

    private static bool EndsInAnswer(string text)
    {
        var trigger = AnswerFormat.AnswerTrigger.Trim();
        var at = text.IndexOf(trigger, StringComparison.Ordinal);
        return at >= 0 && text.AsSpan(at + trigger.Length).IndexOf(trigger, StringComparison.Ordinal) < 0
            && text.AsSpan(at + trigger.Length).Trim().IndexOfAny('\n', '\r') < 0 && !text.AsSpan(at + trigger.Length).IsWhiteSpace();
    }

    private static bool IsProgram(string text) => text.TrimStart().StartsWith(ProgramText.Header, StringComparison.Ordinal)
        && text.Split('\n').Any(line => line.StartsWith($"{ProgramText.Indent}return ", StringComparison.Ordinal));
}
