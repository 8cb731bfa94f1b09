
namespace Reft.Tests.Models;

/// <summary>
/// Families without golden files in float64 and plain loops, written after the formulas of their papers and the shapes of their published weights,
/// apart from the code under test. Transformers was not at hand to make golden files with. A bias is added where the weights have one.
/// </summary>
internal sealed record PlainModel(IReadOnlyDictionary<string, double[]> Weights)
{
    public const int Width = 64;

    public const int Heads = 4;

    public const int Layers = 2;

    public int KeyValueHeads { get; init; } = 2;

    public int HeadSize { get; init; } = 16;

    public int FeedForward { get; init; } = 160;

    public required double Epsilon { get; init; }

    /// <summary>Norms subtract the mean, and have a bias.</summary>
    public bool IsLayerNorm { get; init; }

    /// <summary>Norms multiply by 1 + w.</summary>
    public bool IsAroundOne { get; init; }

    public string Base { get; init; } = "model.";

    public string Embedding { get; init; } = "embed_tokens";

    public string Layer { get; init; } = "layers";

    public string FinalNorm { get; init; } = "norm";

    public bool IsTied { get; init; }

    /// <summary>The norms' names: before attention, behind it, before the feed-forward part, behind it; empty for none.</summary>
    public string[] Norms { get; init; } = ["input_layernorm", "", "post_attention_layernorm", ""];

    /// <summary>Both parts read the layer's input: 1 through one norm, 2 through two.</summary>
    public int Parallel { get; init; }

    public string Attention { get; init; } = "self_attn";

    public string Output { get; init; } = "o_proj";

    /// <summary>The name of one projection for all three; empty for three.</summary>
    public string Fused { get; init; } = "";

    /// <summary>Its rows are those of each key/value head with its queries, not all queries first.</summary>
    public bool IsGrouped { get; init; }

    /// <summary>0 for none, 1 for a norm of each head, 2 for a norm of all.</summary>
    public int QueryNorm { get; init; }

    /// <summary>Gate, up and down, or gate and up in one, or up and down alone.</summary>
    public string[] FeedNames { get; init; } = ["gate_proj", "up_proj", "down_proj"];

    public bool IsFusedGate { get; init; }

    public required Func<double, double> Activation { get; init; }

    /// <summary>The angles by which a layer turns pairs for each position, and what cosines and sines are multiplied by; null for no turning.</summary>
    public required Func<int, (double[] Angles, double Factor)?> Turning { get; init; }

    public Func<int, int?> Window { get; init; } = _ => null;

    public double Scale { get; init; } = 0.25;

    /// <summary>How many experts a token takes in a layer, 0 for a plain part; whether their weights sum to 1.</summary>
    public Func<int, int> Experts { get; init; } = _ => 0;

    public bool SumsToOne { get; init; }

    public double EmbeddingFactor { get; init; } = 1;

    public double ResidualFactor { get; init; } = 1;

    public double LogitDivisor { get; init; } = 1;

    /// <summary>Σ log p(token t | tokens before), t ≥ 1.</summary>
    public double LogLikelihood(int[] ids)
    {
        var logits = Logits(ids);
        return Enumerable.Range(1, ids.Length - 1).Sum(t => logits[t - 1][ids[t]] - Math.Log(logits[t - 1].Sum(Math.Exp)));
    }

    /// <summary>Logits [length][vocabulary].</summary>
    public double[][] Logits(int[] ids)
    {
        var embedding = Weights[Base + Embedding + ".weight"];
        var x = ids.Select(id => embedding[(id * Width)..((id + 1) * Width)].Select(e => e * EmbeddingFactor).ToArray()).ToArray();
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"{Base}{Layer}.{layer}.";
            var first = Norm(x, at, Norms[0]);
            var attended = Norm(Attend(first, at + Attention + ".", layer), at, Norms[1]);
            if (Parallel > 0)
            {
                var second = Parallel == 1 ? first : Norm(x, at, Norms[2]);
                x = Add(Add(x, attended), Feed(second, at + "mlp.", Experts(layer)));
                continue;
            }

            x = Add(x, attended);
            x = Add(x, Norm(Feed(Norm(x, at, Norms[2]), at + "mlp.", Experts(layer)), at, Norms[3]));
        }

        var last = Norm(x, Base, FinalNorm);
        return [.. Map(last, IsTied ? Base + Embedding : "lm_head").Select(row => row.Select(l => l / LogitDivisor).ToArray())];
    }

    private double[][] Mix(double[][] x, string at, int taken)
    {
        var router = Map(x, at + "gate");
        return [.. x.Select((row, t) =>
        {
            var all = router[t].Select(Math.Exp).ToArray();
            var best = Enumerable.Range(0, all.Length).OrderByDescending(e => all[e]).Take(taken).ToArray();
            var whole = SumsToOne ? best.Sum(e => all[e]) : all.Sum();
            var sum = new double[Width];
            foreach (var e in best)
            {
                sum = [.. sum.Zip(Feed([row], $"{at}experts.{e}.")[0], (s, v) => s + (all[e] / whole * v))];
            }

            if (Weights.ContainsKey(at + "shared_expert_gate.weight"))
            {
                var gate = 1 / (1 + Math.Exp(-Map([row], at + "shared_expert_gate")[0][0]));
                sum = [.. sum.Zip(Feed([row], at + "shared_expert.")[0], (s, v) => s + (gate * v))];
            }

            return sum;
        })];
    }

    private double[][] Feed(double[][] x, string at, int taken = 0)
    {
        if (taken > 0)
        {
            return Mix(x, at, taken);
        }

        if (IsFusedGate)
        {
            var both = Map(x, at + FeedNames[0]);
            return Map([.. both.Select(row => row[..FeedForward].Zip(row[FeedForward..], (g, u) => Activation(g) * u).ToArray())], at + FeedNames[1]);
        }

        var up = Map(x, at + FeedNames[^2]);
        var inner = FeedNames.Length == 2
            ? up.Select(row => row.Select(Activation).ToArray())
            : Map(x, at + FeedNames[0]).Zip(up, (g, u) => g.Zip(u, (a, b) => Activation(a) * b).ToArray());
        return Map([.. inner], at + FeedNames[^1]);
    }

    private double[][] Attend(double[][] x, string at, int layer)
    {
        var (q, k, v) = Split(x, at);
        var (eachNorm, allNorm) = (QueryNorm == 1, QueryNorm == 2);
        if (allNorm)
        {
            (q, k) = (Norm(q, at, "q_norm"), Norm(k, at, "k_norm"));
        }

        double[] Head(double[][] rows, int t, int head, string norm)
        {
            var part = rows[t][(head * HeadSize)..((head + 1) * HeadSize)];
            return Turn(eachNorm ? Norm([part], at, norm)[0] : part, layer, t);
        }

        var mixed = x.Select(_ => new double[Heads * HeadSize]).ToArray();
        for (var h = 0; h < Heads; h++)
        {
            var g = h / (Heads / KeyValueHeads);
            for (var i = 0; i < x.Length; i++)
            {
                var seen = Enumerable.Range(0, i + 1).Where(j => i - j < (Window(layer) ?? int.MaxValue)).ToArray();
                var scores = seen.Select(j => Scale * Head(q, i, h, "q_norm").Zip(Head(k, j, g, "k_norm"), (a, b) => a * b).Sum()).ToArray();
                var weights = scores.Select(s => Math.Exp(s - scores.Max())).ToArray();
                for (var c = 0; c < HeadSize; c++)
                {
                    mixed[i][(h * HeadSize) + c] = seen.Select((j, n) => weights[n] * v[j][(g * HeadSize) + c]).Sum() / weights.Sum();
                }
            }
        }

        return Map(mixed, at + Output);
    }

    private (double[][] Q, double[][] K, double[][] V) Split(double[][] x, string at)
    {
        if (Fused.Length == 0)
        {
            return (Map(x, at + "q_proj"), Map(x, at + "k_proj"), Map(x, at + "v_proj"));
        }

        var all = Map(x, at + Fused);
        var (queries, pairs) = (Heads * HeadSize, KeyValueHeads * HeadSize);
        if (!IsGrouped)
        {
            return (
                [.. all.Select(row => row[..queries])], [.. all.Select(row => row[queries..(queries + pairs)])], [.. all.Select(row => row[(queries + pairs)..])]);
        }

        var (own, group) = (queries / KeyValueHeads, (queries / KeyValueHeads) + (2 * HeadSize));
        double[][] Take(int from, int count) =>
            [.. all.Select(row => Enumerable.Range(0, KeyValueHeads).SelectMany(g => row.Skip((g * group) + from).Take(count)).ToArray())];
        return (Take(0, own), Take(own, HeadSize), Take(own + HeadSize, HeadSize));
    }

    private double[] Turn(double[] x, int layer, int position)
    {
        if (Turning(layer) is not var (angles, factor))
        {
            return x;
        }

        var turned = (double[])x.Clone();
        var half = angles.Length;
        for (var c = 0; c < half; c++)
        {
            var (cosine, sine) = (factor * Math.Cos(position * angles[c]), factor * Math.Sin(position * angles[c]));
            turned[c] = (x[c] * cosine) - (x[c + half] * sine);
            turned[c + half] = (x[c + half] * cosine) + (x[c] * sine);
        }

        return turned;
    }

    private double[][] Norm(double[][] x, string at, string name)
    {
        if (name.Length == 0)
        {
            return x;
        }

        var weight = Weights[at + name + ".weight"];
        return [.. x.Select(row =>
        {
            var mean = IsLayerNorm ? row.Average() : 0;
            var scale = 1 / Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + Epsilon);
            return row.Select((v, c) => ((v - mean) * scale * (IsAroundOne ? 1 + weight[c] : weight[c]))
                + (IsLayerNorm ? Weights[at + name + ".bias"][c] : 0)).ToArray();
        })];
    }

    private double[][] Map(double[][] x, string name)
    {
        var weight = Weights[name + ".weight"];
        var bias = Weights.GetValueOrDefault(name + ".bias");
        return [.. x.Select(row => Enumerable.Range(0, weight.Length / row.Length)
            .Select(o => row.Select((v, c) => v * weight[(o * row.Length) + c]).Sum() + (bias?[o] ?? 0)).ToArray())];
    }

    private double[][] Add(double[][] x, double[][] part) =>
        [.. x.Zip(part, (a, b) => a.Zip(b, (p, q) => p + (ResidualFactor * q)).ToArray())];
}
