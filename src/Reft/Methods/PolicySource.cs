using Reft.Algorithms;
using Reft.Configuration.Binding;
using Reft.Generation;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Samplers;

namespace Reft.Methods;

/// <summary>Rollouts of the policy that is trained, as a config asks for them.</summary>
/// <param name="Rollouts">The source.</param>
/// <param name="Problems">The training problems whose prompts fit.</param>
public sealed record PolicySource(PolicyRollouts Rollouts, IReadOnlyList<Problem> Problems)
{
    /// <summary>What was left out.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>
    /// Tells runs apart in which <c>training.maxTokens</c> left prompts out: versions that did not read it trained on them.
    /// </summary>
    public string Inputs { get; private init; } = "";

    /// <summary>Makes the source; problems whose prompt does not fit are left out and noted.</summary>
    /// <exception cref="InputException">No prompt fits into the context.</exception>
    /// <param name="parts">What the method is made from.</param>
    /// <param name="asks">The ways in which a problem is asked, all of which must fit; null for its own alone.</param>
    /// <param name="own">The method's own curriculum; null for the config's.</param>
    internal static PolicySource Create(
        MethodParts parts, Func<Problem, IEnumerable<Problem>>? asks = null, ICurriculumOptions? own = null)
    {
        var decoder = parts.Model.Model.Decoder;
        var plain = new PlainCurriculum(parts.Template, parts.Model.Tokenizer);
        var (context, config) = (decoder.Config.MaxPositions, parts.Config);
        var lengths = parts.Train.Select(problem => (asks?.Invoke(problem) ?? [problem]).Max(asked => plain.Choose(asked, 0).PromptTokens.Length)).ToArray();
        var most = config.Training.MaxTokens - config.Rollouts.MaxTokens ?? int.MaxValue;
        Problem[] fitting = [.. parts.Train.Where((_, i) => lengths[i] < context && lengths[i] <= most)];
        if (fitting.Length == 0)
        {
            throw new InputException(
                $"problems.train: no prompt of {parts.Train.Count} fits into the model's context of {context} tokens"
                + (config.Training.MaxTokens is null ? "" : $" and leaves room for rollouts.maxTokens within training.maxTokens, {config.Training.MaxTokens}"));
        }

        var beyond = lengths.Count(length => length >= context);
        var crowded = lengths.Count(length => length < context && length > most);
        var made = new CurriculumParts(
            fitting, parts.Template, parts.Model.Tokenizer, Math.Min(context - 1, most), config.Training.BatchSize, config.Seed)
        {
            States = prompts => PromptStates.Means(decoder, prompts),
        };
        var curriculum = (own ?? config.Rollouts.Curriculum).Create(made);
        var server = config.Rollouts.Server is { } there ? Serve(parts, there) : null;
        var rollouts = new PolicyRollouts(
            fitting, curriculum, new CompletionGenerator(decoder, config.Rollouts.Slots, server ?? parts.Elsewhere), parts.Model.Tokenizer,
            parts.Verifier, Options(parts) with { Foreign = server is null ? null : Foreign(parts, server) }, parts.Heartbeat);
        return new PolicySource(rollouts, fitting)
        {
            Notes =
            [
                .. beyond == 0 ? Array.Empty<string>()
                    : [$"{beyond} of {lengths.Length} prompts do not fit into the context and are left out"],
                .. crowded == 0 ? Array.Empty<string>()
                    : [$"{crowded} of {lengths.Length} prompts are longer than the {most} tokens that rollouts.maxTokens leaves of training.maxTokens, and are left out"],
                .. config.Rollouts.Server is { } drawing ? [Words(drawing)] : Array.Empty<string>(),
                .. made.Notes,
            ],
            Inputs = crowded == 0 ? "" : $"{crowded} left out",
        };
    }

    /// <summary>Draws from the policy on other problems than those that it is trained on.</summary>
    public static PolicyRollouts Of(MethodParts parts, IReadOnlyList<Problem> problems, ICurriculum curriculum, double temperature, int maxTokens)
    {
        var options = Options(parts);
        return new PolicyRollouts(
            problems, curriculum, new CompletionGenerator(parts.Model.Model.Decoder, parts.Config.Evaluation.Slots), parts.Model.Tokenizer, parts.Verifier,
            options with { Sampling = options.Sampling with { Temperature = temperature, MaxTokens = maxTokens } }, parts.Heartbeat);
    }

    private static ServerSampler Serve(MethodParts parts, SamplingServer server) => parts.Decoder.Slot is null
        ? new ServerSampler(server, parts.Decoder, parts.Tokenizer, parts.Model.Save)
        : throw new InputException("rollouts.server cannot draw from a model with a latent slot: no server has it");

    private static ForeignSampler Foreign(MethodParts parts, ServerSampler sampler)
    {
        const int Tokens = 8192; // Of a forward pass, as methods have it.
        var (policy, server) = (parts.Policy(), parts.Config.Rollouts.Server!); // There is one where there is its sampler.
        return new ForeignSampler
        {
            Begin = sampler.Begin,
            Score = completions =>
            [
                .. PolicyEvaluation.LogProbsAndEntropies(
                    policy, [.. completions.Select(one => new PolicySequence([.. one.Request.Prompt, .. one.Tokens], one.Request.Prompt.Length))], Tokens)
                    .Select(one => new ForeignScores(one.LogProbs, one.Entropies)),
            ],
            Weigh = (own, its) => server.Correction switch
            {
                ImportanceCorrection.Token => ImportanceWeights.OfTokens(own, its, server.Truncation),
                ImportanceCorrection.Sequence => ImportanceWeights.OfSequence(own, its, server.Truncation),
                _ => [.. own.Select(_ => 1f)],
            },
        };
    }

    private static string Words(SamplingServer server) => FormattableString.Invariant(
        $"rollouts are drawn by {server.Url} (model {server.Model}, {EnumNames.Of(server.Dialect)}), not here; ")
        + (server.Publish == WeightRoute.None
            ? "it keeps the weights that it has, which are soon not the policy's"
            : $"weights go there each step by {server.Folder} and {(server.Publish == WeightRoute.Vllm ? "vLLM's endpoints" : "/update_weights_from_disk")}")
        + (server.KeyVariable is { } key && new Uri(server.Url) is { Scheme: "http", IsLoopback: false }
            ? $"; the key in {key} goes there unencrypted: use https, or a network that is yours" : "");

    private static KnownAnswers Known(MethodParts parts)
    {
        const int Tokens = 8192; // Of a forward pass, as methods have it.
        var policy = parts.Policy();
        return new KnownAnswers(
            parts.Tokenizer, parts.Verifier.Completion, parts.StopToken, parts.Decoder.Config.MaxPositions,
            sequences => PolicyEvaluation.LogProbs(policy, [.. sequences.Select(one => new PolicySequence(one.Tokens, one.PromptLength))], Tokens));
    }

    private static PolicyRolloutOptions Options(MethodParts parts) => new()
    {
        ProblemsPerStep = parts.Config.Training.BatchSize,
        SamplesPerProblem = parts.Config.Rollouts.SamplesPerProblem,
        Rewards = parts.Config.Reward,
        Known = parts.Config.Reward.Any(reward => reward.ReadsKnownAnswer) ? Known(parts) : null,
        Seed = parts.Config.Seed,
        Sampling = new SamplingOptions
        {
            Temperature = parts.Config.Rollouts.Temperature,
            TopK = 0,
            TopP = 1,
            MinP = parts.Config.Rollouts.MinP,
            ScoresUnfiltered = true,
            MaxTokens = parts.Config.Rollouts.MaxTokens,
            StopTokens = parts.Model.Ends.All,
            Seed = parts.Config.Seed,
        },
    };
}
