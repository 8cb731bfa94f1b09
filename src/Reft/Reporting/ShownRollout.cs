using System.Text.Json;
using Reft.Evaluation;

namespace Reft.Reporting;

/// <summary>A completion in the page: a rollout with its tokens, or an evaluation's, which has none.</summary>
internal sealed record ShownRollout
{
    /// <summary>Where it comes from: <c>rollout</c> or <c>dev</c>.</summary>
    public required string From { get; init; }

    public required long Step { get; init; }

    public string? Sample { get; init; }

    public required string Problem { get; init; }

    public string? Outcome { get; init; }

    public string? Finish { get; init; }

    public string? Answer { get; init; }

    public string? Detail { get; init; }

    public double? Reward { get; init; }

    public string? Text { get; init; }

    /// <summary>Tokens of the response, T.</summary>
    public long? Tokens { get; init; }

    /// <summary>The text of each shown token; null without tokenizer.</summary>
    public string[]? Pieces { get; init; }

    /// <summary>The shown tokens, where they have no text.</summary>
    public int[]? Ids { get; init; }

    public string? Roles { get; init; }

    public float[]? LogProbs { get; init; }

    /// <summary><c>log π - log π_ref</c> of each token.</summary>
    public float[]? Kl { get; init; }

    public float[]? Values { get; init; }

    public float[]? Rewards { get; init; }

    public float[]? Advantages { get; init; }

    public float[]? Returns { get; init; }

    /// <summary>Reads a line of rollouts.jsonl.</summary>
    public static ShownRollout Read(JsonElement line, TokenPieces pieces, ReportLimits limits)
    {
        var ids = line.Integers("ids");
        var prompt = (int)Math.Clamp(line.Integer("promptLength") ?? 0, 0, ids.Length);
        var length = ids.Length - prompt;
        var shown = Math.Min(length, limits.RolloutTokens);
        var logProbs = Column("logProbs");
        var reference = Column("referenceLogProbs");
        var texts = pieces.Of(ids.Skip(prompt).Take(shown), [.. ids.Take(prompt)]);
        return new ShownRollout
        {
            From = "rollout",
            Step = line.Integer("step") ?? 0,
            Sample = line.Text("sample"),
            Problem = line.Text("problem") ?? "",
            Outcome = line.Text("outcome"),
            Finish = line.Text("finish"),
            Answer = line.Text("answer") is { } answer ? limits.Cut(answer) : null,
            Detail = line.Text("detail") is { } detail ? limits.Cut(detail) : null,
            Reward = line.Number("reward"),
            Text = limits.Cut(line.Text("text") ?? ""),
            Tokens = length,
            Pieces = texts,
            Ids = texts is null ? ids[prompt..(prompt + shown)] : null,
            Roles = line.Text("roles") is { } roles && roles.Length == length ? roles[..shown] : null,
            LogProbs = logProbs,
            Kl = logProbs is null || reference is null
                ? null
                : [.. logProbs.Zip(reference, (own, other) => own - other)],
            Values = Column("values"),
            Rewards = Column("rewards"),
            Advantages = Column("advantages"),
            Returns = Column("returns"),
        };

        // A column of another length belongs to other tokens.
        float[]? Column(string name) =>
            line.Numbers(name) is { } column && column.Length == length ? column[..shown] : null;
    }

    /// <summary>The item of an evaluation.</summary>
    public static ShownRollout Of(EvaluationItem item, long step, ReportLimits limits) => new()
    {
        From = "dev",
        Step = step,
        Problem = item.Problem,
        Outcome = PageJson.Name(item.Outcome),
        Finish = PageJson.Name(item.Finish),
        Answer = item.Answer is null ? null : limits.Cut(item.Answer),
        Detail = limits.Cut(item.Detail),
        Text = limits.Cut(item.Completion),
        Tokens = item.Tokens,
    };

    /// <summary>The prompt of a rollout's line as the model saw it; null without tokenizer.</summary>
    public static string? ReadPrompt(JsonElement line, TokenPieces pieces, ReportLimits limits)
    {
        var ids = line.Integers("ids");
        var length = (int)Math.Clamp(line.Integer("promptLength") ?? 0, 0, ids.Length);
        return pieces.Of(ids.Take(length), []) is { } texts ? limits.Cut(string.Concat(texts)) : null;
    }
}
