using Reft.Algorithms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Policy rollouts × PPO with a KL penalty to the model that the run starts from (ReFT, section 3.2).</summary>
internal sealed class ReftMethod : IMethod
{
    /// <inheritdoc/>
    public string Name => "reft";

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
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
        return new MethodSetup(policy, source.Rollouts, Ppo.Create(config.Ppo, Reference(parts, policy, owned)))
        {
            UpdatesPerStep = config.Ppo.Epochs * Chunks(config),
            Notes = source.Notes,
            Owned = owned,
        };
    }

    private static int Chunks(Configuration.RunConfig config)
    {
        var sequences = config.Training.BatchSize * config.Rollouts.SamplesPerProblem;
        return config.Ppo.MiniBatch == 0 ? 1 : (sequences + config.Ppo.MiniBatch - 1) / config.Ppo.MiniBatch;
    }

    /// <summary>With adapters the reference is the base with the adapters off; else a frozen copy, packed once for good.</summary>
    private static Func<IReadOnlyList<PolicySequence>, float[][]> Reference(
        MethodParts parts, Policy policy, List<IDisposable> owned)
    {
        var tokens = parts.Config.Ppo.EvaluationTokens;
        if (parts.Config.Model.Lora is not null)
        {
            return sequences =>
            {
                using var off = policy.Decoder.WithoutAdapters();
                return PolicyEvaluation.LogProbs(policy, sequences, tokens);
            };
        }

        var frozen = parts.Model.Again();
        var reference = new Policy(frozen.Decoder) { Temperature = policy.Temperature };
        owned.Add(reference.Prepare());
        owned.Add(frozen);
        return sequences => PolicyEvaluation.LogProbs(reference, sequences, tokens);
    }
}
