using System.Text.Json;
using Reft.Answers;
using Reft.Generation;
using Reft.Numerics;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Text;

namespace Reft.Evaluation.Turns;

/// <summary>
/// Lets a model search for formulas in context: it writes an attempt, the R² behind it is worked out and written for it, and it goes on from there. Beside it
/// stand as many samples of the first attempt, and as many formulas drawn at random: all have looked at the points equally often.
/// </summary>
internal sealed record HistoryEvaluation
{
    // The most tokens of an attempt; formulas of 15 symbols fit.
    private const int AttemptTokens = 20;

    /// <summary>Draws from the model.</summary>
    public required CompletionGenerator Generator { get; init; }

    /// <summary>Makes and reads the texts.</summary>
    public required Tokenizer Tokenizer { get; init; }

    /// <summary>A problem's prompt.</summary>
    public required Func<Problem, int[]> Prompt { get; init; }

    /// <summary>What ends a completion.</summary>
    public required IReadOnlyList<int> StopTokens { get; init; }

    /// <summary>Attempts, at least 2.</summary>
    public required int Attempts { get; init; }

    /// <summary>The temperature at which all are drawn.</summary>
    public required double Temperature { get; init; }

    /// <summary>The most symbols of random formulas.</summary>
    public required int Symbols { get; init; }

    /// <summary>The seed of the draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Evaluates.</summary>
    public HistoryReport Evaluate(IReadOnlyList<Problem> problems)
    {
        var values = problems.Select(problem => PrefixFormula.Read(problem.Answer)!).ToArray(); // Answers were read when problems were.
        var prompts = problems.Select(Prompt).ToArray();
        var fits = problems.Select(_ => new List<double>()).ToArray();
        var histories = prompts.Select(prompt => prompt.ToList()).ToArray();
        for (var turn = 0; turn < Attempts; turn++)
        {
            // Who has an exact one is done; who has filled the context is too.
            int[] going = [.. Enumerable.Range(0, problems.Count).Where(i => fits[i].Count == turn && !fits[i].Contains(1) && histories[i].Count + AttemptTokens < Generator.Context)];
            var number = turn;
            foreach (var (i, attempt) in going.Zip(Draw([.. going.Select(i => (problems[i], histories[i].ToArray(), prompts[i].Length, number))])))
            {
                var fit = PrefixFormula.Fit(attempt, values[i]);
                fits[i].Add(fit);
                histories[i].AddRange(Tokenizer.Encode($"{PrefixFormula.Attempt(attempt, fit)}\n", addSpecialTokens: false));
            }
        }

        var firsts = Enumerable.Range(0, Attempts).Select(k =>
            Draw([.. problems.Select((problem, i) => (problem, prompts[i], prompts[i].Length, k == 0 ? 0 : Attempts + k))])).ToArray();
        var random = problems.Select((problem, i) =>
        {
            var search = new FormulaSearch(new CounterRandom(CounterRandom.Hash(Seed, problem.Id)), Symbols);
            return Enumerable.Range(0, Attempts).Max(_ => PrefixFormula.Fit(search.Draw(), values[i]));
        });
        string[] groups = [.. problems.Select(problem => problem.GroupKey)];
        return new HistoryReport(
            problems.Count, Attempts,
            [.. Enumerable.Range(0, Attempts).Select(turn => Mean(fits.Select(own => turn < own.Count ? own[turn] : own.Contains(1) ? 1 : 0)))],
            Of(fits.Select(own => own.Max())),
            Of(values.Select((one, i) => firsts.Max(drawn => PrefixFormula.Fit(drawn[i], one)))),
            Of(random));

        Estimate Mean(IEnumerable<double> of) => Intervals.Mean(of, groups);

        BestFit Of(IEnumerable<double> best)
        {
            var all = best.ToArray();
            return new(Mean(all), Mean(all.Select(fit => fit >= 1 ? 1.0 : 0)));
        }
    }

    /// <summary>What was written up to the sign that a score follows, or to the end.</summary>
    private string[] Draw((Problem Problem, int[] Tokens, int Asked, int Sample)[] from)
    {
        if (from.Length == 0)
        {
            return [];
        }

        int[] ends = [.. StopTokens, Tokenizer.Encode("=", addSpecialTokens: false)[0]];
        var drawn = Generator.Generate(
            [.. from.Select(one => new GenerationRequest(CounterRandom.Hash(0, one.Problem.Id), one.Sample, one.Tokens) { Asked = one.Asked })],
            new SamplingOptions { Temperature = Temperature, TopK = 0, TopP = 1, MinP = 0, MaxTokens = AttemptTokens, StopTokens = ends, Seed = Seed }, step: 0);
        return [.. drawn.Select((completion, b) =>
            Tokenizer.DecodeResponse(from[b].Tokens, ends.Contains(completion.Tokens[^1]) ? completion.Tokens[..^1] : completion.Tokens).Trim())];
    }
}

/// <summary>The best of several attempts.</summary>
/// <param name="Fit">Its mean R².</param>
/// <param name="Exact">How often it is exact.</param>
internal sealed record BestFit(Estimate Fit, Estimate Exact);

/// <summary>What searches of n attempts give.</summary>
/// <param name="Problems">How many problems.</param>
/// <param name="Attempts">n.</param>
/// <param name="ByAttempt">The mean R² of each attempt of a history; 1 behind an exact one.</param>
/// <param name="History">The best of a history.</param>
/// <param name="Independent">The best of n first attempts.</param>
/// <param name="Random">The best of n random formulas.</param>
internal sealed record HistoryReport(
    int Problems, int Attempts, IReadOnlyList<Estimate> ByAttempt, BestFit History, BestFit Independent, BestFit Random)
{
    /// <summary>In words.</summary>
    public string Summary => FormattableString.Invariant(
        $"R² by attempt {string.Join(" ", ByAttempt.Select(one => FormattableString.Invariant($"{one.Value:F2}")))}; best of {Attempts}: history {Words(History)}, independent {Words(Independent)}, random {Words(Random)}");

    private static string Words(BestFit best) =>
        FormattableString.Invariant($"{best.Fit.Value:F3} ({best.Fit.Low:F3} to {best.Fit.High:F3}), exact {best.Exact.Value:P1}");
}

/// <summary>An evaluation of histories, as a file holds it.</summary>
/// <param name="Step">After which training step.</param>
/// <param name="Set">dev.</param>
/// <param name="Report">The figures.</param>
internal sealed record HistoryRecord(long Step, string Set, HistoryReport Report)
{
    /// <summary>The ending of such a file, where an evaluation's is <c>.json</c>.</summary>
    public const string Extension = "history.json";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, _json) + "\n");
}
