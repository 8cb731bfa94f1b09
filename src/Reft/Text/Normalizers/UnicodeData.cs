using System.Globalization;

namespace Reft.Text.Normalizers;

/// <summary>
/// Decompositions, compositions, combining classes and marks of Unicode 9.0, the version by which tokenizers normalize.
/// .NET's own <c>Normalize</c> leaves text as it is where InvariantGlobalization is on.
/// </summary>
internal sealed class UnicodeData
{
    private const string Resource = "Reft.Text.UnicodeNormalization.txt";

    private static readonly Lazy<UnicodeData> Loaded = new(Load);

    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<long, int> _compositions = [];
    private readonly HashSet<int> _seconds = [];
    private readonly HashSet<int> _excluded = [];
    private readonly Dictionary<int, byte> _classes = [];
    private readonly HashSet<int> _marks = [];

    private UnicodeData()
    {
    }

    public static UnicodeData Default => Loaded.Value;

    public bool IsMark(int codePoint) => _marks.Contains(codePoint);

    /// <summary>The canonical combining class; 0 is a starter.</summary>
    public byte CombiningClass(int codePoint) => _classes.GetValueOrDefault(codePoint);

    /// <summary>One step of decomposition; null when there is none.</summary>
    public int[]? Decomposition(int codePoint, bool compatible)
    {
        if (_canonical.TryGetValue(codePoint, out var mapping))
        {
            return mapping;
        }

        return compatible ? _compatible.GetValueOrDefault(codePoint) : null;
    }

    /// <summary>The character that the two compose to; -1 when there is none. Hangul is not in here.</summary>
    public int Composition(int first, int second) => _compositions.GetValueOrDefault(Pair(first, second), -1);

    /// <summary>Whether a composition may take the character into the one before it.</summary>
    public bool CanFollow(int codePoint)
        => _seconds.Contains(codePoint) || Hangul.IsVowel(codePoint) || Hangul.IsTrailing(codePoint);

    private static long Pair(int first, int second) => ((long)first << 32) | (uint)second;

    private static UnicodeData Load()
    {
        var data = new UnicodeData();
        using var stream = typeof(UnicodeData).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks the resource {Resource}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            data.Add(line);
        }

        foreach (var (codePoint, mapping) in data._canonical)
        {
            if (mapping.Length == 2 && !data._excluded.Contains(codePoint))
            {
                data._compositions[Pair(mapping[0], mapping[1])] = codePoint;
                data._seconds.Add(mapping[1]);
            }
        }

        return data;
    }

    private void Add(string line)
    {
        var body = line.AsSpan(2);
        switch (line[0])
        {
            case 'D':
                AddMapping(_canonical, line[2..]);
                break;
            case 'K':
                AddMapping(_compatible, line[2..]);
                break;
            case 'X':
                _excluded.Add(Number(body));
                break;
            case 'M':
                AddRanges(line[2..], codePoint => _marks.Add(codePoint));
                break;
            case 'C':
                var equals = body.IndexOf('=');
                var value = byte.Parse(body[..equals], CultureInfo.InvariantCulture);
                AddRanges(line[(equals + 3)..], codePoint => _classes[codePoint] = value);
                break;
        }
    }

    private static void AddMapping(Dictionary<int, int[]> mappings, string line)
    {
        var halves = line.Split('=');
        mappings[Number(halves[0])] = [.. halves[1].Split(' ').Select(part => Number(part))];
    }

    private static void AddRanges(string ranges, Action<int> add)
    {
        foreach (var range in ranges.Split(' '))
        {
            var ends = range.Split('-');
            var last = Number(ends[1]);
            for (var codePoint = Number(ends[0]); codePoint <= last; codePoint++)
            {
                add(codePoint);
            }
        }
    }

    private static int Number(ReadOnlySpan<char> hexadecimal)
        => int.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
