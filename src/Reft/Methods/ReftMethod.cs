using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Configuration;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Policy rollouts × PPO with a KL penalty to the model that the run starts from (ReFT, section 3.2).</summary>
internal sealed class ReftMethod : IMethod
{
    /// <inheritdoc/>
    public string Name => "reft";

    /// <inheritdoc/>
    public string Summary => "PPO on the policy's own samples, rewarded by their answers, held near the model that it starts from";

    /// <inheritdoc/>
    public string Citation => "ReFT, section 3.2";

    /// <inheritdoc/>
    public string Guide =>
        "The paper's method: after a warm-up by sft the policy draws solutions itself, is paid by their answers alone, and "
        + "learns by PPO with values from a head on the same trunk, held near the warm-up by a KL penalty inside the reward. Take "
        + "it where there are answers to check but few solutions, or one solution a question, and a warm-up that solves some of "
        + "the questions. Values (value/explained_variance), ratios and KL are what to watch.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("ppo", new PpoOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } =
    [
        .. MethodKeys.Writes, .. MethodKeys.RollsOut, .. MethodKeys.HasReference, .. MethodKeys.HasEntropy, .. MethodKeys.DrawsElsewhere,
        "model.separateValueNetwork", "model.zeroValueHead",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas => Ppo.Create(new PpoOptions(), _ => []).Formulas;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => Ppo.Create(new PpoOptions(), _ => []).Metrics;

    /// <inheritdoc/>
    public ComposedAlgorithm Again(RunConfig config) => Ppo.Create(config.Options<PpoOptions>(), _ => []);

    /// <inheritdoc/>
    public IReadOnlyList<string> Replays { get; } =
    [
        "ppo.discount", "ppo.lambda", "ppo.whitensAdvantages", "ppo.kl.coefficient", "ppo.kl.target", "ppo.kl.horizon", "ppo.aggregation",
        "ppo.constantLength", "ppo.truncation", "ppo.truncationReward",
    ];

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config) => Contradictions(config, Options, config.Options<PpoOptions>());

    /// <summary>What cannot be together in a config with PPO's options in a section.</summary>
    internal static IEnumerable<Contradiction> Contradictions(RunConfig config, OptionsSection section, PpoOptions ppo)
    {
        var (unset, name) = (new PpoOptions(), section.Name);
        if (ppo.Kl.Target is null && ppo.Kl.Horizon != unset.Kl.Horizon)
        {
            yield return new(
                $"is how fast the coefficient adapts, but without a target it is fixed; give {name}.kl.target, or remove it",
                $"{name}.kl.horizon",
                $"{name}.kl.target");
        }

        if (ppo.Kl.Target is not null && ppo.Kl.Coefficient == 0)
        {
            yield return new(
                "cannot be reached from a coefficient of 0, which stays 0; start above it, or remove the target",
                $"{name}.kl.target",
                $"{name}.kl.coefficient");
        }

        if (ppo.TruncationReward != 0 && ppo.Truncation != TruncationPolicy.FixedPenalty)
        {
            yield return new(
                $"is read only with {name}.truncation fixedPenalty; set that, or remove it", $"{name}.truncationReward", $"{name}.truncation");
        }

        foreach (var contradiction in MethodChecks.MiniBatch(section, ppo.MiniBatch, config)
            .Concat(MethodChecks.ConstantLength(section, ppo.Aggregation, ppo.ConstantLength)))
        {
            yield return contradiction;
        }
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts) => Create(parts, parts.Config.Options<PpoOptions>(), _ => null);

    /// <summary>Puts PPO together.</summary>
    /// <param name="parts">What it is made from.</param>
    /// <param name="ppo">Its options.</param>
    /// <param name="credit">Spreads the terminal reward over the tokens, given a list that gets what must live as long as the method; null for nobody.</param>
    internal static MethodSetup Create(MethodParts parts, PpoOptions ppo, Func<List<IDisposable>, Credit?> credit)
    {
        var config = parts.Config;
        var decoder = parts.Model.Model.Decoder;
        var owned = new List<IDisposable>();
        var head = new ValueHead(decoder.Config.Width, config.Model.ZeroValueHead, config.Seed, decoder.Device);
        owned.Add(head);
        Decoder? valueTrunk = null;
        if (config.Model.SeparateValueNetwork)
        {
            var twin = parts.Model.Again();
            owned.Add(twin);
            valueTrunk = twin.Decoder;
        }

        var policy = new Policy(decoder, head, valueTrunk) { Temperature = config.Rollouts.Temperature };
        var source = PolicySource.Create(parts);
        return new MethodSetup(policy, source.Rollouts, Ppo.Create(ppo, ReferencePolicy.Create(parts, policy, owned, ppo.EvaluationTokens), credit(owned)))
        {
            UpdatesPerStep = ppo.Epochs * MethodChecks.MiniBatches(ppo.MiniBatch, MethodChecks.Sampled(config)),
            Notes = source.Notes,
            Inputs = source.Inputs,
            Owned = owned,
            HasReference = config.Model.Lora is null,
            Copies = config.Model.SeparateValueNetwork ? ["separate value network"] : [],
        };
    }
}
