using System.Runtime.InteropServices;

namespace Reft.Text;

/// <summary>
/// Decodes tokens one by one and gives out text that later tokens do not change: never half a character. The texts
/// together are <see cref="Tokenizer.DecodeResponse"/> of all tokens, unless the tokens hold bytes that are no UTF-8.
/// Not thread-safe.
/// </summary>
internal sealed class StreamingDecoder
{
    private const char Replacement = '\uFFFD';

    /// <summary>A character has at most four bytes; what is still broken after so many tokens stays broken.</summary>
    private const int LongestWait = 8;

    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;

    /// <summary>The latest tokens: those of the previous text, which the next ones are decoded together with, and new ones.</summary>
    private readonly List<int> _window = [];

    private int _given;

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens, ReadOnlySpan<int> prompt)
    {
        _window.AddRange(prompt);
        _given = prompt.Length;
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
    }

    /// <summary>Takes the next token and returns the text that has become certain, often none.</summary>
    public string Append(int id)
    {
        _window.Add(id);
        var before = Decode(_given);
        var now = Decode(_window.Count);
        var isWhole = now.Length > before.Length && now[^1] != Replacement;
        return isWhole || _window.Count - _given >= LongestWait ? Give(before, now) : "";
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Finish()
    {
        var text = Give(Decode(_given), Decode(_window.Count));
        _window.Clear();
        _given = 0;
        return text;
    }

    private string Give(string before, string now)
    {
        var text = now.Length > before.Length ? now[before.Length..] : "";
        if (text.Length > 0)
        {
            // A window that began with tokens of no text would take the next one for the start of the whole text.
            _window.RemoveRange(0, _given);
        }

        _given = _window.Count;
        return text;
    }

    private string Decode(int count)
        => _tokenizer.Decode(CollectionsMarshal.AsSpan(_window)[..count], _skipSpecialTokens);
}
