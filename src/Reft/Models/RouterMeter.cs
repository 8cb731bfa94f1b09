using Reft.Ranks;

namespace Reft.Models;

/// <summary>
/// How evenly routers use their experts while gradients are computed: Switch's load-balancing loss without its factor
/// (<see href="https://arxiv.org/abs/2101.03961"/>, equation 4). It is measured, and nothing is trained by it. Sums are of whole numbers: the order of
/// micro-batches changes nothing.
/// </summary>
/// <param name="layers">Layers of the model.</param>
/// <param name="experts">Experts of a layer, E.</param>
internal sealed class RouterMeter(int layers, int experts)
{
    private const double Unit = 1L << 30;

    private readonly long[,] _taken = new long[layers, experts];
    private readonly long[,] _likely = new long[layers, experts];
    private readonly long[] _tokens = new long[layers];
    private readonly Lock _lock = new();

    /// <summary>Adds what a layer's router found.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="taken">The experts that were taken [N k].</param>
    /// <param name="probabilities">The router's probabilities [N E].</param>
    public void Add(int layer, ReadOnlySpan<long> taken, ReadOnlySpan<float> probabilities)
    {
        lock (_lock)
        {
            _tokens[layer] += probabilities.Length / experts;
            foreach (var expert in taken)
            {
                _taken[layer, expert]++;
            }

            for (var i = 0; i < probabilities.Length; i++)
            {
                _likely[layer, i % experts] += (long)Math.Round(probabilities[i] * Unit);
            }
        }
    }

    /// <summary>
    /// The mean over layers of E Σ_e f_e P_e, f_e the share of choices that fell on expert e and P_e its mean probability: 1 where all are used
    /// alike, E where one does everything. Null where nothing was routed. The meter begins anew.
    /// </summary>
    /// <param name="ranks">Those whose counts are added first; all of them take together.</param>
    public double? Take(RankGroup ranks)
    {
        lock (_lock)
        {
            if (!ranks.IsAlone)
            {
                Add(ranks, _taken);
                Add(ranks, _likely);
                Add(ranks, _tokens);
            }

            var all = Enumerable.Range(0, layers).Where(layer => _tokens[layer] > 0).Select(Balance).ToArray();
            Array.Clear(_taken);
            Array.Clear(_likely);
            Array.Clear(_tokens);
            return all.Length == 0 ? null : all.Average();
        }
    }

    private static void Add(RankGroup ranks, Array counts)
    {
        var own = new long[counts.Length];
        Buffer.BlockCopy(counts, 0, own, 0, sizeof(long) * own.Length);
        var all = ranks.Gather(own);
        Buffer.BlockCopy(own.Select((_, i) => all.Sum(part => part[i])).ToArray(), 0, counts, 0, sizeof(long) * own.Length);
    }

    private double Balance(int layer)
    {
        var choices = (double)Enumerable.Range(0, experts).Sum(e => _taken[layer, e]);
        return experts * Enumerable.Range(0, experts).Sum(e => _taken[layer, e] / choices * (_likely[layer, e] / Unit / _tokens[layer]));
    }
}
