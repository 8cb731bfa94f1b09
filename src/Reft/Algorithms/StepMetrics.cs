namespace Reft.Algorithms;

/// <summary>The figures of one training step, by name; means are taken over what was added with a weight.</summary>
public sealed class StepMetrics
{
    private readonly SortedDictionary<string, (double Sum, double Weight)> _means = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);

    /// <summary>Every figure, by name in ordinal order.</summary>
    public IReadOnlyDictionary<string, double> All
    {
        get
        {
            var all = new SortedDictionary<string, double>(_values, StringComparer.Ordinal);
            foreach (var (name, (sum, weight)) in _means)
            {
                all[name] = weight == 0 ? double.NaN : sum / weight;
            }

            return all;
        }
    }

    /// <summary>A figure; NaN if there is none of that name.</summary>
    public double this[string name] => _values.TryGetValue(name, out var value) ? value
        : _means.TryGetValue(name, out var mean) && mean.Weight != 0 ? mean.Sum / mean.Weight : double.NaN;

    /// <summary>Sets a figure.</summary>
    public void Set(string name, double value) => _values[name] = value;

    /// <summary>Adds to a mean.</summary>
    /// <param name="name">The figure.</param>
    /// <param name="value">The mean of what is added.</param>
    /// <param name="weight">How much it counts, such as the number of tokens.</param>
    public void Add(string name, double value, double weight)
    {
        if (weight != 0)
        {
            var (sum, total) = _means.GetValueOrDefault(name);
            _means[name] = (sum + (value * weight), total + weight);
        }
    }

    /// <summary>Keeps the larger of a figure and a value.</summary>
    public void Max(string name, double value) =>
        _values[name] = _values.TryGetValue(name, out var old) ? Math.Max(old, value) : value;

    /// <summary>Keeps the smaller of a figure and a value.</summary>
    public void Min(string name, double value) =>
        _values[name] = _values.TryGetValue(name, out var old) ? Math.Min(old, value) : value;
}
