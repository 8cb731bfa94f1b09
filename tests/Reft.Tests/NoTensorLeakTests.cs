using static TorchSharp.torch;

namespace Reft.Tests;

[Collection(TensorCounting.Name)]
public sealed class NoTensorLeakTests
{
    [Fact]
    public void TotalCount_LeakedTensor_IsSeenUntilItIsDisposed()
    {
        var before = Tensor.TotalCount;

        var leaked = ones(3);
        var during = Tensor.TotalCount;
        leaked.Dispose();

        Assert.Equal((before + 1, before), (during, Tensor.TotalCount));
    }

    [Fact]
    public void TotalCount_DetachedFromAScope_IsStillCounted()
    {
        var before = Tensor.TotalCount;
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = (ones(3) + 1).DetachFromDisposeScope();
        }

        Assert.Equal(before + 1, Tensor.TotalCount);
        kept.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void After_ALeak_Fails()
    {
        var attribute = new NoTensorLeakAttribute();
        var method = ((Action)After_ALeak_Fails).Method;
        attribute.Before(method, null!); // The test itself is not looked at.

        using var leaked = ones(3);

        var error = Assert.ThrowsAny<Exception>(() => attribute.After(method, null!));
        Assert.Contains("1 tensors live after the test", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [NoTensorLeak]
    public void After_NoLeak_Passes()
    {
        using var scope = NewDisposeScope();
        var sum = (ones(3) + ones(3)).sum();

        Assert.Equal(6, sum.item<float>());
    }
}
