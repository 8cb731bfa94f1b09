namespace Reft.Models;

/// <summary>Low-rank adapters (<see href="https://arxiv.org/abs/2106.09685"/>).</summary>
public sealed record LoraOptions
{
    /// <summary>The rank r, at least 1.</summary>
    public required int Rank { get; init; }

    /// <summary>α: the adapter's part is scaled by α/r; above 0.</summary>
    public required double Alpha { get; init; }

    /// <summary>
    /// The last parts of the projections' names that get an adapter, such as <c>q_proj</c>; empty for every projection
    /// of every layer.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = new List<string>();
        if (Rank < 1)
        {
            errors.Add($"{path}.rank is {Rank}: it must be at least 1");
        }

        if (!(Alpha > 0) || !double.IsFinite(Alpha))
        {
            errors.Add(FormattableString.Invariant($"{path}.alpha is {Alpha}: it must be above 0"));
        }

        return errors;
    }
}
