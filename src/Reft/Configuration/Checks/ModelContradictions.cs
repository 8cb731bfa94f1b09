using Reft.Models;
using Reft.Numerics;

namespace Reft.Configuration.Checks;

/// <summary>What a model cannot be, or is too small for.</summary>
internal static class ModelContradictions
{
    private const string Fresh = "model.fresh";

    /// <summary>The contradictions of a config.</summary>
    public static IEnumerable<Contradiction> Of(RunConfig config)
    {
        var model = config.Model;
        if (model.Path is null == model.Fresh is null)
        {
            yield return new(
                model.Path is null ? "needs either path or fresh" : "has both path and fresh; give one of the two",
                "model",
                "model.path",
                Fresh);
        }

        if (model.Lora is not null && model.SeparateValueNetwork)
        {
            yield return new(
                "goes with full fine-tuning alone: a value network of its own has no adapters; remove lora or this",
                "model.separateValueNetwork",
                "model.lora");
        }

        if (model.Quantization != WeightQuantization.None && (model.Lora is null || model.Fresh is not null))
        {
            yield return new(
                model.Lora is null ? "keeps weights that cannot be trained: add lora, or leave it out" : "is for a model that exists; leave it out",
                "model.quantization",
                model.Lora is null ? "model.lora" : Fresh);
        }

        if (!ComputeDevice.TryParse(model.Device, out _))
        {
            yield return new($"is {OneLine.Quote(model.Device)}: it must be {ComputeDevice.Names}", "model.device");
        }

        if (model.Fresh is not null && config.Answers.Prompt.IsChat)
        {
            yield return new(
                $"is {config.Answers.Prompt.Name}, but a fresh model has no chat template; take prompt: marks", "answers.prompt", Fresh);
        }

        foreach (var contradiction in model.Fresh is { } fresh ? Shape(fresh).Concat(Lengths(fresh, config)) : [])
        {
            yield return contradiction;
        }
    }

    private static IEnumerable<Contradiction> Shape(FreshModelSection fresh)
    {
        if (fresh.Heads > 0 && fresh.Width % (2 * fresh.Heads) != 0)
        {
            yield return new(
                $"is {fresh.Width}: it must be an even multiple of heads, {fresh.Heads}, for a head turns pairs of numbers",
                $"{Fresh}.width",
                $"{Fresh}.heads");
        }

        if (fresh.KeyValueHeads is > 0 && fresh.Heads % fresh.KeyValueHeads != 0)
        {
            yield return new(
                $"is {fresh.Heads}: it must be a multiple of keyValueHeads, {fresh.KeyValueHeads}",
                $"{Fresh}.heads",
                $"{Fresh}.keyValueHeads");
        }
    }

    /// <summary>A prompt and its completion share the context.</summary>
    private static IEnumerable<Contradiction> Lengths(FreshModelSection fresh, RunConfig config)
    {
        const string Context = $"{Fresh}.context";
        if (config.Reads("rollouts") && config.Rollouts.MaxTokens >= fresh.Context)
        {
            yield return new(TooLong(config.Rollouts.MaxTokens, fresh), "rollouts.maxTokens", Context, "method");
        }

        if (config.Reads("evaluation.maxTokens") && TrainingContradictions.Evaluates(config) && config.Evaluation.MaxTokens >= fresh.Context)
        {
            yield return new(TooLong(config.Evaluation.MaxTokens, fresh), "evaluation.maxTokens", Context);
        }

        if (config.Training.MaxTokens is { } most && most > fresh.Context)
        {
            yield return new(
                $"is {most}: it must be at most {Context}, {fresh.Context}",
                "training.maxTokens",
                Context);
        }
    }

    private static string TooLong(int tokens, FreshModelSection fresh) =>
        $"is {tokens}: it must be below {Fresh}.context, {fresh.Context}, to leave room for the prompt";
}
