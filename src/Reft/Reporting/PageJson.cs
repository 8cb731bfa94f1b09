using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Reft.Reporting;

/// <summary>
/// JSON as a page's script element may hold it: <c>&lt; &gt; &amp; '</c> and the rest that HTML could read are escapes,
/// so that no text ends the element. Numbers are short, for they are looked at and not computed with.
/// </summary>
internal static class PageJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        // Unlike the relaxed encoder this one always escapes what HTML reads.
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new ShortDouble(), new ShortSingle(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The value as JSON.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>The value's word in JSON.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>How many bytes the value takes.</summary>
    public static int Length<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options).Length;

    /// <summary>Five digits; null where the number is not finite.</summary>
    private sealed class ShortDouble : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            WriteShort(writer, value, "G5");
    }

    /// <summary>Three digits, for figures of single tokens; null where the number is not finite.</summary>
    private sealed class ShortSingle : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetSingle();

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options) =>
            WriteShort(writer, value, "G3");
    }

    private static void WriteShort(Utf8JsonWriter writer, double value, string format)
    {
        if (double.IsFinite(value))
        {
            writer.WriteRawValue(value.ToString(format, CultureInfo.InvariantCulture));
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
