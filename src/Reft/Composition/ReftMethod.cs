using Reft.Algorithms;
using Reft.Generation;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using static TorchSharp.torch;

namespace Reft.Composition;

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
        var curriculum = new PlainCurriculum(parts.Template, parts.Model.Tokenizer);
        var room = decoder.Config.MaxPositions - 1;
        Problem[] fitting = [.. parts.Train.Where(p => curriculum.Choose(p, 0).PromptTokens.Length <= room)];
        if (fitting.Length == 0)
        {
            throw new InputException(
                $"problems.train: no prompt of {parts.Train.Count} fits into the model's context of {room + 1} tokens");
        }

        var owned = new List<IDisposable>();
        var head = new ValueHead(decoder.Config.Width, config.Model.ZeroValueHead, config.Seed, CPU);
        owned.Add(head);
        Decoder? valueTrunk = null;
        if (config.Model.SeparateValueNetwork)
        {
            var twin = parts.Model.Again();
            owned.Add(twin);
            valueTrunk = twin.Decoder;
        }

        var policy = new Policy(decoder, head, valueTrunk);
        var source = new PolicyRollouts(
            fitting, curriculum, new CompletionGenerator(decoder, config.Rollouts.Slots), parts.Model.Tokenizer,
            parts.Verifier, Options(parts), parts.Heartbeat);
        return new MethodSetup(policy, source, new Ppo(config.Ppo, Reference(parts, policy, owned)))
        {
            UpdatesPerStep = config.Ppo.Epochs * Chunks(config),
            Notes = fitting.Length == parts.Train.Count
                ? []
                : [$"{parts.Train.Count - fitting.Length} of {parts.Train.Count} prompts do not fit into the context and are left out"],
            Owned = owned,
        };
    }

    private static int Chunks(Configuration.RunConfig config)
    {
        var sequences = config.Training.BatchSize * config.Rollouts.SamplesPerProblem;
        return config.Ppo.MiniBatch == 0 ? 1 : (sequences + config.Ppo.MiniBatch - 1) / config.Ppo.MiniBatch;
    }

    private static PolicyRolloutOptions Options(MethodParts parts) => new()
    {
        ProblemsPerStep = parts.Config.Training.BatchSize,
        SamplesPerProblem = parts.Config.Rollouts.SamplesPerProblem,
        Reward = parts.Config.Reward,
        Seed = parts.Config.Seed,
        Sampling = new SamplingOptions
        {
            Temperature = 1,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = parts.Config.Rollouts.MaxTokens,
            StopTokens = [parts.Model.StopToken],
            Seed = parts.Config.Seed,
        },
    };

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
        var reference = new Policy(frozen.Decoder);
        owned.Add(reference.Prepare());
        owned.Add(frozen);
        return sequences => PolicyEvaluation.LogProbs(reference, sequences, tokens);
    }
}
