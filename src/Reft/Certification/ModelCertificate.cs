using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Certification;

/// <summary>
/// The certificate that a model is safe to train: what is sampled is what is trained, padding and neighbours change
/// nothing, text survives the tokenizer and weights survive the disk.
/// </summary>
internal sealed class ModelCertificate
{
    // Largest difference of a log-probability: rounding of sums in another order, far below what a ratio clip sees.
    private const double SingleLimit = 1e-4;

    // bfloat16 keeps 8 bits: logits near 10 are 1/16 apart, and every layer rounds.
    private const double BrainLimit = 0.25;

    private const int Prompts = 7;
    private const int NewTokens = 24;
    private const ulong Seed = 20240117;

    private static readonly string[] Texts =
    [
        "Question:\nTom has 3 apples and buys 1,250 more for $18.50 each. How many does he have?\nAnswer reasoning:\n",
        "def solution():\n    \"\"\"Half of 12, twice.\"\"\"\n    result = (12 / 2) * 2 - 1\n    return result",
        "Therefore, the answer is: 208.0",
        "  two  spaces,\ttabs\n\n\nand lines  ",
        "naïve façade — 12 × 3 ≥ 36; 日本語; 🙂",
    ];

    private readonly PretrainedModel _model;
    private readonly Tokenizer? _tokenizer;
    private readonly List<CheckFigure> _figures = [];

    private ModelCertificate(PretrainedModel model, Tokenizer? tokenizer)
    {
        _model = model;
        _tokenizer = tokenizer;
    }

    private Decoder Decoder => _model.Decoder;

    private double Limit => Decoder.Dtype == ScalarType.BFloat16 ? BrainLimit : SingleLimit;

    /// <summary>Measures every figure.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer; null if it has none.</param>
    /// <param name="cancellation">Stops between figures and between decode steps.</param>
    public static IReadOnlyList<CheckFigure> Measure(
        PretrainedModel model, Tokenizer? tokenizer, CancellationToken cancellation)
    {
        var certificate = new ModelCertificate(model, tokenizer);
        foreach (var check in new Action<CancellationToken>[]
        {
            _ => certificate.Weights(), certificate.CachedDecode, _ => certificate.Padding(), certificate.BatchSize,
            _ => certificate.Vocabulary(), _ => certificate.RoundTrip(), _ => certificate.SaveAndLoad(),
            _ => certificate.StopTokens(),
        })
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            check(cancellation);
        }

        return certificate._figures;
    }

    private static float Largest(IEnumerable<float> differences) => differences.Select(Math.Abs).DefaultIfEmpty(0).Max();

    private void Add(string id, string what, double value, double limit, string detail = "") => _figures.Add(new CheckFigure(
        id, what, value, limit, value <= limit ? CheckState.Pass : CheckState.Fail, detail));

    private void Weights()
    {
        var broken = Decoder.Parameters.Count(p => !p.Value.isfinite().all().item<bool>());
        Add("weights-finite", "parameters that hold NaN or infinity", broken, 0);
    }

    private void CachedDecode(CancellationToken cancellation)
    {
        var completions = Complete(Prompts, cancellation);
        var policy = new Policy(Decoder);
        var differences = completions.Select(c =>
        {
            // A latent slot stands where the response begins, which a text alone does not tell.
            var full = Decoder.Slot is null ? LogProbs([.. c.Request.Prompt, .. c.Tokens])[(c.Request.Prompt.Length - 1)..]
                : policy.Evaluate([new PolicySequence([.. c.Request.Prompt, .. c.Tokens], c.Request.Prompt.Length)], PolicyQuestions.None).LogProbs.cpu().data<float>().ToArray();
            return Largest(c.LogProbs.Select((p, t) => p - full[t]));
        });
        Add("cached-decode", "cached decode against full forward: largest log-prob difference", Largest(differences), Limit);
    }

    private void Padding()
    {
        var prompts = Requests().Select(r => r.Prompt).ToArray();
        var width = prompts.Max(p => p.Length) + 3;
        var plain = prompts.Select(LogProbs).ToArray();
        foreach (var left in new[] { true, false })
        {
            // The padding is a real token of the vocabulary: nothing may be told from an id.
            var ids = prompts.Select(p => Pad(p, width, left, p[0])).ToArray();
            var mask = prompts.Select(p => Pad([.. p.Select(_ => true)], width, left, false)).ToArray();
            var batch = TokenBatch.FromPadded(ids, mask);
            var logits = Decoder.Logits(Decoder.Hidden(batch));
            var n = 0;
            var worst = 0f;
            for (var b = 0; b < prompts.Length; b++)
            {
                var row = Gather(logits.narrow(0, n, prompts[b].Length), prompts[b]);
                worst = Math.Max(worst, Largest(row.Select((p, t) => p - plain[b][t])));
                n += prompts[b].Length;
            }

            var side = left ? "left" : "right";
            Add($"padded-{side}", $"{side}-padded batch against each alone: largest log-prob difference", worst, Limit);
        }

        static T[] Pad<T>(T[] row, int width, bool left, T pad)
        {
            var fill = Enumerable.Repeat(pad, width - row.Length);
            return left ? [.. fill, .. row] : [.. row, .. fill];
        }
    }

    private void BatchSize(CancellationToken cancellation)
    {
        var together = Complete(Prompts, cancellation);
        var alone = Complete(1, cancellation);
        var different = together.Zip(alone).Count(pair => !pair.First.Tokens.SequenceEqual(pair.Second.Tokens));
        Add("batch-ids", $"samples that differ between batches of 1 and {Prompts}", different, 0);
        var same = together.Zip(alone).Where(pair => pair.First.Tokens.Length == pair.Second.Tokens.Length);
        var worst = Largest(same.SelectMany(pair => pair.First.LogProbs.Zip(pair.Second.LogProbs, (a, b) => a - b)));
        // The kernels promise the same bits; elsewhere the same samples are what counts.
        Add("batch-log-probs", $"batches of 1 against {Prompts}: largest log-prob difference", worst,
            Decoder.IsExact ? 0 : Limit);
    }

    private void Vocabulary()
    {
        if (_tokenizer is null)
        {
            return;
        }

        var excess = Math.Max(0, _tokenizer.VocabularySize - Decoder.Config.VocabularySize);
        Add("vocabulary", "tokens of the tokenizer that the model has no embedding for", excess, 0);
    }

    private void RoundTrip()
    {
        const string What = "texts that the tokenizer does not give back";
        if (_tokenizer is null)
        {
            _figures.Add(new CheckFigure(
                "tokenizer", What, null, 0, CheckState.Skip, "the folder holds no tokenizer"));
            return;
        }

        var changed = new List<string>();
        var known = Texts.Select(t => Restrict(t, _tokenizer)).ToArray();
        foreach (var text in known.Where(t => t.Length > 0))
        {
            var back = _tokenizer.Decode(_tokenizer.Encode(text, addSpecialTokens: false), skipSpecialTokens: false);
            if (back != text)
            {
                changed.Add($"{OneLine.Quote(text)} comes back as {OneLine.Quote(back)}");
            }
        }

        Add("tokenizer", What, changed.Count, 0, changed.FirstOrDefault() ?? "");
        var lacking = Enumerable.Range(32, 95).Select(c => ((char)c).ToString()).Where(c => IsUnknown(c, _tokenizer)).ToArray();
        if (lacking.Length > 0)
        {
            _figures.Add(new CheckFigure(
                "unknown-characters", "printable ASCII characters that the tokenizer does not know", lacking.Length, null,
                CheckState.Warn, $"the model can neither read nor write {string.Join(" ", lacking)}"));
        }
    }

    private void SaveAndLoad()
    {
        var folder = Directory.CreateTempSubdirectory("reft-check-").FullName;
        try
        {
            _model.Save(folder);
            using var again = PretrainedModel.Load(folder, Decoder.Dtype, Decoder.Device);
            var different = Decoder.Parameters.Zip(again.Decoder.Parameters)
                .Count(pair => pair.First.Name != pair.Second.Name || !pair.First.Value.eq(pair.Second.Value).all().item<bool>());
            Add("save-load", "parameters that saving and loading changes", different, 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void StopTokens()
    {
        if (_model.StopTokens.Count == 0)
        {
            _figures.Add(new CheckFigure(
                "stop-token", "tokens that end a completion", 0, null, CheckState.Warn,
                "neither generation_config.json nor config.json names 'eos_token_id': completions end only at their length"));
        }
    }

    private IReadOnlyList<Completion> Complete(int slots, CancellationToken cancellation)
    {
        var options = new SamplingOptions
        {
            Temperature = 1,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = NewTokens,
            StopTokens = _model.StopTokens,
            Seed = Seed,
        };
        return new CompletionGenerator(Decoder, slots).Generate(Requests(), options, step: 0, cancellation: cancellation);
    }

    private GenerationRequest[] Requests()
    {
        var room = Decoder.Config.MaxPositions - NewTokens;
        return [.. Enumerable.Range(0, Prompts).Select(p => new GenerationRequest((ulong)p, 0, Prompt(p, room)))];
    }

    private int[] Prompt(int problem, int room)
    {
        // Lengths that share no rhythm with tiles, and random ids: whatever a tokenizer could produce.
        var length = Math.Clamp(1 + (problem * 5), 1, Math.Max(1, room));
        return [.. Enumerable.Range(0, length).Select(t =>
            (int)(CounterRandom.Hash(Seed, (ulong)problem, (ulong)t) % (ulong)Decoder.Config.VocabularySize))];
    }

    /// <summary>The log-probability of every token but the first, by the full forward pass.</summary>
    private float[] LogProbs(int[] ids)
    {
        using var scope = NewDisposeScope();
        return Gather(Decoder.Logits(Decoder.Hidden(new TokenBatch([ids]))), ids);
    }

    private static float[] Gather(Tensor logits, int[] ids)
    {
        if (ids.Length == 1)
        {
            return [];
        }

        var targets = tensor(ids[1..].Select(i => (long)i).ToArray(), device: logits.device).unsqueeze(1);
        var all = nn.functional.log_softmax(logits.narrow(0, 0, ids.Length - 1), dim: 1);
        return all.gather(1, targets).squeeze(1).cpu().data<float>().ToArray();
    }

    /// <summary>A text without the characters that the tokenizer does not know.</summary>
    private static string Restrict(string text, Tokenizer tokenizer) =>
        string.Concat(text.EnumerateRunes().Select(r => r.ToString()).Where(c => !IsUnknown(c, tokenizer)));

    private static bool IsUnknown(string character, Tokenizer tokenizer) =>
        tokenizer.UnkId is { } unknown && tokenizer.Encode(character, addSpecialTokens: false).Contains(unknown);
}
