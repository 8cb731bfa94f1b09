using Reft.Numerics;

namespace Reft.Tests.Numerics;

public sealed class FloatConversionTests
{
    private static readonly ushort[] EveryPattern =
        Enumerable.Range(0, 65_536).Select(pattern => (ushort)pattern).ToArray();

    [Fact]
    public void Bfloat16ToSingle_EveryPattern_IsTheUpperHalfOfTheSingle()
    {
        var singles = new float[EveryPattern.Length];

        FloatConversion.Bfloat16ToSingle(EveryPattern, singles);

        Assert.All(EveryPattern, pattern =>
            Assert.Equal((uint)pattern << 16, BitConverter.SingleToUInt32Bits(singles[pattern])));
    }

    [Fact]
    public void SingleToBfloat16_EveryWidenedPattern_ComesBack()
    {
        var singles = EveryPattern.Select(pattern => BitConverter.UInt32BitsToSingle((uint)pattern << 16)).ToArray();
        var back = new ushort[singles.Length];

        FloatConversion.SingleToBfloat16(singles, back);

        Assert.All(EveryPattern, pattern =>
            Assert.Equal(float.IsNaN(singles[pattern]) ? pattern | 0x40 : pattern, back[pattern]));
    }

    [Theory]
    [InlineData(0x3F80_0000u, 0x3F80)] // 1
    [InlineData(0x3F80_8000u, 0x3F80)] // half way, the even neighbour is below
    [InlineData(0x3F81_8000u, 0x3F82)] // half way, the even neighbour is above
    [InlineData(0x3F80_8001u, 0x3F81)] // just past half way
    [InlineData(0x3F80_7FFFu, 0x3F80)] // just before half way
    [InlineData(0x7F7F_FFFFu, 0x7F80)] // the largest single rounds to infinity
    [InlineData(0xFF7F_7FFFu, 0xFF7F)] // stays the largest finite bfloat16
    [InlineData(0x7F80_0000u, 0x7F80)] // infinity
    [InlineData(0x7F80_0001u, 0x7FC0)] // a NaN whose payload lies only in the dropped bits
    [InlineData(0xFFFF_FFFFu, 0xFFFF)] // rounding up must not carry a NaN into zero
    [InlineData(0x8000_0000u, 0x8000)] // minus zero
    [InlineData(0x0000_8001u, 0x0001)] // subnormals round as well
    public void SingleToBfloat16_NamedCase_RoundsToNearestEven(uint bits, int expected)
    {
        var narrowed = new ushort[1];

        FloatConversion.SingleToBfloat16([BitConverter.UInt32BitsToSingle(bits)], narrowed);

        Assert.Equal(expected, narrowed[0]);
    }

    [Fact]
    public void SingleToBfloat16_EveryMidpointAndItsNeighbours_PicksTheNearest()
    {
        var singles = NeighboursOfMidpoints(pattern => (uint)pattern << 16, 0x8000);
        var narrowed = new ushort[singles.Length];

        FloatConversion.SingleToBfloat16(singles, narrowed);

        for (var i = 0; i < singles.Length; i++)
        {
            Assert.Equal(NearestBfloat16(singles[i]), narrowed[i]);
        }
    }

    [Fact]
    public void HalfToSingle_EveryPattern_EqualsTheScalarConversion()
    {
        var halves = EveryPattern.Select(BitConverter.UInt16BitsToHalf).ToArray();
        var singles = new float[halves.Length];

        FloatConversion.HalfToSingle(halves, singles);

        Assert.All(EveryPattern, pattern => Assert.Equal(
            BitConverter.SingleToUInt32Bits((float)halves[pattern]),
            BitConverter.SingleToUInt32Bits(singles[pattern])));
    }

    [Fact]
    public void SingleToHalf_EveryWidenedHalf_ComesBack()
    {
        var halves = EveryPattern.Select(BitConverter.UInt16BitsToHalf).ToArray();
        var back = new Half[halves.Length];

        FloatConversion.SingleToHalf(Array.ConvertAll(halves, half => (float)half), back);

        Assert.All(EveryPattern, pattern => Assert.Equal(
            Half.IsNaN(halves[pattern]) ? pattern | 0x200 : pattern, BitConverter.HalfToUInt16Bits(back[pattern])));
    }

    [Fact]
    public void SingleToHalf_EveryMidpointAndItsNeighbours_EqualsTheScalarConversion()
    {
        var singles = NeighboursOfMidpoints(
            pattern => BitConverter.SingleToUInt32Bits((float)BitConverter.UInt16BitsToHalf(pattern)), 0x1000);
        var narrowed = new Half[singles.Length];

        FloatConversion.SingleToHalf(singles, narrowed);

        for (var i = 0; i < singles.Length; i++)
        {
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)singles[i]), BitConverter.HalfToUInt16Bits(narrowed[i]));
        }
    }

    [Fact]
    public void Narrowing_RandomBits_EqualsTheScalarDefinitions()
    {
        var random = new Random(7);
        var singles = new float[200_003];
        for (var i = 0; i < singles.Length; i++)
        {
            singles[i] = BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32));
        }

        var halves = new Half[singles.Length];
        var brains = new ushort[singles.Length];

        FloatConversion.SingleToHalf(singles, halves);
        FloatConversion.SingleToBfloat16(singles, brains);

        for (var i = 0; i < singles.Length; i++)
        {
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)singles[i]), BitConverter.HalfToUInt16Bits(halves[i]));
            Assert.Equal(NearestBfloat16(singles[i]), brains[i]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(63)]
    public void EveryConversion_LengthBesideAVector_TouchesOnlyItsOwnPlaces(int length)
    {
        var singles = Enumerable.Range(0, length).Select(i => i + 0.5f).ToArray();
        var brains = new ushort[length + 1];
        var halves = new Half[length + 1];
        var fromBrains = new float[length + 1];
        var fromHalves = new float[length + 1];

        FloatConversion.SingleToBfloat16(singles, brains.AsSpan(0, length));
        FloatConversion.SingleToHalf(singles, halves.AsSpan(0, length));
        FloatConversion.Bfloat16ToSingle(brains.AsSpan(0, length), fromBrains.AsSpan(0, length));
        FloatConversion.HalfToSingle(halves.AsSpan(0, length), fromHalves.AsSpan(0, length));

        Assert.Equal([.. singles, 0f], fromBrains); // below 64.5 every n + 0.5 is exact in both formats
        Assert.Equal([.. singles, 0f], fromHalves);
        Assert.Throws<ArgumentException>(() => FloatConversion.SingleToBfloat16(singles, brains));
    }

    // The definition: of the two neighbours in bfloat16, the nearer by exact distance; half way, the even one.
    private static ushort NearestBfloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var below = (ushort)(bits >> 16);
        if (float.IsNaN(value))
        {
            return (ushort)(below | 0x40);
        }

        var dropped = bits & 0xFFFF;
        var up = dropped > 0x8000 || (dropped == 0x8000 && (below & 1) == 1);
        return up ? (ushort)(below + 1) : below;
    }

    private static float[] NeighboursOfMidpoints(Func<ushort, uint> widen, uint halfStep) =>
        EveryPattern.SelectMany(pattern =>
        {
            var middle = widen(pattern) + halfStep;
            return new[] { middle - 1, middle, middle + 1 };
        }).Select(BitConverter.UInt32BitsToSingle).ToArray();
}
