namespace Reft.Tests.Reporting;

/// <summary>A made completion of an evaluation.</summary>
internal sealed record EvaluationFixtureItem(string Problem, string Completion, string Outcome)
{
    public string Question { get; init; } = "";

    public string? Answer { get; init; }

    public string Gold { get; init; } = "1";

    public string Detail { get; init; } = "";

    public bool IsTruncated { get; init; }
}

/// <summary>Evaluations as files, by the format of docs/decisions/0004 and not by the code that reads them.</summary>
internal static class EvaluationFixture
{
    private static readonly string[] Outcomes = ["correct", "incorrect", "noAnswer", "timeout", "error"];

    public static void Write(string run, int step, IReadOnlyList<EvaluationFixtureItem> items, double low, double high)
    {
        Directory.CreateDirectory(Path.Combine(run, "evaluations"));
        File.WriteAllText(Path.Combine(run, "evaluations", $"step-{step:D6}.dev.json"), RunFixture.Json(new
        {
            format = 1,
            step,
            set = "dev",
            model = $"{step:x16}",
            style = "program",
            policy = "exact",
            greedy = Part(items, low, high),
            sampled = (object?)null,
        }));
    }

    private static object Part(IReadOnlyList<EvaluationFixtureItem> items, double low, double high)
    {
        var shares = Outcomes.ToDictionary(outcome => outcome, outcome => Share(item => item.Outcome == outcome));
        shares["truncated"] = Share(item => item.IsTruncated);
        shares["promptTooLong"] = 0;
        return new
        {
            sampling = new { temperature = 0, topK = 0, topP = 1, minP = 0, maxTokens = 100, stopTokens = new[] { 0 }, seed = 1 },
            accuracy = new { value = shares["correct"], low, high, n = items.Count },
            reward = shares["correct"],
            shares,
            items = items.Select(item => new
            {
                problem = item.Problem,
                sample = 0,
                prompt = $"Question:\n{item.Question}\nAnswer reasoning:\n",
                completion = item.Completion,
                tokens = 1 + (item.Completion.Length / 4),
                finish = item.IsTruncated ? "length" : "stop",
                outcome = item.Outcome,
                answer = item.Answer,
                gold = item.Gold,
                detail = item.Detail,
            }),
        };

        double Share(Func<EvaluationFixtureItem, bool> holds) => (double)items.Count(holds) / items.Count;
    }
}
