using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Tokenizers;
using Reft.Text;
using Tokenizer = Reft.Text.Tokenizer;

namespace Reft.Benchmarks;

/// <summary>
/// How fast Reft encodes, beside Microsoft.ML.Tokenizers with the same vocabulary on the same texts in the same run, and
/// how many of the golden strings each gets right. Needs the folder shared beside the checkout.
/// </summary>
internal static class TokenizerBenchmark
{
    private const int Rounds = 8;

    private static readonly string[] Names =
        ["pythia-neox", "galactica", "llama3-hf", "llama3-hf*", "qwen3-hf", "qwen3-hf*", "llama2-hf", "tinystories-656k"];

    public static void Run()
    {
        var shared = FindShared();
        var texts = Questions(shared);
        var megabytes = texts.Sum(Encoding.UTF8.GetByteCount) / 1e6;
        Console.WriteLine($"{texts.Length} texts, {megabytes:F2} MB, best of {Rounds} rounds on one thread; "
            + "Microsoft's is BpeTokenizer, with * TiktokenTokenizer");
        Console.WriteLine($"{"tokenizer",-18} {"Reft",10} {"Microsoft",10} {"ratio",6}   golden ids: Reft, Microsoft");
        foreach (var name in Names)
        {
            var folder = Path.Combine(shared, "golden", "tokenizers", name.TrimEnd('*'));
            var ours = Tokenizer.Load(folder);
            var theirs = MakeTheirs(name, folder);
            var ourSpeed = megabytes / Seconds(texts, text => ours.Encode(text, addSpecialTokens: false).Length);
            var theirSpeed = theirs is null ? double.NaN
                : megabytes / Seconds(texts, text => theirs.EncodeToIds(text).Count);
            var (ourHits, theirHits, count) = CountGolden(folder, ours, theirs);
            Console.WriteLine($"{name,-18} {ourSpeed,7:F1} MB/s {theirSpeed,7:F1} MB/s {ourSpeed / theirSpeed,6:F2}   "
                + $"{ourHits}/{count}, {(theirs is null ? "-" : $"{theirHits}/{count}")}");
        }

        MeasureLongWord(shared);
    }

    private static void MeasureLongWord(string shared)
    {
        var random = new Random(1);
        var word = string.Concat(Enumerable.Range(0, 100_000).Select(_ => (char)('a' + random.Next(26))));
        foreach (var name in new[] { "llama2-hf", "qwen3-hf" })
        {
            var tokenizer = Tokenizer.Load(Path.Combine(shared, "golden", "tokenizers", name));
            var watch = Stopwatch.StartNew();
            var count = tokenizer.Encode(word, addSpecialTokens: false).Length;
            Console.WriteLine($"{name}: a word of 100,000 letters, {count} tokens, {watch.ElapsedMilliseconds} ms");
        }

        using var folder = new TemporaryFolder();
        var texts = Questions(shared);
        var training = Stopwatch.StartNew();
        BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = 4096 + 257 }, folder.Path);
        Console.WriteLine($"training 4,096 merges on {texts.Sum(text => text.Length) / 1e6:F2} MB: {training.ElapsedMilliseconds} ms");
    }

    private static double Seconds(string[] texts, Func<string, int> encode)
    {
        var best = double.MaxValue;
        // Once without a watch, for the just-in-time compiler.
        GC.KeepAlive(texts.Sum(encode));
        for (var round = 0; round < Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            var tokens = texts.Sum(encode);
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
            GC.KeepAlive(tokens);
        }

        return best;
    }

    private static (int Ours, int Theirs, int Count) CountGolden(
        string folder, Tokenizer ours, Microsoft.ML.Tokenizers.Tokenizer? theirs)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        var (ourHits, theirHits, count) = (0, 0, 0);
        foreach (var golden in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = golden.GetProperty("text").GetString() ?? "";
            var ids = golden.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            count++;
            ourHits += ours.Encode(text, addSpecialTokens: false).SequenceEqual(ids) ? 1 : 0;
            theirHits += theirs is not null && theirs.EncodeToIds(text).SequenceEqual(ids) ? 1 : 0;
        }

        return (ourHits, theirHits, count);
    }

    /// <summary>Their tokenizer for the same vocabulary; null where they have none without a SentencePiece model file.</summary>
    private static Microsoft.ML.Tokenizers.Tokenizer? MakeTheirs(string name, string folder)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "tokenizer.json")))
            ?? throw new InvalidDataException("tokenizer.json is null");
        var added = root["added_tokens"]!.AsArray().ToDictionary(token => (string)token!["content"]!, token => (int)token!["id"]!);
        var vocabulary = root["model"]!["vocab"]!.AsObject().Select(pair => KeyValuePair.Create(pair.Key, (int)pair.Value!));
        var merges = root["model"]!["merges"]!.AsArray().Select(merge =>
            merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!);
        if (name is "llama2-hf" or "tinystories-656k")
        {
            return null;
        }

        var pattern = root["pre_tokenizer"]!["pretokenizers"]?.AsArray()
            .Select(step => (string?)step!["pattern"]?["Regex"]).FirstOrDefault(regex => regex is not null);
        if (name.EndsWith('*'))
        {
            var ranks = string.Join('\n', vocabulary.Select(pair => $"{Convert.ToBase64String(BytesOf(pair.Key))} {pair.Value}"));
            return TiktokenTokenizer.Create(
                new MemoryStream(Encoding.ASCII.GetBytes(ranks)),
                new RegexPreTokenizer(new(pattern!, System.Text.RegularExpressions.RegexOptions.Compiled), added),
                normalizer: null,
                added);
        }

        return BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = merges,
            ByteLevel = true,
            SpecialTokens = added,
            PreTokenizer = pattern is null || name == "galactica"
                ? RobertaPreTokenizer.Instance
                : new RegexPreTokenizer(new(pattern, System.Text.RegularExpressions.RegexOptions.Compiled), added),
        });
    }

    private static byte[] BytesOf(string token) => Array.ConvertAll(
        token.ToCharArray(), unit => (byte)Enumerable.Range(0, 256).First(b => Reft.Text.Bpe.ByteAlphabet.Character((byte)b) == unit));

    private static string[] Questions(string shared)
    {
        var file = Path.Combine(shared, "data", "gsm8k", "train.jsonl");
        if (!File.Exists(file))
        {
            return [.. Enumerable.Range(0, 7000).Select(i => $"Natalia sold {i} clips to {i * 7 % 50} of her friends, "
                + $"and then she sold half as many in May. How many clips did she sell in total? It's ${i}.50 each.")];
        }

        return [.. File.ReadLines(file).Select(line => (string)JsonNode.Parse(line)!["question"]!)];
    }

    private static string FindShared()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "golden")))
            {
                return shared;
            }
        }

        throw new DirectoryNotFoundException("The folder shared, with the golden tokenizers, is not beside the checkout.");
    }
}
