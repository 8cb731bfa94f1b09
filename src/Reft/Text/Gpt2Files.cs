using System.Text.Json;
using Reft.Text.Added;
using Reft.Text.Bpe;
using Reft.Text.Decoders;
using Reft.Text.PostProcessors;
using Reft.Text.PreTokenizers;

namespace Reft.Text;

/// <summary>
/// Reads vocab.json and merges.txt: the byte-level tokenizer that Transformers' GPT2TokenizerFast makes of them, with
/// the special tokens of tokenizer_config.json, special_tokens_map.json and added_tokens.json.
/// </summary>
internal static class Gpt2Files
{
    /// <summary>What GPT2TokenizerFast takes for the first, last and unknown token when nothing names them.</summary>
    public const string DefaultSpecialToken = "<|endoftext|>";

    private static readonly string[] SpecialKeys =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly string[] KeysWithDefault = ["bos_token", "eos_token", "unk_token"];

    public static Pipeline Read(string folder, SpecialTokenNames names)
    {
        var model = ReadModel(folder);
        var isQwen = TokenizerClasses.IsQwen2(names);
        var added = new AddedTokenList(model.Vocabulary, isQwen ? TokenizerClasses.OfQwen2().Normalizer : null, Path.Combine(folder, TokenizerFiles.Vocabulary));
        AddListed(folder, names, added);
        AddSpecial(names, added, model.Vocabulary);
        var vocabulary = added.Finish();
        if (TokenizerClasses.IsQwen2(names))
        {
            var (form, splitter) = TokenizerClasses.OfQwen2();
            return new Pipeline(model, vocabulary) { Normalizer = form, PreTokenizer = splitter, Decoder = new ByteLevelDecoder() };
        }

        return new Pipeline(model, vocabulary)
        {
            PreTokenizer = new ByteLevelPreTokenizer(
                names.Find("add_prefix_space")?.Element.ValueKind == JsonValueKind.True, splits: true),
            Frame = Frame(names, vocabulary, model.Vocabulary),
            Decoder = new ByteLevelDecoder(),
        };
    }

    /// <summary>The content under one of the special keys, with GPT-2's own default; null when there is none.</summary>
    public static string? Content(SpecialTokenNames names, string key)
        => names.Content(key) ?? (KeysWithDefault.Contains(key) && !names.Mentions(key) ? DefaultSpecialToken : null);

    private static BpeModel ReadModel(string folder)
    {
        var vocabularyPath = Path.Combine(folder, TokenizerFiles.Vocabulary);
        using var document = JsonFile.Open(vocabularyPath);
        var root = JsonFile.Root(document, vocabularyPath);
        var vocabulary = BpeReader.ReadVocabulary(new JsonPart(vocabularyPath, "the file", root.Element));
        var mergesPath = Path.Combine(folder, TokenizerFiles.Merges);
        return BpeBuilder.Build(vocabulary, new BpeOptions(), ReadMerges(mergesPath), "merge ", mergesPath);
    }

    private static IEnumerable<MergePair> ReadMerges(string path)
    {
        var number = 0;
        foreach (var line in InputFile.Guarded(path, () => File.ReadAllLines(path)))
        {
            number++;
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal))
            {
                continue;
            }

            yield return MergePair.Parse(line) ?? throw new InputException(
                $"{OneLine.Of(path)}: line {number} is {OneLine.Quote(line)}, expected two tokens with one space between them; "
                + "take the file from the model's source again");
        }
    }

    private static void AddListed(string folder, SpecialTokenNames names, AddedTokenList added)
    {
        if (names.Find("added_tokens_decoder") is { } decoder)
        {
            foreach (var entry in decoder.Element.EnumerateObject())
            {
                var part = new JsonPart(decoder.File, $"{decoder.Path}.{entry.Name}", entry.Value);
                var id = int.TryParse(entry.Name, out var parsed) ? parsed : throw part.Unexpected("an id as its key");
                added.Add(AddedTokenList.ReadFlags(part, id, part.Text("content"), isSpecial: false));
            }
        }

        var path = Path.Combine(folder, TokenizerFiles.AddedTokens);
        if (!File.Exists(path))
        {
            return;
        }

        using var document = JsonFile.Open(path);
        foreach (var entry in JsonFile.Root(document, path).Element.EnumerateObject())
        {
            if (!added.Contains(entry.Name))
            {
                var id = new JsonPart(path, entry.Name, entry.Value).AsInteger();
                added.Add(new AddedToken(id, entry.Name) { IsNormalized = true });
            }
        }
    }

    private static void AddSpecial(SpecialTokenNames names, AddedTokenList added, BpeVocabulary vocabulary)
    {
        foreach (var key in SpecialKeys)
        {
            if (Content(names, key) is { } content)
            {
                Add(names.Find(key), content);
            }
        }

        foreach (var item in names.Find("additional_special_tokens")?.Items() ?? [])
        {
            Add(item, SpecialTokenNames.ContentOf(item));
        }

        void Add(JsonPart? part, string content)
        {
            var known = vocabulary.Id(content);
            var token = part is { Element.ValueKind: JsonValueKind.Object } flags
                ? AddedTokenList.ReadFlags(flags, known, content, isSpecial: true) with { IsSpecial = true }
                : new AddedToken(known, content) { IsSpecial = true };
            if (!added.Contains(content))
            {
                added.Add(known >= 0 ? token : token with { Id = added.FreeId });
            }
        }
    }

    private static SpecialTokenFrame Frame(SpecialTokenNames names, AddedVocabulary added, BpeVocabulary vocabulary)
    {
        var adds = names.Find("add_bos_token")?.Element.ValueKind == JsonValueKind.True;
        if (!adds || Content(names, "bos_token") is not { } content)
        {
            return SpecialTokenFrame.None;
        }

        var id = added.Id(content) is >= 0 and var own ? own : vocabulary.Id(content);
        return new SpecialTokenFrame([id], []);
    }
}
