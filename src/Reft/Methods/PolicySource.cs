using Reft.Generation;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;

namespace Reft.Methods;

/// <summary>Rollouts of the policy that is trained, as a config asks for them.</summary>
internal sealed record PolicySource(PolicyRollouts Rollouts, IReadOnlyList<Problem> Problems, IReadOnlyList<string> Notes)
{
    /// <summary>Makes the source; problems whose prompt does not fit are left out and noted.</summary>
    /// <exception cref="InputException">No prompt fits into the context.</exception>
    public static PolicySource Create(MethodParts parts)
    {
        var decoder = parts.Model.Model.Decoder;
        var plain = new PlainCurriculum(parts.Template, parts.Model.Tokenizer);
        var room = decoder.Config.MaxPositions - 1;
        Problem[] fitting = [.. parts.Train.Where(p => plain.Choose(p, 0).PromptTokens.Length <= room)];
        if (fitting.Length == 0)
        {
            throw new InputException(
                $"problems.train: no prompt of {parts.Train.Count} fits into the model's context of {room + 1} tokens");
        }

        var made = new CurriculumParts(
            fitting, parts.Template, parts.Model.Tokenizer, room, parts.Config.Training.BatchSize, parts.Config.Seed);
        var curriculum = parts.Config.Rollouts.Curriculum.Create(made);
        var rollouts = new PolicyRollouts(
            fitting, curriculum, new CompletionGenerator(decoder, parts.Config.Rollouts.Slots), parts.Model.Tokenizer,
            parts.Verifier, Options(parts), parts.Heartbeat);
        if (fitting.Length < parts.Train.Count)
        {
            made.Notes.Add($"{parts.Train.Count - fitting.Length} of {parts.Train.Count} prompts do not fit into the context and are left out");
        }

        return new PolicySource(rollouts, fitting, [.. made.Notes]);
    }

    private static PolicyRolloutOptions Options(MethodParts parts) => new()
    {
        ProblemsPerStep = parts.Config.Training.BatchSize,
        SamplesPerProblem = parts.Config.Rollouts.SamplesPerProblem,
        Rewards = parts.Config.Reward,
        Seed = parts.Config.Seed,
        Sampling = new SamplingOptions
        {
            Temperature = parts.Config.Rollouts.Temperature,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = parts.Config.Rollouts.MaxTokens,
            StopTokens = [parts.Model.StopToken],
            Seed = parts.Config.Seed,
        },
    };
}
