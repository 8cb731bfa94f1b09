using System.Text.Json;
using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests;

/// <summary>A small model and what Transformers computed for it.</summary>
internal sealed class Golden : IDisposable
{
    private readonly SafeTensorsFile _expected;

    private Golden(string folder)
    {
        Folder = folder;
        Model = PretrainedModel.Load(folder, ScalarType.Float32, CPU);
        Expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json"))).RootElement;
        _expected = SafeTensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
    }

    public static TheoryData<string> Names => new(
        "llama", "llama-tied", "llama3-rope", "mistral", "qwen2", "qwen3", "gpt2", "opt", "galactica", "gpt-neox", "codegen");

    public string Folder { get; }

    public PretrainedModel Model { get; }

    public Decoder Decoder => Model.Decoder;

    public JsonElement Expected { get; }

    public int[][] Sequences => [.. Expected.GetProperty("sequences").EnumerateArray().Select(Ids)];

    public static Golden Open(string name) => new(SharedData.Require(Path.Combine("golden", "models", name)));

    public static int[] Ids(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetInt32())];

    /// <summary>The logits [length, vocabulary] of a sequence.</summary>
    public Tensor Logits(int sequence)
    {
        var entry = _expected.Entries[$"logits.{sequence}"];
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(_expected.Bytes(entry)).ToArray();
        return tensor(values, entry.Shape);
    }

    public void Dispose()
    {
        Model.Dispose();
        _expected.Dispose();
    }
}
