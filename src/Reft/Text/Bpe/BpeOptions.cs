namespace Reft.Text.Bpe;

/// <summary>The settings of a BPE model besides its vocabulary and merges.</summary>
internal sealed record BpeOptions
{
    /// <summary>The token for characters outside of the vocabulary; null when they are dropped.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Whether neighbouring unknown characters become one unknown token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether unknown characters become the tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> of their bytes.</summary>
    public bool FallsBackToBytes { get; init; }

    /// <summary>Whether a piece that is itself a token becomes that token, whatever the merges say.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>Stands before every character of a word but the first; empty for none.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>Stands behind the last character of a word; empty for none.</summary>
    public string EndSuffix { get; init; } = "";

    public bool HasAffixes => ContinuingPrefix.Length + EndSuffix.Length > 0;
}
