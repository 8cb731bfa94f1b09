using Reft.Configuration;
using Reft.Inputs;
using Reft.Methods;
using Reft.Models;
using Reft.Numerics.Backends;
using Reft.Problems;
using Reft.Text;
using Reft.Training;

namespace Reft.Planning;

/// <summary>Finds out what a run would take.</summary>
internal sealed class Forecaster(MethodSetup method, RunModel model, PromptTemplate template, RunConfig config)
{
    private const int SingleBytes = 4;

    /// <summary>Bytes of a number in the dtype that a run computes in.</summary>
    public static int ElementBytes(RunConfig config) => config.Model.Dtype == ComputeDtype.Bf16 ? SingleBytes / 2 : SingleBytes;

    /// <summary>How long the training texts are.</summary>
    public IReadOnlyList<LengthForecast> Lengths(IReadOnlyList<Problem> train)
    {
        var context = model.Model.Decoder.Config.MaxPositions;
        var most = Math.Min(config.Training.MostLearned, context);
        var room = config.Reads("rollouts") ? config.Training.MaxTokens - config.Rollouts.MaxTokens : null;
        var prompts = train.Select(p => template.PromptTokens(model.Tokenizer, p.Question)).ToArray();
        var solutions = train.Select((p, i) => (Problem: p, Prompt: prompts[i])).Where(pair => pair.Problem.HasSolution)
            .Select(pair => (Prompt: pair.Prompt.Length, Solution: Solution(pair.Problem, pair.Prompt))).ToArray();
        return
        [
            new LengthForecast("prompt", [.. prompts.Select(p => p.Length).Order()], Math.Min(context - 1, room ?? context)),
            new LengthForecast("solution", [.. solutions.Select(s => s.Solution).Order()], config.Rollouts.MaxTokens),
            new LengthForecast("prompt + solution", [.. solutions.Select(s => s.Prompt + s.Solution).Order()], most),
        ];
    }

    /// <summary>What is in memory for the whole run.</summary>
    public IReadOnlyList<MemoryForecast> Memory()
    {
        var decoder = model.Model.Decoder;
        var bytes = ElementBytes(config);
        var all = decoder.Parameters.Sum(p => p.Count);
        var trained = method.Policy.Parameters.Sum(p => p.Count);
        var few = decoder.Parameters.Where(p => p.IsQuantized).ToArray();
        var plain = all - few.Sum(p => p.Count);
        var masters = config.Model.Dtype == ComputeDtype.Bf16 ? trained * SingleBytes : 0;
        var rollsOut = config.Reads("rollouts");
        var c = decoder.Config;
        var packs = decoder.Device.HasKernels;
        var perToken = 2L * c.Layers * c.KeyValueHeads * c.HeadSize * bytes;
        return
        [
            new MemoryForecast("weights", plain * bytes),
            new MemoryForecast("weights in few bits", few.Sum(p => p.Bytes)),
            // The largest one in float32, in the dtype that is computed in, and packed.
            new MemoryForecast("one of them made whole", few.Length == 0 ? 0 : few.Max(p => p.Count) * (SingleBytes + (2L * bytes))),
            new MemoryForecast("weights packed for the kernels", rollsOut && packs ? plain * bytes : 0),
            new MemoryForecast("master weights", masters),
            new MemoryForecast("gradients, and their sums", trained * (bytes + SingleBytes)),
            new MemoryForecast("sums in a tree", config.Training.GradientLeaves == 0 ? 0 : (1 + int.Log2(config.Training.GradientLeaves)) * trained * SingleBytes),
            new MemoryForecast("moments", 2 * trained * SingleBytes),
            new MemoryForecast("reference", method.HasReference ? (packs ? 2 : 1) * all * bytes : 0),
            .. method.Kept.Count == 0 ? Array.Empty<MemoryForecast>()
                : [new("the policy's average, and what it stands in for", method.Kept.Values.Sum(t => t.numel() * (SingleBytes + bytes)))],
            .. method.Copies.Select(name => new MemoryForecast(name, decoder.Parameters.Sum(p => p.IsQuantized ? p.Bytes : p.Count * bytes))),
            new MemoryForecast("activations", ActivationMemory.AtOnce(config, c) * ActivationMemory.BytesOfOne(config, c)),
            new MemoryForecast("logits at once", packs ? 0 : DeviceLogits(c, bytes)),
            new MemoryForecast("the optimizer's copies", packs ? 0 : 2 * Math.Min(trained, LibraryAdam.PartElements) * SingleBytes),
            new MemoryForecast("key/value cache", rollsOut && config.Rollouts.Server is null ? config.Rollouts.Slots * perToken * c.MaxPositions : 0),
        ];
    }

    /// <summary>Logits, their slopes and those in the model's dtype, of the rows that are computed at once; the head's gradient twice.</summary>
    private long DeviceLogits(DecoderConfig decoder, int bytes)
    {
        var rows = Math.Min(config.Training.MicroBatchTokens, WideProducts.Rows(decoder.VocabularySize));
        return (rows * (long)decoder.VocabularySize * ((3 * SingleBytes) + bytes))
            + (2L * decoder.VocabularySize * decoder.EmbeddingWidth * SingleBytes);
    }

    private int Solution(Problem problem, int[] prompt) =>
        template.TargetTokens(model.Tokenizer, problem.Question, prompt, template.Target(problem)).Length + 1; // and what ends it
}
