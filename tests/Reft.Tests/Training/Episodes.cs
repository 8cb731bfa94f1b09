using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Training;
using Reft.Training.Schedules;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>Rollouts made by hand, and what training tests ask of a policy.</summary>
internal static class Episodes
{
    /// <summary>A rollout whose every response token is sampled, unless roles say otherwise.</summary>
    public static ScoredRollout Make(int id, int[] tokens, int prompt, TokenRole[]? roles = null) => new()
    {
        SampleId = $"s{id}",
        Problem = new Problem($"p{id}", "", ""),
        Tokens = tokens,
        PromptLength = prompt,
        Roles = roles ?? [.. tokens.Skip(prompt).Select(_ => TokenRole.Sampled)],
        LogProbs = new float[tokens.Length - prompt],
    };

    /// <summary>Ragged rollouts of random tokens; some begin with a hint, some hold feedback.</summary>
    public static ScoredRollout[] Random(ulong seed, int count, int vocabulary, bool mixed = true)
    {
        var random = new CounterRandom(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var prompt = random.Between(1, 4);
            var response = random.Between(1, 7);
            var tokens = Enumerable.Range(0, prompt + response).Select(_ => random.Below(vocabulary)).ToArray();
            var roles = Enumerable.Range(0, response).Select(t =>
                !mixed || t == response - 1 || random.Chance(0.7) ? TokenRole.Sampled
                : random.Chance(0.5) ? TokenRole.Hint : TokenRole.Feedback).ToArray();
            return Make(i, tokens, prompt, roles) with
            {
                Reward = random.Pick([0.0, 0.1, 1.0]),
                FinishReason = random.Chance(0.3) ? FinishReason.Length : FinishReason.Stop,
            };
        })];
    }

    /// <summary>The same rollouts with the policy's own log-probabilities, shifted by up to ± a noise.</summary>
    public static ScoredRollout[] Drawn(Policy policy, ScoredRollout[] rollouts, double noise = 0, ulong seed = 3)
    {
        var random = new CounterRandom(seed);
        var own = PolicyEvaluation.LogProbs(policy, Sequences(rollouts), tokens: 4096);
        return [.. rollouts.Select((rollout, b) => rollout with
        {
            LogProbs = [.. own[b].Select((p, t) => rollout.Sampled[t] ? p + Shift() : 0)],
        })];

        float Shift() => (float)(((2 * random.NextDouble()) - 1) * noise);
    }

    public static PolicySequence[] Sequences(IReadOnlyList<ScoredRollout> rollouts) =>
        [.. rollouts.Select(r => new PolicySequence(r.Tokens, r.PromptLength))];

    public static TrainerOptions Options(double rate, int microBatchTokens = 2048) => new()
    {
        Schedule = new LearningRateSchedule
        {
            Peak = rate,
            Shape = new ConstantSchedule(),
            WarmupSteps = 0,
            TotalSteps = 1000,
        },
        MicroBatchTokens = microBatchTokens,
        Seed = 1,
    };

    /// <summary>Every trained weight, end to end.</summary>
    public static float[] Weights(Policy policy) => Flat(policy.Parameters);

    public static float[] Flat(IEnumerable<Parameter> parameters) =>
        [.. parameters.SelectMany(p => Values(p.Value))];

    /// <summary>The gradient of a mini-batch that is split into micro-batches.</summary>
    public static float[] Gradient(
        Policy policy, IAlgorithm algorithm, IReadOnlyList<Trajectory> miniBatch, IReadOnlyList<IReadOnlyList<Trajectory>> parts)
    {
        using var scope = NewDisposeScope();
        var weights = miniBatch.Zip(algorithm.Weigh(miniBatch)).ToDictionary(p => p.First, p => p.Second);
        foreach (var part in parts)
        {
            var columns = new TokenColumns(part, [.. part.Select(t => weights[t])], CPU);
            var outputs = policy.Evaluate([.. part.Select(t => t.Sequence)], algorithm.Questions(0));
            algorithm.Loss(outputs, columns, new StepMetrics(), step: 0).backward();
        }

        return TakeGradients(policy);
    }

    /// <summary>Every gradient, end to end; 0 where there is none. They are cleared.</summary>
    public static float[] TakeGradients(Policy policy)
    {
        var all = new List<float>();
        foreach (var parameter in policy.Parameters)
        {
            using var gradient = parameter.Value.grad;
            all.AddRange(gradient is null ? new float[parameter.Value.numel()] : Values(gradient));
            parameter.Value.grad = null;
        }

        return [.. all];
    }

    public static double Distance(float[] a, float[] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();
    }

    public static float[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).flatten().contiguous().data<float>().ToArray();
    }
}

/// <summary>The same rollouts in every step.</summary>
internal sealed class FixedRollouts(IReadOnlyList<ScoredRollout> rollouts) : IRolloutSource
{
    public long StepsPerEpoch => 1;

    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) => rollouts;

    public JsonObject Save() => [];

    public void Restore(JsonObject state)
    {
    }
}
