using Reft.Training.Runs;

namespace Reft.Diagnosis;

/// <summary>Finds rollouts that show what findings are about: the last ones of their steps.</summary>
internal static class SampleFinder
{
    private const int Most = 3;
    private const int TextLength = 100;

    /// <summary>The findings with their samples; rollouts.jsonl is read once for all of them.</summary>
    public static IReadOnlyList<DoctorFinding> Find(RunFolder folder, IReadOnlyList<DoctorFinding> findings)
    {
        if (findings.All(f => f.Witness == Witness.None))
        {
            return findings;
        }

        var found = findings.Select(_ => new Queue<SampleExcerpt>()).ToArray();
        foreach (var root in JsonLineFile.Read(folder.Rollouts, _ => { }))
        {
            var step = (long)JsonLineFile.Number(root, "step");
            var (outcome, finish) = (JsonLineFile.Text(root, "outcome"), JsonLineFile.Text(root, "finish"));
            for (var i = 0; i < findings.Count; i++)
            {
                if (step >= findings[i].From && step <= findings[i].To && Shows(findings[i].Witness, outcome, finish))
                {
                    found[i].Enqueue(new SampleExcerpt(
                        step, JsonLineFile.Text(root, "sample"), outcome, FirstLine(JsonLineFile.Text(root, "text"))));
                    if (found[i].Count > Most)
                    {
                        found[i].Dequeue();
                    }
                }
            }
        }

        return [.. findings.Select((finding, i) => finding with { Samples = [.. found[i]] })];
    }

    private static bool Shows(Witness witness, string outcome, string finish) => witness switch
    {
        Witness.None => false,
        Witness.Any => true,
        Witness.Truncated => finish == "length",
        Witness.Error => outcome == "error",
        Witness.NoAnswer => outcome == "noAnswer",
        _ => outcome == "incorrect",
    };

    private static string FirstLine(string text) => OneLine.Of(text.Trim().Split('\n')[0], TextLength);
}
