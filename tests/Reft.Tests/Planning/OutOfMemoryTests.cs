using System.Runtime.InteropServices;
using Reft.Numerics;
using Reft.Planning;
using Reft.Tests.Configuration;

namespace Reft.Tests.Planning;

public sealed class OutOfMemoryTests
{
    private const string Card = "CUDA out of memory. Tried to allocate 2.32 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1.2 GiB is free.";

    [Theory]
    [InlineData(Card, true)]
    [InlineData("[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes.", true)]
    [InlineData("mat1 and mat2 shapes cannot be multiplied", false)]
    public void Is_LibtorchsWords_AreTold(string message, bool expected) =>
        Assert.Equal(expected, OutOfMemory.Is(new LibtorchFault(message)));

    [Fact]
    public void Is_AnotherKindOfFault_IsNot() => Assert.False(OutOfMemory.Is(new InvalidOperationException(Card)));

    [Fact]
    public void Explain_Card_NamesThePlanAndTheWaysOut()
    {
        MemoryForecast[] plan = [new("weights", 1L << 30), new("activations", 3L << 30), new("reference", 0)];

        var message = OutOfMemory.Explain(new LibtorchFault(Card), ComputeDevice.Cuda(0), Configs.Read(Configs.Reft), plan);

        Assert.DoesNotContain('\n', message);
        Assert.StartsWith(
            "cuda:0 is out of memory (asked for 2.32 GiB more); the plan: activations 3.00 GiB, weights 1.00 GiB, together 4.00 GiB.",
            message, StringComparison.Ordinal);
        Assert.Contains("lower training.microBatchTokens (", message, StringComparison.Ordinal);
        Assert.Contains("lower rollouts.slots (", message, StringComparison.Ordinal);
    }

    /// <summary>What TorchSharp throws is this type; code of one's own must not.</summary>
    private sealed class LibtorchFault(string message) : ExternalException(message);
}
