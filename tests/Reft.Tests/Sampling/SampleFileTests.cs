using Reft.Answers;
using Reft.Evaluation;
using Reft.Problems;
using Reft.Sampling;
using Reft.Text;
using Reft.Verification;

namespace Reft.Tests.Sampling;

public sealed class SampleFileTests : IDisposable
{
    private const int Samples = 3;

    private static readonly Problem[] _problems =
        [.. Enumerable.Range(0, 5).Select(i => new Problem($"p{i}", $"naïve question {i}?", $"{i}"))];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void Fill_CutOffAnywhere_EndsInTheSameBytes(int together)
    {
        var whole = Fill("whole", 2);
        var bytes = File.ReadAllBytes(_folder["whole"]);
        Assert.Equal(new SampleSummary(0, 5, 15, 5), whole);
        for (var length = 0; length <= bytes.Length; length += 7)
        {
            File.WriteAllBytes(_folder["cut"], bytes[..length]);
            File.Copy(_folder["whole.settings.json"], _folder["cut.settings.json"], overwrite: true);

            var summary = Fill("cut", together);

            Assert.Equal(bytes, File.ReadAllBytes(_folder["cut"]));
            Assert.Equal((5, 15, 5), (summary.Problems, summary.Samples, summary.Correct));
            Assert.Equal(length == bytes.Length ? 5 : CountWhole(bytes[..length]), summary.Found);
        }
    }

    [Fact]
    public void Fill_Completions_AreWholeResponses()
    {
        Fill("a", 2);

        Assert.Contains("\"completion\":\"given naïve question 0? and 0\"", File.ReadLines(_folder["a"]).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Fill_OtherSettings_IsRefusedByName()
    {
        Fill("a", 2);

        var error = Assert.Throws<InputException>(() => Fill("a", 2, Settings() with { Temperature = 0.5 }));

        Assert.Contains("another 'temperature'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fill_FileOfUnknownOrigin_IsRefused()
    {
        File.WriteAllText(_folder["a"], "precious\n");

        var error = Assert.Throws<InputException>(() => Fill("a", 2));

        Assert.Contains("says how it was made", error.Message, StringComparison.Ordinal);
        Assert.Equal("precious\n", File.ReadAllText(_folder["a"]));
    }

    [Fact]
    public void Fill_Cancelled_KeepsWhatIsWritten()
    {
        using var source = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => new SampleFile(_folder["a"], Settings(), Given)
            .Fill(_problems, Draw, 2, _ => source.Cancel(), source.Token));

        Assert.Equal(2 * Samples, File.ReadLines(_folder["a"]).Count());
        Assert.Equal(2, Fill("a", 2).Found);
    }

    private static int CountWhole(byte[] bytes) => bytes.Count(b => b == '\n') / Samples;

    private static string Given(Problem problem) => $"given {problem.Question} and ";

    private static SampleSettings Settings() => SampleSettings.Of(
        "model", _problems, new PromptTemplate { Style = AnswerStyle.Number }, AnswerPolicy.Exact, prompt: null,
        new EvaluationOptions { MaxTokens = 9, StopTokens = [0], Samples = Samples, Temperature = 0.7, Seed = 4 });

    private static IReadOnlyList<EvaluationItem> Draw(IReadOnlyList<Problem> problems) =>
        [.. problems.SelectMany(problem => Enumerable.Range(0, Samples).Select(i => new EvaluationItem
        {
            Problem = problem.Id,
            Sample = i,
            Prompt = problem.Question,
            Completion = $"{i}",
            Tokens = 2,
            Finish = EvaluationFinish.Stop,
            Outcome = i == 1 ? Outcome.Correct : Outcome.Incorrect,
            Answer = $"{i}",
            Gold = problem.Answer,
            Detail = "said so",
        }))];

    private SampleSummary Fill(string name, int together, SampleSettings? settings = null) =>
        new SampleFile(_folder[name], settings ?? Settings(), Given).Fill(_problems, Draw, together, null, Token);
}
