using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>
/// REINFORCE over latent slots, <c>-A log N(r_k; r, σ²I)</c> with <c>r_k = r + σ ε_k</c> as it was drawn: its gradient is <c>-A ε_k/σ · ∂r</c>, that of the
/// expected score. Nothing of it goes through the answer's likelihood. A slot without noise has none.
/// </summary>
internal sealed class SlotScore : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
        [new("-A ⟨ε, r⟩/σ of a slot r + σ ε, on each of its answer's tokens", "Algorithms/Terms/SlotScore: Losses", "Williams 1992")];

    /// <inheritdoc/>
    public string Name => "slot";

    /// <inheritdoc/>
    public PolicyQuestions Questions(long step) => PolicyQuestions.Slots;

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        using var scope = NewDisposeScope();
        var slots = inputs.Outputs.Slots ?? throw new InvalidOperationException("the policy was not asked for its slots");
        var (rows, width) = (inputs.Columns.Rows, (int)slots.shape[1]);
        // As tokens are laid: each has the noise of its sequence.
        var directions = tensor(rows.SelectMany(row => Direction(row.Rollout.Noise, width)).ToArray(), [rows.Count, width], device: slots.device);
        var along = (slots.to(ScalarType.Float32) * directions).sum([1]); // [B]
        var lengths = tensor(rows.Select(row => (long)row.Rollout.ResponseLength).ToArray(), device: slots.device);
        return (-inputs.Columns.Column(row => row.Advantages) * along.repeat_interleave(lengths)).MoveToOuterDisposeScope();
    }

    /// <summary><c>ε/σ</c> [width]; zeros without noise.</summary>
    private static IEnumerable<float> Direction(SlotNoise? noise, int width) =>
        noise is { } one ? one.Draw(width).Select(drawn => (float)(drawn / (one.Deviation * one.Deviation))) : new float[width];
}
