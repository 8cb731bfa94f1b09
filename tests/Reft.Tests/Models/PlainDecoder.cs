using Reft.Models;

namespace Reft.Tests.Models;

/// <summary>
/// OLMo 2, Gemma and Gemma 2 in float64 and plain loops, written after the formulas of their papers (2501.00656, 2403.08295, 2408.00118)
/// and the shapes of their published weights, apart from the code under test. Transformers was not at hand to make golden files with.
/// </summary>
internal sealed record PlainDecoder(IReadOnlyDictionary<string, double[]> Weights)
{
    public required int Layers { get; init; }

    public required int Width { get; init; }

    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadSize { get; init; }

    public required int FeedForward { get; init; }

    public required int Vocabulary { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>OLMo 2: norms behind both parts only, and of whole queries and keys.</summary>
    public bool IsOlmo2 { get; init; }

    /// <summary>Gemma 2: norms before and behind both parts.</summary>
    public bool IsSandwich { get; init; }

    /// <summary>Both Gemmas: norms times 1 + w, embeddings times √D, tied; GELU by tanh, not SiLU.</summary>
    public bool IsGemma { get; init; }

    /// <summary>The factor of scores.</summary>
    public required double Scale { get; init; }

    public double? ScoreCap { get; init; }

    public double? LogitCap { get; init; }

    /// <summary>How many tokens layers 0, 2, 4, … see, themselves included.</summary>
    public int? EvenWindow { get; init; }

    public static IReadOnlyDictionary<string, double[]> WeightsOf(Decoder decoder) => decoder.Parameters.ToDictionary(
        p => p.Name, p => p.Value.detach().data<float>().Select(value => (double)value).ToArray(), StringComparer.Ordinal);

    /// <summary>Σ log p(token t | tokens before), t ≥ 1.</summary>
    public double LogLikelihood(int[] ids)
    {
        var logits = Logits(ids);
        return Enumerable.Range(1, ids.Length - 1).Sum(t =>
            logits[t - 1][ids[t]] - Math.Log(logits[t - 1].Sum(Math.Exp)));
    }

    /// <summary>Logits [length][vocabulary].</summary>
    public double[][] Logits(int[] ids)
    {
        var embedding = Weights["model.embed_tokens.weight"];
        var x = ids.Select(id => embedding[(id * Width)..((id + 1) * Width)].Select(e => IsGemma ? e * Math.Sqrt(Width) : e).ToArray()).ToArray();
        for (var layer = 0; layer < Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            var attended = Attend(IsOlmo2 ? x : Norm(x, prefix + "input_layernorm"), prefix, layer);
            x = Add(x, IsOlmo2 || IsSandwich ? Norm(attended, prefix + "post_attention_layernorm") : attended);
            var read = IsOlmo2 ? x : Norm(x, prefix + (IsSandwich ? "pre_feedforward_layernorm" : "post_attention_layernorm"));
            var fed = Map(
                Map(read, prefix + "mlp.gate_proj", FeedForward)
                    .Zip(Map(read, prefix + "mlp.up_proj", FeedForward), (g, u) => g.Zip(u, (a, b) => Activate(a) * b).ToArray()).ToArray(),
                prefix + "mlp.down_proj", Width);
            x = Add(x, IsOlmo2 || IsSandwich ? Norm(fed, prefix + "post_feedforward_layernorm") : fed);
        }

        var logits = Map(Norm(x, "model.norm"), IsGemma ? "model.embed_tokens" : "lm_head", Vocabulary);
        return [.. logits.Select(row => row.Select(l => Cap(l, LogitCap)).ToArray())];
    }

    private double[][] Attend(double[][] x, string prefix, int layer)
    {
        var q = Map(x, prefix + "self_attn.q_proj", Heads * HeadSize);
        var k = Map(x, prefix + "self_attn.k_proj", KeyValueHeads * HeadSize);
        var v = Map(x, prefix + "self_attn.v_proj", KeyValueHeads * HeadSize);
        if (IsOlmo2)
        {
            (q, k) = (Norm(q, prefix + "self_attn.q_norm"), Norm(k, prefix + "self_attn.k_norm"));
        }

        var mixed = x.Select(_ => new double[Heads * HeadSize]).ToArray();
        var window = layer % 2 == 0 ? EvenWindow ?? int.MaxValue : int.MaxValue;
        for (var h = 0; h < Heads; h++)
        {
            var g = h / (Heads / KeyValueHeads);
            for (var i = 0; i < x.Length; i++)
            {
                var seen = Enumerable.Range(0, i + 1).Where(j => i - j < window).ToArray();
                var scores = seen.Select(j => Cap(Scale * Turn(q[i], h, i).Zip(Turn(k[j], g, j), (a, b) => a * b).Sum(), ScoreCap)).ToArray();
                var weights = scores.Select(s => Math.Exp(s - scores.Max())).ToArray();
                for (var c = 0; c < HeadSize; c++)
                {
                    mixed[i][(h * HeadSize) + c] = seen.Select((j, n) => weights[n] * v[j][(g * HeadSize) + c]).Sum() / weights.Sum();
                }
            }
        }

        return Map(mixed, prefix + "self_attn.o_proj", Width);
    }

    /// <summary>One head of a row, turned by its position: pairs (c, c + size/2) by the angle p · 10000^(-2c/size).</summary>
    private double[] Turn(double[] row, int head, int position)
    {
        var x = row[(head * HeadSize)..((head + 1) * HeadSize)];
        var half = HeadSize / 2;
        var turned = new double[HeadSize];
        for (var c = 0; c < half; c++)
        {
            var angle = position * Math.Pow(10_000, -2.0 * c / HeadSize);
            turned[c] = (x[c] * Math.Cos(angle)) - (x[c + half] * Math.Sin(angle));
            turned[c + half] = (x[c + half] * Math.Cos(angle)) + (x[c] * Math.Sin(angle));
        }

        return turned;
    }

    private double[][] Norm(double[][] x, string name)
    {
        var weight = Weights[name + ".weight"];
        return [.. x.Select(row =>
        {
            var scale = 1 / Math.Sqrt((row.Sum(v => v * v) / row.Length) + Epsilon);
            return row.Select((v, c) => v * scale * (IsGemma ? 1 + weight[c] : weight[c])).ToArray();
        })];
    }

    private double[][] Map(double[][] x, string name, int outputs)
    {
        var weight = Weights[name + ".weight"];
        return [.. x.Select(row => Enumerable.Range(0, outputs).Select(o => row.Select((v, c) => v * weight[(o * row.Length) + c]).Sum()).ToArray())];
    }

    private double Activate(double x) => IsGemma
        ? 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))))
        : x / (1 + Math.Exp(-x));

    private static double Cap(double x, double? cap) => cap is { } most ? most * Math.Tanh(x / most) : x;

    private static double[][] Add(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (p, q) => p + q).ToArray())];
}
