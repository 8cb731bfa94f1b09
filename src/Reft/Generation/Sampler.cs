using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Reft.Numerics;
using Reft.Numerics.Kernels;

namespace Reft.Generation;

/// <summary>Draws one token from a row of logits. A thread uses its own sampler: the scratch memory is reused.</summary>
internal sealed unsafe class Sampler
{
    private const int Block = SoftmaxKernel.Block;

    private readonly float[] _weights;
    private readonly double[] _blocks;
    private SamplingOptions _options;
    private int[] _order = [];
    private double _total;
    private double _scored;

    public Sampler(SamplingOptions options, int vocabulary)
    {
        _options = options;
        _weights = new float[(vocabulary + 15) & ~15];
        _blocks = new double[(vocabulary + Block - 1) / Block];
    }

    /// <summary>How the next token is drawn.</summary>
    public SamplingOptions Options
    {
        set => _options = value;
    }

    /// <summary>Draws a token.</summary>
    /// <param name="logits">The logits [V].</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="draw">The draw's hash; uniform.</param>
    /// <param name="logProb">The token's log-probability, as <see cref="Completion.LogProbs"/> defines it.</param>
    /// <returns>The token's id.</returns>
    /// <exception cref="InvalidOperationException">A logit is NaN, or all are negative infinity.</exception>
    public int Draw(float* logits, int vocabulary, ulong draw, out float logProb)
    {
        var (best, highest, scale) = Weigh(logits, vocabulary);
        if (_options.IsGreedy)
        {
            logProb = (float)-Math.Log(_total);
            return best;
        }

        var token = Pick(vocabulary, CounterRandom.ToUnit(draw) * _total);
        logProb = (float)(((double)(logits[token] - highest) * scale) - Math.Log(_scored));
        return token;
    }

    /// <summary>The likeliest tokens of a row, likeliest first, equally likely ones by id; fewer where filters leave fewer.</summary>
    /// <param name="logits">The logits [V].</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="count">How many at most.</param>
    public TokenChance[] Likeliest(float* logits, int vocabulary, int count)
    {
        var (_, highest, scale) = Weigh(logits, vocabulary);
        var ids = new PriorityQueue<int, (float Weight, int Last)>();
        for (var i = 0; i < vocabulary; i++)
        {
            if (_weights[i] == 0)
            {
                continue;
            }

            ids.Enqueue(i, (_weights[i], -i));
            if (ids.Count > count)
            {
                ids.Dequeue(); // the least likely
            }
        }

        var chances = new TokenChance[ids.Count];
        for (var place = chances.Length - 1; place >= 0; place--)
        {
            var id = ids.Dequeue();
            chances[place] = new TokenChance(id, (float)(((double)(logits[id] - highest) * scale) - Math.Log(_scored)));
        }

        return chances;
    }

    /// <summary>Weighs every token of a row and sums the weights.</summary>
    private (int Best, float Highest, float Scale) Weigh(float* logits, int vocabulary)
    {
        var (best, highest) = Highest(logits, vocabulary);
        var scale = _options.IsGreedy ? 1f : (float)(1 / _options.Temperature);
        _total = _scored = Exponentials(logits, vocabulary, highest, scale);
        if (!_options.IsGreedy && (IsOrdered || _options.MinP > 0))
        {
            _total = Filter(vocabulary, _total);
            _scored = _options.ScoresUnfiltered ? _scored : _total;
        }

        return (best, highest, scale);
    }

    private bool IsOrdered => _options.TopK > 0 || _options.TopP < 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Best, float Highest) Highest(float* logits, int vocabulary)
    {
        var highest = float.NegativeInfinity;
        var sum = 0f;
        var i = 0;
        var tops = Vector512.Create(float.NegativeInfinity);
        var sums = Vector512<float>.Zero;
        for (; i + 16 <= vocabulary; i += 16)
        {
            var v = Vector512.Load(logits + i);
            tops = Vector512.Max(tops, v);
            sums += v * Vector512<float>.Zero; // NaN and infinities leave NaN behind.
        }

        for (var lane = 0; lane < 16; lane++)
        {
            highest = MathF.Max(highest, tops[lane]);
        }

        for (; i < vocabulary; i++)
        {
            highest = MathF.Max(highest, logits[i]);
            sum += logits[i] * 0;
        }

        sum += Vector512.Sum(sums);
        if (float.IsNaN(sum) && (float.IsNaN(highest) || !float.IsFinite(highest) || AnyNaN(logits, vocabulary)))
        {
            throw new InvalidOperationException(
                "the model gave logits that are not finite: its weights are damaged, or the dtype overflows");
        }

        var best = new ReadOnlySpan<float>(logits, vocabulary).IndexOf(highest);
        return (best, highest);
    }

    private static bool AnyNaN(float* logits, int vocabulary)
    {
        for (var i = 0; i < vocabulary; i++)
        {
            if (float.IsNaN(logits[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Fills the weights with exp(scale · (logit - highest)) and gives their sum.</summary>
    private double Exponentials(float* logits, int vocabulary, float highest, float scale)
    {
        fixed (float* weights = _weights)
        fixed (double* blocks = _blocks)
        {
            return SoftmaxKernel.Exponentials(logits, vocabulary, highest, scale, weights, blocks, out _);
        }
    }

    /// <summary>Sets the weights of excluded tokens to 0: top-k, then top-p of what is left, then min-p.</summary>
    private double Filter(int vocabulary, double total)
    {
        var kept = vocabulary;
        if (IsOrdered)
        {
            _order = _order.Length == vocabulary ? _order : new int[vocabulary];
            for (var i = 0; i < vocabulary; i++)
            {
                _order[i] = i;
            }

            // Most likely first; equally likely ones by id, so that the result is one.
            Array.Sort(_order, (a, b) => _weights[a] != _weights[b] ? _weights[b].CompareTo(_weights[a]) : a.CompareTo(b));
            kept = _options.TopK > 0 ? Math.Min(_options.TopK, vocabulary) : vocabulary;
            if (_options.TopP < 1)
            {
                kept = Nucleus(kept, total);
            }

            for (var i = kept; i < vocabulary; i++)
            {
                _weights[_order[i]] = 0;
            }
        }

        if (_options.MinP > 0)
        {
            // The likeliest token's weight is 1.
            for (var i = 0; i < vocabulary; i++)
            {
                _weights[i] = _weights[i] < _options.MinP ? 0 : _weights[i];
            }
        }

        return SumBlocks(vocabulary);
    }

    private int Nucleus(int kept, double total)
    {
        if (kept < _order.Length)
        {
            total = 0;
            for (var i = 0; i < kept; i++)
            {
                total += _weights[_order[i]];
            }
        }

        var sum = 0.0;
        for (var i = 0; i < kept; i++)
        {
            sum += _weights[_order[i]];
            if (sum >= _options.TopP * total)
            {
                return i + 1;
            }
        }

        return kept;
    }

    private double SumBlocks(int vocabulary)
    {
        var total = 0.0;
        for (var b = 0; b < _blocks.Length; b++)
        {
            var sum = 0.0;
            for (var i = b * Block; i < Math.Min(vocabulary, (b + 1) * Block); i++)
            {
                sum += _weights[i];
            }

            _blocks[b] = sum;
            total += sum;
        }

        return total;
    }

    /// <summary>The token in whose stretch of the summed weights the target falls.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Pick(int vocabulary, double target)
    {
        var b = 0;
        while (b < _blocks.Length - 1 && target >= _blocks[b])
        {
            target -= _blocks[b++];
        }

        var last = -1;
        for (var i = b * Block; i < vocabulary; i++)
        {
            if (_weights[i] > 0)
            {
                last = i;
                target -= _weights[i];
                if (target < 0)
                {
                    return i;
                }
            }
        }

        // Rounding left a sliver over: it belongs to the last token that can be drawn.
        for (var i = b * Block; last < 0 && i >= 0; i--)
        {
            last = _weights[i] > 0 ? i : -1;
        }

        return last;
    }
}
