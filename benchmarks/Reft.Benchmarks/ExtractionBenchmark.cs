using System.Diagnostics;
using System.Globalization;
using Reft.Answers;
using Reft.Problems.Generated;
using Reft.Verification;

namespace Reft.Benchmarks;

/// <summary>
/// Completions a second on one core: from text to answer, and from text to verdict, under both policies.
/// </summary>
internal static class ExtractionBenchmark
{
    private const int Problems = 2000;
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(2);

    public static void Run(TextWriter output)
    {
        var samples = new GeneratedSource(new ProblemGenerator(), GeneratedSplit.Train, Problems, AnswerStyle.Number)
            .Load()
            .Select(problem => new Sample(
                problem.Id, AnswerFormat.Completion(AnswerStyle.Number, problem.Solution!, problem.Answer),
                    problem.Answer))
            .ToList();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
                $"{samples.Average(sample => sample.Completion.Length):F0} characters a completion"));
        foreach (var policy in Enum.GetValues<AnswerPolicy>())
        {
            var extractor = new AnswerExtractor(policy, AnswerStyle.Number);
            Report(output, $"{policy}: extraction", () =>
                samples.Count(sample => extractor.Read(sample.Completion).Text is not null));
            var verifier = new NumberVerifier(policy);
            Report(output, $"{policy}: verdicts", () => verifier.Verify(samples).CountOf(Outcome.Correct));
        }

        var exact = new AnswerExtractor(AnswerPolicy.Exact, AnswerStyle.Number);
        var hard = samples.Select(sample => sample.Completion + " \\text{ dollars, or } $\\frac{1}{2}$ of 3,000")
            .ToList();
        Report(output, "Exact: extraction, hard answers", () =>
        {
            hard.ForEach(completion => exact.Read(completion));
            return hard.Count;
        });
    }

    private static void Report(TextWriter output, string name, Func<int> pass)
    {
        pass();
        var clock = Stopwatch.StartNew();
        var passes = 0;
        var found = 0;
        for (; clock.Elapsed < _least; passes++)
        {
            found = pass();
        }

        var rate = passes * (double)Problems / clock.Elapsed.TotalSeconds;
        output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{name}: {rate:N0} a second ({found} of {Problems} found)"));
    }
}
