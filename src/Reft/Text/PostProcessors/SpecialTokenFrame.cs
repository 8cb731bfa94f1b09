namespace Reft.Text.PostProcessors;

/// <summary>The special tokens that stand before and behind a text when special tokens are asked for.</summary>
internal sealed record SpecialTokenFrame(int[] Before, int[] After)
{
    public static SpecialTokenFrame None { get; } = new([], []);

    /// <summary>This frame with another one around it.</summary>
    public SpecialTokenFrame Inside(SpecialTokenFrame outer)
        => new([.. outer.Before, .. Before], [.. After, .. outer.After]);
}
