using System.Reflection;
using Xunit.v3;
using static TorchSharp.torch;

namespace Reft.Tests;

/// <summary>
/// A test that carries this, or whose class does, fails if tensors live after it that did not live before it. Its class
/// belongs to <see cref="TensorCounting"/>. A class that holds tensors between tests disposes them in Dispose, which
/// xunit calls after this looks: such tensors are made in the test itself instead.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class NoTensorLeakAttribute : BeforeAfterTestAttribute
{
    private long _before;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        var owner = methodUnderTest.ReflectedType!; // A test has a class.
        var collection = owner.GetCustomAttribute<CollectionAttribute>();
        Assert.True(
            collection?.Name == TensorCounting.Name,
            $"{owner.Name} counts tensors: it needs [Collection(TensorCounting.Name)]");
        // What earlier tests left for the collector must not be finalised, and uncounted, while this one runs.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _before = Tensor.TotalCount;
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => Check(_before, Tensor.TotalCount);

    /// <summary>Fails if the second count is above the first.</summary>
    internal static void Check(long before, long after) => Assert.True(
        after <= before, $"{after - before} tensors live after the test that did not live before it");
}
