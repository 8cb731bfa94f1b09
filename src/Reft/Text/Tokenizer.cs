namespace Reft.Text;

/// <summary>
/// Turns text into a model's tokens and back, exactly as Hugging Face's fast tokenizers do. Thread-safe.
/// </summary>
public sealed class Tokenizer
{
    private readonly Pipeline _pipeline;

    private Tokenizer(Pipeline pipeline, string folder, Func<string, string?> special)
    {
        _pipeline = pipeline;
        Files = TokenizerFiles.In(folder);
        VocabularySize = pipeline.Model.Vocabulary.Count
            + pipeline.Added.Tokens.Count(token => pipeline.Model.Vocabulary.Id(token.Content) < 0);
        BosId = Id("bos_token");
        EosId = Id("eos_token");
        PadId = Id("pad_token");
        UnkId = Id("unk_token");

        int? Id(string key) => special(key) is { } content ? pipeline.Id(content) : null;
    }

    /// <summary>How many tokens there are, added ones included.</summary>
    public int VocabularySize { get; }

    /// <summary>The token that begins a text; null when the tokenizer's files name none.</summary>
    public int? BosId { get; }

    /// <summary>The token that ends a text; null when the tokenizer's files name none.</summary>
    public int? EosId { get; }

    /// <summary>The token that fills rows up; null when the tokenizer's files name none.</summary>
    public int? PadId { get; }

    /// <summary>The token for what is not in the vocabulary; null when the tokenizer's files name none.</summary>
    public int? UnkId { get; }

    /// <summary>The paths of the tokenizer's files, which a saved model carries along.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>
    /// Loads a tokenizer from a folder that holds tokenizer.json, or else vocab.json and merges.txt; or from the path of
    /// a tokenizer.json.
    /// </summary>
    /// <exception cref="InputException">A file is missing, damaged, or asks for what is not supported.</exception>
    public static Tokenizer Load(string folderOrFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(folderOrFile);
        var isFile = File.Exists(folderOrFile);
        var folder = isFile ? Path.GetDirectoryName(Path.GetFullPath(folderOrFile)) ?? "." : folderOrFile;
        var json = isFile ? folderOrFile : Path.Combine(folder, TokenizerFiles.Tokenizer);
        if (!isFile && !Directory.Exists(folder))
        {
            throw new InputException(
                $"{OneLine.Of(folderOrFile)}: no such file or folder; give a folder with {TokenizerFiles.Tokenizer}, or that file");
        }

        using var names = new SpecialTokenNames(folder);
        if (File.Exists(json))
        {
            return new Tokenizer(TokenizerJson.Read(json, names), folder, names.Content);
        }

        TokenizerClasses.RefuseOthers(folder, names);
        foreach (var file in new[] { TokenizerFiles.Vocabulary, TokenizerFiles.Merges })
        {
            if (!File.Exists(Path.Combine(folder, file)))
            {
                throw new InputException($"{OneLine.Of(folder)}: has neither {TokenizerFiles.Tokenizer} nor {file}; "
                    + "copy the tokenizer's files from the model's source into it");
            }
        }

        return new Tokenizer(Gpt2Files.Read(folder, names), folder, key => Gpt2Files.Content(names, key));
    }

    /// <summary>
    /// The tokens of the text. A lone surrogate counts as U+FFFD. With <paramref name="addSpecialTokens"/> come the
    /// tokens that the tokenizer's post-processor puts around a text.
    /// </summary>
    public int[] Encode(string text, bool addSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _pipeline.Encode(text, addSpecialTokens);
    }

    /// <summary>
    /// The tokens of a text that is gone on from: what the tokenizer puts before a text is before it, what it puts behind one is not.
    /// </summary>
    public int[] EncodePrompt(string text) => [.. Opening, .. Encode(text, addSpecialTokens: false)];

    /// <summary>
    /// The tokens that stand before a text by itself: those of the post-processor of tokenizer.json, or of <c>add_bos_token</c> in
    /// tokenizer_config.json; mostly none, or the one that begins a text.
    /// </summary>
    public IReadOnlyList<int> Opening => _pipeline.Frame.Before;

    /// <summary>
    /// The text of the tokens. Bytes that are no UTF-8 become U+FFFD; ids that have no token are left out, as the
    /// reference does, for a model's embedding may have more rows than its tokenizer has tokens.
    /// </summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens) => _pipeline.Decode(ids, skipSpecialTokens);

    /// <summary>
    /// What a response adds to its prompt's text. A response must not be decoded by itself: decoders of the SentencePiece kind take
    /// its first token for the start of a text and drop a space.
    /// </summary>
    /// <param name="prompt">The tokens that the response goes on from; empty for none.</param>
    /// <param name="response">The response's tokens.</param>
    /// <param name="skipSpecialTokens">Whether special tokens have no text.</param>
    public string DecodeResponse(ReadOnlySpan<int> prompt, ReadOnlySpan<int> response, bool skipSpecialTokens = true) =>
        Continuation.Decode(_pipeline, prompt, response, skipSpecialTokens);

    /// <summary>
    /// The tokens of a text that goes on from the prompt's, such that <see cref="DecodeResponse"/> gives it back where the tokenizer
    /// can: without the space that SentencePiece puts before a text by itself.
    /// </summary>
    /// <param name="prompt">The tokens that the text goes on from.</param>
    /// <param name="text">The text.</param>
    public int[] EncodeResponse(ReadOnlySpan<int> prompt, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Continuation.Encode(_pipeline, prompt, text);
    }

    /// <summary>The token's id; null when the vocabulary lacks it.</summary>
    public int? TokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _pipeline.Id(token);
    }

    /// <summary>The token as the vocabulary spells it; null when the id has none.</summary>
    public string? IdToToken(int id) => _pipeline.Token(id);

    /// <summary>Whether the id is a special token, such as the end of a text.</summary>
    public bool IsSpecial(int id) => _pipeline.Added.Find(id) is { IsSpecial: true };

    /// <summary>A decoder that takes tokens one by one and gives text as soon as it is certain.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens have no text.</param>
    /// <param name="prompt">The tokens that the streamed ones go on from; empty where they begin a text.</param>
    internal StreamingDecoder Stream(bool skipSpecialTokens, ReadOnlySpan<int> prompt = default) => new(this, skipSpecialTokens, prompt);

    /// <summary>Copies the tokenizer's files into a folder, which is made if need be.</summary>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        TokenizerFiles.Copy(Files, folder);
    }
}
