using System.Buffers;
using System.Collections;
using System.Text;

namespace Reft.Text.Normalizers;

/// <summary>The normalization forms NFC, NFD, NFKC and NFKD by the tables of Unicode 9.0 (UAX #15).</summary>
internal sealed class UnicodeForm : INormalizer
{
    private const int FirstMark = 0x300;

    private readonly bool _decomposesOnly;
    private readonly bool _compatible;

    /// <summary>For each UTF-16 unit: true when it stays as it is after whatever stands before it.</summary>
    private readonly BitArray _stable = new(char.MaxValue + 1);

    private readonly SearchValues<char> _alwaysStable;

    public UnicodeForm(bool decomposesOnly, bool compatible)
    {
        _decomposesOnly = decomposesOnly;
        _compatible = compatible;
        var buffer = new List<int>();
        for (var unit = 0; unit <= char.MaxValue; unit++)
        {
            _stable[unit] = !char.IsSurrogate((char)unit) && IsStable(unit, buffer);
        }

        // The combining marks begin at U+0300: text of stable units below it has nothing to do.
        _alwaysStable = SearchValues.Create(
            [.. Enumerable.Range(0, FirstMark).Where(unit => _stable[unit]).Select(unit => (char)unit)]);
    }

    public string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(_alwaysStable))
        {
            return text;
        }

        var builder = new StringBuilder(text.Length);
        var codePoints = new List<int>();
        var position = 0;
        while (position < text.Length)
        {
            var stop = SegmentEnd(text, position);
            if (stop == position + 1 && _stable[text[position]])
            {
                builder.Append(text[position]);
            }
            else
            {
                AppendSegment(text.AsSpan(position, stop - position), codePoints, builder);
            }

            position = stop;
        }

        return builder.ToString();
    }

    /// <summary>A segment is one unit of any kind and the unstable ones after it.</summary>
    private int SegmentEnd(string text, int start)
    {
        var stop = start + 1;
        while (stop < text.Length && !_stable[text[stop]])
        {
            stop++;
        }

        return stop;
    }

    private void AppendSegment(ReadOnlySpan<char> segment, List<int> codePoints, StringBuilder target)
    {
        codePoints.Clear();
        foreach (var rune in segment.EnumerateRunes())
        {
            Decompose(rune.Value, codePoints);
        }

        SortMarks(codePoints);
        if (!_decomposesOnly)
        {
            Compose(codePoints);
        }

        foreach (var codePoint in codePoints)
        {
            target.Append(new Rune(codePoint).ToString());
        }
    }

    private bool IsStable(int codePoint, List<int> buffer)
    {
        if (UnicodeData.Default.CombiningClass(codePoint) != 0
            || (!_decomposesOnly && UnicodeData.Default.CanFollow(codePoint)))
        {
            return false;
        }

        buffer.Clear();
        Decompose(codePoint, buffer);
        if (!_decomposesOnly)
        {
            Compose(buffer);
        }

        return buffer.Count == 1 && buffer[0] == codePoint;
    }

    private void Decompose(int codePoint, List<int> target)
    {
        if (Hangul.IsSyllable(codePoint))
        {
            Hangul.Decompose(codePoint, target);
        }
        else if (UnicodeData.Default.Decomposition(codePoint, _compatible) is { } mapping)
        {
            foreach (var part in mapping)
            {
                Decompose(part, target);
            }
        }
        else
        {
            target.Add(codePoint);
        }
    }

    /// <summary>Sorts each run of non-starters by combining class, keeping the order of equals.</summary>
    private static void SortMarks(List<int> codePoints)
    {
        for (var i = 1; i < codePoints.Count; i++)
        {
            var current = codePoints[i];
            var currentClass = UnicodeData.Default.CombiningClass(current);
            var j = i;
            while (currentClass != 0 && j > 0
                && UnicodeData.Default.CombiningClass(codePoints[j - 1]) > currentClass)
            {
                codePoints[j] = codePoints[j - 1];
                j--;
            }

            codePoints[j] = current;
        }
    }

    /// <summary>Joins each starter with the following characters that no other of their class or above keeps apart.</summary>
    private static void Compose(List<int> codePoints)
    {
        var starter = -1;
        var previousClass = -1;
        var kept = 0;
        foreach (var codePoint in codePoints.ToArray())
        {
            var combiningClass = UnicodeData.Default.CombiningClass(codePoint);
            if (starter >= 0 && previousClass < combiningClass)
            {
                var composed = Join(codePoints[starter], codePoint);
                if (composed >= 0)
                {
                    codePoints[starter] = composed;
                    continue;
                }
            }

            if (combiningClass == 0)
            {
                starter = kept;
                previousClass = -1;
            }
            else
            {
                previousClass = combiningClass;
            }

            codePoints[kept++] = codePoint;
        }

        codePoints.RemoveRange(kept, codePoints.Count - kept);
    }

    private static int Join(int first, int second)
    {
        var syllable = Hangul.Compose(first, second);
        return syllable >= 0 ? syllable : UnicodeData.Default.Composition(first, second);
    }
}
