using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Sympy's functions of whole numbers.</summary>
internal static class SymNumbers
{
    private static readonly int[] Witnesses = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

    public static IEnumerable<NativeFunction> Functions() =>
    [
        new("isprime", 1, 1, (vm, args) => Bools.Of(IsPrime(vm, Whole(vm, args[0])))),
        new("nextprime", 1, 1, (vm, args) => Ints.Box(Step(vm, Whole(vm, args[0]), 1))),
        new("prevprime", 1, 1, (vm, args) => Whole(vm, args[0]) <= 2
            ? throw Err.Value("no preceding primes")
            : Ints.Box(Step(vm, Whole(vm, args[0]), -1))),
        new("prime", 1, 1, (vm, args) => Ints.Box(Nth(vm, Whole(vm, args[0])))),
        new("primepi", 1, 1, (vm, args) => SymNumber.Of(Primes(vm, 2, Limit(vm, args[0]) + 1).Count)),
        new("primerange", 1, 2, (vm, args) => new EnumeratorIterator("generator", (args.Count == 1
            ? Primes(vm, 2, Limit(vm, args[0]))
            : Primes(vm, Math.Max(2, Limit(vm, args[0])), Limit(vm, args[1]))).ConvertAll(p => Ints.Box(p)).GetEnumerator())),
        new("factorint", 1, 1, (vm, args) =>
        {
            var number = Whole(vm, args[0]);
            var factors = new PyDict();
            if (number.Sign < 0)
            {
                factors.Set(vm, Ints.Box(-1), Ints.Box(1));
            }

            foreach (var (prime, count) in Factors(vm, BigInteger.Abs(number)))
            {
                factors.Set(vm, Ints.Box(prime), Ints.Box(count));
            }

            return number.IsZero ? throw new UnsupportedException("factorint of 0") : factors;
        }),
        new("primefactors", 1, 1, (vm, args) => new PyList(Factors(vm, BigInteger.Abs(Whole(vm, args[0]))).ConvertAll(f => Ints.Box(f.Prime)))),
        new("divisors", 1, 1, (vm, args) => new PyList(Divisors(vm, args[0]).ConvertAll(Ints.Box))),
        new("proper_divisors", 1, 1, (vm, args) => new PyList(Divisors(vm, args[0]).SkipLast(1).Select(Ints.Box).ToList())),
        new("divisor_count", 1, 1, (vm, args) => SymNumber.Of(Divisors(vm, args[0]).Count)),
        new("divisor_sigma", 1, 2, (vm, args) => args.Count == 2
            ? throw new UnsupportedException("divisor_sigma with two arguments")
            : SymNumber.Of(Divisors(vm, args[0]).Aggregate(BigInteger.Zero, (s, d) => s + d))),
        new("totient", 1, 1, (vm, args) => SymNumber.Of(Factors(vm, Whole(vm, args[0])).Aggregate(
            Whole(vm, args[0]), (t, f) => t / f.Prime * (f.Prime - 1)))),
        new("mod_inverse", 2, 2, (vm, args) => Arithmetic.PowerModulo(vm, Whole(vm, args[0]), BigInteger.MinusOne, Whole(vm, args[1]))),
        new("igcd", 2, int.MaxValue, (vm, args) => Ints.Box(args.Values.Aggregate(BigInteger.Zero, (g, v) => BigInteger.GreatestCommonDivisor(g, Whole(vm, v))))),
        new("ilcm", 2, int.MaxValue, (vm, args) => Ints.Box(args.Values.Aggregate(BigInteger.One, (l, v) => Multiple(l, Whole(vm, v))))),
        new("gcd", 1, 2, (vm, args) => SymNumber.Of(Items(vm, args).Aggregate(BigInteger.Zero, (g, v) => BigInteger.GreatestCommonDivisor(g, Whole(vm, v))))),
        new("lcm", 1, 2, (vm, args) => SymNumber.Of(Items(vm, args).Aggregate(BigInteger.One, (l, v) => Multiple(l, Whole(vm, v))))),
        new("fibonacci", 1, 1, (vm, args) => Fibonacci(vm, Whole(vm, args[0]))),
        new("integer_nthroot", 2, 2, (vm, args) =>
        {
            var (value, degree) = (Whole(vm, args[0]), (int)Ops.ToLong(vm, args[1]));
            if (value.Sign < 0 || degree is < 1 or > 10_000)
            {
                throw new UnsupportedException("integer_nthroot of these");
            }

            var root = BigReal.IntegerRoot(value, degree);
            return new PyTuple([Ints.Box(root), Bools.Of(BigInteger.Pow(root, degree) == value)]);
        }),
    ];

    public static bool IsPrime(Vm vm, BigInteger value)
    {
        if (value < 2)
        {
            return false;
        }

        foreach (var prime in Witnesses)
        {
            if ((value % prime).IsZero)
            {
                return value == prime;
            }
        }

        if (value.GetBitLength() > 78)
        {
            throw new UnsupportedException("isprime of a large number");
        }

        // These witnesses decide for all numbers below 3.3e24 (Sorenson and Webster 2015).
        var (odd, twos) = (value - 1, 0);
        while (odd.IsEven)
        {
            odd >>= 1;
            twos++;
        }

        vm.Charge(200);
        return Array.TrueForAll(Witnesses, witness =>
        {
            var power = BigInteger.ModPow(witness, odd, value);
            if (power.IsOne || power == value - 1)
            {
                return true;
            }

            for (var i = 1; i < twos; i++)
            {
                power = power * power % value;
                if (power == value - 1)
                {
                    return true;
                }
            }

            return false;
        });
    }

    private static BigInteger Whole(Vm vm, object value) => value switch
    {
        SymNumber { IsWhole: true } number => number.P,
        SymExpr => throw new UnsupportedException("a function of whole numbers with an expression"),
        _ when Ints.IsInt(value) && value is not bool => Ints.Big(value),
        _ => throw new UnsupportedException("a function of whole numbers with other numbers"),
    };

    private static List<object> Items(Vm vm, Args args) => args.Count == 1 ? Ops.ToList(vm, args[0]) : [.. args.Values];

    private static BigInteger Multiple(BigInteger a, BigInteger b) =>
        a.IsZero || b.IsZero ? BigInteger.Zero : BigInteger.Abs(a / BigInteger.GreatestCommonDivisor(a, b) * b);

    private static BigInteger Step(Vm vm, BigInteger value, int by)
    {
        do
        {
            vm.Tick();
            value += by;
        }
        while (!IsPrime(vm, value) && (by < 0 || value >= 2 || value < 2));
        return value;
    }

    private static BigInteger Nth(Vm vm, BigInteger n)
    {
        if (n < 1 || n > 20_000)
        {
            throw n < 1 ? Err.Value("nth must be a positive integer; prime(1) == 2") : new UnsupportedException("prime of a large number");
        }

        var value = BigInteger.One;
        for (var i = 0; i < (int)n; i++)
        {
            value = Step(vm, value, 1);
        }

        return value;
    }

    private static long Limit(Vm vm, object value) => Whole(vm, value) is var limit && limit <= 5_000_000
        ? (long)limit
        : throw new UnsupportedException("primes up to a large number");

    private static List<long> Primes(Vm vm, long from, long before)
    {
        var primes = new List<long>();
        if (before <= 2)
        {
            return primes;
        }

        vm.AllocateItems(before / 8);
        vm.Charge(before);
        var isComposite = new bool[before];
        for (var i = 2L; i < before; i++)
        {
            if (isComposite[i])
            {
                continue;
            }

            if (i >= from)
            {
                primes.Add(i);
            }

            for (var j = i * i; j < before; j += i)
            {
                isComposite[j] = true;
            }
        }

        vm.AllocateItems(primes.Count);
        return primes;
    }

    private static List<(BigInteger Prime, int Count)> Factors(Vm vm, BigInteger value)
    {
        var found = new List<(BigInteger, int)>();
        for (BigInteger prime = 2; prime * prime <= value; prime += prime == 2 ? 1 : 2)
        {
            vm.Charge(2);
            var count = 0;
            while ((value % prime).IsZero)
            {
                value /= prime;
                count++;
            }

            if (count > 0)
            {
                found.Add((prime, count));
            }
        }

        if (value > 1)
        {
            found.Add((value, 1));
        }

        return found;
    }

    private static List<BigInteger> Divisors(Vm vm, object value)
    {
        var number = BigInteger.Abs(Whole(vm, value));
        if (number.IsZero)
        {
            return [];
        }

        var divisors = new List<BigInteger> { BigInteger.One };
        foreach (var (prime, count) in Factors(vm, number))
        {
            var own = divisors.ToArray();
            vm.AllocateItems((long)own.Length * count);
            var power = BigInteger.One;
            for (var i = 0; i < count; i++)
            {
                power *= prime;
                divisors.AddRange(own.Select(d => d * power));
            }
        }

        divisors.Sort();
        return divisors;
    }

    private static SymNumber Fibonacci(Vm vm, BigInteger n)
    {
        if (n.Sign < 0 || n > 10_000)
        {
            throw new UnsupportedException("fibonacci of this number");
        }

        var (a, b) = (BigInteger.Zero, BigInteger.One);
        for (var i = 0; i < (int)n; i++)
        {
            vm.Charge(1 + (b.GetBitLength() >> 9));
            (a, b) = (b, a + b);
        }

        return SymNumber.Of(a);
    }
}
