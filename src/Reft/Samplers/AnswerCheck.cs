using Reft.Text;

namespace Reft.Samplers;

/// <summary>Says what is wrong with a server's answer: a policy must not learn from what it cannot have drawn.</summary>
/// <param name="tokenizer">The policy's.</param>
/// <param name="vocabulary">How many tokens it has.</param>
internal sealed class AnswerCheck(Tokenizer tokenizer, int vocabulary)
{
    // A log-probability that was rounded up.
    private const float Rounding = 1e-3f;

    /// <summary>The fault in a clause, and what to do; null for none.</summary>
    /// <param name="ask">What was asked.</param>
    /// <param name="answer">What came.</param>
    /// <param name="version">The weights that must have drawn it; null where nobody knows.</param>
    public string? Fault(DrawingAsk ask, DrawnAnswer answer, string? version) =>
        OfSource(ask, answer, version) ?? OfTokens(ask, answer) ?? OfLogProbs(answer) ?? OfEnd(ask, answer) ?? OfText(ask, answer);

    private static string? OfSource(DrawingAsk ask, DrawnAnswer answer, string? version) =>
        answer.Model is { } model && model != ask.Model
            ? $"the answer is of model {OneLine.Quote(model)}, and {OneLine.Quote(ask.Model)} was asked: set rollouts.server.model"
        : version is not null && answer.Versions.FirstOrDefault(one => one != version) is { } old
            ? $"weights {OneLine.Quote(old)} drew the answer, and {OneLine.Quote(version)} were put in: is there a second trainer, or a server behind it that was left out?"
        : answer.Prompt is { } prompt && !prompt.SequenceEqual(ask.Prompt)
            ? $"the prompt was read as other tokens{Difference(ask.Prompt, prompt)}: the server's tokenizer is another, or it adds a token of its own"
        : null;

    private string? OfTokens(DrawingAsk ask, DrawnAnswer answer)
    {
        if (answer.Tokens is not { } tokens)
        {
            return "the answer has no token ids: text that is read back can be other tokens; vLLM gives them for return_token_ids from 0.10.2 on";
        }

        var wrong = Array.FindIndex(tokens, token => token < 0 || token >= vocabulary);
        return tokens.Length == 0 ? "the answer has no tokens"
            : tokens.Length > ask.MaxTokens ? $"the answer has {tokens.Length} tokens, and {ask.MaxTokens} were asked for at most"
            : wrong >= 0 ? $"token {wrong} of the answer is {tokens[wrong]}, outside the vocabulary of {vocabulary}: the server has another model"
            : null;
    }

    private static string? OfLogProbs(DrawnAnswer answer)
    {
        var tokens = answer.Tokens!; // They were there.
        if (answer.LogProbs is not { } logProbs)
        {
            return "the answer has no log-probabilities: they are what its draws are checked and weighed by";
        }

        if (logProbs.Length != tokens.Length)
        {
            return $"the answer has {tokens.Length} tokens and {logProbs.Length} log-probabilities: the tokens may have been read back from text";
        }

        if (answer.Scored is { } scored && !scored.SequenceEqual(tokens))
        {
            return $"the log-probabilities are of other tokens than the answer's{Difference(tokens, scored)}: the tokens were read back from text";
        }

        var wrong = Array.FindIndex(logProbs, p => !float.IsFinite(p) || p > Rounding);
        return wrong < 0 ? null : FormattableString.Invariant($"the log-probability of token {wrong} is {logProbs[wrong]}: it must be a finite number of at most 0");
    }

    private static string? OfEnd(DrawingAsk ask, DrawnAnswer answer)
    {
        var tokens = answer.Tokens!; // They were there.
        var stop = Array.FindIndex(tokens, ask.StopTokens.Contains);
        return stop >= 0 && stop < tokens.Length - 1 ? $"the answer goes on behind token {tokens[stop]}, which ends it: the server does not know stop_token_ids"
            : stop < 0 && answer.Finish == "stop" ? $"the answer ended at token {tokens[^1]}, which is none that ends it: the server has stop tokens of its own"
            : stop < 0 && tokens.Length < ask.MaxTokens
                ? $"the answer ended after {tokens.Length} tokens ({OneLine.Of(answer.Finish ?? "no reason given", 40)}), and {ask.MaxTokens} were asked for: the server's context is shorter than the model's, or it was cut off"
            : null;
    }

    /// <summary>Texts differ at their ends by what servers trim and by what stopped them, and in bytes that are no text.</summary>
    private string? OfText(DrawingAsk ask, DrawnAnswer answer)
    {
        var tokens = answer.Tokens!; // They were there.
        if (answer.Text is not { } text)
        {
            return null;
        }

        string[] ours = [Read(tokens, true), Read(tokens, false), Read(tokens[..^1], true), Read(tokens[..^1], false)];
        return ours.Contains(Plain(text)) ? null
            : $"the answer's text is {OneLine.Quote(text)}, and its tokens read {OneLine.Quote(tokenizer.DecodeResponse(ask.Prompt, tokens))}: the server's tokenizer is another";

        string Read(int[] some, bool skipsSpecial) => Plain(tokenizer.DecodeResponse(ask.Prompt, some, skipsSpecial));
    }

    private static string Plain(string text) => text.Replace("\uFFFD", "", StringComparison.Ordinal).Trim();

    private static string Difference(int[] expected, int[] found)
    {
        var common = expected.AsSpan().CommonPrefixLength(found);
        return common < expected.Length && common < found.Length
            ? $" (token {common} is {found[common]}, not {expected[common]})"
            : $" ({found.Length} of them, not {expected.Length})";
    }
}
