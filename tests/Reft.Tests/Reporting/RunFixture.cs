using System.Text.Encodings.Web;
using System.Text.Json;
using Reft.Answers;
using Reft.Numerics;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Text;

namespace Reft.Tests.Reporting;

/// <summary>What a made run looks like.</summary>
internal sealed record RunFixtureOptions
{
    public string Method { get; init; } = "reft";

    public int Steps { get; init; } = 120;

    public int RolloutsPerStep { get; init; } = 12;

    public int Evaluations { get; init; } = 7;

    public int DevProblems { get; init; } = 60;

    public string State { get; init; } = "finished";

    public bool HasAlarms { get; init; } = true;

    public bool HasTokenizer { get; init; } = true;

    /// <summary>Replaces a part of the completions; null for none.</summary>
    public string? Hostile { get; init; }
}

/// <summary>
/// A run's folder, made by the formats of docs/decisions/0004 and not by the code that reads or trains. The same options
/// make the same files.
/// </summary>
internal sealed class RunFixture
{
    private const ulong Seed = 17;

    private readonly string _folder;
    private readonly RunFixtureOptions _options;
    private readonly IReadOnlyList<Problem> _train = Problems(GeneratedSplit.Train, 64);
    private readonly IReadOnlyList<Problem> _dev;
    private readonly Tokenizer _tokenizer;

    private RunFixture(string folder, RunFixtureOptions options)
    {
        (_folder, _options) = (folder, options);
        _dev = Problems(GeneratedSplit.Dev, Math.Max(1, options.DevProblems));
        var texts = _train.Select(problem => $"{problem.Question}\n{problem.Solution}");
        var tokens = new BpeTrainerOptions { VocabularySize = 700 };
        _tokenizer = BpeTrainer.Train(texts, tokens, Path.Combine(folder, "checkpoints", "step-000001"));
    }

    /// <summary>Writes a run into a folder.</summary>
    public static void Write(string folder, RunFixtureOptions options)
    {
        Directory.CreateDirectory(folder);
        var run = new RunFixture(folder, options);
        RunFixtureHead.Write(folder, options);
        run.WriteProblems();
        run.WriteLines("metrics.jsonl", options.Steps, step => [RunFixtureFigures.Metrics(step, options)]);
        run.WriteLines("timings.jsonl", options.Steps, step => [RunFixtureFigures.Timings(step)]);
        if (options.Method == "reft")
        {
            run.WriteLines("rollouts.jsonl", options.Steps, run.Rollouts);
        }

        for (var i = 0; i < options.Evaluations; i++)
        {
            run.WriteEvaluation(i * options.Steps / Math.Max(1, options.Evaluations - 1));
        }

        if (!options.HasTokenizer)
        {
            Directory.Delete(Path.Combine(folder, "checkpoints"), recursive: true);
        }
    }

    public static string Json(object value) => JsonSerializer.Serialize(value, Options);

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static IReadOnlyList<Problem> Problems(GeneratedSplit split, int count) =>
        new GeneratedSource(new ProblemGenerator(GeneratorOptions.Full), split, count, AnswerStyle.Program).Load();

    private void WriteProblems() => File.WriteAllLines(
        Path.Combine(_folder, "problems.jsonl"),
        _train.Select(problem => ("train", problem)).Concat(_dev.Select(problem => ("dev", problem))).Select(pair => Json(new
        {
            id = pair.problem.Id,
            set = pair.Item1,
            question = pair.problem.Question,
            answer = pair.problem.Answer,
            solution = pair.problem.Solution,
        })));

    private void WriteLines(string name, int steps, Func<int, IEnumerable<object>> make) => File.WriteAllText(
        Path.Combine(_folder, name),
        string.Concat(Enumerable.Range(0, steps).SelectMany(make).Select(line => Json(line) + "\n")));

    private IEnumerable<object> Rollouts(int step)
    {
        for (var i = 0; i < _options.RolloutsPerStep; i++)
        {
            var random = new CounterRandom(CounterRandom.Hash(Seed, (ulong)step, (ulong)i));
            var problem = _train[((step * _options.RolloutsPerStep) + i) % _train.Count];
            yield return Rollout(step, i, problem, random);
        }
    }

    private object Rollout(int step, int place, Problem problem, CounterRandom random)
    {
        var attempt = Attempt(problem, RunFixtureFigures.Skill(step, _options), random, hostile: place == 0);
        var prompt = _tokenizer.Encode($"Question:\n{problem.Question}\nAnswer reasoning:\n", addSpecialTokens: false);
        var response = _tokenizer.Encode(attempt.Text, addSpecialTokens: false).ToList();
        if (!attempt.IsTruncated)
        {
            response.Add(_tokenizer.EosId!.Value);
        }

        var columns = RunFixtureFigures.Columns(response.Count, attempt.Outcome == "correct" ? 1 : 0, step, random);
        return new
        {
            step,
            sample = $"{problem.Id}#{place}",
            problem = problem.Id,
            policyStep = step,
            promptLength = prompt.Length,
            ids = prompt.Concat(response),
            roles = new string('S', response.Count),
            text = attempt.Text,
            finish = attempt.IsTruncated ? "length" : "stop",
            outcome = attempt.Outcome,
            answer = attempt.Answer,
            detail = attempt.Detail,
            reward = attempt.Outcome switch { "correct" => 1, "incorrect" => 0.1, _ => 0 },
            logProbs = columns[0],
            referenceLogProbs = columns[1],
            values = columns[2],
            rewards = columns[3],
            advantages = columns[4],
            returns = columns[5],
        };
    }

    /// <summary>A right program, one with another number in it, one that is cut off, or one that does not end.</summary>
    private RunFixtureAttempt Attempt(Problem problem, double skill, CounterRandom random, bool hostile)
    {
        var gold = problem.Solution!;
        if (hostile && _options.Hostile is { } text)
        {
            return new(text, "error", null, $"line 1: not a program: {text}", IsTruncated: false);
        }

        var luck = random.NextDouble();
        if (luck < skill)
        {
            return new(gold, "correct", problem.Answer, $"{problem.Answer} equals {problem.Answer}", IsTruncated: false);
        }

        if (luck < skill + 0.04)
        {
            return new(gold + "\n    while True:\n        pass", "timeout", null, "100,000 steps were not enough", IsTruncated: true);
        }

        if (luck < skill + 0.16)
        {
            return new(gold[..(gold.Length / 2)], "noAnswer", null, "the program returns nothing", IsTruncated: true);
        }

        var digit = gold.LastIndexOfAny([.. "123456789"]);
        var wrong = random.Between(11, 99).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new(
            gold[..digit] + wrong + gold[(digit + 1)..], "incorrect", wrong, $"{wrong} is not {problem.Answer}", IsTruncated: false);
    }

    private void WriteEvaluation(int step)
    {
        var items = _dev.Select((problem, i) => Item(problem, Attempt(
            problem,
            // A few problems are unlearned.
            RunFixtureFigures.Skill(i % 13 == 7 ? _options.Steps - step : step, _options),
            // A problem's luck is its own and changes little, so that most stay right once they are.
            new CounterRandom(CounterRandom.Hash(Seed, (ulong)i, i % 5 == 0 ? (ulong)step : 0)),
            hostile: i == 0))).ToArray();
        var right = (double)items.Count(item => item.Outcome == "correct") / items.Length;
        var half = 1.96 * Math.Sqrt(right * (1 - right) / items.Length);
        EvaluationFixture.Write(_folder, step, items, Math.Max(0, right - half), Math.Min(1, right + half));
    }

    private static EvaluationFixtureItem Item(Problem problem, RunFixtureAttempt attempt) =>
        new(problem.Id, attempt.Text, attempt.Outcome)
        {
            Question = problem.Question,
            Answer = attempt.Answer,
            Gold = problem.Answer,
            Detail = attempt.Detail,
            IsTruncated = attempt.IsTruncated,
        };
}

/// <summary>A made completion.</summary>
internal sealed record RunFixtureAttempt(string Text, string Outcome, string? Answer, string Detail, bool IsTruncated);
