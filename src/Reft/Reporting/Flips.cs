namespace Reft.Reporting;

/// <summary>
/// The dev problems whose greedy completion was right in one evaluation and not in another: gained (wrong at first,
/// right at last), lost (the other way round) and wavered (as at first in the end).
/// </summary>
internal sealed class Flips
{
    private Flips(IReadOnlyList<Flip> all)
    {
        All = all;
    }

    /// <summary>All of them: gained, lost, wavered, and by problem.</summary>
    public IReadOnlyList<Flip> All { get; }

    /// <summary>Those that are shown with their completions.</summary>
    public IReadOnlyList<Flip> Shown { get; private set; } = [];

    /// <summary>The problems that flipped.</summary>
    public IReadOnlySet<string> Problems => All.Select(flip => flip.Problem).ToHashSet(StringComparer.Ordinal);

    /// <summary>Finds the problems that flipped.</summary>
    public static Flips Find(IReadOnlyDictionary<string, char[]> outcomes) => new(
    [
        .. outcomes.Select(row => Compare(row.Key, row.Value)).OfType<Flip>()
            .OrderBy(flip => flip.Kind).ThenBy(flip => flip.Problem, StringComparer.Ordinal),
    ]);

    /// <summary>How many there are of a kind.</summary>
    public int Count(FlipKind kind) => All.Count(flip => flip.Kind == kind);

    /// <summary>Reads the completions before and after the last change, while there is room.</summary>
    public void ReadCompletions(EvaluationFiles evaluations, ReportLimits limits)
    {
        var completions = new Dictionary<(int Evaluation, string Problem), ShownRollout>();
        var steps = evaluations.Dev.Select(evaluation => evaluation.Step).ToArray();
        // In every third place one of each kind, so that the room is not filled by one of them.
        var order = All.GroupBy(flip => flip.Kind).SelectMany(group => group.Select((flip, i) => (flip, i)))
            .OrderBy(pair => pair.i).Select(pair => pair.flip).ToArray();
        for (var i = 0; i < steps.Length; i++)
        {
            var wanted = order.Where(flip => flip.Before == i || flip.After == i)
                .Select(flip => flip.Problem).ToHashSet();
            if (wanted.Count > 0)
            {
                foreach (var item in evaluations.ReadItems(i).Where(item => wanted.Contains(item.Problem)))
                {
                    completions[(i, item.Problem)] = ShownRollout.Of(item, steps[i], limits);
                }
            }
        }

        Shown = [.. WithinRoom(order, completions, limits).OrderBy(flip => flip.Kind)];
    }

    private static IEnumerable<Flip> WithinRoom(
        Flip[] order, Dictionary<(int Evaluation, string Problem), ShownRollout> completions, ReportLimits limits)
    {
        var room = limits.FlipBytes;
        foreach (var flip in order)
        {
            var shown = flip with
            {
                Former = completions.GetValueOrDefault((flip.Before, flip.Problem)),
                Latter = completions.GetValueOrDefault((flip.After, flip.Problem)),
            };
            room -= PageJson.Length(shown);
            if (room < 0)
            {
                yield break;
            }

            yield return shown;
        }
    }

    private static Flip? Compare(string problem, char[] outcomes)
    {
        var seen = Enumerable.Range(0, outcomes.Length).Where(i => outcomes[i] != '-').ToArray();
        var change = Enumerable.Range(1, Math.Max(0, seen.Length - 1))
            .LastOrDefault(i => IsRight(seen[i]) != IsRight(seen[i - 1]));
        if (change == 0)
        {
            return null;
        }

        var kind = (IsRight(seen[0]), IsRight(seen[^1])) switch
        {
            (false, true) => FlipKind.Gained,
            (true, false) => FlipKind.Lost,
            _ => FlipKind.Wavered,
        };
        return new Flip(problem, kind, new string(outcomes), seen[change - 1], seen[change]);

        bool IsRight(int evaluation) => outcomes[evaluation] == 'c';
    }
}
