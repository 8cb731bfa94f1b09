using System.Text.Json.Nodes;

namespace Reft.Supervision;

/// <summary>What carries a state from step to step that a checkpoint has to hold.</summary>
public interface IResumable
{
    /// <summary>The state, as small plain data.</summary>
    JsonObject Save();

    /// <summary>Puts a saved state back.</summary>
    /// <exception cref="InputException">It is not a state of this.</exception>
    void Restore(JsonObject state);
}
