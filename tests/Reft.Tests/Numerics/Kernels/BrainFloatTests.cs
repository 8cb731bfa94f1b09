using System.Runtime.Intrinsics;
using Reft.Numerics.Kernels;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>Widening is exact, narrowing rounds to the nearest, ties to even, one element or sixteen at a time.</summary>
public sealed unsafe class BrainFloatTests
{
    private static readonly ushort[] _everyPattern =
        [.. Enumerable.Range(0, 65_536).Select(pattern => (ushort)pattern)];

    [Fact]
    public void Load_EveryPattern_IsTheUpperHalfOfTheSingle()
    {
        var singles = new float[_everyPattern.Length];
        var halves = new float[_everyPattern.Length];
        fixed (ushort* source = _everyPattern)
        fixed (float* target = singles, half = halves)
        {
            for (var i = 0; i < singles.Length; i += 16)
            {
                Brain16.Load(source + i).Store(target + i);
                Brain16.LoadHalf(source + i).Store(half + i);
                Brain16.LoadHalf(source + i + 8).Store(half + i + 8);
            }
        }

        Assert.Equal(_everyPattern.Select(p => (uint)p << 16), singles.Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal(_everyPattern.Select(p => (uint)p << 16), halves.Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal(_everyPattern.Select(p => (uint)p << 16), _everyPattern.Select(p => BitConverter.SingleToUInt32Bits(Brain16.Get(p))));
    }

    [Fact]
    public void Narrow_EveryWidenedPattern_ComesBack()
    {
        var singles = _everyPattern.Select(p => BitConverter.UInt32BitsToSingle((uint)p << 16)).ToArray();

        Assert.Equal(
            _everyPattern.Select(p => (int)p | (float.IsNaN(singles[p]) ? 0x40 : 0)), Narrow(singles).Select(b => (int)b));
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
    public void Narrow_NamedCase_RoundsToNearestEven(uint bits, int expected) => Assert.All(
        Narrow([.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(bits), 16)]), narrowed => Assert.Equal(expected, narrowed));

    [Fact]
    public void Narrow_EveryMidpointAndItsNeighbours_PicksTheNearest()
    {
        var singles = _everyPattern.SelectMany(pattern =>
        {
            var middle = ((uint)pattern << 16) + 0x8000;
            return new[] { middle - 1, middle, middle + 1 };
        }).Select(BitConverter.UInt32BitsToSingle).ToArray();

        Assert.Equal(singles.Select(Nearest), Narrow(singles));
    }

    [Fact]
    public void Narrow_RandomBits_PicksTheNearest()
    {
        var random = new Random(7);
        var singles = Enumerable.Range(0, 200_000).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(1L << 32))).ToArray();

        Assert.Equal(singles.Select(Nearest), Narrow(singles));
    }

    /// <summary>Narrows sixteen at a time, and insists that one at a time is the same.</summary>
    private static ushort[] Narrow(float[] singles)
    {
        var narrowed = new ushort[singles.Length];
        fixed (float* source = singles)
        fixed (ushort* target = narrowed)
        {
            for (var i = 0; i < singles.Length; i += 16)
            {
                Brain16.Store(target + i, Vector512.Load(source + i));
            }
        }

        Assert.Equal(narrowed, singles.Select(Brain16.Make));
        return narrowed;
    }

    // The definition: of the two neighbours in bfloat16, the nearer by exact distance; half way, the even one.
    private static ushort Nearest(float value)
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
}
