using Reft.Answers;
using Reft.Methods;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Audits;
using Reft.Verification.Forms;

namespace Reft.Tests.Verification.Forms;

/// <summary>What every form of answers in the catalog keeps: gold is correct, and no trick pays.</summary>
public sealed class AnswerFormContractTests
{
    public static TheoryData<string, AnswerStyle, AnswerPolicy> Forms
    {
        get
        {
            var cases = new TheoryData<string, AnswerStyle, AnswerPolicy>();
            foreach (var form in Catalog.Default.Answers)
            {
                foreach (var style in Enum.GetValues<AnswerStyle>().Where(form.Takes))
                {
                    cases.Add(form.Name, style, AnswerPolicy.Exact);
                    cases.Add(form.Name, style, AnswerPolicy.Paper);
                }
            }

            return cases;
        }
    }

    [Fact]
    public void Forms_EveryStyle_HasOneAndNamesDiffer()
    {
        Assert.All(Enum.GetValues<AnswerStyle>(), style => Assert.Contains(Catalog.Default.Answers, form => form.Takes(style)));
        Assert.Distinct(Catalog.Default.Answers.Select(form => form.Name));
        Assert.True(Forms.Count >= 10, $"only {Forms.Count} cases");
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Audit_GoldAndProbes_Passes(string name, AnswerStyle style, AnswerPolicy policy)
    {
        var form = Form(name);
        var verifier = form.Create(Verifiers.Create(style, policy));
        using var held = verifier as IDisposable;

        var report = VerifierAudit.Run(verifier, Problems(form, style), new AuditOptions { MaxProbed = 60 }, TestContext.Current.CancellationToken);

        Assert.Empty(report.Checks.Where(check => !check.Passed).Select(check => $"{check.Name}: {check.Found} of {check.Checked}, {string.Join(" ", check.Rows.Take(2))}"));
        Assert.Contains(report.Checks, check => check.Name == "solutions that are not Correct" && check.Checked > 0);
        Assert.Contains(report.Checks, check => check.Name == "wrong answers that are not Incorrect" && (check.Checked > 0 || style == AnswerStyle.Choice));
        Assert.Contains(report.Checks, check => check.Name == "solved by the empty completion" && check.Checked > 0);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Target_OfTheTemplate_IsWhatTheVerifierReads(string name, AnswerStyle style, AnswerPolicy policy)
    {
        var form = Form(name);
        var template = new PromptTemplate { Style = style, Completion = (solution, answer) => form.Completion(style, solution, answer) };
        var verifier = form.Create(Verifiers.Create(style, policy));
        using var held = verifier as IDisposable;
        var problems = Problems(form, style).Take(20).ToArray();

        var verdicts = verifier.Verify(
            [.. problems.Select(p => new Sample(p.Id, template.Target(p), p.Answer))], TestContext.Current.CancellationToken);

        Assert.All(verdicts, verdict => Assert.Equal(Outcome.Correct, verdict.Outcome));
        Assert.All(problems, p => Assert.Equal(template.Target(p), verifier.Completion(p.Solution!, p.Answer)));
    }

    [Theory]
    [InlineData("3 * 4 = 12.\n<answer>12</answer>", Outcome.Correct)]
    [InlineData("3 * 4 = 12.\n<answer> 12.0 pears </answer>\n", Outcome.Correct)]
    [InlineData("<answer>13</answer>", Outcome.Incorrect)]
    [InlineData("Therefore, the answer is: 12", Outcome.NoAnswer)]
    [InlineData("<answer>12</answer> or so", Outcome.NoAnswer)]
    [InlineData("<answer>12", Outcome.NoAnswer)]
    [InlineData("<answer></answer>", Outcome.NoAnswer)]
    [InlineData("<answer>11</answer><answer>12</answer>", Outcome.NoAnswer)]
    [InlineData("<answer><answer>12</answer>", Outcome.NoAnswer)]
    public void Tagged_Response_IsReadInItsTagsAlone(string response, Outcome expected) => Assert.Equal(
        expected, new TaggedForm().Create(new NumberVerifier()).Verify([new Sample("a", response, "12")], TestContext.Current.CancellationToken)[0].Outcome);

    private static IAnswerForm Form(string name) => Catalog.Default.Answers.Single(form => form.Name == name);

    [Theory]
    [InlineData("120", Outcome.Correct)]
    [InlineData(" 120\n", Outcome.Correct)]
    [InlineData("121", Outcome.Incorrect)]
    [InlineData("1200", Outcome.Incorrect)]
    [InlineData("12", Outcome.Incorrect)]
    [InlineData(" ", Outcome.NoAnswer)]
    public void WholeSolution_Response_IsRightLetterForLetter(string response, Outcome expected) => Assert.Equal(
        expected, new WholeSolutionForm().Create(new NumberVerifier()).Verify([new Sample("a", response, "120")], TestContext.Current.CancellationToken)[0].Outcome);

    private const string Two = "<think>1+2</think><answer>3</answer>\n<think>3*4</think> <answer>12</answer>";

    [Theory]
    [InlineData(Two, Outcome.Correct)]
    [InlineData("<think></think><answer>12.0</answer>", Outcome.Correct)]
    [InlineData("<think>1</think><answer>12</answer><think>2</think><answer>3</answer>", Outcome.Incorrect)]
    [InlineData("<answer>12</answer>", Outcome.NoAnswer)]
    [InlineData("<think>1</think><think>2</think><answer>12</answer>", Outcome.NoAnswer)]
    [InlineData("<think>1</think><answer>12</answer><answer>12</answer>", Outcome.NoAnswer)]
    [InlineData("<think>1</think><answer>12</answer><think>2</think>", Outcome.NoAnswer)]
    [InlineData("<think>1<answer>12</answer></think><answer>12</answer>", Outcome.NoAnswer)]
    [InlineData("<think>1</think>so <answer>12</answer>", Outcome.NoAnswer)]
    [InlineData("<think>1</think><answer>12", Outcome.NoAnswer)]
    [InlineData("<think>1</think><answer> </answer>", Outcome.NoAnswer)]
    public void Interleaved_Response_IsMadeOfWholeTurns(string response, Outcome expected) => Assert.Equal(
        expected, new InterleavedForm().Create(new NumberVerifier()).Verify([new Sample("a", response, "12")], TestContext.Current.CancellationToken)[0].Outcome);

    [Theory]
    [InlineData("def f(x):\n    return sum(x)", Outcome.Correct)]
    [InlineData("def f(x):\n    s = 0\n    for v in x:\n        s += v\n    return s", Outcome.Correct)]
    [InlineData("def f(x):\n    return len(x)", Outcome.Incorrect)]
    [InlineData("def f(x):\n    return x[0] + x[1]", Outcome.NoAnswer)]
    [InlineData("def f(x):\n    return float(sum(x))", Outcome.Incorrect)]
    [InlineData("def g(x):\n    return sum(x)", Outcome.NoAnswer)]
    [InlineData("def f(x):\n    while True:\n        pass", Outcome.Timeout)]
    [InlineData("def solution():\n    return 3", Outcome.NoAnswer)]
    [InlineData("f(x) is the sum", Outcome.NoAnswer)]
    public void UnitTests_Response_IsRun(string response, Outcome expected) => Assert.Equal(
        expected,
        new UnitTestsForm().Create(new NumberVerifier())
            .Verify([new Sample("a", response, "f([1, 2]) == 3; f([]) == 0")], TestContext.Current.CancellationToken)[0].Outcome);

    /// <summary>X = 101: of the 64 responses of six bits the 8 with Z = 1⊕Y₁, Z₁⊕Y₂⊕0, Z₂⊕Y₃⊕1 are right, one for every choice of Y.</summary>
    [Fact]
    public void Parities_EveryResponse_IsRightWhereItsOwnChoiceSays()
    {
        var verifier = new ParitiesForm().Create(new NumberVerifier());
        var all = Enumerable.Range(0, 64).Select(i => Convert.ToString(i, 2).PadLeft(6, '0')).ToArray();

        var right = verifier.Verify([.. all.Select(text => new Sample(text, text, "101"))], TestContext.Current.CancellationToken)
            .Where(verdict => verdict.IsCorrect).Select(verdict => verdict.SampleId).Order(StringComparer.Ordinal);

        Assert.Equal(["010100", "010111", "011001", "011010", "100001", "100010", "101100", "101111"], right);
        Assert.Equal(Outcome.NoAnswer, verifier.Verify([new Sample("a", "01011", "101")], TestContext.Current.CancellationToken)[0].Outcome);
    }

    private static IReadOnlyList<Problem> Problems(IAnswerForm form, AnswerStyle style) => Catalog.Default.Problems.FirstOrDefault(one => one.Form == form.Name) is { } own
        ? own switch
        {
            ParityChain chain => (chain with { Count = 80 }).Make(style),
            RegisterChain chain => (chain with { Count = 80 }).Make(style),
            MultiHop hops => (hops with { Count = 80 }).Make(style),
            ListFunctions functions => (functions with { Count = 80 }).Make(style),
            _ => own.Make(style),
        }
        : style != AnswerStyle.Choice
        ? new GeneratedSource(new ProblemGenerator(), GeneratedSplit.Train, 120, style).Load()
        :
        [
            .. Enumerable.Range(0, 20).Select(i => new Problem(
                $"c{i}", $"What is {i} + {i}?\na ) {2 * i} , b ) {(2 * i) + 1} , c ) {(2 * i) + 7} , d ) {i + 30}", $"{"abcd"[i % 4]}",
                $"{i} + {i} is {2 * i}.") { Row = i + 1 }),
        ];
}
