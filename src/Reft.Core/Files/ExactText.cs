using System.Globalization;
using System.Text.Json;

namespace Reft.Files;

/// <summary>Doubles as decimals that read back as the same double.</summary>
/// <remarks>
/// .NET's shortest text is not always one: it takes the digits of 2^-25 and 2^-958 from the wider gap above a power of
/// two, and they read back as the neighbour below. Differences of log-probabilities do hit 2^-25.
/// </remarks>
internal static class ExactText
{
    private const long Mantissa = (1L << 52) - 1;

    /// <summary>The shortest text that reads back as the value.</summary>
    public static string Of(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return IsPowerOfTwo(value) && !double.Parse(text, CultureInfo.InvariantCulture).Equals(value)
            ? value.ToString("G17", CultureInfo.InvariantCulture)
            : text;
    }

    /// <summary>Writes a finite number.</summary>
    public static void Write(Utf8JsonWriter json, double value)
    {
        if (IsPowerOfTwo(value))
        {
            json.WriteRawValue(Of(value), skipInputValidation: true);
        }
        else
        {
            json.WriteNumberValue(value);
        }
    }

    /// <summary>Writes a number under a name; what is none becomes null, as JSON has no word for it.</summary>
    public static void Write(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        if (double.IsFinite(value))
        {
            Write(json, value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static bool IsPowerOfTwo(double value) =>
        (BitConverter.DoubleToInt64Bits(value) & Mantissa) == 0 && value != 0 && double.IsFinite(value);
}
