using Reft.Diagnosis;
using static Reft.Tests.Diagnosis.MadeFigures;

namespace Reft.Tests.Diagnosis;

/// <summary>Every red flag of docs/operating.md by figures that show it alone; healthy figures show none.</summary>
public sealed class FigureRuleTests
{
    private static readonly Dictionary<string, RunFigures> Spoilt = new()
    {
        ["reward-falling"] = With("reward/terminal", Line(0.6, 0.4)),
        ["reward-nothing"] = With("reward/terminal", Line(0, 0)),
        ["reward-flat"] = With("reward/terminal", Line(0.5, 0.5)),
        ["no-answer-rising"] = With("verdict/no_answer_share", Line(0.02, 0.2)),
        ["errors-rising"] = With("verdict/error_share", Line(0.02, 0.3)),
        ["dev-falling"] = Healthy() with { Dev = Dev(0.4, 0.5, 0.38) },
        ["kl-growth"] = With("kl/k1_sequence", Line(0, 80)),
        ["entropy-collapse"] = With("policy/entropy", Line(0.3, 0.001)),
        ["entropy-rising"] = With("policy/entropy", Line(0.3, 3)),
        ["explained-variance"] = With("value/explained_variance", Line(-0.2, -0.15)),
        ["clip-fraction"] = With("ppo/clip_fraction", Line(0.05, 0.5)),
        ["approximate-kl"] = With("ppo/approx_kl", Line(0.01, 0.3)),
        ["sampler-drifts"] = With("sampler/kl_k3", Line(0.0001, 0.009)),
        ["weights-still"] = With("optimizer/changed_share", Spiked(0.9, 0, 10, 11, 12)),
        ["gradients-nothing"] = With("optimizer/gradient_norm", Spiked(1, 0, 10, 11, 12, 13)),
        ["skipped-updates"] = With("optimizer/skipped", Spiked(0, 1, 30)),
        ["length-climbing"] = With("rollout/length_mean", Line(50, 98)),
        ["truncated"] = With("rollout/truncated_share", Line(0.01, 0.4)),
        ["gradient-spikes"] = With("optimizer/gradient_norm", Spiked(1, 30, 25, 40, 50)),
    };

    public static TheoryData<string> Ids => [.. Spoilt.Keys];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Judge_OneFigureSpoilt_IsTheOneFinding(string id) =>
        Assert.Equal([id], RunDoctor.Judge(Spoilt[id]).Select(f => f.Id));

    [Fact]
    public void Judge_Healthy_FindsNothing() => Assert.Empty(RunDoctor.Judge(Healthy()));

    [Fact]
    public void Judge_RewardRisesByWrongAnswersAlone_IsFarming()
    {
        var columns = new Dictionary<string, double[]>(Healthy().Columns)
        {
            ["reward/terminal"] = Line(0.2, 0.26),
            ["verdict/correct_share"] = Spiked(0.2, 0.2),
            ["verdict/incorrect_share"] = Line(0.1, 0.7),
        };

        var finding = Assert.Single(RunDoctor.Judge(Healthy() with { Columns = columns }));

        Assert.Equal(("partial-farming", Witness.Incorrect), (finding.Id, finding.Witness));
    }

    /// <summary>Hints that shrink while their problems are still solved are the search at work; where hardly any are, it was luck.</summary>
    [Theory]
    [InlineData(0.03, true)]
    [InlineData(0.45, false)]
    public void Judge_HintsThatShrank_AreARatchetWhereNothingIsSolved(double last, bool expected)
    {
        var columns = new Dictionary<string, double[]>(Healthy().Columns)
        {
            ["hints/high_mean"] = Line(1, 0.37),
            ["verdict/correct_share"] = Line(0.5, last),
        };

        Assert.Equal(expected, RunDoctor.Judge(Healthy() with { Columns = columns }).Any(finding => finding.Id == "hints-ratchet"));
    }

    [Fact]
    public void Judge_RewardFallsAtTheEnd_IsNotCalledFlat()
    {
        // A slope that wild steps do not move does not see a collapse in the last window either.
        double[] column = [.. Spiked(0.6, 0.6)[..66], 0.3, 0.3, 0.3, 0.3, 0.3, 0.3];

        Assert.Equal("reward-falling", Assert.Single(RunDoctor.Judge(With("reward/terminal", column))).Id);
    }

    [Fact]
    public void Judge_GradientsThatShrinkAsAFreshModelLearns_AreNoSpikes() => Assert.Empty(
        RunDoctor.Judge(With("optimizer/gradient_norm", [.. Enumerable.Range(0, Steps).Select(i => 30 * Math.Pow(0.9, i))])));

    [Fact]
    public void Judge_Streak_NamesItsSteps()
    {
        var finding = Assert.Single(RunDoctor.Judge(Spoilt["weights-still"]));

        Assert.Equal((10L, 12L), (finding.From!.Value, finding.To!.Value));
    }

    [Fact]
    public void Judge_NoGradientAndSoNoChange_DoesNotBlameRounding()
    {
        var still = With("optimizer/changed_share", Spiked(0.9, 0, 10, 11, 12, 13));
        var columns = new Dictionary<string, double[]>(still.Columns) { ["optimizer/gradient_norm"] = Spiked(1, 0, 10, 11, 12, 13) };

        Assert.Equal(["gradients-nothing"], RunDoctor.Judge(still with { Columns = columns }).Select(f => f.Id));
    }

    [Fact]
    public void Judge_FewSteps_HaveNoTrend()
    {
        Assert.Null(Trend.Of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
        Assert.Empty(RunDoctor.Judge(new RunFigures([], new Dictionary<string, double[]>(), [], 100)));
    }

    [Fact]
    public void Trend_Line_IsItsSlopeAndOneWildStepDoesNotMoveIt()
    {
        // Windows of six steps: the mean of the first is 2.5, of the last 68.5.
        double[] line = [.. Enumerable.Range(0, 72).Select(i => (double)i)];
        double[] wild = [.. line];
        wild[71] = 1e6;

        Assert.Equal(new Trend(66, 66, 66, 2.5, 68.5), Trend.Of(line));
        Assert.Equal(66, Trend.Of(wild)!.Change, 1e-9);
    }

    [Fact]
    public void Trend_Alternating_NeitherRisesNorFalls()
    {
        var trend = Trend.Of([.. Enumerable.Range(0, 72).Select(i => i / 6 % 2 == 0 ? 1.0 : 0)])!;

        Assert.False(trend.Rises);
        Assert.False(trend.Falls);
    }
}
