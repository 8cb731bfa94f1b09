using System.Text;
using Reft.Text;

namespace Reft.Server;

/// <summary>The texts of single tokens, each behind those before it.</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="prompt">The prompt.</param>
internal sealed class TokenTexts(Tokenizer tokenizer, int[] prompt)
{
    private int _last = prompt[^1];

    /// <summary>How many characters the tokens so far have.</summary>
    public int Offset { get; private set; }

    /// <summary>The text that a token would add.</summary>
    public string Of(int token) => tokenizer.DecodeResponse([_last], [token], skipSpecialTokens: false);

    /// <summary>Goes on behind a token.</summary>
    public void Add(int token)
    {
        Offset += Of(token).Length;
        _last = token;
    }

    /// <summary>A text's bytes; null for a part of a character, which has no text of its own.</summary>
    public static byte[]? Bytes(string text) => text.Contains('\uFFFD', StringComparison.Ordinal) ? null : Encoding.UTF8.GetBytes(text);
}
