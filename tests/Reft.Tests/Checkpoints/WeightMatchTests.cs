using Reft.Checkpoints;

namespace Reft.Tests.Checkpoints;

public sealed class WeightMatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_EverythingThere_GivesEachItsPlace()
    {
        using var files = Save(("a", [2, 3], 0), ("b", [4], 0), ("rotary.inv_freq", [1], 0));

        var found = WeightMatch.Find(
            files,
            [new("b", [4]), new("a", [2, 3])],
            name => name.EndsWith("inv_freq", StringComparison.Ordinal));

        Assert.Equal(["b", "a"], found.Keys);
        Assert.Same(files.Entries["a"], found["a"]);
    }

    [Fact]
    public void Find_EveryKindOfDifference_ListsThemAll()
    {
        using var files = Save(("a", [2, 3], 0), ("b", [4], 0), ("c", [6], 0), ("d", [1], 0));

        var error = Assert.Throws<InputException>(() => WeightMatch.Find(
            files, [new("a", [3, 2]), new("b", []), new("x", [1]), new("y", [1])], _ => false));

        Assert.Equal(
            $"{_folder["model.safetensors"]}: lacks 'x', 'y'; holds unexpected 'c', 'd'; "
            + "'a' has shape [2, 3] where [3, 2] is needed; 'b' has shape [4] where [] is needed; "
            + "check that config.json belongs to these weights",
            error.Message);
    }

    [Theory]
    [InlineData("embedding")]
    [InlineData("head")]
    public void Find_TiedWithOneName_TakesTheOneThatIsThere(string name)
    {
        using var files = Save((name, [2], 0));

        var found = WeightMatch.Find(files, [new("embedding", [2]) { Aliases = ["head"] }], _ => false);

        Assert.Same(files.Entries[name], found["embedding"]);
    }

    [Fact]
    public void Find_TiedWithBothNamesEqual_TakesTheFirst()
    {
        using var files = Save(("embedding", [2], 7), ("head", [2], 7));

        var found = WeightMatch.Find(files, [new("embedding", [2]) { Aliases = ["head"] }], _ => false);

        Assert.Same(files.Entries["embedding"], Assert.Single(found).Value);
    }

    [Fact]
    public void Find_TiedWithBothNamesDifferent_IsRefused()
    {
        using var files = Save(("embedding", [2], 7), ("head", [2], 8));

        var error = Assert.Throws<InputException>(() =>
            WeightMatch.Find(files, [new("embedding", [2]) { Aliases = ["head"] }], _ => false));

        Assert.Contains("'embedding' and 'head' are tied but differ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_TiedWithNeitherName_NamesTheFirst()
    {
        using var files = Save(("a", [2], 0));

        var error = Assert.Throws<InputException>(() =>
            WeightMatch.Find(files, [new("a", [2]), new("embedding", [2]) { Aliases = ["head"] }], _ => false));

        Assert.Contains(": lacks 'embedding'; check", error.Message, StringComparison.Ordinal);
    }

    private static TensorSource Tensor(string name, long[] shape, byte fill)
    {
        var count = (int)shape.Aggregate(1L, (product, extent) => product * extent);
        return TensorSource.FromMemory(name, SafeTensorsDtype.U8, shape, Enumerable.Repeat(fill, count).ToArray());
    }

    private WeightFiles Save(params (string Name, long[] Shape, byte Fill)[] tensors)
    {
        WeightWriter.Write(
            _folder.Path,
            [.. tensors.Select(tensor => Tensor(tensor.Name, tensor.Shape, tensor.Fill))],
            maxShardBytes: 1_000);
        return WeightFiles.Open(_folder.Path);
    }
}
