using Reft.Algorithms;
using Reft.Generation;
using Reft.Models;
using Reft.Rollouts;
using Reft.Tests.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>What a sequence gets that ended at its length, and how rewards become advantages, by hand.</summary>
public sealed class TruncationTests
{
    // Values are 0 and β is 0: without whitening the advantages are the discounted terminal rewards.
    private static readonly PpoOptions _options = new()
    {
        Kl = new KlOptions { Coefficient = 0 },
        Lambda = 0.5,
        WhitensAdvantages = false,
        TruncationReward = -0.25,
    };

    private static readonly ScoredRollout[] _rollouts =
    [
        Episodes.Make(0, [1, 2, 3, 4], prompt: 1) with { Reward = 1 },
        Episodes.Make(1, [1, 5, 6], prompt: 1) with { Reward = 0.5, FinishReason = FinishReason.Length },
        Episodes.Make(2, [2, 7, 8], prompt: 1),
    ];

    [Theory]
    [InlineData(TruncationPolicy.ScoreAsIs, 0.25, 0.5)]
    [InlineData(TruncationPolicy.FixedPenalty, -0.125, -0.25)]
    [InlineData(TruncationPolicy.LeaveOut, 0.25, 0.5)]
    public void Prepare_TruncatedSequence_GetsItsPolicysReward(TruncationPolicy truncation, float first, float second)
    {
        var trajectories = Prepare(_options with { Truncation = truncation }, _rollouts);

        Assert.Equal([0.25f, 0.5f, 1f], trajectories[0].Advantages);
        Assert.Equal([first, second], trajectories[1].Advantages);
        Assert.Equal([0f, 0f], trajectories[2].Advantages);
    }

    [Theory]
    [InlineData(TruncationPolicy.ScoreAsIs, 1f / 6)]
    [InlineData(TruncationPolicy.FixedPenalty, 1f / 6)]
    [InlineData(TruncationPolicy.LeaveOut, 0f)]
    public void Weigh_TruncatedSequence_LearnsUnlessItIsLeftOut(TruncationPolicy truncation, float expected)
    {
        var algorithm = Make(_options with { Truncation = truncation });

        var weights = algorithm.Weigh(Prepare(_options with { Truncation = truncation }, _rollouts));

        // Three sequences; their weights do not depend on whether another one is left out.
        Assert.Equal([1f / 9, 1f / 9, 1f / 9], weights[0]);
        Assert.Equal([expected, expected], weights[1]);
        Assert.Equal([1f / 6, 1f / 6], weights[2]);
    }

    [Fact]
    public void Prepare_SequenceLeftOut_HasNoPartInWhitening()
    {
        var options = _options with { Truncation = TruncationPolicy.LeaveOut, WhitensAdvantages = true };
        ScoredRollout[] other = [_rollouts[0], _rollouts[1] with { Reward = 1000 }, _rollouts[2]];

        var (one, another) = (Prepare(options, _rollouts), Prepare(options, other));

        // 0.25, 0.5, 1, 0 and 0: the mean is 0.35, the variance with n-1 0.7/4.
        Assert.Equal((0.25 - 0.35) / Math.Sqrt(0.175), one[0].Advantages[0], 1e-6);
        Assert.Equal(one[0].Advantages, another[0].Advantages);
        Assert.Equal(one[2].Advantages, another[2].Advantages);
    }

    [Fact]
    public void Prepare_FeedbackAndHintsInserted_ChangeNoAdvantage()
    {
        ScoredRollout[] plain = [Episodes.Make(0, [1, 2, 3, 4], prompt: 1) with { Reward = 1, LogProbs = [-1, -2, -3] }];
        ScoredRollout[] mixed =
        [
            Episodes.Make(0, [1, 9, 2, 9, 9, 3, 4, 9], prompt: 1,
            [
                TokenRole.Hint, TokenRole.Sampled, TokenRole.Feedback, TokenRole.Feedback, TokenRole.Sampled,
                TokenRole.Sampled, TokenRole.Feedback,
            ]) with { Reward = 1, LogProbs = [0, -1, 0, 0, -2, -3, 0] },
        ];
        var options = _options with { Kl = new KlOptions { Coefficient = 0.1 }, Discount = 0.9 };

        var one = Prepare(options, plain, _ => [[-1.5f, -1, -2]]);
        var another = Prepare(options, mixed, _ => [[-7, -1.5f, -8, -9, -1, -2, -4]]);

        // Rewards -0.05, 0.1 and 1.1, one γλ = 0.45 an action.
        double[] expected = [-0.05 + (0.45 * (0.1 + (0.45 * 1.1))), 0.1 + (0.45 * 1.1), 1.1];
        FiniteDifferences.AssertNear(expected, FiniteDifferences.Wide(one[0].Advantages), 1e-7);
        Assert.Equal([0, one[0].Advantages[0], 0, 0, one[0].Advantages[1], one[0].Advantages[2], 0], another[0].Advantages);
    }

    private static IReadOnlyList<Trajectory> Prepare(
        PpoOptions options, ScoredRollout[] rollouts, Func<IReadOnlyList<PolicySequence>, float[][]>? reference = null)
    {
        using var model = TinyModels.Llama(10, width: 16);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: true, seed: 1, CPU));
        return Make(options, reference).Prepare(rollouts, policy, new StepMetrics());
    }

    private static ComposedAlgorithm Make(PpoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference = null) =>
        Ppo.Create(options, reference ?? (sequences => [.. sequences.Select(s => new float[s.Tokens.Length - s.PromptLength])]));
}
