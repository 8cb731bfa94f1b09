namespace Reft.Numerics;

/// <summary>
/// Estimators of KL(π‖π_ref) from one sample of π, with d = log π - log π_ref of the sampled token
/// (<see href="http://joschu.net/blog/kl-approx.html"/>).
/// </summary>
internal static class KullbackLeibler
{
    /// <summary>k1 = d: unbiased, may be negative.</summary>
    public static double K1(double logProb, double reference) => logProb - reference;

    /// <summary>k2 = d²/2: biased, its gradient is right.</summary>
    public static double K2(double logProb, double reference)
    {
        var d = logProb - reference;
        return 0.5 * d * d;
    }

    /// <summary>k3 = e⁻ᵈ - 1 + d: unbiased and never negative; through expm1, which keeps small d exact.</summary>
    public static double K3(double logProb, double reference)
    {
        var d = logProb - reference;
        return ExponentialMinusOne(-d) + d;
    }

    /// <summary><c>eˣ - 1</c> without cancellation near 0 (Kahan's method).</summary>
    internal static double ExponentialMinusOne(double x)
    {
        var u = Math.Exp(x);
        if (u == 1)
        {
            return x;
        }

        var less = u - 1;
        return less == -1 ? -1 : double.IsInfinity(u) ? u : less * x / Math.Log(u);
    }
}
