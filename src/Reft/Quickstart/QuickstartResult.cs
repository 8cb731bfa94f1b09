using Reft.Evaluation;
using Reft.Training.Runs;

namespace Reft.Quickstart;

/// <summary>One problem that the warm-up got wrong and ReFT got right.</summary>
/// <param name="Before">The warm-up's completion.</param>
/// <param name="After">ReFT's.</param>
internal sealed record QuickstartExample(EvaluationItem Before, EvaluationItem After);

/// <summary>What the quickstart found on held-out problems.</summary>
/// <param name="WarmUp">The warm-up.</param>
/// <param name="Sft">More supervised fine-tuning.</param>
/// <param name="Reft">ReFT.</param>
/// <param name="Difference">ReFT against more supervised fine-tuning.</param>
internal sealed record QuickstartResult(
    EvaluationResult WarmUp, EvaluationResult Sft, EvaluationResult Reft, EvaluationComparison Difference)
{
    /// <summary>Whether ReFT's interval lies wholly above that of supervised fine-tuning.</summary>
    public bool IsAhead => Reft.Greedy.Accuracy.Low > Sft.Greedy.Accuracy.High;

    /// <summary>Reads the evaluations of the three runs.</summary>
    public static QuickstartResult Read(QuickstartConfigs configs)
    {
        var warmUp = Test(configs.WarmUp.Run);
        var sft = Test(configs.Sft.Run);
        var reft = Test(configs.Reft.Run);
        return new QuickstartResult(warmUp, sft, reft, EvaluationComparison.Of(reft, sft));
    }

    /// <summary>Some problems that ReFT learned.</summary>
    public IReadOnlyList<QuickstartExample> Examples(int count)
    {
        var after = Reft.Greedy.Items.ToDictionary(item => item.Problem);
        return [.. WarmUp.Greedy.Items.Where(before => !before.IsCorrect && after[before.Problem].IsCorrect)
            .Take(count).Select(before => new QuickstartExample(before, after[before.Problem]))];
    }

    private static EvaluationResult Test(string run) =>
        EvaluationFile.Read(Directory.GetFiles(new RunFolder(run).Evaluations, "step-*.test.json").Single());
}
