using Reft.Text.Bpe;

namespace Reft.Text;

/// <summary>Turns pieces of text into tokens. Thread-safe.</summary>
internal interface ITokenModel
{
    /// <summary>The tokens and their ids.</summary>
    BpeVocabulary Vocabulary { get; }

    /// <summary>Adds the tokens of a piece.</summary>
    /// <param name="piece">Well-formed UTF-16.</param>
    /// <param name="asBytes">Whether the vocabulary's characters stand for the piece's UTF-8 bytes.</param>
    /// <param name="tokens">The list to add to.</param>
    void Encode(ReadOnlySpan<char> piece, bool asBytes, List<int> tokens);
}
