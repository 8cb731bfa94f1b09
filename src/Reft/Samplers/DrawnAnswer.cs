namespace Reft.Samplers;

/// <summary>What a server says that it drew; nothing of it is believed before it was checked (<see cref="AnswerCheck"/>).</summary>
internal sealed record DrawnAnswer
{
    /// <summary>The tokens; null where there are none.</summary>
    public int[]? Tokens { get; init; }

    /// <summary>Their log-probabilities; null where there are none.</summary>
    public float[]? LogProbs { get; init; }

    /// <summary>Tokens that the log-probabilities are said to be of; null where it does not say.</summary>
    public int[]? Scored { get; init; }

    /// <summary>The prompt as the server read it; null where it does not say.</summary>
    public int[]? Prompt { get; init; }

    /// <summary>The completion as text; null where there is none.</summary>
    public string? Text { get; init; }

    /// <summary>Why it ended.</summary>
    public string? Finish { get; init; }

    /// <summary>Which model drew; null where it does not say.</summary>
    public string? Model { get; init; }

    /// <summary>The versions of the weights that drew; empty where it does not say.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];
}
