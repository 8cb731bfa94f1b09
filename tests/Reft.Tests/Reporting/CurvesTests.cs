using System.Text.Json;
using Reft.Reporting;

namespace Reft.Tests.Reporting;

public sealed class CurvesTests
{
    [Fact]
    public void Add_FewSteps_KeepsEachWithItsGaps()
    {
        var curves = Fill(new ReportLimits(), (0, "1"), (1, "null"), (2, "3"), (5, "1e999"), (6, "-2"));

        var curve = curves.Figures["a"];
        Assert.Equal([0, 1, 2, 5, 6], curves.From);
        Assert.Equal([1, double.NaN, 3, double.NaN, -2], curve.Means);
        Assert.Equal((1, 1, -2, 5), (curves.Stride, curve.First, curve.Last, curves.Steps));
    }

    [Fact]
    public void Add_MoreStepsThanPoints_JoinsNeighbours()
    {
        // Two points at most become four steps each: 0 and 1 and 2 and 3, then 4 and 5.
        var curves = Fill(
            new ReportLimits { CurvePoints = 1 }, (0, "1"), (1, "2"), (2, "null"), (3, "9"), (4, "5"), (5, "7"));

        var curve = curves.Figures["a"];
        Assert.Equal(4, curves.Stride);
        Assert.Equal([0, 4], curves.From);
        Assert.Equal([3, 5], curves.To);
        Assert.Equal([4, 6], curve.Means);
        Assert.Equal([1, 5], curve.Low);
        Assert.Equal([9, 7], curve.High);
    }

    [Fact]
    public void Add_FigureThatComesLate_StandsAtItsSteps()
    {
        var curves = new Curves(new ReportLimits { CurvePoints = 2 });
        for (var step = 0; step < 6; step++)
        {
            Add(curves, step, step == 5 ? """{"a":1,"late":10}""" : """{"a":1}""");
        }

        Assert.Equal([0, 2, 4], curves.From);
        Assert.Equal([double.NaN, double.NaN, 10], curves.Figures["late"].Means);
    }

    [Fact]
    public void Add_AnyNumberOfSteps_KeepsTheMeanAndTheRange()
    {
        for (var steps = 1; steps < 200; steps++)
        {
            var curves = new Curves(new ReportLimits { CurvePoints = 5 });
            for (var step = 0; step < steps; step++)
            {
                Add(curves, step, $$"""{"a":{{(step * 7) % 31}}}""");
            }

            var values = Enumerable.Range(0, steps).Select(step => (double)((step * 7) % 31)).ToArray();
            var curve = curves.Figures["a"];
            var weights = curves.From.Zip(curves.To, (from, to) => to - from + 1.0);
            Assert.True(curves.From.Count <= 10, $"{steps} steps are {curves.From.Count} points");
            Assert.Equal(values.Sum(), curve.Means.Zip(weights, (mean, weight) => mean * weight).Sum(), 1e-9);
            Assert.Equal((values.Min(), values.Max()), (curve.Low.Min(), curve.High.Max()));
            Assert.Equal(steps - 1, curves.To[^1]);
        }
    }

    [Fact]
    public void Read_StepsThatGoBackAndTooManyNames_AreNotedAndLeftOut()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["metrics.jsonl"], """
            {"step":1,"a":1,"b":2,"c":3}
            {"step":1,"a":5}
            {"step":2,"a":2,"rollouts":"9f3c","flag":true}

            """);
        var notes = new List<string>();

        var curves = Curves.Read(folder["metrics.jsonl"], new ReportLimits { CurveNames = 2 }, notes);

        Assert.Equal(["a", "b"], curves.Figures.Keys);
        Assert.Equal([1, 2], curves.Figures["a"].Means);
        Assert.Equal(["metrics.jsonl: 1 lines left out whose step is not behind the one before"], notes);
    }

    private static Curves Fill(ReportLimits limits, params (int Step, string Value)[] values)
    {
        var curves = new Curves(limits);
        foreach (var (step, value) in values)
        {
            Add(curves, step, $$"""{"step":{{step}},"a":{{value}}}""");
        }

        return curves;
    }

    private static void Add(Curves curves, long step, string json)
    {
        using var document = JsonDocument.Parse(json);
        curves.Add(step, document.RootElement);
    }
}
