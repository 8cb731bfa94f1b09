using System.Text.Json;
using Reft.Text.Normalizers;
using Reft.Text.Patterns;
using Reft.Text.PreTokenizers;

namespace Reft.Text;

/// <summary>What <c>tokenizer_class</c> makes of vocab.json and merges.txt, where a folder has no tokenizer.json.</summary>
internal static class TokenizerClasses
{
    private const string Convert = "make a tokenizer.json of it where Transformers is at hand: "
        + "python -c \"from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('FOLDER').save_pretrained('FOLDER')\"";

    private static readonly string[] Gpt2 = ["GPT2Tokenizer", "CodeGenTokenizer", "GPTNeoXTokenizer", "PreTrainedTokenizer"];
    private static readonly string[] Qwen2 = ["Qwen2Tokenizer"];

    /// <summary>The class that the files name, without Fast; null if they name none.</summary>
    public static string? Name(SpecialTokenNames names) =>
        names.Find("tokenizer_class") is { Element.ValueKind: JsonValueKind.String } part
            ? part.AsText() is var text && text.EndsWith("Fast", StringComparison.Ordinal) ? text[..^4] : text
            : null;

    /// <summary>Whether the files are read as Qwen 2's tokenizer reads them.</summary>
    public static bool IsQwen2(SpecialTokenNames names) => Qwen2.Contains(Name(names));

    /// <summary>Qwen 2's normalizer and pre-tokenizer: composed characters, digits one by one, words with what stands before them.</summary>
    public static (INormalizer Normalizer, IPreTokenizer PreTokenizer) OfQwen2() => (
        new UnicodeForm(decomposesOnly: false, compatible: false),
        new PreTokenizerSequence(
        [
            new SplitPreTokenizer(KnownPatterns.Find(KnownPatterns.Qwen2)!, SplitBehavior.Isolated), // It is known.
            new ByteLevelPreTokenizer(addsPrefixSpace: false, splits: false),
        ]));

    /// <summary>Refuses folders whose tokenizer is of another kind, by its name and with the way out.</summary>
    /// <exception cref="InputException">The files are those of another tokenizer.</exception>
    public static void RefuseOthers(string folder, SpecialTokenNames names)
    {
        var name = Name(names);
        var called = name is null ? "" : $" of class {OneLine.Of(name, 60)}";
        if (name is not null && (Gpt2.Contains(name) || Qwen2.Contains(name)))
        {
            return;
        }

        var (file, what) = Has("tekken.json") ? ("tekken.json", "Mistral's tokenizer")
            : Has("tokenizer.model") ? ("tokenizer.model", "a SentencePiece or tiktoken tokenizer")
            : Has("vocab.txt") ? ("vocab.txt", "a WordPiece tokenizer, which models that write text do not have,")
            : Has(TokenizerFiles.Vocabulary) && name is not null ? (TokenizerFiles.Vocabulary, "a tokenizer")
            : (null, "");
        if (file is not null)
        {
            throw new InputException(
                $"{OneLine.Of(folder)}: has {file}, {what}{called}, and no {TokenizerFiles.Tokenizer}, which Reft reads; {Convert}");
        }

        bool Has(string name) => File.Exists(Path.Combine(folder, name));
    }
}
