namespace Reft.Serving;

/// <summary>Lets a growing text through up to the first of some texts, and holds back what may be the beginning of one.</summary>
/// <param name="stops">The texts; none is empty.</param>
internal sealed class StopTexts(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether one has been seen: the text ends before it.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes what the text has grown by, and returns what is certain to stay.</summary>
    public string Append(string text)
    {
        if (IsStopped)
        {
            return "";
        }

        _held += text;
        var at = stops.Select(stop => _held.IndexOf(stop, StringComparison.Ordinal)).Where(place => place >= 0).DefaultIfEmpty(-1).Min();
        IsStopped = at >= 0;
        return Give(IsStopped ? at : _held.Length - Open());
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Finish() => IsStopped ? "" : Give(_held.Length);

    /// <summary>How much of the end may be the beginning of a stop text.</summary>
    private int Open()
    {
        var longest = 0;
        foreach (var stop in stops)
        {
            for (var length = Math.Min(stop.Length - 1, _held.Length); length > longest; length--)
            {
                if (_held.EndsWith(stop[..length], StringComparison.Ordinal))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }

    private string Give(int count)
    {
        var given = _held[..count];
        _held = IsStopped ? "" : _held[count..];
        return given;
    }
}
