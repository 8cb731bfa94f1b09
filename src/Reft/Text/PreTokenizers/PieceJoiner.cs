using Reft.Text.Patterns;

namespace Reft.Text.PreTokenizers;

/// <summary>Takes matches and what lies between them, in order, and makes pieces of them as a behavior says.</summary>
internal struct PieceJoiner(List<TextRange> pieces, SplitBehavior behavior)
{
    private readonly int _first = pieces.Count;
    private bool _lastIsMatch;

    /// <summary>Adds the next stretch; an empty one is ignored.</summary>
    public void Add(int start, int length, bool isMatch)
    {
        if (length == 0)
        {
            return;
        }

        var joins = pieces.Count > _first && behavior switch
        {
            SplitBehavior.Contiguous => isMatch == _lastIsMatch,
            SplitBehavior.MergedWithPrevious => isMatch && !_lastIsMatch,
            SplitBehavior.MergedWithNext => !isMatch && _lastIsMatch,
            _ => false,
        };
        _lastIsMatch = isMatch;
        if (joins)
        {
            var last = pieces[^1];
            pieces[^1] = last with { Length = last.Length + length };
        }
        else if (!isMatch || behavior != SplitBehavior.Removed)
        {
            pieces.Add(new TextRange(start, length));
        }
    }
}
