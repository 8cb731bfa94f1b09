using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Reft.Supervision;

/// <summary>A value that an options record refuses, whoever makes it.</summary>
/// <param name="option">The property.</param>
/// <param name="fault">What is wrong, such as <c>is -1: it must be at least 0</c>.</param>
public sealed class OptionException(string option, string fault) : ArgumentException($"{option} {fault}", option)
{
    /// <summary>What is wrong, without the property's name.</summary>
    public string Fault { get; } = fault;
}

/// <summary>Refuses values out of the range of their <see cref="OptionAttribute"/>.</summary>
public static class InRange
{
    /// <summary>The value, if it is right; null is absent, and so right.</summary>
    /// <param name="record">The record whose property is set: <c>init => field = InRange.Of(this, value);</c></param>
    /// <param name="value">The value.</param>
    /// <param name="name">The property's name, given by the compiler.</param>
    /// <exception cref="OptionException">It is out of its range.</exception>
    public static T Of<T>(object record, T value, [CallerMemberName] string name = "")
    {
        ArgumentNullException.ThrowIfNull(record);
        if (value is null)
        {
            return value;
        }

        var property = record.GetType().GetProperty(name);
        var option = property?.GetCustomAttribute<OptionAttribute>()
            ?? throw new ArgumentException($"{record.GetType().Name}.{name} has no [Option]", nameof(name));
        if (option.Holds(Convert.ToDouble(value, CultureInfo.InvariantCulture)))
        {
            return value;
        }

        var range = option.Range.Length == 0 ? "a finite number" : option.Range;
        var note = option.Note is { } said && said.Contains(" is ", StringComparison.Ordinal) ? $" ({said})" : "";
        var absent = Nullable.GetUnderlyingType(property!.PropertyType) is null ? "" : ", or absent"; // Not null: it has an attribute.
        throw new OptionException(name, string.Create(CultureInfo.InvariantCulture, $"is {value}: it must be {range}{note}{absent}"));
    }
}
