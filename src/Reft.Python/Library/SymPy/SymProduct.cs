using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>The factors of a product as they are gathered: powers of one base are joined, and so are roots of numbers.</summary>
internal sealed class SymProduct
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, (SymExpr Base, SymExpr Times, SymExpr Body)> _powers = new(StringComparer.Ordinal);

    public bool IsEmpty => _powers.Count == 0;

    public void Take(Vm vm, SymExpr factor)
    {
        var (@base, exponent) = factor switch
        {
            SymPow power => (power.Base, power.Exponent),
            SymFunction { Name: "exp" } exponential => (SymConstant.E, exponential.Argument),
            _ => (factor, SymNumber.One),
        };
        // Exponents are added where they differ by a number: 2**x*2**x is 2**(2*x), and 2**x*2**y stays.
        var (times, body) = SymOps.Coefficient(exponent);
        var key = @base.Key + "^" + body.Key;
        if (_powers.TryGetValue(key, out var known))
        {
            _powers[key] = (@base, SymOps.AddNumbers(vm, known.Times, times), body);
            return;
        }

        _order.Add(key);
        _powers.Add(key, (@base, times, body));
    }

    /// <summary>A number, then the other factors; some may have become products or numbers again.</summary>
    public List<SymExpr> Make(Vm vm, SymExpr number)
    {
        var factors = new List<SymExpr>();
        // Roots of natural numbers, by their exponent: sqrt(2)*sqrt(3) is sqrt(6).
        var roots = new Dictionary<string, (SymNumber Exponent, BigInteger Radicand)>(StringComparer.Ordinal);
        foreach (var key in _order)
        {
            var (@base, times, body) = _powers[key];
            var exponent = SymOps.Multiply(vm, times, body);
            if (exponent.IsZero)
            {
                continue;
            }

            if (@base is SymNumber { IsWhole: true, Sign: > 0 } natural && exponent is SymNumber { IsWhole: false } power)
            {
                var whole = Ints.FloorDivide(power.P, power.Q, out var rest);
                number = SymOps.MultiplyNumbers(vm, number, SymPowers.OfRational(vm, natural, SymNumber.Of(whole)));
                var part = new SymNumber(rest, power.Q);
                roots[part.Key] = (part, roots.TryGetValue(part.Key, out var known) ? known.Radicand * natural.P : natural.P);
                continue;
            }

            factors.Add(exponent.IsOne ? @base : SymOps.Power(vm, @base, exponent));
        }

        foreach (var (exponent, radicand) in roots.Values)
        {
            var root = SymPowers.OfRational(vm, SymNumber.Of(radicand), exponent);
            foreach (var part in root is SymMul product ? product.Args : [root])
            {
                if (part is SymNumber outside)
                {
                    number = SymOps.MultiplyNumbers(vm, number, outside);
                }
                else
                {
                    factors.Add(part);
                }
            }
        }

        return [number, .. factors];
    }
}
