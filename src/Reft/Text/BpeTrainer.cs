using System.Runtime.InteropServices;
using Reft.Text.Bpe;
using Reft.Text.Patterns;
using Reft.Text.PreTokenizers;

namespace Reft.Text;

/// <summary>
/// Trains a byte-level BPE tokenizer on texts and writes the files that Hugging Face's libraries load. The same texts in
/// the same order give the same files.
/// </summary>
internal static class BpeTrainer
{
    /// <summary>
    /// Trains, writes tokenizer.json, tokenizer_config.json and special_tokens_map.json into the folder, and loads them.
    /// </summary>
    /// <exception cref="InputException">An option is wrong.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, BpeTrainerOptions options, string folder)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Whole.Of(options, "tokenizer");
        var words = CountWords(texts, options.SplitsDigits);
        var tokens = Alphabet(options);
        var merges = new PairLearner(words, tokens).Learn(options.VocabularySize, options.MinimumFrequency);
        TrainedFiles.Write(folder, tokens, merges, options);
        return Tokenizer.Load(folder);
    }

    /// <summary>The special tokens and behind them the bytes in order of their value.</summary>
    private static List<string> Alphabet(BpeTrainerOptions options)
    {
        var tokens = new List<string>(options.SpecialTokens);
        for (var value = 0; value <= byte.MaxValue; value++)
        {
            tokens.Add(ByteAlphabet.Character((byte)value).ToString());
        }

        return tokens;
    }

    private static Dictionary<string, int> CountWords(IEnumerable<string> texts, bool splitsDigits)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var digits = new CharacterPattern(CharacterClasses.IsNumeric);
        var scanner = new Gpt2Scanner();
        var pieces = new Pieces();
        foreach (var text in texts.Where(text => text.Length > 0))
        {
            pieces.Reset(WellFormedText.From(text), startsInput: true);
            if (splitsDigits)
            {
                pieces.Split(digits, SplitBehavior.Isolated);
            }

            pieces.Split(scanner, SplitBehavior.Isolated);
            foreach (var range in pieces.Ranges)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(lookup, pieces.Text.AsSpan(range.Start, range.Length), out _)++;
            }
        }

        return counts;
    }
}
