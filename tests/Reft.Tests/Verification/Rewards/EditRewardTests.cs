using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Verification;
using Reft.Verification.Forms;
using Reft.Verification.Rewards;

namespace Reft.Tests.Verification.Rewards;

/// <summary>Partial credit by edits, and the task and form that it is for.</summary>
public sealed class EditRewardTests
{
    // min(1, 1/(d₁ + 1) · (1 + ½ max(d₀ - d₁ - e + 1, -3))).
    [Theory]
    [InlineData(5, 0, 5, 1)] // 1 · (1 + ½), and no more than 1.
    [InlineData(5, 0, 9, -0.5)] // Four edits too many: 1 · (1 - 1.5).
    [InlineData(5, 0, 20, -0.5)]
    [InlineData(5, 2, 3, 0.5)] // 1/3 · (1 + ½).
    [InlineData(5, 5, 0, 0.25)] // Nothing done: 1/6 · (1 + ½).
    [InlineData(3, 1, 3, 0.5)] // 1/2 · (1 + 0).
    [InlineData(2, 4, 2, -0.1)] // 1/5 · (1 - 1.5): two edits that led away.
    public void Progress_Rounds_EqualsTheFormula(int before, int after, int edits, double expected) =>
        Assert.Equal(expected, EditReward.Progress(before, after, edits), 1e-12);

    // The question is "so tell me 4 plus 5", the answer "4 plus 5": three words to delete.
    [Theory]
    [InlineData(nameof(EditWorth.Nearness), nameof(EditUnit.Word), "4 plus 5", 1)]
    [InlineData(nameof(EditWorth.Nearness), nameof(EditUnit.Word), " 4  PLUS 5 ", 1)]
    [InlineData(nameof(EditWorth.Nearness), nameof(EditUnit.Word), "4 plus", 0.5)]
    [InlineData(nameof(EditWorth.Nearness), nameof(EditUnit.Word), "so tell me 4 plus 5", 0.25)]
    [InlineData(nameof(EditWorth.Nearness), nameof(EditUnit.Letter), "4 plus 6", 0.5)]
    [InlineData(nameof(EditWorth.Nearness), nameof(EditUnit.Letter), "4 plus", 1.0 / 3)]
    [InlineData(nameof(EditWorth.Progress), nameof(EditUnit.Word), "4 plus 5", 1)]
    [InlineData(nameof(EditWorth.Progress), nameof(EditUnit.Word), "so tell me 4 plus 5", 1.5 / 4)]
    [InlineData(nameof(EditWorth.Progress), nameof(EditUnit.Word), "me 4 plus 5", 0.75)] // 1/2 · 1.5: both edits count.
    [InlineData(nameof(EditWorth.Progress), nameof(EditUnit.Word), "me 4 plus 6", 1.0 / 3 * 0.5)] // Three edits, one step nearer: 1 - 3 + 1 = -1.
    public void Pay_Answers_CountsTheirEdits(string worth, string unit, string answer, double expected) => Assert.Equal(
        expected, new EditReward { Worth = Enum.Parse<EditWorth>(worth), Unit = Enum.Parse<EditUnit>(unit) }.Pay(Sample(answer)), 1e-12);

    [Fact]
    public void Pay_NothingToCompare_IsNothing()
    {
        Assert.Equal(0, new EditReward().Pay(Sample(null)));
        Assert.Equal(0, new EditReward { Unit = EditUnit.Letter }.Pay(Sample(new string('x', 5000))));
    }

    /// <summary>Lines of a solution come nearer to the short question, and the last one is it.</summary>
    [Fact]
    public void Paraphrases_Rounds_ComeNearer()
    {
        var plain = new Paraphrases { Split = GeneratedSplit.Train, Count = 200 }.Make(AnswerStyle.Number);
        var rounds = new Paraphrases { Split = GeneratedSplit.Train, Count = 200, Rounds = 3 }.Make(AnswerStyle.Number);

        Assert.Equal(plain.Select(p => p.Answer), plain.Select(p => p.Solution!)); // A generator's problems have solutions.
        foreach (var problem in rounds)
        {
            var lines = problem.Solution!.Split('\n'); // The same.
            var away = lines.Prepend(problem.Question).Select(line => EditPaths.Distance(line.Split(' '), problem.Answer.Split(' '))).ToArray();
            Assert.Equal(4, away.Length);
            Assert.Equal([.. Enumerable.Range(0, 4).Select(round => away[0] - (away[0] * round / 3))], away);
        }
    }

    [Theory]
    [InlineData("how many keys does Ida have ?", Outcome.Correct, "0 words away")]
    [InlineData("so how many keys\nhow many keys does Ida have ?\n", Outcome.Correct, "0 words away")]
    [InlineData("how many keys does Ben have", Outcome.Incorrect, "2 words away")]
    [InlineData("how many keys does Ida have ?\nyes", Outcome.Incorrect, "7 words away")]
    [InlineData(" ", Outcome.NoAnswer, "nothing is written")]
    public void LastLine_Responses_AreJudgedByTheirLast(string response, Outcome outcome, string detail)
    {
        var verifier = new LastLineForm().Create(new NumberVerifier());

        var verdict = verifier.Verify([new Sample("s", response, "how many keys does Ida have ?")], TestContext.Current.CancellationToken)["s"];

        Assert.Equal((outcome, detail), (verdict.Outcome, verdict.Detail));
    }

    private static JudgedSample Sample(string? answer) => new(
        new Problem("p", "so tell me 4 plus 5", "4 plus 5"), answer ?? "", new Verdict("s", answer is null ? Outcome.NoAnswer : Outcome.Incorrect, answer, ""),
        AnswerStyle.Number, IsTruncated: false);
}
