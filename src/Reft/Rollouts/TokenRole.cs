namespace Reft.Rollouts;

/// <summary>Who wrote a token. The loss reads it; masks never come from a token's id.</summary>
public enum TokenRole
{
    /// <summary>The question and the instruction, from the data.</summary>
    Prompt,

    /// <summary>A forced prefix of a known solution, from a curriculum.</summary>
    Hint,

    /// <summary>The policy's own token; in a gold solution, the token to imitate.</summary>
    Sampled,

    /// <summary>What an environment answered between two turns.</summary>
    Feedback,
}
