using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Configuration;
using Reft.Methods;
using Reft.Models;
using Reft.Problems;
using Reft.Runs;
using Reft.Tests.Configuration;
using Reft.Tests.Numerics;
using Reft.Tests.Training;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>The knobs of T1: the centred KL, the reference that follows, sampling that leaves unlikely tokens out.</summary>
public sealed class T1Tests : IDisposable
{
    private const int Vocabulary = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Two samples of two problems. KLs are 0.3, 0.1, -0.2 and 0.6: mean 0.2. Leave-one-out advantages are ±1 and 0.</summary>
    [Fact]
    public void CentredKl_FourSequences_EqualsHandArithmetic()
    {
        Trajectory[] rows =
        [
            Row("a", 1, [-1, -2], [-1.1f, -2.2f]), Row("a", 0, [-1], [-1.1f]), Row("b", 1, [-2, -1], [-1.5f, -1.3f]), Row("b", 1, [-0.4f], [-1]),
        ];
        var plain = new GroupAdvantages(GroupBaseline.LeaveOneOut, GroupScale.None);

        var estimates = new CentredKl(plain, 0.5).Estimate(rows, new StepMetrics());
        var centred = CentredKl.Of(rows, [true, true, true, true]);

        FiniteDifferences.AssertNear([0.1, -0.1, -0.4, 0.4], centred, 1e-6);
        Assert.Equal(0, centred.Sum(), 1e-12);
        FiniteDifferences.AssertNear([1 - 0.05, 1 - 0.05], estimates[0].Values, 1e-6);
        FiniteDifferences.AssertNear([-1 + 0.05], estimates[1].Values, 1e-6);
        FiniteDifferences.AssertNear([0.2, 0.2], estimates[2].Values, 1e-6);
        FiniteDifferences.AssertNear([-0.2], estimates[3].Values, 1e-6);
        // What is left out moves nobody's mean: of 0.3, 0.1 and -0.2 that is 0.2 / 3.
        FiniteDifferences.AssertNear([0.7 / 3, 0.1 / 3, -0.8 / 3, 0], CentredKl.Of(rows, [true, true, true, false]), 1e-6);
    }

    [Fact]
    public void Advantages_RandomRewardsAndKls_SumToZeroOverTheStep()
    {
        var random = new Reft.Numerics.CounterRandom(5);
        var rows = Enumerable.Range(0, 12).Select(i => Row(
            $"p{i / 4}", random.NextDouble(), [(float)-random.NextDouble()], [(float)-random.NextDouble()])).ToArray();
        var plain = new GroupAdvantages(GroupBaseline.LeaveOneOut, GroupScale.None);

        var groups = plain.Estimate(rows, new StepMetrics()).Select(e => e.Values[0]).Chunk(4).ToArray();
        var whole = new CentredKl(plain, 3).Estimate(rows, new StepMetrics()).Sum(e => e.Values[0]);

        Assert.All(groups, group => Assert.Equal(0, group.Sum(), 1e-12));
        Assert.All(groups, group => Assert.True(group.Max() > 0.01));
        Assert.Equal(0, whole, 1e-12);
    }

    /// <summary>Three steps of weights w: the average is worked out in double, and put into a model that is asked instead.</summary>
    [Theory]
    [InlineData(0.99, false, ScalarType.Float32)]
    [InlineData(0.5, false, ScalarType.Float32)]
    [InlineData(0, false, ScalarType.Float32)]
    [InlineData(0.9, true, ScalarType.Float32)]
    [InlineData(0.99, false, ScalarType.BFloat16)]
    public void AveragedReference_WeightsThatMove_IsTheirRunningAverage(double kept, bool hasAdapters, ScalarType dtype)
    {
        using var model = Model(hasAdapters, dtype);
        using var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        using var other = Model(hasAdapters, dtype);
        using var expecting = new Policy(other.Decoder);
        using var average = new AveragedReference(policy, kept, 4096);
        var sequences = Episodes.Sequences(Episodes.Random(3, 5, Vocabulary));
        var expected = Episodes.Weights(policy).Select(w => (double)w).ToArray();

        for (var step = 0; step < 3; step++)
        {
            Move(policy, step == 0 ? 0 : 0.25 / step);
            var own = Episodes.Weights(policy);
            expected = [.. expected.Zip(own, (before, now) => (kept * before) + ((1 - kept) * now))];
            Put(expecting, expected);

            var asked = average.LogProbs(sequences);

            var right = PolicyEvaluation.LogProbs(expecting, sequences, 4096);
            Assert.InRange(Worst(asked, right), 0, dtype == ScalarType.Float32 ? 1e-5 : 0.05); // A weight may round to its neighbour in bfloat16.
            Assert.Equal(own, Episodes.Weights(policy));
            Assert.All(average.Kept.Values, tensor => Assert.Equal(ScalarType.Float32, tensor.dtype));
            FiniteDifferences.AssertNear(expected, [.. average.Kept.Values.SelectMany(Episodes.Values).Select(w => (double)w)], 1e-6);
            if (step == 0)
            {
                Assert.Equal(PolicyEvaluation.LogProbs(policy, sequences, 4096), asked);
            }
        }

        Assert.True(kept == 0 || Worst(average.LogProbs(sequences), PolicyEvaluation.LogProbs(policy, sequences, 4096)) > 1e-3);
    }

    /// <summary>With none of its knobs it is RLOO, and each of them makes a difference.</summary>
    [Fact]
    public void Run_WithoutItsKnobs_IsRlooToTheBit()
    {
        var rloo = Weights("rloo", "rloo", "rloo={klCoefficient: 0.05}");
        var plain = Weights("plain", "t1", "t1={klCoefficient: 0.05, reference: frozen, centresKl: false, entropyCoefficient: 0}");
        string[] knobs =
        [
            "t1={klCoefficient: 0.05, reference: frozen, centresKl: false, entropyCoefficient: 0.01}",
            "t1={klCoefficient: 0.05, reference: average, averageRate: 0.5, centresKl: false, entropyCoefficient: 0}",
            "t1={klCoefficient: 0.05, reference: frozen, entropyCoefficient: 0}",
            "t1={reference: none, entropyCoefficient: 0}",
        ];

        Assert.Equal(rloo, plain);
        Assert.All(knobs.Index(), knob => Assert.NotEqual(rloo, Weights($"knob{knob.Index}", "t1", knob.Item)));
    }

    /// <summary>An average that keeps all of itself is the model that the run began with.</summary>
    [Fact]
    public void Run_AverageThatKeepsAll_IsTheFrozenReferenceToTheBit() => Assert.Equal(
        Weights("frozen", "t1", "t1={klCoefficient: 0.05, reference: frozen}"),
        Weights("kept", "t1", "t1={klCoefficient: 0.05, reference: average, averageRate: 1}"));

    [Theory]
    [InlineData("model.lora={rank: 2, alpha: 4}")]
    [InlineData("model.dtype=bf16")]
    [InlineData("rollouts={maxTokens: 24, samplesPerProblem: 8, temperature: 1.2, minP: 0.05}")]
    public void Run_StoppedAndResumed_GivesTheSameBytes(string set)
    {
        const string Own = "t1={klCoefficient: 0.1, averageRate: 0.7}";
        var unbroken = Weights("unbroken", "t1", Own, set);
        using (var stop = new CancellationTokenSource())
        {
            using var run = Prepare("broken", "t1", new Nobody { Stop = stop }, Own, set);
            Assert.Equal(RunEnd.Stopped, run.Run(false, "test", stop.Token).End);
        }

        using (var run = Prepare("broken", "t1", new Nobody(), Own, set))
        {
            Assert.Equal(RunEnd.Finished, run.Run(true, "test", TestContext.Current.CancellationToken).End);
        }

        Assert.Equal(unbroken, Last("broken"));
        var states = Directory.EnumerateFiles(_folder["broken"], "kept.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        var same = Directory.EnumerateFiles(_folder["unbroken"], "kept.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(File.ReadAllBytes(same[^1]), File.ReadAllBytes(states[^1]));
    }

    private static Reft.Checkpoints.PretrainedModel Model(bool hasAdapters, ScalarType dtype)
    {
        var model = TinyModels.Llama(Vocabulary, width: 16, layers: 2, dtype: dtype);
        if (hasAdapters)
        {
            model.Decoder.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4 }, seed: 1);
        }

        return model;
    }

    private static Trajectory Row(string problem, double reward, float[] own, float[] reference)
    {
        var rollout = Episodes.Make(0, [1, .. own.Select(_ => 2)], prompt: 1) with { Problem = new Problem(problem, "", ""), LogProbs = own };
        var rewards = new double[own.Length];
        rewards[^1] = reward;
        return new Trajectory(rollout) { OldLogProbs = own, ReferenceLogProbs = reference, Rewards = rewards };
    }

    private static void Move(Policy policy, double by)
    {
        using var frozen = no_grad();
        foreach (var (i, parameter) in policy.Parameters.Index())
        {
            using var generator = new Generator((ulong)i, CPU);
            using var moved = (parameter.Value.to(ScalarType.Float32, copy: true) + (by * randn(parameter.Value.shape, generator: generator))).to(parameter.Value.dtype);
            parameter.Set(moved);
        }
    }

    private static void Put(Policy policy, double[] weights)
    {
        var at = 0;
        foreach (var parameter in policy.Parameters)
        {
            var count = (int)parameter.Value.numel();
            using var value = tensor(weights[at..(at + count)]).reshape(parameter.Value.shape).to(parameter.Value.dtype);
            parameter.Set(value);
            at += count;
        }
    }

    private static double Worst(float[][] a, float[][] b) => a.Zip(b, Episodes.Distance).Max();

    private byte[] Weights(string name, string method, params string[] sets)
    {
        using var run = Prepare(name, method, new Nobody(), sets);
        Assert.Equal(RunEnd.Finished, run.Run(false, "test", TestContext.Current.CancellationToken).End);
        return Last(name);
    }

    private TrainingRun Prepare(string name, string method, Nobody observer, params string[] sets) => TrainingRun.Prepare(
        ConfigFile.Parse(
            $"method: {method}\n" + Configs.SmallRun(_folder[name], 3), "test.yaml",
            [
                "rollouts={maxTokens: 24, samplesPerProblem: 8}", "evaluation.maxTokens=8", "training.microBatchTokens=300", "optimizer.learningRate=0.01",
                "reward=[{type: format, worth: 1, pattern: ^}]", .. sets, // A fresh model ends now and then.
            ]),
        observer, TimeProvider.System);

    private byte[] Last(string name) =>
        File.ReadAllBytes(Directory.EnumerateFiles(_folder[name], "optimizer.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last());

    private sealed class Nobody : ITrainingObserver
    {
        public CancellationTokenSource? Stop { get; init; }

        public void Stepped(Reft.Training.TrainingStep step, long of)
        {
            if (step.Step == 1)
            {
                Stop?.Cancel();
            }
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
