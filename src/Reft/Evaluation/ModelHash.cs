using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Reft.Models;
using Reft.Numerics.Kernels;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Evaluation;

/// <summary>
/// Names a model by what it computes: SHA-256 over its configuration, its weights and its tokenizer. A model in memory
/// and the same model loaded from the folder it was saved to have one hash; another dtype is another model.
/// </summary>
internal static class ModelHash
{
    private const int Chunk = 1 << 24;
    private const int Characters = 16;

    // What config.json says besides what the model computes: where weights came from, and where a completion may end.
    private static readonly string[] Ignored =
    [
        nameof(DecoderConfig.Dtype), nameof(DecoderConfig.InitializerRange), nameof(DecoderConfig.EosTokenIds),
        nameof(DecoderConfig.BosTokenId), nameof(DecoderConfig.PadTokenId), "EqualityContract",
    ];

    /// <summary>
    /// The properties of the first version, which always take part, whatever they are. A property that is added is not added here: it takes
    /// part where it differs from its default, so that the models that there were keep their names.
    /// </summary>
    internal static readonly string[] First =
    [
        "Activation", "AttentionOutputBias", "AttentionScales", "Dropout", "EmbeddingWidth", "FeedForwardBias", "FinalNorm", "Gated",
        "HeadBias", "HeadSize", "Heads", "IntermediateSize", "KeyValueHeads", "Layers", "LearnedPositionOffset", "MaxPositions",
        "ModelType", "Norm", "NormAffine", "NormEpsilon", "NormFirst", "Qkv", "QkvBias", "QueryKeyNorm", "Residual", "Rotary",
        "SlidingWindows", "TieEmbeddings", "TransposedWeights", "VocabularySize", "Width",
    ];

    // Of the records in it.
    private static readonly string[] FirstInner =
    [
        "Attention", "Dimensions", "Embedding", "Factor", "HighFrequencyFactor", "Interleaved", "Layers", "Llama3", "LowFrequencyFactor",
        "OriginalContext", "Residual", "Scaling", "Theta",
    ];

    /// <summary>The hash: 16 hexadecimal characters.</summary>
    /// <param name="decoder">The model; adapters count where they are on.</param>
    /// <param name="tokenizer">Its tokenizer; its files must still be there.</param>
    public static string Of(Decoder decoder, Tokenizer tokenizer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in Spell(decoder.Config, First))
        {
            Append(hash, line);
        }

        foreach (var parameter in decoder.Parameters)
        {
            Append(hash, parameter);
        }

        foreach (var adapter in decoder.Adapters.Where(adapter => adapter.IsOn))
        {
            Append(hash, $"{adapter.Name} × {Spell(adapter.Scale)}");
            Append(hash, adapter.Down);
            Append(hash, adapter.Up);
        }

        foreach (var file in Files(tokenizer))
        {
            Append(hash, Path.GetFileName(file));
            Append(hash, InputFile.ReadAllBytes(file, int.MaxValue));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Characters];
    }

    /// <summary>A configuration's lines, a property each, in ordinal order.</summary>
    /// <param name="config">The configuration; its type needs a constructor without parameters.</param>
    /// <param name="first">The properties that take part even at their defaults.</param>
    internal static IEnumerable<string> Spell(object config, IReadOnlyList<string> first)
    {
        var blank = Activator.CreateInstance(config.GetType())!; // Null only for Nullable types, and a record is a class.
        return config.GetType()
            .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(property => !Ignored.Contains(property.Name))
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => (property.Name, Value: Spell(property.GetValue(config)), Default: Spell(property.GetValue(blank))))
            .Where(part => first.Contains(part.Name) || part.Value != part.Default)
            .Select(part => $"{part.Name}={part.Value}");
    }

    /// <summary>tokenizer.json is the whole tokenizer; where it is absent every file has a part in it.</summary>
    private static IEnumerable<string> Files(Tokenizer tokenizer)
    {
        var whole = tokenizer.Files.FirstOrDefault(file => Path.GetFileName(file) == "tokenizer.json");
        return whole is null ? tokenizer.Files : [whole];
    }

    private static string Spell(object? value) => value switch
    {
        null => "null",
        double number => ExactText.Of(number),
        string text => text,
        System.Collections.IEnumerable list => string.Join(",", list.Cast<object?>().Select(Spell)),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        // Records of such values; a record's own text would follow the machine's language.
        _ when value.GetType().Namespace == typeof(DecoderConfig).Namespace => string.Join(
            ";", value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => FirstInner.Contains(p.Name) || p.GetValue(value) is not (null or false or 0 or 0.0))
                .Select(p => $"{p.Name}={Spell(p.GetValue(value))}")),
        _ => $"{value}",
    };

    private static unsafe void Append(IncrementalHash hash, Parameter parameter)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var value = parameter.Value.detach().cpu().contiguous();
        Append(hash, $"{parameter.Name} {value.dtype} [{string.Join(",", value.shape)}]");
        var start = TensorMemory.Pointer<byte>(value);
        var length = value.numel() * value.element_size();
        for (var offset = 0L; offset < length; offset += Chunk)
        {
            hash.AppendData(new ReadOnlySpan<byte>(start + offset, (int)Math.Min(Chunk, length - offset)));
        }

        GC.KeepAlive(value);
    }

    private static void Append(IncrementalHash hash, string text) =>
        Append(hash, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>The length goes first, so that no two lists of parts look alike.</summary>
    private static void Append(IncrementalHash hash, byte[] part)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(length, part.LongLength);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
