using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using Tokenizer = Reft.Text.Tokenizer;

namespace Reft.Tests.Text;

/// <summary>The same ids as Microsoft.ML.Tokenizers, where that agrees with the reference.</summary>
public sealed class OtherTokenizerTests
{
    [Fact]
    public void Encode_Llama3_GivesTheIdsOfTiktoken()
    {
        var folder = SharedData.Require("golden", "tokenizers", "llama3-hf");
        var ours = Tokenizer.Load(folder);
        var theirs = MakeTiktoken(Path.Combine(folder, "tokenizer.json"));
        var random = new Random(4);

        for (var i = 0; i < 5_000; i++)
        {
            // .NET's regular expressions split surrogate pairs, and do not fold the long s.
            var text = string.Concat(RandomText.Make(random, 1 + (i % 60)).Where(unit => !char.IsSurrogate(unit) && unit != '\u017F'));
            Assert.Equal(theirs.EncodeToIds(text), ours.Encode(text, addSpecialTokens: false));
        }
    }

    private static TiktokenTokenizer MakeTiktoken(string path)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        var bytes = ByteOfCharacter();
        var lines = root["model"]!["vocab"]!.AsObject().Select(token =>
            $"{Convert.ToBase64String([.. token.Key.Select(unit => bytes[unit])])} {(int)token.Value!}");
        var regex = (string)root["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"]!;
        return TiktokenTokenizer.Create(
            new MemoryStream(Encoding.ASCII.GetBytes(string.Join('\n', lines))),
            new RegexPreTokenizer(new Regex(regex), specialTokens: null),
            normalizer: null);
    }

    /// <summary>Printable Latin-1 stands for itself, the other bytes for U+0100 and on.</summary>
    private static Dictionary<char, byte> ByteOfCharacter()
    {
        var substitute = 256;
        return Enumerable.Range(0, 256).ToDictionary(
            value => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174 ? (char)value : (char)substitute++,
            value => (byte)value);
    }
}
