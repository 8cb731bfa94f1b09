using System.Runtime.InteropServices;
using System.Text;
using Reft.Text.Bpe;
using Reft.Text.Patterns;

namespace Reft.Text.PreTokenizers;

/// <summary>A stretch of text and the pieces that it has been split into so far. No piece is empty.</summary>
internal sealed class Pieces
{
    private readonly List<TextRange> _matches = [];
    private List<TextRange> _ranges = [];
    private List<TextRange> _next = [];
    private bool _startsInput;

    public string Text { get; private set; } = "";

    /// <summary>Whether the pieces still have to be written in the byte alphabet before a vocabulary knows them.</summary>
    public bool AreBytes { get; private set; }

    public ReadOnlySpan<TextRange> Ranges => CollectionsMarshal.AsSpan(_ranges);

    /// <summary>Starts over with one piece.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="startsInput">Whether it stands at the very start of what is encoded.</param>
    public void Reset(string text, bool startsInput)
    {
        Text = text;
        AreBytes = false;
        _startsInput = startsInput;
        _ranges.Clear();
        _ranges.Add(new TextRange(0, text.Length));
    }

    /// <summary>Declares that the pieces' bytes are what the vocabulary knows.</summary>
    public void UseBytes()
    {
        WriteBytes();
        AreBytes = true;
    }

    /// <summary>Splits each piece at the matches, or with <paramref name="inverts"/> at what lies between them.</summary>
    public void Split(IPattern pattern, SplitBehavior behavior, bool inverts = false)
    {
        WriteBytes();
        _next.Clear();
        foreach (var range in Ranges)
        {
            _matches.Clear();
            pattern.Find(Text.AsSpan(range.Start, range.Length), _matches);
            var joiner = new PieceJoiner(_next, behavior);
            var position = 0;
            foreach (var match in _matches)
            {
                joiner.Add(range.Start + position, match.Start - position, isMatch: inverts);
                joiner.Add(range.Start + match.Start, match.Length, isMatch: !inverts);
                position = match.End;
            }

            joiner.Add(range.Start + position, range.Length - position, isMatch: inverts);
        }

        (_ranges, _next) = (_next, _ranges);
    }

    /// <summary>Rewrites each piece; the function is told whether the piece stands at the very start of the input.</summary>
    public void Rewrite(Func<string, bool, string> rewrite)
    {
        WriteBytes();
        var builder = new StringBuilder(Text.Length);
        _next.Clear();
        foreach (var range in Ranges)
        {
            var start = builder.Length;
            builder.Append(rewrite(Text.Substring(range.Start, range.Length), _startsInput && range.Start == 0));
            if (builder.Length > start)
            {
                _next.Add(new TextRange(start, builder.Length - start));
            }
        }

        _startsInput = _startsInput && _ranges.Count > 0 && _ranges[0].Start == 0;
        Text = builder.ToString();
        (_ranges, _next) = (_next, _ranges);
    }

    private void WriteBytes()
    {
        if (AreBytes)
        {
            AreBytes = false;
            Rewrite((piece, _) => ByteAlphabet.Encode(piece));
        }
    }
}
