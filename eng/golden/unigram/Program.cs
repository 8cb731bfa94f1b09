// Makes tests/Reft.Tests/Text/Golden/unigram.json: small Unigram tokenizers, and what Hugging Face's own tokenizers (Rust, by way of the package
// Tokenizers.DotNet) makes of many texts with them.
//     dotnet run -c Release --project eng/golden/unigram -- tests/Reft.Tests/Text/Golden/unigram.json
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using HuggingFace = Tokenizers.DotNet.Tokenizer;

string[] words =
[
    "▁the", "▁a", "▁apple", "apple", "s", "▁ap", "ple", "▁Tom", "▁has", "▁3", "▁12", "12", "3", "▁and", "and", "▁an", "an", "nd", "d", "▁sold", "sold",
    "▁", "▁▁", "t", "h", "e", "th", "he", "o", "m", "a", "p", "l", ".", ",", "?", "1", "2", "+", "=", "▁=", "▁+", "é", "▁é", "ü", "中", "文", "中文", "🙂", "_", "_a",
    "_the", "fi", "f", "i", "A", "\n", "▁-", "-", "n", "k", "u", "ing", "▁do", "do", "g", "▁doing", "ve", "v", "x",
];
(string From, string To)[] map =
[
    ("\u00a0", " "), ("\t", " "), ("\u3000", " "), ("ﬁ", "fi"), ("①", "1"), ("Ａ", "A"), ("e\u0301", "é"), ("½", "1/2"), ("\u200b", ""), ("…", "..."), ("ａ", "a"),
    ("\u0301", ""), ("㌔", "キロ"), ("Å", "Å"),
];
var charsmap = Convert.ToBase64String(Charsmap.Make(map));
string[] texts =
[
    "", " ", "  ", "a", " a", "a ", "Tom has 3 apples.", "  Tom  has   12 apples ", "the the\nthe", "\n\n", "doing", "doings and ands", "théé", "the\u0301 e\u0301e\u0301", "中文中",
    "中国", "🙂🙃🙂", "👩‍👩‍👧 and", "xyz", "xyzzy apple", "apple\tapple", "ﬁﬁ①Ａ", "½…", "\u200bthe\u200b", "\u00a0\u3000the", "</s>", "the</s> the", "a<unk>b", "<unk>", "the <unk> the", "<0x41>",
    "aaaaaaaaaaaaaaaa", "____a_the", "▁the", "▁▁▁", "1+1=2", "1 + 1 = 2", "Ünïcödé", "ab\u0301c", "\u0301", "a\u0301\u0301", "ＡａＡ", "🇩🇪🇫🇷", "각각", "é", "\r\nthe", "the.the,the?", "ap", "ple", "andand", "-- -", "㌔㌔ Å",
    "the quick brown fox jumps over the lazy dog", "\u0e01\u0e33 \u0e33", "नमस्ते", "a\0b", "\ufeffthe", "x\u200dx",
];
var cases = new JsonArray();
foreach (var (name, shape) in Shapes())
{
    var json = Tokenizer(shape);
    var path = Path.Combine(Path.GetTempPath(), $"unigram-{Environment.ProcessId}.json");
    File.WriteAllText(path, json.ToJsonString());
    using var reference = new HuggingFace(path) as IDisposable;
    var tokenizer = (HuggingFace)reference;
    var rows = new JsonArray();
    foreach (var text in texts)
    {
        var ids = tokenizer.Encode(text);
        rows.Add(new JsonObject
        {
            ["text"] = text, ["ids"] = new JsonArray([.. ids.Select(id => (JsonNode)(int)id)]), ["decoded"] = ids.Length == 0 ? "" : tokenizer.Decode(ids),
        });
    }

    cases.Add(new JsonObject { ["name"] = name, ["tokenizer"] = json, ["cases"] = rows });
    File.Delete(path);
}

File.WriteAllText(args[0], cases.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.Default }) + "\n");

IEnumerable<(string Name, string Shape)> Shapes()
{
    const string End = """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],"special_tokens":{"</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}}""";
    var precompiled = "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"" + charsmap + "\"}";
    yield return ("t5", Shape(
        precompiled, """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},""" + Metaspace("always", true) + "]}", Metaspace("always", true), End));
    foreach (var scheme in new[] { "always", "first", "never" })
    {
        foreach (var split in new[] { true, false })
        {
            yield return ($"metaspace {scheme} {split}", Shape("null", Metaspace(scheme, split), Metaspace(scheme, split), "null"));
        }
    }

    yield return ("underscore", Shape(precompiled, Metaspace("first", true, "_"), Metaspace("first", true, "_"), "null"));
    yield return ("bytes", Shape(
        """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", "null",
        """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}]}""", "null"));
    yield return ("albert", Shape(
        """{"type":"Sequence","normalizers":[{"type":"Nmt"},""" + precompiled + """,{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}""",
        Metaspace("always", true), Metaspace("always", true), "null"));
}

static string Shape(string normalizer, string preTokenizer, string decoder, string postProcessor) =>
    $"\"normalizer\":{normalizer},\"pre_tokenizer\":{preTokenizer},\"decoder\":{decoder},\"post_processor\":{postProcessor}";

static string Metaspace(string scheme, bool split, string with = "▁") =>
    "{\"type\":\"Metaspace\",\"replacement\":\"" + with + "\",\"prepend_scheme\":\"" + scheme + "\",\"split\":" + (split ? "true" : "false") + "}";

JsonObject Tokenizer(string shape)
{
    var bytes = shape.Contains("ByteFallback", StringComparison.Ordinal);
    var pieces = new List<(string Token, double Score)> { ("<pad>", 0), ("</s>", 0), ("<unk>", 0) };
    if (bytes)
    {
        pieces.AddRange(Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0.0)));
    }

    // Scores as a model of words might have them: long pieces are dear, but cheaper than their parts; some are equal.
    pieces.AddRange(words.Select((word, i) => (word, -3.0 - (0.37 * (i % 11)) - (0.5 * word.Length))));
    var vocabulary = string.Join(',', pieces.Select(piece => JsonSerializer.Serialize(new object[] { piece.Token, piece.Score })));
    var added = string.Join(',', pieces.Take(3).Select((piece, id) => JsonSerializer.Serialize(
        new { id, content = piece.Token, single_word = false, lstrip = false, rstrip = false, normalized = false, special = true })));
    return JsonNode.Parse(
        "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[" + added + "]," + shape
        + ",\"model\":{\"type\":\"Unigram\",\"unk_id\":2,\"byte_fallback\":" + (bytes ? "true" : "false") + ",\"vocab\":[" + vocabulary + "]}}")!.AsObject();
}

/// <summary>SentencePiece's map of characters: a double array of UTF-8 keys, and the texts that they become, each ended by a zero.</summary>
internal static class Charsmap
{
    public static byte[] Make((string From, string To)[] map)
    {
        var texts = new List<byte>();
        var root = new Node();
        foreach (var (from, to) in map)
        {
            var node = root;
            foreach (var value in Encoding.UTF8.GetBytes(from))
            {
                node = node.Children.TryGetValue(value, out var next) ? next : node.Children[value] = new Node();
            }

            node.Value = texts.Count;
            texts.AddRange([.. Encoding.UTF8.GetBytes(to), 0]);
        }

        var units = new uint[1 << 12];
        var taken = new bool[units.Length];
        taken[0] = true;
        Place(root, 0, units, taken);
        var size = units.Length * sizeof(uint);
        return [.. BitConverter.GetBytes(size), .. units.SelectMany(BitConverter.GetBytes), .. texts];
    }

    private static void Place(Node node, int at, uint[] units, bool[] taken)
    {
        byte[] labels = [.. node.Value is null ? Array.Empty<byte>() : [0], .. node.Children.Keys];
        var start = Enumerable.Range(1, units.Length - 257).First(b => labels.All(label => !taken[b ^ label]));
        units[at] |= (uint)(at ^ start) << 10 | (node.Value is null ? 0u : 1u << 8);
        foreach (var label in labels)
        {
            taken[start ^ label] = true;
        }

        if (node.Value is { } value)
        {
            units[start] = (uint)value | 1u << 31;
        }

        foreach (var (label, child) in node.Children)
        {
            units[start ^ label] = label;
        }

        foreach (var (label, child) in node.Children)
        {
            Place(child, start ^ label, units, taken);
        }
    }

    private sealed class Node
    {
        public SortedDictionary<byte, Node> Children { get; } = [];

        public int? Value { get; set; }
    }
}
