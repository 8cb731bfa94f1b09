using System.Text;
using Reft.Checkpoints;
using Reft.Exports;
using Reft.Tests.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Exports;

/// <summary>GGUF files against one that llama.cpp's own program made, and against arithmetic.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class GgufModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_TinyStories_IsTheFileOfLlamaCpp()
    {
        var folder = SharedData.Require("models", "tinystories-656k");
        using var model = PretrainedModel.Load(folder, ScalarType.Float32, CPU);
        GgufModel.Write(model, folder, _folder["a.gguf"], GgufType.F32, "TinyStories");

        var (expected, actual) = (Gguf.Read(Path.Combine(folder, "model-f32.gguf")), Gguf.Read(_folder["a.gguf"]));

        Assert.Equal(expected.Tensors.Keys.Order(), actual.Tensors.Keys.Order());
        Assert.All(expected.Tensors, pair => Assert.Equal(pair.Value, actual.Tensors[pair.Key]));
        // That program gives every token one score, by which no word is put together; names are the files' own.
        string[] other = ["tokenizer.ggml.scores", "general.name", "general.finetune", "general.basename", "general.size_label"];
        Assert.All(expected.Keys.Where(pair => !other.Contains(pair.Key)), pair => Assert.Equal(pair.Value, actual.Keys[pair.Key]));
    }

    [Theory]
    [InlineData("llama", "llama")]
    [InlineData("qwen2", "qwen2")]
    [InlineData("qwen3", "qwen3")]
    public void Write_SmallModel_HoldsEveryNumber(string family, string kind)
    {
        using var model = SmallModels.Of(family);
        using var scope = NewDisposeScope();
        model.Save(_folder.Path);
        Reft.Text.BpeTrainer.Train(["a b"], new Reft.Text.BpeTrainerOptions { VocabularySize = 257 }, _folder.Path);
        File.WriteAllText(_folder["chat_template.jinja"], "{{ messages }}");

        GgufModel.Write(model, _folder.Path, _folder["a.gguf"], GgufType.F32, "a");
        var file = Gguf.Read(_folder["a.gguf"]);

        var sums = model.Decoder.Parameters.Select(p => Math.Round(p.Value.to(ScalarType.Float64).abs().sum().item<double>(), 3)).Order();
        Assert.Equal(sums, file.Tensors.Values.Select(t => Math.Round(t.Values.Sum(v => (double)Math.Abs(v)), 3)).Order());
        Assert.Equal((kind, "smollm", "{{ messages }}"), (file.Keys["general.architecture"], file.Keys["tokenizer.ggml.pre"], file.Keys["tokenizer.chat_template"]));
    }

    [Fact]
    public void Write_FamilyThatLlamaCppReadsOtherwise_IsRefused()
    {
        using var model = SmallModels.Of("gpt2");

        Assert.Contains("cannot be written as GGUF", Assert.Throws<InputException>(
            () => GgufModel.Write(model, _folder.Path, _folder["a.gguf"], GgufType.F32, "a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_AreTheFormatsArithmetic()
    {
        var values = Enumerable.Range(0, 32).Select(i => i == 3 ? -12.7f : 0.1f * i).ToArray();
        var (q8, half, brain) = (new byte[34], new byte[64], new byte[64]);

        GgufBlocks.Write(GgufType.Q8, values, q8);
        GgufBlocks.Write(GgufType.F16, values, half);
        GgufBlocks.Write(GgufType.Bf16, [1.00390625f, 1.01171875f, -2f], brain);

        // The largest is 12.7, so that a step is 0.1, in float16 0.09998.
        Assert.Equal(0.1, (double)BitConverter.ToHalf(q8), 1e-4);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => i == 3 ? -127 : i), q8[2..].Select(b => (int)(sbyte)b));
        Assert.Equal((Half)0.1f, BitConverter.ToHalf(half, 2));
        // 1 + 2⁻⁸ lies between two bfloat16 and goes to the even one, 1; 1 + 3·2⁻⁸ to 1 + 2⁻⁶; -2 stays.
        Assert.Equal([0x3F80, 0x3F82, 0xC000], Enumerable.Range(0, 3).Select(i => (int)BitConverter.ToUInt16(brain, 2 * i)));
    }

    /// <summary>A GGUF file of float32, read after the format's description.</summary>
    private sealed record Gguf(Dictionary<string, object> Keys, Dictionary<string, Stored> Tensors)
    {
        public static Gguf Read(string path)
        {
            using var reader = new BinaryReader(File.OpenRead(path));
            Assert.Equal("GGUF", Encoding.ASCII.GetString(reader.ReadBytes(4)));
            Assert.Equal(3u, reader.ReadUInt32());
            var (tensors, keys) = (reader.ReadUInt64(), reader.ReadUInt64());
            var values = new Dictionary<string, object>();
            for (var i = 0ul; i < keys; i++)
            {
                values.Add(Text(reader), Value(reader, reader.ReadUInt32()));
            }

            var places = new List<(string Name, ulong[] Shape, long Offset)>();
            for (var i = 0ul; i < tensors; i++)
            {
                var name = Text(reader);
                ulong[] shape = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadUInt64())];
                Assert.Equal(0u, reader.ReadUInt32());
                places.Add((name, shape, reader.ReadInt64()));
            }

            var start = (reader.BaseStream.Position + 31) / 32 * 32;
            return new Gguf(values, places.ToDictionary(place => place.Name, place =>
            {
                reader.BaseStream.Position = start + place.Offset;
                var count = (int)place.Shape.Aggregate(1ul, (product, size) => product * size);
                return new Stored(place.Shape, [.. Enumerable.Range(0, count).Select(_ => reader.ReadSingle())]);
            }));
        }

        private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

        private static object Value(BinaryReader reader, uint kind) => kind switch
        {
            4 => reader.ReadUInt32(),
            5 => reader.ReadInt32(),
            6 => reader.ReadSingle(),
            7 => reader.ReadBoolean(),
            8 => Text(reader),
            9 => Items(reader, reader.ReadUInt32(), reader.ReadUInt64()),
            _ => throw new InvalidDataException($"kind {kind}"),
        };

        private static List<object> Items(BinaryReader reader, uint kind, ulong count) =>
            [.. Enumerable.Range(0, (int)count).Select(_ => Value(reader, kind))];
    }

    private sealed record Stored(ulong[] Shape, float[] Values)
    {
        public bool Equals(Stored? other) => other is not null && Shape.SequenceEqual(other.Shape) && Values.AsSpan().SequenceEqual(other.Values);

        public override int GetHashCode() => Values.Length;
    }
}
