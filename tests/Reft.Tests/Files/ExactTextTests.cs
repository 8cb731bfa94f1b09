using System.Globalization;
using System.Text.Json;

namespace Reft.Tests.Files;

public sealed class ExactTextTests
{
    [Fact]
    public void Of_EveryPowerOfTwo_ReadsBackAsItself()
    {
        for (var exponent = -1074; exponent <= 1023; exponent++)
        {
            foreach (var value in (double[])[Math.ScaleB(1, exponent), -Math.ScaleB(1, exponent)])
            {
                Assert.Equal(value, double.Parse(ExactText.Of(value), CultureInfo.InvariantCulture));
                Assert.Equal(value, ThroughJson(value));
            }
        }
    }

    // CPython 3.11: repr(2.0 ** -25), repr(2.0 ** -958), repr(2.0 ** -30)
    [Theory]
    [InlineData(-25, "2.9802322387695312E-08")]
    [InlineData(-958, "4.1045368012983762E-289")]
    [InlineData(-30, "9.313225746154785E-10")]
    [InlineData(0, "1")]
    public void Of_PowerOfTwo_IsTheShortestText(int exponent, string expected) =>
        Assert.Equal(expected, ExactText.Of(Math.ScaleB(1, exponent)));

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0")]
    [InlineData(double.NaN, "null")]
    [InlineData(double.NegativeInfinity, "null")]
    public void Write_Json_IsANumberOrNull(double value, string expected)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            ExactText.Write(json, "a", value);
            json.WriteEndObject();
        }

        Assert.Equal($$"""{"a":{{expected}}}""", System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static double ThroughJson(double value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            ExactText.Write(json, value);
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement.GetDouble();
    }
}
