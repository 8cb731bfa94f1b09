using Reft.Replay;
using Reft.Tests.Training.Runs;

namespace Reft.Tests.Replay;

/// <summary>A run that was trained comes out of its files again to the bit, and settings change what they should.</summary>
public sealed class RunReplayTests : IDisposable
{
    private const int Batch = 16;

    private readonly StoredToyRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Replay_NoSettings_IsIdentical()
    {
        var result = Replay();

        Assert.Null(result.Difference);
        Assert.Equal(ToyRun.Steps * Batch, result.Rollouts);
        Assert.Equal(_run.Rollouts.Sum(r => r["logProbs"]!.AsArray().Count), result.Tokens);
        Assert.Equal(0, result.SignFlips);
        Assert.Equal(1, result.Correlation!.Value, 1e-9);
        Assert.All(result.Steps, step => Assert.Equal(step.Before, step.After));
    }

    [Theory]
    [InlineData("advantages")]
    [InlineData("returns")]
    [InlineData("rewards")]
    public void Replay_ArrayOfOneRolloutChanged_NamesStepAndSample(string array)
    {
        _run.Tamper(Batch + 3, rollout => rollout[array]![0] = rollout[array]![0]!.GetValue<double>() + 1e-3);

        Assert.StartsWith($"step 1, sample 3: {array}[0]", Replay().Difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Replay_TokenChanged_DoesNotFitTheHash()
    {
        _run.Tamper(2, rollout => rollout["ids"]![0] = 9);

        Assert.StartsWith("step 0: the rollouts' ids", Replay().Difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Replay_NoPartialReward_IsTheShareOfCorrect()
    {
        var correct = _run.Rollouts.Count(r => r["outcome"]!.GetValue<string>() == "correct");
        var result = Replay("reward.partial=0");

        Assert.Equal(_run.Rollouts.Length - correct, result.Steps.Sum(s => s.RewardsChanged));
        Assert.Equal((double)correct / _run.Rollouts.Length, result.Steps.Average(s => s.After.Reward), 1e-12);
        Assert.Equal(0, result.Steps.Sum(s => s.VerdictsChanged));
        Assert.False(result.Identical);
    }

    [Fact]
    public void Replay_MonteCarloAdvantages_AreSumsOfRewardsLessValues()
    {
        var result = Replay("ppo.lambda=1", "ppo.whitensAdvantages=false");

        var expected = _run.Rollouts.Where(r => r["step"]!.GetValue<int>() == 5).SelectMany(rollout =>
        {
            var rewards = rollout["rewards"]!.AsArray().Select(v => v!.GetValue<double>()).ToArray();
            var values = rollout["values"]!.AsArray().Select(v => v!.GetValue<double>()).ToArray();
            return values.Select((value, t) => rewards[t..].Sum() - value);
        }).ToArray();
        // Advantages are float32.
        Assert.Equal(expected.Average(), result.Steps[5].After.AdvantageMean, 1e-6);
    }

    [Fact]
    public void Replay_AnotherKlCoefficient_AdaptsFromIt()
    {
        var result = Replay("ppo.kl.coefficient=0.1");

        var kl = _run.Metrics[0]["kl/k1_sequence"]!.GetValue<double>();
        var second = 0.1 * (1 + (Math.Clamp((kl / 0.5) - 1, -0.2, 0.2) * Batch / 100));
        Assert.Equal(0.1, result.Steps[0].After.KlCoefficient);
        Assert.Equal(second, result.Steps[1].After.KlCoefficient, 1e-12);
        Assert.Equal(0.05, result.Steps[0].Before.KlCoefficient);
    }

    [Fact]
    public void Replay_VerifiedAnew_FindsTextsWithoutAnswers()
    {
        // The toy's verdicts are of its tokens, and its texts are empty.
        var result = RunReplay.Run(
            _run.Folder, new ReplaySettings([], Verify: true, null, null), TestContext.Current.CancellationToken);

        Assert.Equal(ToyRun.Steps * Batch, result.Steps.Sum(s => s.VerdictsChanged));
        Assert.Contains("verdict", result.Difference, StringComparison.Ordinal);
        Assert.Equal("NoAnswer", result.Examples[0].After);
    }

    [Fact]
    public void Replay_LastStepCutShort_IsLeftOutAndNamed()
    {
        var lines = File.ReadAllLines(_run.Folder.Rollouts);
        File.WriteAllText(_run.Folder.Rollouts, string.Join('\n', lines[..^1]) + "\n{\"step\":7,\"sam");

        var result = Replay();

        Assert.Equal(["step 7: 15 of 16 rollouts are in rollouts.jsonl"], result.Skipped);
        Assert.Equal(ToyRun.Steps - 1, result.Steps.Count);
        Assert.True(result.Identical);
    }

    [Fact]
    public void Replay_Range_IsKept()
    {
        var result = RunReplay.Run(
            _run.Folder, new ReplaySettings([], false, 2, 4), TestContext.Current.CancellationToken);

        Assert.Equal([2L, 3, 4], result.Steps.Select(s => s.Step));
        Assert.True(result.Identical);
    }

    [Theory]
    [InlineData("optimizer.learningRate=1", "a replay draws and trains nothing")]
    [InlineData("ppo.lambda=2", "ppo.lambda")]
    public void Replay_SettingThatCannotBe_IsRefused(string set, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Replay(set)).Message, StringComparison.Ordinal);

    private ReplayResult Replay(params string[] sets) =>
        RunReplay.Run(_run.Folder, new ReplaySettings(sets, false, null, null), TestContext.Current.CancellationToken);
}
