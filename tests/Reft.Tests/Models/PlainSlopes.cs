using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>A decoder beside what plain loops in float64 say of the same weights.</summary>
internal static class PlainSlopes
{
    /// <summary>The logits of a sequence that stands behind another in one batch, against the plain ones.</summary>
    /// <returns>The largest difference.</returns>
    public static double Apart(Decoder decoder, int[] ids, double[][] plain)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = decoder.Prepare();
        var logits = decoder.Logits(decoder.Hidden(new TokenBatch([SmallModels.Ids(2, 5), ids]))).narrow(0, 5, ids.Length);
        return plain.Select((row, t) => row.Select((l, v) => Math.Abs(l - logits[t][v].item<float>())).Max()).Max();
    }

    /// <summary>Every parameter's gradient of a sequence's log-likelihood is the slope of the plain one, by finite differences.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="ids">The sequence.</param>
    /// <param name="weights">The plain weights, which are changed and put back.</param>
    /// <param name="logLikelihood">The plain log-likelihood of the sequence.</param>
    /// <param name="allTrained">Whether each parameter has a gradient; an expert that no token takes has none.</param>
    /// <param name="tolerance">The absolute part: sums of 20 tokens' gradients in float32, of size 10 to 1000 before they cancel.</param>
    /// <param name="places">Where in a gradient to look.</param>
    public static void AreTheGradients(
        Decoder decoder, int[] ids, IReadOnlyDictionary<string, double[]> weights, Func<double> logLikelihood, bool allTrained, double tolerance,
        Func<float[], IEnumerable<int>> places)
    {
        using var policy = new Policy(decoder);
        policy.RequireGradients(true);
        using var scope = NewDisposeScope();
        using var prepared = policy.Prepare();

        policy.Evaluate([new PolicySequence(ids, 1)], PolicyQuestions.None).LogProbs.sum().backward();

        foreach (var parameter in policy.Parameters)
        {
            Assert.True(!allTrained || parameter.Value.grad is not null, parameter.Name);
            var gradient = parameter.Value.grad?.flatten().data<float>().ToArray() ?? new float[parameter.Value.numel()];
            var values = weights[parameter.Name];
            foreach (var at in places(gradient))
            {
                var slope = (Moved(at, 1e-5) - Moved(at, -1e-5)) / 2e-5;
                var allowed = tolerance + (1e-3 * Math.Abs(slope));
                Assert.InRange(gradient[at], slope - allowed, slope + allowed);
            }

            double Moved(int at, double step)
            {
                var value = values[at];
                values[at] = value + step;
                var sum = logLikelihood();
                values[at] = value;
                return sum;
            }
        }
    }
}
