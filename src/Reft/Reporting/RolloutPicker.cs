using System.Globalization;

namespace Reft.Reporting;

/// <summary>
/// Chooses the rollouts that a page shows: those of problems that flipped on dev, the last step, the first, and then
/// steps between them in an order that is evenly spaced wherever the room ends.
/// </summary>
internal sealed class RolloutPicker(RolloutIndex index, TokenPieces pieces, ReportLimits limits)
{
    private readonly Dictionary<long, ShownRollout> _chosen = [];
    private int _left = limits.RolloutBytes;
    private bool _lastStepIsWhole;

    /// <summary>The chosen rollouts, by step and in the file's order.</summary>
    public IReadOnlyList<ShownRollout> Rollouts { get; private set; } = [];

    /// <summary>A prompt of the last step as the model saw it; null without tokenizer.</summary>
    public string? Prompt { get; private set; }

    /// <summary>How many steps have a rollout that is shown.</summary>
    public int Steps => Rollouts.Select(rollout => rollout.Step).Distinct().Count();

    /// <summary>Chooses.</summary>
    /// <param name="flipped">The problems that flipped.</param>
    public void Pick(IReadOnlySet<string> flipped)
    {
        var steps = index.Steps.Values.ToArray();
        // Half of the room at most: what the policy does at each time must be seen too.
        Take(steps.SelectMany(places => places).Where(place => flipped.Contains(place.Problem)).Reverse(), _left / 2);
        foreach (var i in Spread(steps.Length))
        {
            var isLast = i == steps.Length - 1;
            var some = EvenlySpaced(steps[i], isLast ? limits.LastStepRollouts : limits.StepRollouts);
            var taken = Take(some, _left);
            if (isLast)
            {
                _lastStepIsWhole = taken && some.Count == steps[i].Count;
                Prompt = some.Select(ReadPrompt).FirstOrDefault(prompt => prompt is not null);
            }

            if (!taken)
            {
                break;
            }
        }

        Rollouts = [.. _chosen.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
    }

    /// <summary>What is shown of how many, and by which rule.</summary>
    public string Describe()
    {
        var counts = string.Create(
            CultureInfo.InvariantCulture,
            $"{Rollouts.Count:N0} of {index.Count:N0} rollouts, from {Steps:N0} of {index.Steps.Count:N0} steps");
        return Rollouts.Count == index.Count
            ? $"All {index.Count.ToString("N0", CultureInfo.InvariantCulture)} rollouts are shown."
            : $"{counts}: {(_lastStepIsWhole ? "the last step whole" : "a part of the last step")}, up to "
                + $"{limits.StepRollouts} evenly spaced rollouts of evenly spaced steps, and those of problems that "
                + "flipped on dev. All of them are in rollouts.jsonl.";
    }

    /// <summary>The last, the first, then the middles of what lies between: every beginning is evenly spaced.</summary>
    internal static IEnumerable<int> Spread(int count)
    {
        if (count > 0)
        {
            yield return count - 1;
        }

        if (count > 1)
        {
            yield return 0;
        }

        var gaps = new Queue<(int From, int To)>([(0, count - 1)]);
        while (gaps.TryDequeue(out var gap))
        {
            if (gap.To - gap.From > 1)
            {
                var middle = (gap.From + gap.To) / 2;
                yield return middle;
                gaps.Enqueue((gap.From, middle));
                gaps.Enqueue((middle, gap.To));
            }
        }
    }

    /// <summary>At most so many items, the first among them, evenly spaced.</summary>
    internal static IReadOnlyList<T> EvenlySpaced<T>(IReadOnlyList<T> items, int count) => items.Count <= count
        ? items
        : [.. Enumerable.Range(0, count).Select(i => items[(int)((long)i * items.Count / count)])];

    /// <summary>Takes rollouts while there is room; false if one found none.</summary>
    private bool Take(IEnumerable<RolloutPlace> places, int room)
    {
        foreach (var place in places.Where(place => !_chosen.ContainsKey(place.Offset)))
        {
            ShownRollout? rollout = null;
            Parse(place, line => rollout = ShownRollout.Read(line, pieces, limits));
            if (rollout is null)
            {
                continue;
            }

            var bytes = PageJson.Length(rollout);
            if (bytes > room)
            {
                return false;
            }

            room -= bytes;
            _left -= bytes;
            _chosen[place.Offset] = rollout;
        }

        return true;
    }

    private string? ReadPrompt(RolloutPlace place)
    {
        string? prompt = null;
        Parse(place, line => prompt = ShownRollout.ReadPrompt(line, pieces, limits));
        return prompt;
    }

    private void Parse(RolloutPlace place, Action<System.Text.Json.JsonElement> read) => index.Lines.Parse(
        new JsonLine(place.Offset, place.Number, index.Lines.ReadAt(place.Offset, place.Length), HasEnd: true), read);
}
