using Reft.Generation;

namespace Reft.Serving;

/// <summary>What is to be completed, and how.</summary>
/// <param name="Prompt">The prompt's token ids.</param>
/// <param name="Sampling">How tokens are drawn; its stop tokens end the completion.</param>
internal sealed record CompletionAsk(int[] Prompt, SamplingOptions Sampling)
{
    /// <summary>Which sample of the prompt; part of the key of its random draws.</summary>
    public int Sample { get; init; }

    /// <summary>How many of the likeliest tokens are told of every step; 0 for none.</summary>
    public int Likeliest { get; init; }

    /// <summary>Texts that end the completion and do not belong to it.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>Tokens that end the completion and whose text does not belong to it, though they are not special.</summary>
    public IReadOnlyList<int> SilentStops { get; init; } = [];
}

/// <summary>One token of a completion, with the text that has become certain by it.</summary>
/// <param name="Token">The token.</param>
/// <param name="Text">The text; often none.</param>
/// <param name="Finish">Why the completion ended with it; null where it goes on.</param>
internal readonly record struct CompletionPiece(ServedToken Token, string Text, FinishReason? Finish);

/// <summary>A whole completion.</summary>
/// <param name="Text">Its text, without special tokens and without what stopped it.</param>
/// <param name="Tokens">Its tokens, with those that stopped it.</param>
/// <param name="Finish">Why it ended.</param>
internal sealed record WholeCompletion(string Text, IReadOnlyList<ServedToken> Tokens, FinishReason Finish)
{
    /// <summary>The tokens' ids.</summary>
    public int[] Ids => [.. Tokens.Select(token => token.Chosen.Token)];
}
