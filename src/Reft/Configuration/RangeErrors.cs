using System.Globalization;

namespace Reft.Configuration;

/// <summary>Collects the values of one section that are out of range.</summary>
/// <param name="path">The section; empty for the outermost level.</param>
internal sealed class RangeErrors(string path)
{
    private readonly string _prefix = path.Length == 0 ? "" : path + ".";
    private readonly List<string> _all = [];

    /// <summary>The errors, each beginning with its path.</summary>
    public IReadOnlyList<string> All => _all;

    /// <summary>A value that must not be less than another; null is absent and so right.</summary>
    public RangeErrors AtLeast(string name, long? value, long least) => Check(
        value is null || value >= least, name, value, string.Create(CultureInfo.InvariantCulture, $"at least {least}"));

    /// <summary>A list that must hold something.</summary>
    public RangeErrors NotEmpty<T>(string name, IReadOnlyList<T> list, string expected)
    {
        if (list.Count == 0)
        {
            _all.Add($"{_prefix}{name} is empty: it must hold {expected}");
        }

        return this;
    }

    /// <summary>A value with a range of its own.</summary>
    /// <param name="holds">Whether it is in range.</param>
    /// <param name="name">Its key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expected">What it must be.</param>
    public RangeErrors Check(bool holds, string name, IFormattable? value, string expected)
    {
        if (!holds)
        {
            _all.Add($"{_prefix}{name} is {value?.ToString(null, CultureInfo.InvariantCulture)}: it must be {expected}");
        }

        return this;
    }
}
