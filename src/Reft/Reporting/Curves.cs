using System.Text.Json;

namespace Reft.Reporting;

/// <summary>
/// The figures of every step of a run, in bounded memory: past a number of points, neighbouring points are joined and
/// keep their mean, their least and their greatest value.
/// </summary>
internal sealed class Curves(ReportLimits limits)
{
    private readonly Dictionary<string, Curve> _curves = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);
    private int _inLastPoint;
    private long _backwards;

    /// <summary>The first step of every point.</summary>
    public List<long> From { get; } = [];

    /// <summary>The last step of every point.</summary>
    public List<long> To { get; } = [];

    /// <summary>How many steps a point stands for.</summary>
    public int Stride { get; private set; } = 1;

    /// <summary>How many steps were read.</summary>
    public long Steps { get; private set; }

    /// <summary>The figures, by name.</summary>
    public IReadOnlyDictionary<string, Curve> Figures => _curves;

    /// <summary>Reads a file with one line a step.</summary>
    public static Curves Read(string path, ReportLimits limits, List<string> notes)
    {
        var curves = new Curves(limits);
        if (!File.Exists(path))
        {
            notes.Add($"{Path.GetFileName(path)}: absent; its curves are missing here");
            return curves;
        }

        var lines = new JsonLines(path);
        lines.ForEach((element, line) =>
        {
            if (element.Integer("step") is { } step)
            {
                curves.Add(step, element);
            }
            else
            {
                lines.Reject(line);
            }
        });
        notes.AddRange(new[] { lines.Note, curves.Note(Path.GetFileName(path)) }.OfType<string>());
        return curves;
    }

    /// <summary>Adds a step's line; its numbers are figures, and a null is a gap.</summary>
    public void Add(long step, JsonElement line)
    {
        if (To.Count > 0 && step <= To[^1])
        {
            _backwards++;
            return;
        }

        Steps++;
        StartPoint(step);
        foreach (var property in line.EnumerateObject())
        {
            if (property.Name != "step" && property.Value.ValueKind is JsonValueKind.Number or JsonValueKind.Null)
            {
                Find(property.Name)?.Add(From.Count - 1, property.Value);
            }
        }
    }

    private string? Note(string file) => (_backwards, _leftOut.Count) switch
    {
        (0, 0) => null,
        (0, _) => $"{file}: {_leftOut.Count} figures beyond {limits.CurveNames} are not drawn, such as "
            + OneLine.List(_leftOut, 3),
        _ => $"{file}: {_backwards} lines left out whose step is not behind the one before",
    };

    private Curve? Find(string name)
    {
        if (!_curves.TryGetValue(name, out var curve))
        {
            if (_curves.Count == limits.CurveNames)
            {
                _leftOut.Add(name);
                return null;
            }

            _curves[name] = curve = new Curve();
        }

        return curve;
    }

    private void StartPoint(long step)
    {
        if (From.Count > 0 && _inLastPoint < Stride)
        {
            To[^1] = step;
            _inLastPoint++;
            return;
        }

        if (From.Count == 2 * limits.CurvePoints)
        {
            Halve();
        }

        From.Add(step);
        To.Add(step);
        _inLastPoint = 1;
    }

    private void Halve()
    {
        Stride *= 2;
        for (var i = 0; i < limits.CurvePoints; i++)
        {
            From[i] = From[2 * i];
            To[i] = To[(2 * i) + 1];
        }

        From.RemoveRange(limits.CurvePoints, limits.CurvePoints);
        To.RemoveRange(limits.CurvePoints, limits.CurvePoints);
        foreach (var curve in _curves.Values)
        {
            curve.Halve(limits.CurvePoints);
        }
    }
}
