using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>
/// The Mersenne Twister (Matsumoto and Nishimura 1998, MT19937) as CPython's <c>random</c> seeds and reads it. Without a
/// seed CPython starts from the system's randomness, so every draw before a seed is refused.
/// </summary>
internal sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Offset = 397;

    private readonly uint[] _state = new uint[Size];
    private int _at = Size;

    public bool IsSeeded { get; private set; }

    /// <summary>The second number of a pair of normal ones, which <c>gauss</c> keeps for its next call.</summary>
    public double? Spare { get; set; }

    /// <summary>Seeds with the 32-bit digits of an integer's size (<c>init_by_array</c>).</summary>
    public void Seed(BigInteger value)
    {
        var size = BigInteger.Abs(value);
        var key = new List<uint>();
        do
        {
            key.Add((uint)(size & uint.MaxValue));
            size >>= 32;
        }
        while (!size.IsZero);

        _state[0] = 19650218;
        for (var i = 1; i < Size; i++)
        {
            _state[i] = (1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30))) + (uint)i;
        }

        var (at, digit) = (1, 0);
        for (var left = Math.Max(Size, key.Count); left > 0; left--)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1664525)) + key[digit] + (uint)digit;
            Step(ref at);
            digit = (digit + 1) % key.Count;
        }

        for (var left = Size - 1; left > 0; left--)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1566083941)) - (uint)at;
            Step(ref at);
        }

        _state[0] = 0x80000000;
        _at = Size;
        Spare = null;
        IsSeeded = true;
    }

    /// <summary>A float in [0, 1) of 53 bits.</summary>
    public double Real()
    {
        var (high, low) = (Word() >> 5, Word() >> 6);
        return ((high * 67108864.0) + low) * (1.0 / 9007199254740992.0);
    }

    /// <summary>An integer of so many bits.</summary>
    public BigInteger Bits(int count)
    {
        if (count <= 32)
        {
            return count == 0 ? BigInteger.Zero : Word() >> (32 - count);
        }

        var value = BigInteger.Zero;
        for (var (shift, left) = (0, count); left > 0; shift += 32, left -= 32)
        {
            var word = Word();
            value |= (BigInteger)(left < 32 ? word >> (32 - left) : word) << shift;
        }

        return value;
    }

    /// <summary>An integer from 0 to below a positive bound, by rejection.</summary>
    public BigInteger Below(Vm vm, BigInteger bound)
    {
        var bits = (int)bound.GetBitLength();
        while (true)
        {
            vm.Charge(1 + (bits >> 5));
            if (Bits(bits) is var value && value < bound)
            {
                return value;
            }
        }
    }

    private void Step(ref int at)
    {
        if (++at >= Size)
        {
            _state[0] = _state[Size - 1];
            at = 1;
        }
    }

    private uint Word()
    {
        if (_at >= Size)
        {
            for (var i = 0; i < Size; i++)
            {
                var y = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7fffffff);
                _state[i] = _state[(i + Offset) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
            }

            _at = 0;
        }

        var word = _state[_at++];
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c5680;
        word ^= (word << 15) & 0xefc60000;
        return word ^ (word >> 18);
    }
}

/// <summary>The module <c>random</c> once it is seeded, and its class <c>Random</c>.</summary>
internal static class RandomModule
{
    private static readonly PyType RandomType = new("Random", (vm, _, args) =>
    {
        Signature.Check("Random", args, 0, 1, []);
        var own = new PyRandom();
        if (args.Count > 0)
        {
            own.Seed(vm, args[0]);
        }

        return own;
    })
    {
        Module = "random",
    };

    public static Dictionary<string, object> Create()
    {
        var shared = new PyRandom();
        var members = PyRandom.Names.ToDictionary(name => name, object (name) => shared.Method(name)!, StringComparer.Ordinal);
        members["Random"] = RandomType;
        return members;
    }

    /// <summary>A generator of random numbers: the module's own or one that the program made.</summary>
    private sealed class PyRandom : PyObject
    {
        public static readonly string[] Names =
        [
            "seed", "random", "getrandbits", "randrange", "randint", "choice", "shuffle", "sample", "uniform", "choices",
            "gauss", "expovariate", "triangular",
        ];

        private readonly MersenneTwister _twister = new();

        public override PyType Type => RandomType;

        private MersenneTwister Twister => _twister.IsSeeded
            ? _twister
            : throw new UnsupportedException("random numbers without a seed");

        public override object? GetAttribute(Vm vm, string name) =>
            Method(name) ?? throw new UnsupportedException($"random's {name}");

        public NativeFunction? Method(string name) => name switch
        {
            "seed" => new(name, 0, 1, (vm, args) => Seed(vm, args.At(0, "a")), "a"),
            "random" => new(name, 0, 0, (_, _) => Twister.Real()),
            "getrandbits" => new(name, 1, 1, (vm, args) => Bits(vm, Ops.ToLong(vm, args[0]))),
            "randrange" => new(name, 1, 3, Range),
            "randint" => new(name, 2, 2, (vm, args) => Between(
                vm, Ops.ToBig(vm, args.At(0, "a")!), Ops.ToBig(vm, args.At(1, "b")!) + 1), "a", "b"), // Check saw both
            "choice" => new(name, 1, 1, (vm, args) => Choice(vm, args[0])),
            "shuffle" => new(name, 1, 1, Shuffle),
            "sample" => new(name, 2, 2, Sample, "population", "k"),
            "uniform" => new(name, 2, 2, (vm, args) => Ops.ToFloat(vm, args.At(0, "a")!) is var low // Check saw both
                ? low + ((Ops.ToFloat(vm, args.At(1, "b")!) - low) * Twister.Real()) // Check saw both
                : 0.0, "a", "b"),
            "choices" => new(name, 1, 2, Choices, "population", "weights", "k", "cum_weights"),
            "gauss" => new(name, 0, 2, (vm, args) => Ops.ToFloat(vm, args.At(0, "mu") ?? 0.0)
                + (Normal() * Ops.ToFloat(vm, args.At(1, "sigma") ?? 1.0)), "mu", "sigma"),
            "expovariate" => new(name, 1, 1, (vm, args) => -Math.Log(1.0 - Twister.Real()) / Ops.ToFloat(vm, args[0])),
            "triangular" => new(name, 0, 3, Triangular, "low", "high", "mode"),
            _ => null,
        };

        public PyNone Seed(Vm vm, object? value)
        {
            vm.Charge(200);
            _twister.Seed(value switch
            {
                null or PyNone => throw new UnsupportedException("random numbers without a seed"),
                long or BigInteger or bool => Ints.Big(value),
                double real => Hashing.OfDouble(real) is var hash && hash >= 0 ? hash : (BigInteger)(ulong)hash,
                _ => throw new UnsupportedException($"seed of a {Types.Of(value).Name}"),
            });
            return PyNone.Value;
        }

        private object Bits(Vm vm, long count)
        {
            if (count < 0)
            {
                throw Err.Value("number of bits must be non-negative");
            }

            vm.CheckBits(count);
            return Ints.Box(vm, Twister.Bits((int)count));
        }

        private object Between(Vm vm, BigInteger low, BigInteger end) => low < end
            ? Ints.Box(vm, low + Twister.Below(vm, end - low))
            : throw Err.Value($"empty range for randrange() ({low}, {end}, {end - low})");

        private object Range(Vm vm, Args args)
        {
            var numbers = Array.ConvertAll(args.Values, v => Ops.ToBig(vm, v));
            if (numbers.Length == 1)
            {
                return numbers[0].Sign > 0 ? Ints.Box(vm, Twister.Below(vm, numbers[0])) : throw Err.Value("empty range for randrange()");
            }

            if (numbers.Length == 2 || numbers[2].IsOne)
            {
                return Between(vm, numbers[0], numbers[1]);
            }

            if (numbers[2].IsZero)
            {
                throw Err.Value("zero step for randrange()");
            }

            var width = numbers[1] - numbers[0];
            var count = numbers[2].Sign > 0
                ? Ints.FloorDivide(width + numbers[2] - 1, numbers[2], out _)
                : Ints.FloorDivide(width + numbers[2] + 1, numbers[2], out _);
            return count.Sign > 0
                ? Ints.Box(vm, numbers[0] + (numbers[2] * Twister.Below(vm, count)))
                : throw Err.Value("empty range for randrange()");
        }

        private object Choice(Vm vm, object items)
        {
            var length = Ops.Length(vm, items);
            return length == 0
                ? throw Err.Index("Cannot choose from an empty sequence")
                : Ops.GetItem(vm, items, Ints.Box(vm, Twister.Below(vm, length)));
        }

        private PyNone Shuffle(Vm vm, Args args)
        {
            for (var i = Ops.Length(vm, args[0]) - 1; i > 0; i--)
            {
                vm.Tick();
                var j = Ints.Box(vm, Twister.Below(vm, i + 1));
                var item = Ops.GetItem(vm, args[0], Ints.Box(i));
                Ops.SetItem(vm, args[0], Ints.Box(i), Ops.GetItem(vm, args[0], j));
                Ops.SetItem(vm, args[0], j, item);
            }

            return PyNone.Value;
        }

        /// <summary>A pool for small populations and a set of the taken ones for large, as CPython has it.</summary>
        private PyList Sample(Vm vm, Args args)
        {
            var population = args.At(0, "population")!; // Check saw two arguments
            if (population is not (PyList or PyTuple or PyRange or string))
            {
                throw Err.Type("Population must be a sequence.  For dicts or sets, use sorted(d).");
            }

            var items = Ops.ToList(vm, population);
            var count = Ops.ToLong(vm, args.At(1, "k")!); // Check saw two arguments
            if (count < 0 || count > items.Count)
            {
                throw Err.Value("Sample larger than population or is negative");
            }

            var limit = 21.0;
            if (count > 5)
            {
                limit += Math.Pow(4, Math.Ceiling(Math.Log(count * 3) / Math.Log(4)));
            }

            var taken = new List<object>();
            vm.AllocateItems(count);
            if (items.Count <= limit)
            {
                for (var i = 0; i < count; i++)
                {
                    vm.Tick();
                    var at = (int)Twister.Below(vm, items.Count - i);
                    taken.Add(items[at]);
                    items[at] = items[items.Count - i - 1];
                }

                return new PyList(taken);
            }

            var chosen = new HashSet<int>();
            while (taken.Count < count)
            {
                vm.Tick();
                var at = (int)Twister.Below(vm, items.Count);
                if (chosen.Add(at))
                {
                    taken.Add(items[at]);
                }
            }

            return new PyList(taken);
        }

        private PyList Choices(Vm vm, Args args)
        {
            if (args.Named("cum_weights") is not null)
            {
                throw new UnsupportedException("random.choices with cum_weights");
            }

            var items = Ops.ToList(vm, args.At(0, "population")!); // Check saw one argument
            var count = args.Named("k") is { } k ? Ops.ToLong(vm, k) : 1;
            vm.AllocateItems(Math.Max(0, count));
            var taken = new List<object>();
            if (items.Count == 0)
            {
                throw Err.Index("list index out of range");
            }

            double[]? sums = null;
            if (args.At(1, "weights") is { } weights and not PyNone)
            {
                var given = Ops.ToList(vm, weights);
                if (given.Count != items.Count)
                {
                    throw Err.Value("The number of weights does not match the population");
                }

                object sum = Ints.Box(0);
                sums = [.. given.Select(w => Ops.ToFloat(vm, sum = Ops.Binary(vm, BinaryOp.Add, sum, w)))];
            }

            for (var i = 0L; i < count; i++)
            {
                vm.Charge(1 + (items.Count >> 5));
                var real = Twister.Real();
                var at = sums is null
                    ? (int)Math.Floor(real * items.Count)
                    : Math.Min(Array.FindIndex(sums, s => s > real * sums[^1]) is var found && found < 0 ? items.Count - 1 : found, items.Count - 1);
                taken.Add(items[at]);
            }

            return new PyList(taken);
        }

        private double Normal()
        {
            if (Twister.Spare is { } spare)
            {
                Twister.Spare = null;
                return spare;
            }

            var turn = Twister.Real() * Math.Tau;
            var size = Math.Sqrt(-2.0 * Math.Log(1.0 - Twister.Real()));
            Twister.Spare = Math.Sin(turn) * size;
            return Math.Cos(turn) * size;
        }

        private object Triangular(Vm vm, Args args)
        {
            var (low, high) = (Ops.ToFloat(vm, args.At(0, "low") ?? 0.0), Ops.ToFloat(vm, args.At(1, "high") ?? 1.0));
            var part = Twister.Real();
            var middle = args.At(2, "mode") is { } mode and not PyNone ? (Ops.ToFloat(vm, mode) - low) / (high - low) : 0.5;
            if (high == low)
            {
                return low;
            }

            if (part > middle)
            {
                (part, middle, low, high) = (1.0 - part, 1.0 - middle, high, low);
            }

            return low + ((high - low) * Math.Sqrt(part * middle));
        }
    }
}
