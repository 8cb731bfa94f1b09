using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Inputs;

namespace Reft.Methods;

/// <summary>Options of <see cref="Abc"/>.</summary>
public sealed record AbcOptions
{
    /// <summary>β, the share of the reward that is spread over the tokens, in [0, 1]; the paper's experiments have 0.8. 0 is <c>reft</c>, to the bit.</summary>
    [Option("β, the share of the reward that is spread over the tokens; 0 is `reft`", AtLeast = 0, AtMost = 1)]
    public double Share { get; init => field = InRange.Of(this, value); } = 0.8;

    /// <summary>Who says which tokens earned it.</summary>
    [Option("who says which tokens earned it: the last token of a reward model, all later tokens of the policy, its last, or nobody")]
    public CreditSource By { get; init; }

    /// <summary>The folder of the reward model, a checkpoint of method <c>outcome-reward</c> with the policy's vocabulary; with <c>by</c> rewardModel.</summary>
    [Option("the reward model's folder: a checkpoint of method `outcome-reward` from the policy's model", Note = "with by rewardModel, and only then")]
    public string? RewardModel { get; init; }

    /// <summary>PPO, as <c>reft</c> has it.</summary>
    [Option("PPO, as `reft` has it")]
    public PpoOptions Ppo { get; init; } = new();
}

/// <summary>Attention-based credit (<see href="https://arxiv.org/abs/2402.00782"/>): PPO whose terminal reward is spread over the tokens by attention.</summary>
internal sealed class Abc : IMethod
{
    /// <inheritdoc/>
    public string Name => "abc";

    /// <inheritdoc/>
    public string Summary => "PPO as reft has it, with the reward spread over the tokens by what a reward model, or the policy, attends to";

    /// <inheritdoc/>
    public string Citation => "Chan 2024, arXiv 2402.00782, section 3";

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas => Ppo.Create(new PpoOptions(), _ => [], new Credit(1, _ => [])).Formulas;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => Ppo.Create(new PpoOptions(), _ => []).Metrics;

    /// <inheritdoc/>
    public string Guide => "The verifier's reward is given to the tokens in proportion to the attention of a reward model's last token in its last layer, and not to "
        + "the last token alone; their sum stays what it was. by: policy needs no reward model, by: uniform no attention. It can help where answers are long and "
        + "values are poor; it cannot where advantages are of whole sequences, and attention need not be what earned a reward.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("abc", new AbcOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } =
    [
        .. MethodKeys.Writes, .. MethodKeys.RollsOut, .. MethodKeys.HasReference, .. MethodKeys.HasEntropy, .. MethodKeys.DrawsElsewhere,
        "model.separateValueNetwork", "model.zeroValueHead",
    ];

    /// <inheritdoc/>
    public ComposedAlgorithm? Again(RunConfig config) => config.Options<AbcOptions>() is { By: CreditSource.Uniform } options
        ? Ppo.Create(options.Ppo, _ => [], new Credit(options.Share, trajectories => Credit.Normalised(trajectories, null)))
        : null;

    /// <inheritdoc/>
    public string? Unreplayed => "what was attended to, which abc.by uniform does without";

    /// <inheritdoc/>
    public IReadOnlyList<string> Replays { get; } = ["abc.share", .. new ReftMethod().Replays.Select(path => $"abc.{path}")];

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        var options = config.Options<AbcOptions>();
        if (options.By == CreditSource.RewardModel != options.RewardModel is not null)
        {
            yield return new(
                options.RewardModel is null ? "is not given: name a reward model's folder, or set abc.by to policy or uniform" : "is read only with abc.by rewardModel; set that, or remove it",
                "abc.rewardModel",
                "abc.by");
        }

        foreach (var contradiction in ReftMethod.Contradictions(config, new OptionsSection("abc.ppo", options.Ppo), options.Ppo))
        {
            yield return contradiction;
        }
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        var options = parts.Config.Options<AbcOptions>();
        return ReftMethod.Create(parts, options.Ppo, owned => new Credit(options.Share, Weigh(parts, options, owned)));
    }

    private static Func<IReadOnlyList<Trajectory>, double[][]> Weigh(MethodParts parts, AbcOptions options, List<IDisposable> owned)
    {
        var decoder = parts.Model.Model.Decoder;
        if (options.By != CreditSource.RewardModel)
        {
            return trajectories => Credit.Normalised(trajectories, options.By == CreditSource.Uniform
                ? null
                : Credit.Attention(decoder, trajectories, stopToken: null, lastOnly: options.By == CreditSource.PolicyLast));
        }

        var path = options.RewardModel!; // By a reward model: the config was validated.
        var model = RewardModel.Load(path, RunModel.Dtype(parts.Config.Model), RunModel.Device(parts.Config.Model));
        owned.Add(model);
        var judge = model.Classifier.Decoder;
        if (judge.Config.VocabularySize != decoder.Config.VocabularySize || model.MaxTokens < decoder.Config.MaxPositions)
        {
            throw new InputException(
                $"abc.rewardModel: {OneLine.Of(path)} reads {judge.Config.VocabularySize} different tokens and {model.MaxTokens} at a time, the policy writes "
                + $"{decoder.Config.VocabularySize} and {decoder.Config.MaxPositions}: name one that was trained from the policy's model");
        }

        // A reward model was trained on texts without their stop token, which so earns nothing.
        return trajectories => Credit.Normalised(trajectories, Credit.Attention(judge, trajectories, parts.Model.StopToken, lastOnly: true));
    }
}
