using System.Text.Json;

namespace Reft.Reporting;

/// <summary>One figure over the points of <see cref="Curves"/>; points behind the last value have none.</summary>
internal sealed class Curve
{
    private readonly List<double> _sums = [];
    private readonly List<int> _counts = [];

    /// <summary>The least value of every point; NaN where there is none.</summary>
    public List<double> Low { get; } = [];

    /// <summary>The greatest value of every point; NaN where there is none.</summary>
    public List<double> High { get; } = [];

    /// <summary>The mean of every point; NaN where there is none.</summary>
    public IEnumerable<double> Means => _sums.Zip(_counts, (sum, count) => count == 0 ? double.NaN : sum / count);

    /// <summary>The first value there is; NaN if there is none.</summary>
    public double First => Means.FirstOrDefault(double.IsFinite, double.NaN);

    /// <summary>The last value there is; NaN if there is none.</summary>
    public double Last => Means.LastOrDefault(double.IsFinite, double.NaN);

    /// <summary>Adds a value to a point; what is no finite number is a gap.</summary>
    public void Add(int point, JsonElement value)
    {
        while (_sums.Count <= point)
        {
            _sums.Add(0);
            _counts.Add(0);
            Low.Add(double.NaN);
            High.Add(double.NaN);
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
        {
            _sums[point] += number;
            _counts[point]++;
            // NaN is greater than nothing and smaller than nothing.
            Low[point] = number < Low[point] || double.IsNaN(Low[point]) ? number : Low[point];
            High[point] = number > High[point] || double.IsNaN(High[point]) ? number : High[point];
        }
    }

    /// <summary>Joins every two of the first <c>2 × points</c> points.</summary>
    public void Halve(int points)
    {
        var joined = 0;
        for (; joined < points && 2 * joined < _sums.Count; joined++)
        {
            var (a, b) = (2 * joined, Math.Min((2 * joined) + 1, _sums.Count - 1));
            _sums[joined] = _sums[a] + (b > a ? _sums[b] : 0);
            _counts[joined] = _counts[a] + (b > a ? _counts[b] : 0);
            Low[joined] = double.IsNaN(Low[a]) ? Low[b] : double.IsNaN(Low[b]) ? Low[a] : Math.Min(Low[a], Low[b]);
            High[joined] = double.IsNaN(High[a]) ? High[b]
                : double.IsNaN(High[b]) ? High[a] : Math.Max(High[a], High[b]);
        }

        foreach (var list in new[] { _sums, Low, High })
        {
            list.RemoveRange(joined, list.Count - joined);
        }

        _counts.RemoveRange(joined, _counts.Count - joined);
    }

    /// <summary>The mean of the points in a range of their indices; NaN if there is none.</summary>
    public double Mean(int from, int to)
    {
        var values = Means.Take(to).Skip(from).Where(double.IsFinite).ToArray();
        return values.Length == 0 ? double.NaN : values.Average();
    }
}
