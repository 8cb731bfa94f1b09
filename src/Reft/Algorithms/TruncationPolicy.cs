namespace Reft.Algorithms;

/// <summary>What happens to a sequence that ended at its length and not at a stop token.</summary>
public enum TruncationPolicy
{
    /// <summary>It keeps the reward of its verdict (ReFT).</summary>
    ScoreAsIs,

    /// <summary>It gets a fixed reward instead.</summary>
    FixedPenalty,

    /// <summary>Its tokens get no loss.</summary>
    LeaveOut,
}
