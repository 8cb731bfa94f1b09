using System.Buffers.Binary;
using System.Text.Json;
using Reft.Checkpoints;

namespace Reft.Tests.Checkpoints;

/// <summary>Files that the reference library wrote.</summary>
public sealed class GoldenWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_EveryGoldenFile_AgreesWithAPlainParser()
    {
        var paths = GoldenFiles();

        foreach (var path in paths)
        {
            AssertAgreesWithPlainParser(path);
        }
    }

    [Fact]
    public void Open_TinyStories_HoldsTheBytesThatPythonReads()
    {
        var folder = SharedData.Require("models/tinystories-656k");

        using var weights = WeightFiles.Open(folder);
        var (file, head) = weights.Entries["lm_head.weight"];
        var bytes = file.Bytes(head);

        Assert.Equal(20, weights.Entries.Count);
        Assert.DoesNotContain("model.embed_tokens.weight", weights.Entries.Keys);
        Assert.Equal("lm_head.weight", file.Metadata["model.embed_tokens.weight"]);
        Assert.Equal([2048L, 128L], head.Shape);
        Assert.Equal("00002fbf0000d4bc", Convert.ToHexStringLower(bytes[..8]));
        Assert.Equal("0000d8be", Convert.ToHexStringLower(bytes[^4..]));
    }

    [Fact]
    public void Open_GoldenFileCutShort_IsRefusedAtEveryLength()
    {
        var path = Path.Combine(SharedData.Require("golden/models/llama"), "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        var headerEnd = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        int[] lengths =
        [
            .. Enumerable.Range(0, 300),
            .. Enumerable.Range(headerEnd - 40, 80),
            .. Enumerable.Range(0, 200).Select(i => i * bytes.Length / 200),
            bytes.Length - 1,
        ];

        foreach (var length in lengths)
        {
            File.WriteAllBytes(_folder["t"], bytes.AsSpan(0, length));

            var error = Assert.Throws<InputException>(() => SafeTensorsFile.Open(_folder["t"]));
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void Write_EveryGoldenModel_GivesTheReferenceLibrarysBytes()
    {
        // Same layout rule, same header spelling: the files come out identical, padding included.
        foreach (var path in GoldenFiles().Where(path => Path.GetFileName(path) == "model.safetensors"))
        {
            using var file = SafeTensorsFile.Open(path);

            SafeTensorsWriter.Write(
                _folder["t"],
                file.Entries.Values.Reverse().Select(entry => TensorSource.FromFile(file, entry)),
                file.Metadata);

            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(_folder["t"])), path);
        }
    }

    private static string[] GoldenFiles()
    {
        var paths = new[] { SharedData.Require("golden/models"), SharedData.Require("models") }
            .SelectMany(folder => Directory.GetFiles(folder, "*.safetensors", SearchOption.AllDirectories))
            .ToArray();

        // 11 models, their logits, and tinystories.
        Assert.True(paths.Length >= 23, $"only {paths.Length} golden files");
        return paths;
    }

    private static void AssertAgreesWithPlainParser(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        using var file = SafeTensorsFile.Open(path);

        var tensors = header.RootElement.EnumerateObject().Where(property => property.Name != "__metadata__").ToArray();
        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(), file.Entries.Keys.Order());
        foreach (var tensor in tensors)
        {
            var entry = file.Entries[tensor.Name];
            var offsets = tensor.Value.GetProperty("data_offsets");
            var begin = 8 + headerLength + offsets[0].GetInt32();
            var end = 8 + headerLength + offsets[1].GetInt32();

            Assert.Equal(tensor.Value.GetProperty("dtype").GetString(), entry.Dtype.Name());
            Assert.Equal(
                tensor.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()), entry.Shape);
            Assert.True(bytes.AsSpan(begin..end).SequenceEqual(file.Bytes(entry)), $"{path}: {tensor.Name}");
        }
    }
}
