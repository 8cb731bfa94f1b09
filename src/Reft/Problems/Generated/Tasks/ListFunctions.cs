using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Python functions of a list of whole numbers, to be written from a description and judged by unit tests: 100 atomic ones in ten topics, and
/// synthetic ones that are compositions of them (the protocol of <see href="https://arxiv.org/abs/2406.10305"/>). The atomic ones alone are one
/// set of 100, whatever the split; compositions have disjoint splits.
/// </summary>
internal sealed record ListFunctions : DrawnProblems
{
    private const int Tests = 3;
    private const int LongestList = 6;
    private const int LeastNumber = -9;
    private const int MostNumber = 9;

    private static readonly Atom[] _atoms = [.. Topics()];

    /// <inheritdoc/>
    public override string Name => "listFunctions";

    /// <inheritdoc/>
    public override string Summary => "Python functions of lists, one of 100 atomic ones or a composition of several, judged by unit tests";

    /// <summary>The fewest atomic functions of one, in [1, 4]; 1 for the atomic ones themselves.</summary>
    [Option("the fewest atomic functions of one", AtLeast = 1, AtMost = 4)]
    public int LeastAtoms { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>The most, at least as many.</summary>
    [Option("the most; 1 for the 100 atomic functions themselves, which are one set whatever the split", AtLeast = 1, AtMost = 4, Note = "at least leastAtoms")]
    public int MostAtoms { get; init => field = InRange.Of(this, value); } = 2;

    /// <inheritdoc/>
    public override string? Form => "unitTests";

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random) => Function(Compose(random), random);

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Make(AnswerStyle style)
    {
        Whole.Of(this);
        if (MostAtoms > 1)
        {
            return base.Make(style);
        }

        if (Count > _atoms.Length)
        {
            throw new InputException(FormattableString.Invariant($"{Name} has no more than {_atoms.Length} atomic functions; take compositions, or fewer"));
        }

        var order = Enumerable.Range(0, _atoms.Length).ToArray();
        new CounterRandom(Seed).Shuffle(order);
        return [.. order.Take(Count).Select((atom, i) => Function([_atoms[atom]], new CounterRandom(CounterRandom.Hash(Seed, (ulong)i))) is var made
            ? made with { Id = FormattableString.Invariant($"atom_{i}"), Group = made.Question, Row = i + 1 }
            : made)];
    }

    /// <summary>What is wrong with values together, each line beginning with its path.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (MostAtoms < LeastAtoms)
        {
            yield return FormattableString.Invariant($"{path}.mostAtoms is {MostAtoms}: it must be at least leastAtoms, {LeastAtoms}");
        }
    }

    /// <summary>Ten functions on each of ten topics; those of the last make a number of a list, and can only come last.</summary>
    private static IEnumerable<Atom> Topics()
    {
        for (var n = 1; n <= 10; n++)
        {
            var k = n; // Each function holds its own.
            var word = k.ToString(CultureInfo.InvariantCulture);
            yield return new($"add {word}", $"[v + {word} for v in x]", x => [.. x.Select(v => v + k)]);
            yield return new($"multiply by {word}", $"[v * {word} for v in x]", x => [.. x.Select(v => v * k)]);
            yield return new($"subtract from {word}", $"[{word} - v for v in x]", x => [.. x.Select(v => k - v)]);
            yield return new($"take {word}", $"x[:{word}]", x => [.. x.Take(k)]);
            yield return new($"drop {word}", $"x[{word}:]", x => [.. x.Skip(k)]);
            yield return new($"above {word}", $"[v for v in x if v > {word}]", x => [.. x.Where(v => v > k)]);
            yield return new($"below {word}", $"[v for v in x if v < {word}]", x => [.. x.Where(v => v < k)]);
            yield return new($"append {word}", $"x + [{word}]", x => [.. x, k]);
            yield return new($"at most {word}", $"[min(v, {word}) for v in x]", x => [.. x.Select(v => Math.Min(v, k))]);
        }

        yield return new("sum", "sum(x)", x => x.Sum());
        yield return new("length", "len(x)", x => x.Length);
        yield return new("largest", "max(x + [0])", x => x.Append(0).Max());
        yield return new("smallest", "min(x + [0])", x => x.Append(0).Min());
        yield return new("count even", "len([v for v in x if v % 2 == 0])", x => x.Count(v => v % 2 == 0));
        yield return new("count odd", "len([v for v in x if v % 2 == 1])", x => x.Count(v => v % 2 != 0));
        yield return new("count positive", "len([v for v in x if v > 0])", x => x.Count(v => v > 0));
        yield return new("sum of squares", "sum([v * v for v in x])", x => x.Sum(v => v * v));
        yield return new("first or zero", "(x + [0])[0]", x => x.FirstOrDefault());
        yield return new("last or zero", "([0] + x)[-1]", x => x.LastOrDefault());
    }

    private Atom[] Compose(CounterRandom random)
    {
        var atoms = new List<Atom>();
        var count = random.Between(LeastAtoms, MostAtoms);
        while (atoms.Count < count)
        {
            var atom = random.Pick(_atoms);
            if (atoms.Count == count - 1 || atom.ToList is not null)
            {
                atoms.Add(atom);
            }
        }

        return [.. atoms];
    }

    private static Problem Function(Atom[] atoms, CounterRandom random)
    {
        var inputs = Enumerable.Range(0, Tests).Select(_ => Enumerable.Range(0, random.Between(1, LongestList))
            .Select(_ => random.Between(LeastNumber, MostNumber)).ToArray()).ToArray();
        var before = atoms.SkipLast(1).Select(atom => $"    x = {atom.Python}\n");
        return new Problem(
            "", string.Join(", ", atoms.Select(atom => atom.Words)),
            UnitTests.Write([.. inputs.Select(input => (Shown(input), Result(atoms, input)))]),
            $"def f(x):\n{string.Concat(before)}    return {atoms[^1].Python}");
    }

    private static string Result(Atom[] atoms, int[] input)
    {
        foreach (var atom in atoms.SkipLast(1))
        {
            input = atom.ToList!(input); // Only the last makes a number.
        }

        return atoms[^1].ToList is { } list ? Shown(list(input)) : atoms[^1].ToNumber!(input).ToString(CultureInfo.InvariantCulture); // One of the two.
    }

    private static string Shown(int[] list) => $"[{string.Join(", ", list.Select(v => v.ToString(CultureInfo.InvariantCulture)))}]";

    private sealed record Atom(string Words, string Python)
    {
        public Atom(string words, string python, Func<int[], int[]> list)
            : this(words, python) => ToList = list;

        public Atom(string words, string python, Func<int[], int> number)
            : this(words, python) => ToNumber = number;

        public Func<int[], int[]>? ToList { get; }

        public Func<int[], int>? ToNumber { get; }
    }
}
