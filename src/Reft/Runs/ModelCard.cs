using Reft.Configuration;
using Reft.Text.Prompts;
using Reft.Training.Runs;

namespace Reft.Runs;

/// <summary>The model card of a checkpoint: what it is and how it was made. It holds no times: the same run, the same card.</summary>
internal static class ModelCard
{
    /// <summary>Writes the card.</summary>
    public static string Write(RunConfig config, long step, BestSoFar? best)
    {
        var start = config.Model.Path ?? "a fresh model";
        var dev = best is null
            ? "It was not evaluated."
            : FormattableString.Invariant($"The best accuracy on dev up to here was {best.Accuracy:P1}, after step {best.Step}.");
        var use = config.Catalog.Find(config.Method)?.Use
            ?? $"Prompts are {Asked(config.Answers.Prompt)}; the answer is a {config.Answers.Style.ToString().ToLowerInvariant()}.\n"
                + "What the model writes is a program to be run only in a sandbox, or words whose last number is the answer.";
        return $"""
            ---
            library_name: transformers
            tags: [reft, math]
            ---
            # {config.Method}, step {step}

            Trained by [Reft](https://arxiv.org/abs/2401.08967) with method `{config.Method}` from {start}, seed {config.Seed}.
            {dev}

            {use}
            It was trained on the problems of its config alone; it is no general assistant.

            """;
    }

    private static string Asked(IPromptForm form) =>
        form.IsChat ? "conversations in the model's chat template" : $"`{form.Prompt("…", chat: null).ReplaceLineEndings("\\n")}`";
}
