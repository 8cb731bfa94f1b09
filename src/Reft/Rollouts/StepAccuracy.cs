using System.Text.Json.Nodes;
using Reft.Verification.Rewards;

namespace Reft.Rollouts;

/// <summary>The accuracy of a step's samples so far, and of the step before; part of a checkpoint where a reward reads it.</summary>
internal sealed class StepAccuracy : IResumable
{
    private long _step = -1;
    private long _right;
    private long _drawn;
    private double _before;

    /// <summary>Counts samples that were drawn together.</summary>
    public BatchAccuracy Next(long step, int right, int drawn)
    {
        if (step != _step)
        {
            (_before, _step, _right, _drawn) = (_drawn == 0 ? 0 : (double)_right / _drawn, step, 0, 0);
        }

        (_right, _drawn) = (_right + right, _drawn + drawn);
        return new((double)_right / _drawn, _before);
    }

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["step"] = _step, ["right"] = _right, ["drawn"] = _drawn, ["before"] = _before };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        (_step, _right, _drawn, _before) =
            (Part("step").GetValue<long>(), Part("right").GetValue<long>(), Part("drawn").GetValue<long>(), Part("before").GetValue<double>());

        JsonNode Part(string name) => state[name] ?? throw new InputException($"the accuracy of the step before lacks '{name}'");
    }
}
