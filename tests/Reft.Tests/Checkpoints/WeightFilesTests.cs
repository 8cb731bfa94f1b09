using Reft.Checkpoints;

namespace Reft.Tests.Checkpoints;

public sealed class WeightFilesTests : IDisposable
{
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_FitsOneShard_WritesTheSingleFile()
    {
        WeightWriter.Write(_folder.Path, [Tensor("a", 4), Tensor("b", 6)], maxShardBytes: 10);

        Assert.Equal(["model.safetensors"], _folder.Files);
        AssertHolds(("a", 4), ("b", 6));
    }

    [Fact]
    public void Write_PastOneShard_FillsShardsInOrderAndIndexesThem()
    {
        WeightWriter.Write(_folder.Path, [Tensor("b", 4), Tensor("a", 6), Tensor("c", 1)], maxShardBytes: 10);

        Assert.Equal([First, Second, "model.safetensors.index.json"], _folder.Files);
        Assert.Equal(
            """
            {
              "metadata": {
                "total_size": 11
              },
              "weight_map": {
                "a": "model-00001-of-00002.safetensors",
                "b": "model-00001-of-00002.safetensors",
                "c": "model-00002-of-00002.safetensors"
              }
            }
            """.ReplaceLineEndings("\n"),
            File.ReadAllText(_folder["model.safetensors.index.json"]));
        AssertHolds(("a", 6), ("b", 4), ("c", 1));
    }

    [Fact]
    public void Write_TensorPastTheLimit_HasAShardOfItsOwn()
    {
        WeightWriter.Write(_folder.Path, [Tensor("a", 1), Tensor("big", 50), Tensor("c", 1)], maxShardBytes: 10);

        using var files = WeightFiles.Open(_folder.Path);
        Assert.Equal(
            [
                "model-00001-of-00003.safetensors",
                "model-00002-of-00003.safetensors",
                "model-00003-of-00003.safetensors",
            ],
            files.Entries.Values.Select(entry => Path.GetFileName(entry.File.Path)));
    }

    [Theory]
    [InlineData(100, 5)]
    [InlineData(5, 100)]
    [InlineData(5, 5)]
    [InlineData(5, 10)]
    [InlineData(10, 5)]
    public void Write_OverAnEarlierSave_LeavesOnlyTheNewFiles(long earlierShard, long laterShard)
    {
        using var fresh = new TemporaryFolder();
        TensorSource[] later = [Tensor("a", 5), Tensor("b", 5), Tensor("c", 5)];
        WeightWriter.Write(_folder.Path, [Tensor("a", 5), Tensor("b", 5), Tensor("old", 5)], earlierShard);

        WeightWriter.Write(_folder.Path, later, laterShard);
        WeightWriter.Write(fresh.Path, later, laterShard);

        Assert.Equal(fresh.Files, _folder.Files);
        AssertHolds(("a", 5), ("b", 5), ("c", 5));
    }

    [Fact]
    public void Write_LaterShardFails_KeepsTheEarlierSave()
    {
        WeightWriter.Write(_folder.Path, [Tensor("a", 5), Tensor("b", 6)], maxShardBytes: 5);
        var before = _folder.Files.ToDictionary(name => name, name => File.ReadAllBytes(_folder[name]));
        var full = new TensorSource("b", SafeTensorsDtype.U8, [5], _ => throw new IOException("No space left"));

        var error = Assert.Throws<InputException>(() =>
            WeightWriter.Write(_folder.Path, [Tensor("a", 4), full], maxShardBytes: 5));

        Assert.Contains(Second, error.Message, StringComparison.Ordinal);
        Assert.Equal(before.Keys, _folder.Files);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(_folder[file.Key])));
    }

    [Fact]
    public void Write_NameInTwoShards_IsRefused()
    {
        Assert.Throws<ArgumentException>(() =>
            WeightWriter.Write(_folder.Path, [Tensor("a", 5), Tensor("a", 5)], maxShardBytes: 5));

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Open_ShardsAbsent_ListsThem()
    {
        WeightWriter.Write(_folder.Path, [Tensor("a", 5), Tensor("b", 5)], maxShardBytes: 5);
        File.Delete(_folder[First]);
        File.Delete(_folder[Second]);

        AssertRefused("model.safetensors.index.json", $"names files that the folder lacks: '{First}', '{Second}'");
    }

    [Fact]
    public void Open_IndexOfAnotherSave_ListsBothDifferences()
    {
        WeightWriter.Write(_folder.Path, [Tensor("a", 5), Tensor("b", 5)], maxShardBytes: 5);
        SafeTensorsWriter.Write(_folder[Second], [Tensor("a", 5), Tensor("c", 5)]);

        AssertRefused(
            "model.safetensors.index.json",
            $"names tensors that its files lack: 'b in {Second}', and does not name tensors that its files hold: "
            + $"'a in {Second}', 'c in {Second}'");
    }

    [Fact]
    public void Open_ShardDamaged_NamesTheShard()
    {
        WeightWriter.Write(_folder.Path, [Tensor("a", 5), Tensor("b", 5)], maxShardBytes: 5);
        File.WriteAllBytes(_folder[Second], File.ReadAllBytes(_folder[Second])[..^1]);

        AssertRefused(Second, "'b' ends at byte 5 of the data, but the file holds only 4");
    }

    [Theory]
    [InlineData("", "is not valid JSON")]
    [InlineData("{", "is not valid JSON")]
    [InlineData("[]", "lacks 'weight_map'")]
    [InlineData("{}", "lacks 'weight_map'")]
    [InlineData("""{"weight_map":["a"]}""", "lacks 'weight_map'")]
    [InlineData("""{"weight_map":{"a":1}}""", "gives 'a' the file 1;")]
    [InlineData("""{"weight_map":{"a":null}}""", "gives 'a' the file null;")]
    [InlineData("""{"weight_map":{"a":""}}""", "gives 'a' the file \"\";")]
    [InlineData("""{"weight_map":{"a":".."}}""", "gives 'a' the file \"..\";")]
    [InlineData("""{"weight_map":{"a":"../x.safetensors"}}""", "must name a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "must name a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"c:\\x"}}""", "must name a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"x","a":"y"}}""", "is not valid JSON")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""", "is not valid JSON")]
    [InlineData("""{"weight_map":{"\ud800":"x"}}""", "is not valid JSON")]
    public void Open_WrongIndex_SaysWhatIsWrong(string index, string finding)
    {
        File.WriteAllText(_folder["model.safetensors.index.json"], index);

        AssertRefused("model.safetensors.index.json", finding);
    }

    [Fact]
    public void Open_IndexNotUtf8_SaysSo()
    {
        File.WriteAllBytes(
            _folder["model.safetensors.index.json"], [.. "{\"weight_map\":{\"a\":\""u8, 0xC3, 0x28, .. "\"}}"u8]);

        AssertRefused("model.safetensors.index.json", "is not valid JSON");
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("pytorch_model.bin.index.json")]
    [InlineData("pytorch_model-00001-of-00002.bin")]
    public void Open_OnlyPickledWeights_SaysHowToConvertThem(string name)
    {
        File.WriteAllText(_folder[name], "");

        AssertRefused("", $"holds '{name}' but no model.safetensors", "convert them to safetensors with python3 -c");
    }

    [Fact]
    public void Open_OtherWeights_ListsWhatIsThere()
    {
        File.WriteAllText(_folder["adapter_model.safetensors"], "");
        File.WriteAllText(_folder["m.gguf"], "");
        File.WriteAllText(_folder["README.md"], "");

        AssertRefused("", "has neither model.safetensors nor", "(it holds 'adapter_model.safetensors', 'm.gguf')");
    }

    [Fact]
    public void Open_FolderAbsent_SaysSo()
    {
        var error = Assert.Throws<InputException>(() => WeightFiles.Open(_folder["absent"]));

        Assert.Equal($"{_folder["absent"]}: no such folder; check the path", error.Message);
    }

    [Fact]
    public void Open_FileInsteadOfFolder_SaysSo()
    {
        File.WriteAllText(_folder["f"], "");

        var error = Assert.Throws<InputException>(() => WeightFiles.Open(_folder["f"]));

        Assert.Contains("is a file where a model folder is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SingleFileBesideAnIndex_TakesTheSingleFile()
    {
        WeightWriter.Write(_folder.Path, [Tensor("a", 5), Tensor("b", 5)], maxShardBytes: 5);
        SafeTensorsWriter.Write(_folder["model.safetensors"], [Tensor("whole", 3)]);

        AssertHolds(("whole", 3));
    }

    private static TensorSource Tensor(string name, int bytes) => TensorSource.FromMemory(
        name, SafeTensorsDtype.U8, [bytes], Enumerable.Repeat((byte)(name[0] + bytes), bytes).ToArray());

    private void AssertHolds(params (string Name, int Bytes)[] expected)
    {
        using var files = WeightFiles.Open(_folder.Path);
        Assert.Equal(expected.Select(tensor => tensor.Name).Order(), files.Entries.Keys.Order());
        Assert.All(expected, tensor => Assert.Equal(
            Enumerable.Repeat((byte)(tensor.Name[0] + tensor.Bytes), tensor.Bytes),
            files.Entries[tensor.Name].File.Bytes(files.Entries[tensor.Name].Tensor).ToArray()));
    }

    private void AssertRefused(string file, params string[] findings)
    {
        var error = Assert.Throws<InputException>(() => WeightFiles.Open(_folder.Path));

        var path = file.Length == 0 ? _folder.Path : _folder[file];
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.All(findings, finding => Assert.Contains(finding, error.Message, StringComparison.Ordinal));
    }
}
