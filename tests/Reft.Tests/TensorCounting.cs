namespace Reft.Tests;

/// <summary>
/// The tests that count live tensors: the count is the process's, so nothing else may run beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TensorCounting
{
    public const string Name = "tensors";
}
