using Reft.Models;
using Reft.Numerics;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Ranks;

/// <summary>The optimizer that ranks share has the bits of the one that a process has alone.</summary>
public sealed class RankedAdamTests
{
    private const int Steps = 3;
    private const int Pieces = 11;

    // Parts of a parameter, whole parameters and none, for more ranks than there are stretches too.
    private static readonly long[][] _shapes = [[3, 50_000], [70_000], [300, 700], [5], [1, 65_536]];

    [Theory]
    [InlineData(2, false, 0)]
    [InlineData(3, false, 0)]
    [InlineData(3, true, 0)]
    [InlineData(8, false, 0)]
    [InlineData(8, true, 0)]
    [InlineData(2, true, 8)]
    [InlineData(3, false, 8)]
    [InlineData(5, true, 16)]
    [InlineData(8, false, 4)]
    public void Step_SharedByRanks_HasTheBitsOfOne(int size, bool isBrain, int leaves) => Check(size, isBrain, leaves, ComputeDevice.Cpu);

    [Theory]
    [InlineData(3, false, 0)]
    [InlineData(2, true, 0)]
    [InlineData(3, true, 4)]
    public void Step_OfDevicesStagedThroughTheHost_HasTheBitsOfOne(int size, bool isBrain, int leaves) => Check(size, isBrain, leaves, ComputeDevice.LibraryCpu);

    private static void Check(int size, bool isBrain, int leaves, ComputeDevice device)
    {
        var alone = Train(isBrain, parameters => new AdamW(parameters, new AdamWOptions(), device, leaves: leaves), ranks: 1, rank: 0);
        var shared = RankJob.Run(size, group => Train(
            isBrain, parameters => new AdamW(parameters, new AdamWOptions(), device, group, leaves), size, group.Rank));

        Assert.All(shared, result =>
        {
            Assert.Equal(alone.Reports, result.Reports);
            Assert.Equal(alone.Weights, result.Weights);
        });
        Assert.Equal(alone.State, shared[0].State);
    }

    private static (StepReport[] Reports, string[] Weights, (string, string)[] State) Train(
        bool isBrain, Func<IReadOnlyList<Parameter>, AdamW> make, int ranks, int rank)
    {
        using var scope = NewDisposeScope();
        var dtype = isBrain ? ScalarType.BFloat16 : ScalarType.Float32;
        Parameter[] parameters = [.. _shapes.Select((shape, i) => new Parameter($"p{i}", Random((ulong)i, shape, 0.1).to(dtype)))];
        foreach (var parameter in parameters)
        {
            parameter.Value.requires_grad = true;
        }

        Assert.Equal(11, parameters.Sum(p => (p.Count + 65_535) / 65_536)); // Stretches: one or two for each of 8 ranks.
        using var optimizer = make(parameters);
        var reports = new List<StepReport>();
        for (var step = 0; step < Steps; step++)
        {
            var share = new PieceShare(Pieces, ranks, optimizer.Leaves);
            for (var round = 0; round < share.Rounds; round++)
            {
                var own = share.Of(round, rank);
                for (var i = 0; i < parameters.Length; i++)
                {
                    if (own is { } piece && HasGradient(step, piece, i))
                    {
                        using var gradient = Random(CounterRandom.Hash((ulong)step, (ulong)piece, (ulong)i), _shapes[i], 1);
                        parameters[i].Value.grad = gradient.to(dtype).DetachFromDisposeScope();
                    }
                }

                optimizer.Accumulate(own is { } added ? share.LeafOf(added) : null);
            }

            reports.Add(optimizer.Step(1e-2));
        }

        return ([.. reports], [.. parameters.Select(p => Bytes(p.Value))], [.. optimizer.State.Select(pair => (pair.Key, Bytes(pair.Value)))]);
    }

    /// <summary>One parameter has none at first, one in some micro-batches.</summary>
    private static bool HasGradient(int step, int piece, int parameter) => parameter switch
    {
        1 => step > 0,
        2 => piece % 3 == 1,
        _ => true,
    };

    private static Tensor Random(ulong seed, long[] shape, double scale)
    {
        var count = (int)shape.Aggregate(1L, (all, size) => all * size);
        return tensor([.. Enumerable.Range(0, count).Select(i => (float)(scale * ((CounterRandom.Hash(seed, (ulong)i) >> 40) / (double)(1 << 24) - 0.5)))], shape);
    }

    private static string Bytes(Tensor value) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
        [.. value.detach().to(ScalarType.Float32).data<float>().ToArray().SelectMany(BitConverter.GetBytes)]));
}
