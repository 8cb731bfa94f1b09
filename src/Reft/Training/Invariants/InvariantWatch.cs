using System.Text.Json.Nodes;

namespace Reft.Training.Invariants;

/// <summary>Checks the invariants after every step and counts for how many steps in a row each has been broken.</summary>
internal sealed class InvariantWatch : IResumable
{
    private readonly IReadOnlyList<Invariant> _invariants;
    private readonly Func<string, string?> _knob;
    private readonly SortedDictionary<string, int> _inARow = new(StringComparer.Ordinal);

    /// <summary>Makes a watch.</summary>
    /// <param name="options">Limits, and what is not watched.</param>
    /// <param name="knob">What an option that remedies name is called in the run's config; null for nothing.</param>
    internal InvariantWatch(InvariantOptions options, Func<string, string?>? knob = null)
    {
        _invariants = [.. InvariantCatalog.Create(options).Where(i => !options.Off.Contains(i.Id))];
        _knob = knob ?? (_ => null);
    }

    /// <summary>Checks a step.</summary>
    /// <returns>What is to be reported: a breach when it has lasted long enough, and again when it stops the run.</returns>
    public IReadOnlyList<Alarm> Check(TrainingStep step)
    {
        var alarms = new List<Alarm>();
        foreach (var invariant in _invariants)
        {
            if (invariant.Measure(step) is not { } measured)
            {
                continue;
            }

            var inARow = measured.IsBroken ? _inARow.GetValueOrDefault(invariant.Id) + 1 : 0;
            _inARow[invariant.Id] = inARow;
            var stops = invariant.StopsAfter > 0 && inARow >= invariant.StopsAfter;
            if (stops || (inARow > 0 && inARow == invariant.WarnsAfter))
            {
                alarms.Add(new Alarm(
                    invariant.Id, measured.Figure, measured.Limit, invariant.Meaning, Advice.For(invariant.Remedy, _knob), stops));
            }
        }

        return alarms;
    }

    /// <inheritdoc/>
    public JsonObject Save() => new(
    [
        .. _inARow.Where(pair => pair.Value > 0 && !IsOfTheProcess(pair.Key))
            .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)),
        .. _invariants.Where(i => i.Memory?.Save().Count > 0)
            .Select(i => KeyValuePair.Create(Remembered(i), (JsonNode?)i.Memory!.Save())), // It has one: selected.
    ]);

    private static string Remembered(Invariant invariant) => invariant.Id + ".memory";

    private bool IsOfTheProcess(string id) => _invariants.Any(i => i.Id == id && i.IsOfTheProcess);

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        _inARow.Clear();
        foreach (var invariant in _invariants)
        {
            invariant.Memory?.Restore(state[Remembered(invariant)] as JsonObject);
        }

        foreach (var (id, inARow) in state.Where(pair => pair.Value is JsonValue))
        {
            _inARow[id] = inARow!.GetValue<int>(); // The state was written with numbers alone.
        }
    }
}
