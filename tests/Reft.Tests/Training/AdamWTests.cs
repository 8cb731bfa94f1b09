using Reft.Models;
using Reft.Numerics;
using Reft.Tests.Numerics;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>AdamW against its algorithm, written out in double, and what it does in unusual steps.</summary>
public sealed class AdamWTests
{
    private static readonly AdamWOptions _options = new() { WeightDecay = 0.1, MaxGradientNorm = 0 };

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void Step_TenRandomGradients_FollowsTheAlgorithm(double maxNorm)
    {
        using var scope = NewDisposeScope();
        using var matrix = Make("matrix", ScalarType.Float32, 5, 7);
        using var vector = Make("vector", ScalarType.Float32, 19);
        using var optimizer = new AdamW([matrix, vector], _options with { MaxGradientNorm = maxNorm });
        var written = new[] { new WrittenOutAdam(matrix, decay: 0.1), new WrittenOutAdam(vector, decay: 0) };

        for (var step = 1; step <= 10; step++)
        {
            var gradients = new[] { Gradient(matrix, step), Gradient(vector, step + 100) };
            optimizer.Accumulate();
            optimizer.Step(learningRate: 0.01 * step);
            var norm = Math.Sqrt(gradients.SelectMany(g => g).Sum(g => g * g));
            var clip = maxNorm > 0 && norm > maxNorm ? maxNorm / norm : 1;
            foreach (var (adam, gradient) in written.Zip(gradients))
            {
                adam.Step([.. gradient.Select(g => g * clip)], 0.01 * step);
            }
        }

        // Float32 weights of order 1, and ten updates of up to 0.1 whose coefficients are float32 too.
        Near(written[0].Weights, matrix, 2e-5);
        Near(written[1].Weights, vector, 2e-5);
    }

    [Fact]
    public void Step_RateFactor_IsAnotherLearningRateForThatParameterAlone()
    {
        using var scope = NewDisposeScope();
        using var slow = Make("slow", ScalarType.Float32, 5, 7);
        using var fast = Make("fast", ScalarType.Float32, 6, 3);
        fast.RateFactor = 10;
        using var optimizer = new AdamW([slow, fast], _options);
        var written = new[] { new WrittenOutAdam(slow, decay: 0.1), new WrittenOutAdam(fast, decay: 0.1) };

        for (var step = 1; step <= 10; step++)
        {
            var gradients = new[] { Gradient(slow, step), Gradient(fast, step + 100) };
            optimizer.Accumulate();
            optimizer.Step(learningRate: 0.001);
            written[0].Step(gradients[0], 0.001);
            written[1].Step(gradients[1], 0.01);
        }

        Near(written[0].Weights, slow, 2e-5);
        Near(written[1].Weights, fast, 2e-5);
    }

    [Fact]
    public void Step_ParameterWithoutGradients_IsLeftAloneAndStartsFresh()
    {
        using var scope = NewDisposeScope();
        using var early = Make("early", ScalarType.Float32, 3, 3);
        using var late = Make("late", ScalarType.Float32, 3, 3);
        using var optimizer = new AdamW([early, late], _options);
        var before = Episodes.Values(late.Value);
        for (var step = 0; step < 50; step++)
        {
            Gradient(early, step);
            optimizer.Accumulate();
            optimizer.Step(0.01);
        }

        Assert.Equal(before, Episodes.Values(late.Value));

        var gradient = Gradient(late, step: 7);
        optimizer.Accumulate();
        var report = optimizer.Step(0.01);

        // The first step of Adam is the learning rate in the gradient's direction, whatever its size.
        Near([.. before.Select((w, i) => (w * (1 - (0.01 * 0.1))) - (0.01 * Math.Sign(gradient[i])))], late, 1e-6);
        Assert.Equal(0.5, report.ChangedShare); // Of both parameters.
        Assert.Equal(51, optimizer.Steps);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Step_GradientNotFinite_IsLeftOutAndForgotten(float bad)
    {
        using var scope = NewDisposeScope();
        using var parameter = Make("p", ScalarType.Float32, 4);
        using var twin = Make("p", ScalarType.Float32, 4);
        using var optimizer = new AdamW([parameter], _options);
        using var other = new AdamW([twin], _options);
        var before = Episodes.Values(parameter.Value);
        (parameter.Value * tensor(new[] { 1, bad, 1, 1 })).sum().backward();
        optimizer.Accumulate();

        var report = optimizer.Step(0.1);

        Assert.True(report is { Skipped: true, UpdateNorm: 0, ChangedShare: 0 });
        Assert.False(double.IsFinite(report.GradientNorm));
        Assert.Equal(before, Episodes.Values(parameter.Value));
        Assert.Equal(0, optimizer.Steps);
        foreach (var (own, its) in new[] { (optimizer, parameter), (other, twin) })
        {
            Gradient(its, step: 1);
            own.Accumulate();
            own.Step(0.1);
        }

        Assert.Equal(Episodes.Values(twin.Value), Episodes.Values(parameter.Value));
    }

    [Fact]
    public void Step_BFloat16AtATinyRate_MovesTheMastersFirst()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter("p", ones(64, dtype: ScalarType.BFloat16).requires_grad_());
        using var optimizer = new AdamW([parameter], new AdamWOptions { MaxGradientNorm = 0 });
        // The next bfloat16 below 1 is 1 - 2⁻⁸; half of the way there the weight rounds to it. A hundred steps of 3e-5 go
        // past 2⁻⁹ = 0.00195 at step 66.
        for (var step = 1; step <= 100; step++)
        {
            parameter.Value.sum().backward();
            optimizer.Accumulate();
            var report = optimizer.Step(3e-5);

            Assert.Equal(step == 66 ? 1 : 0, report.ChangedShare);
            Assert.Equal(8 * 3e-5, report.UpdateNorm, 1e-6);
            Assert.Equal(step < 66 ? 1f : 1 - (1f / 256), Episodes.Values(parameter.Value)[0]);
        }

        var master = optimizer.State.Single(s => s.Key == "master.p").Value;
        Assert.Equal(1 - (100 * 3e-5), Episodes.Values(master)[0], 1e-5);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Restore_StateOfAnotherRun_GoesOnToTheSameBits(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var parameter = Make("p", dtype, 40);
        using var resumed = Make("p", dtype, 40);
        using var optimizer = new AdamW([parameter], _options);
        using var another = new AdamW([resumed], _options);
        Run(optimizer, parameter, 0..5);
        Run(another, resumed, 90..97);

        another.Restore(optimizer.Steps, optimizer.State.ToDictionary(s => s.Key, s => s.Value));
        Run(optimizer, parameter, 5..9);
        Run(another, resumed, 5..9);

        Assert.Equal(9, another.Steps);
        Assert.Equal(Episodes.Values(parameter.Value), Episodes.Values(resumed.Value));
        Assert.Equal(Values(optimizer), Values(another));

        static float[] Values(AdamW optimizer) => [.. optimizer.State.SelectMany(s => Episodes.Values(s.Value))];

        static void Run(AdamW optimizer, Parameter parameter, Range steps)
        {
            for (var step = steps.Start.Value; step < steps.End.Value; step++)
            {
                Gradient(parameter, step);
                optimizer.Accumulate();
                optimizer.Step(0.01);
            }
        }
    }

    private static Parameter Make(string name, ScalarType dtype, params long[] shape)
    {
        using var generator = new Generator(CounterRandom.Hash(3, name), CPU);
        return new Parameter(name, randn(shape, generator: generator).to(dtype).requires_grad_());
    }

    /// <summary>Gives the parameter a random gradient of this step, in two backward passes.</summary>
    private static double[] Gradient(Parameter parameter, int step)
    {
        using var generator = new Generator((ulong)step, CPU);
        var gradient = randn(parameter.Value.shape, generator: generator).to(parameter.Value.dtype);
        (parameter.Value * gradient).sum().backward();
        return [.. Episodes.Values(gradient).Select(g => (double)g)];
    }

    private static void Near(double[] expected, Parameter parameter, double tolerance) =>
        FiniteDifferences.AssertNear(expected, FiniteDifferences.Wide(Episodes.Values(parameter.Value)), tolerance);

    /// <summary>Loshchilov 2019, algorithm 2.</summary>
    private sealed class WrittenOutAdam(Parameter parameter, double decay)
    {
        private readonly double[] _first = new double[parameter.Value.numel()];
        private readonly double[] _second = new double[parameter.Value.numel()];
        private int _steps;

        public double[] Weights { get; } = [.. Episodes.Values(parameter.Value).Select(w => (double)w)];

        public void Step(double[] gradient, double rate)
        {
            _steps++;
            for (var i = 0; i < gradient.Length; i++)
            {
                _first[i] = (0.9 * _first[i]) + (0.1 * gradient[i]);
                _second[i] = (0.999 * _second[i]) + (0.001 * gradient[i] * gradient[i]);
                var mean = _first[i] / (1 - Math.Pow(0.9, _steps));
                var square = _second[i] / (1 - Math.Pow(0.999, _steps));
                Weights[i] -= rate * ((mean / (Math.Sqrt(square) + 1e-8)) + (decay * Weights[i]));
            }
        }
    }
}
