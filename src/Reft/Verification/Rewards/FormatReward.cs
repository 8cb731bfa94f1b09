using System.Globalization;
using System.Text.RegularExpressions;
using Reft.Answers;

namespace Reft.Verification.Rewards;

/// <summary>
/// Pays a response for its form, right or wrong: that of the answers' own style, or of a pattern. A response that was cut off has none.
/// </summary>
public sealed record FormatReward : IReward
{
    /// <inheritdoc/>
    public string Name => "format";

    /// <inheritdoc/>
    public string Summary => "for a response of the right form, whatever its answer";

    /// <summary>What it is worth.</summary>
    public double Worth { get; init; } = 0.1;

    /// <summary>
    /// A regular expression that the response must match somewhere, as in <c>(?s)^&lt;think&gt;.*&lt;/think&gt;</c>; null for the style's
    /// own form: the answer's trigger once with text behind it, or a function that returns something.
    /// </summary>
    public string? Pattern { get; init; }

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var keeps = Pattern is { } pattern ? Matches(pattern, sample.Response)
            : sample.Style == AnswerStyle.Program ? IsProgram(sample.Response)
            : EndsInAnswer(sample.Response);
        return keeps && !sample.IsTruncated ? Worth : 0;
    }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (!double.IsFinite(Worth))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{path}.worth is {Worth}: it must be a finite number");
        }

        if (Pattern is { } pattern && Fault(pattern) is { } fault)
        {
            yield return $"{path}.pattern is {OneLine.Quote(pattern)}: it must be a regular expression without looking around or back: {OneLine.Of(fault)}";
        }
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
