using Reft.Algorithms;

namespace Reft.Replay;

/// <summary>How two series of advantages of the same tokens hang together.</summary>
internal sealed class AdvantagePairs
{
    private double _x;
    private double _y;
    private double _xx;
    private double _yy;
    private double _xy;

    /// <summary>Tokens that were compared.</summary>
    public long Count { get; private set; }

    /// <summary>Tokens whose advantage changed its sign.</summary>
    public long SignFlips { get; private set; }

    /// <summary>Pearson's correlation; NaN where one of the two does not vary.</summary>
    public double Correlation => Covariance(_xy, _x, _y) / Math.Sqrt(Covariance(_xx, _x, _x) * Covariance(_yy, _y, _y));

    /// <summary>The mean and the standard deviation before.</summary>
    public (double Mean, double Deviation) Before => (_x / Count, Math.Sqrt(Covariance(_xx, _x, _x) / (Count - 1)));

    /// <summary>The mean and the standard deviation after.</summary>
    public (double Mean, double Deviation) After => (_y / Count, Math.Sqrt(Covariance(_yy, _y, _y) / (Count - 1)));

    /// <summary>Adds the tokens of a sequence that the policy drew; one that is left out has advantages of 0.</summary>
    public void Add(Trajectory before, Trajectory after)
    {
        for (var t = 0; t < before.Sampled.Length; t++)
        {
            if (before.Sampled[t] && before.Advantages.Length > 0)
            {
                Add(before.Advantages[t], after.Advantages[t]);
            }
        }
    }

    private void Add(double x, double y)
    {
        Count++;
        SignFlips += x * y < 0 ? 1 : 0;
        (_x, _y) = (_x + x, _y + y);
        (_xx, _yy, _xy) = (_xx + (x * x), _yy + (y * y), _xy + (x * y));
    }

    /// <summary>Never below 0 for a series with itself but for rounding.</summary>
    private double Covariance(double products, double a, double b) => products - (a * b / Count);
}
