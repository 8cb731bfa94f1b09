using Reft.Checkpoints;
using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>
/// Gradients through a whole small model in float32 against central differences: along the gradient of each parameter, which
/// must give its norm, and by single weights.
/// </summary>
/// <remarks>
/// Outputs are float32 and are summed in double: about 2e-6 of rounding in a loss of order 10, over steps of 2 × 0.01 that is
/// 1e-4 of a slope. The differences of two steps are combined (Richardson), which leaves the fourth power of the step.
/// </remarks>
public sealed class ModelGradientTests
{
    private const double Absolute = 1e-3;
    private const double Relative = 3e-3;

    private static readonly PolicySequence[] _sequences =
        [new([1, 5, 2, 8, 3, 0], 2), new([4, 4, 7], 1), new([9, 2, 6, 6, 1, 10, 3], 4)];

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Evaluate_LogProbsAndValues_HaveTheirSlopes(string family)
    {
        using var model = family == "llama" ? TinyModels.Llama(12, width: 16, layers: 2) : TinyModels.Gpt2(12, width: 16, layers: 2);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: false, seed: 2, CPU));
        Enlarge(model);
        policy.RequireGradients(true);
        using var scope = NewDisposeScope();
        var outputs = policy.Evaluate(_sequences, PolicyQuestions.Values);

        var (forLogProbs, forValues) = Coefficients((int)outputs.LogProbs.shape[0]);
        ((outputs.LogProbs * tensor(forLogProbs)).sum() + (outputs.Values! * tensor(forValues)).sum()).backward();

        foreach (var parameter in policy.Parameters)
        {
            var gradient = Episodes.Values(parameter.Value.grad!);
            var norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(norm > 1e-3, $"{parameter.Name} hardly matters here: its gradient is {norm}");
            Near(norm, Slope(policy, parameter, [.. gradient.Select(g => g / norm)]), parameter.Name);
            foreach (var index in new[] { Array.IndexOf(gradient, gradient.Max()), gradient.Length / 2 })
            {
                var direction = new double[gradient.Length];
                direction[index] = 1;
                Near(gradient[index], Slope(policy, parameter, direction), $"{parameter.Name}[{index}]");
            }
        }
    }

    private static void Near(double gradient, double slope, string name) => Assert.True(
        Math.Abs(gradient - slope) <= Absolute + (Relative * Math.Abs(slope)), $"{name}: gradient {gradient}, slope {slope}");

    private static double Slope(Policy policy, Parameter parameter, double[] direction)
    {
        var (small, large) = (Difference(0.01), Difference(0.02));
        return ((4 * small) - large) / 3;

        double Difference(double step) => (Loss(step) - Loss(-step)) / (2 * step);

        double Loss(double step)
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var before = parameter.Value.detach().clone();
            parameter.Value.add_(tensor([.. direction.Select(d => (float)(step * d))], parameter.Value.shape));
            var outputs = policy.Evaluate(_sequences, PolicyQuestions.Values);
            parameter.Value.copy_(before);
            var (logProbs, values) = (Episodes.Values(outputs.LogProbs), Episodes.Values(outputs.Values!)); // They are asked for.
            var (forLogProbs, forValues) = Coefficients(logProbs.Length);
            return logProbs.Select((p, i) => ((double)p * forLogProbs[i]) + ((double)values[i] * forValues[i])).Sum();
        }
    }

    private static (float[] ForLogProbs, float[] ForValues) Coefficients(int count)
    {
        var random = new CounterRandom(6);
        return ([.. Draw()], [.. Draw()]);

        IEnumerable<float> Draw() => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    /// <summary>A fresh model is nearly linear: larger matrices make every part of it matter.</summary>
    private static void Enlarge(PretrainedModel model)
    {
        using var frozen = no_grad();
        foreach (var parameter in model.Decoder.Parameters.Where(p => p.Value.dim() > 1))
        {
            parameter.Value.mul_(10);
        }
    }
}
