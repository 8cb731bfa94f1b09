namespace Reft.Serving;

/// <summary>How much a served model takes on at once.</summary>
public sealed record ServingOptions
{
    /// <summary>How many completions are decoded at once, at least 1; each has its place in the key/value cache from the beginning.</summary>
    public int Slots { get; init; } = 16;

    /// <summary>How many completions may wait for a place, at least 0; more are refused.</summary>
    public int Queue { get; init; } = 256;

    /// <summary>The most tokens of a prompt and its completion, at least 2; null for the model's own context, at most 4096.</summary>
    public int? Context { get; init; }

    /// <summary>Every error of the options, each in words; empty if there is none.</summary>
    /// <param name="path">Stands before each name.</param>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = new List<string>();
        Check(Slots >= 1, "slots", Slots, 1);
        Check(Queue >= 0, "queue", Queue, 0);
        Check(Context is null or >= 2, "context", Context ?? 0, 2);
        return errors;

        void Check(bool holds, string name, int value, int least)
        {
            if (!holds)
            {
                errors.Add($"{path}{name} is {value}: it must be at least {least}");
            }
        }
    }
}
