using Reft.Numerics;

namespace Reft.Generation;

/// <summary>A sequence on its way through a <see cref="DecodingBatch"/>.</summary>
/// <param name="request">What is completed.</param>
/// <param name="options">How its tokens are drawn.</param>
/// <param name="step">The training step; part of the key of its draws.</param>
internal class DecodingRow(GenerationRequest request, SamplingOptions options, ulong step)
{
    private const int UsualLength = 512;

    private readonly ulong _key = Key(options.Seed, step, request);

    /// <summary>What its draws are hashed from, with their places.</summary>
    public static ulong Key(ulong seed, ulong step, GenerationRequest request) =>
        CounterRandom.Hash(CounterRandom.Hash(seed, step, request.Problem), (ulong)request.Sample);

    /// <summary>What is completed.</summary>
    public GenerationRequest Request => request;

    /// <summary>How its tokens are drawn.</summary>
    public SamplingOptions Options => options;

    /// <summary>How many of the likeliest tokens are told of every step; 0 for none.</summary>
    public int Likeliest { get; init; }

    /// <summary>Where it lives in the cache, from when it is admitted.</summary>
    public int Slot { get; set; }

    /// <summary>The tokens drawn.</summary>
    public List<int> Tokens { get; } = new(Math.Min(options.MaxTokens, UsualLength));

    /// <summary>Their log-probabilities.</summary>
    public List<float> LogProbs { get; } = new(Math.Min(options.MaxTokens, UsualLength));

    /// <summary>What was drawn last.</summary>
    public Drawn Last { get; private set; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Finish { get; private set; }

    /// <summary>The hash that its next token is drawn by.</summary>
    public ulong NextDraw => CounterRandom.Hash(_key, (ulong)Tokens.Count);

    /// <summary>Adds a token, and ends the sequence at a stop token, at the most tokens, and where the context is full.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="context">The most tokens of a prompt and its completion.</param>
    public void Take(Drawn drawn, int context)
    {
        Last = drawn;
        Tokens.Add(drawn.Chosen.Token);
        LogProbs.Add(drawn.Chosen.LogProb);
        Finish = options.StopTokens.Contains(drawn.Chosen.Token) ? FinishReason.Stop
            : Tokens.Count >= options.MaxTokens || request.Prompt.Length + Tokens.Count >= context ? FinishReason.Length
            : null;
    }
}
