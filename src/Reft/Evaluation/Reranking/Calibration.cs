namespace Reft.Evaluation.Reranking;

/// <summary>Scores of one range.</summary>
/// <param name="From">The lower end of the range.</param>
/// <param name="Count">How many samples score in it.</param>
/// <param name="Score">Their mean score; null where there are none.</param>
/// <param name="Right">The share of them that is right; null where there are none.</param>
internal sealed record CalibrationBin(double From, int Count, double? Score, double? Right);

/// <summary>How far scores can be taken for probabilities.</summary>
/// <param name="Samples">How many samples.</param>
/// <param name="Right">The share of them that is right.</param>
/// <param name="Accuracy">The share that is told rightly at a threshold of 0.5.</param>
/// <param name="ExpectedError">
/// The expected calibration error (<see href="https://arxiv.org/abs/1706.04599"/>, equation 3) over the bins:
/// <c>Σ n_b/N · |right_b - score_b|</c>.
/// </param>
/// <param name="Brier">The mean squared distance of score and outcome (<see href="https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2"/>).</param>
/// <param name="Bins">Ranges of equal width, from 0 to 1.</param>
internal sealed record Calibration(
    int Samples, double Right, double Accuracy, double ExpectedError, double Brier, IReadOnlyList<CalibrationBin> Bins)
{
    private const int BinCount = 10;

    /// <summary>Compares scores with outcomes.</summary>
    /// <param name="samples">Scores in [0, 1] and whether the sample is right; at least one.</param>
    public static Calibration Of(IReadOnlyList<(double Score, bool IsRight)> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count, nameof(samples));
        var binned = samples.ToLookup(s => Math.Min(BinCount - 1, (int)(s.Score * BinCount)));
        CalibrationBin[] bins = [.. Enumerable.Range(0, BinCount).Select(b => Bin(b, [.. binned[b]]))];
        return new Calibration(
            samples.Count,
            samples.Average(s => s.IsRight ? 1.0 : 0),
            samples.Average(s => s.Score >= 0.5 == s.IsRight ? 1.0 : 0),
            bins.Sum(bin => bin.Count == 0 ? 0 : (double)bin.Count / samples.Count * Math.Abs(bin.Right!.Value - bin.Score!.Value)), // Not empty.
            samples.Average(s => Math.Pow(s.Score - (s.IsRight ? 1 : 0), 2)),
            bins);
    }

    private static CalibrationBin Bin(int bin, IReadOnlyList<(double Score, bool IsRight)> samples) => new(
        (double)bin / BinCount, samples.Count,
        samples.Count == 0 ? null : samples.Average(s => s.Score),
        samples.Count == 0 ? null : samples.Average(s => s.IsRight ? 1.0 : 0));
}
