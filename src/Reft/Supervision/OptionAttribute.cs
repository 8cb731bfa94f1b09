using System.Globalization;

namespace Reft.Supervision;

/// <summary>
/// What an option of a record is and may be, said once: errors of configs, help and docs read it, and <see cref="InRange.Of{T}"/> refuses
/// in C# what a config is refused for.
/// </summary>
/// <param name="meaning">What it is, in a clause.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string meaning) : Attribute
{
    /// <summary>What it is, in a clause.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>The least value.</summary>
    public double AtLeast { get; init; } = double.NegativeInfinity;

    /// <summary>The greatest value.</summary>
    public double AtMost { get; init; } = double.PositiveInfinity;

    /// <summary>What it must be greater than.</summary>
    public double Above { get; init; } = double.NegativeInfinity;

    /// <summary>What it must be less than.</summary>
    public double Below { get; init; } = double.PositiveInfinity;

    /// <summary>Whether it is a text that may be empty and have several lines; the other texts of a config are one line and say something.</summary>
    public bool IsFreeText { get; init; }

    /// <summary>What besides is asked of it, or a value that means something of its own, such as <c>0 is the whole batch</c>.</summary>
    public string? Note { get; init; }

    /// <summary>Its range in words; empty if any finite number is right.</summary>
    public string Range
    {
        get
        {
            var least = Words(AtLeast, "at least") ?? Words(Above, "above");
            var most = Words(AtMost, "at most") ?? Words(Below, "below");
            return (least, most) switch
            {
                (null, null) => "",
                (_, null) => least,
                (null, _) => most,
                _ when double.IsFinite(AtLeast) && double.IsFinite(AtMost) =>
                    string.Create(CultureInfo.InvariantCulture, $"between {AtLeast} and {AtMost}"),
                _ => $"{least} and {most}",
            };
        }
    }

    /// <summary>Whether a number is right: in its range, and one.</summary>
    public bool Holds(double value) => value >= AtLeast && value <= AtMost && (value > Above || double.IsNegativeInfinity(Above))
        && (value < Below || double.IsPositiveInfinity(Below)) && (Range.Length == 0 ? double.IsFinite(value) : !double.IsNaN(value));

    private static string? Words(double bound, string words) =>
        double.IsFinite(bound) ? string.Create(CultureInfo.InvariantCulture, $"{words} {bound}") : null;
}
