using System.Numerics;

namespace Reft.Tests.Answers;

/// <summary>What the slow reader reads: a sum as a function of its unknowns, with its exact value where it is rational; or a structure.</summary>
internal sealed class Node
{
    private readonly Func<int, Complex>? _value;

    public Node(string kind, IReadOnlyList<Node> items)
    {
        Kind = kind;
        Items = items;
    }

    private Node(Func<int, Complex> value)
    {
        Kind = "sum";
        Items = [];
        _value = value;
    }

    public string Kind { get; }

    public IReadOnlyList<Node> Items { get; }

    public bool IsSum => _value is not null;

    public (BigInteger Above, BigInteger Below)? Exact { get; private init; }

    public bool IsWorkedOut { get; private init; } = true;

    public bool IsLiteral { get; private init; }

    public bool IsQuotient { get; private init; }

    public bool HasLetter { get; private init; }

    /// <summary>Whether roots or π occur, so that the value may be rational after all.</summary>
    public bool HasRoot { get; private init; }

    public bool MayBeRational => Exact is null && HasRoot && !HasLetter && Math.Abs(At(1).Imaginary) < 1e-9 && IsNearRational(At(1).Real);

    public int Places { get; set; } = -1;

    public string Written { get; set; } = "";

    public bool HasUnit { get; set; }

    public string? Name { get; private init; }

    public string Letter { get; private init; } = "";

    public bool EndsInLiteral => Kind is "sum" && IsLiteral && !NamedFromLeft;

    private bool NamedFromLeft { get; init; }

    /// <summary>Whether this is one unknown and nothing else.</summary>
    public bool IsLone => IsSum && HasLetter && new[] { "x", "y", "n" }.Any(name => Enumerable.Range(1, 3).All(point =>
        Complex.Abs(At(point) - Unknown(name[0]).At(point)) < 1e-12));

    public static Node Literal(BigInteger above, BigInteger below) => new(_ => below.IsZero ? double.NaN : (double)above / (double)below)
    {
        Exact = Lowest(above, below),
        IsLiteral = true,
    };

    public static Node Number(BigInteger above, BigInteger below) => Literal(above, below);

    public static Node Unknown(char letter) => new(point => Coordinate(letter, point)) { HasLetter = true, Letter = letter.ToString() };

    public static Node Pi() => new(_ => Math.PI) { HasRoot = true };

    /// <summary>Where unknowns stand at a point.</summary>
    public static double Coordinate(char letter, int point) => 0.7 + (0.31 * (letter - 'm' + 13) % 1.9) + (0.2137 * point);

    public static Node Join(char sign, Node a, Node b)
    {
        var exact = a.Exact is { } x && b.Exact is { } y
            ? sign switch
            {
                '+' => Lowest((x.Above * y.Below) + (y.Above * x.Below), x.Below * y.Below),
                '-' => Lowest((x.Above * y.Below) - (y.Above * x.Below), x.Below * y.Below),
                _ => Lowest(x.Above * y.Above, x.Below * y.Below),
            }
            : ((BigInteger, BigInteger)?)null;
        return new Node(point => sign switch
        {
            '+' => a.At(point) + b.At(point),
            '-' => a.At(point) - b.At(point),
            _ => a.At(point) * b.At(point),
        })
        {
            Exact = exact,
            IsWorkedOut = exact is null,
            HasLetter = a.HasLetter || b.HasLetter,
            HasRoot = a.HasRoot || b.HasRoot,
        };
    }

    public static Node Quotient(Node a, Node b) => new(point => a.At(point) / b.At(point))
    {
        Exact = a.Exact is { } x && b.Exact is { } y ? Lowest(x.Above * y.Below, x.Below * y.Above) : null,
        IsWorkedOut = a.IsWorkedOut && b.IsWorkedOut,
        IsLiteral = a.IsLiteral && b.IsLiteral,
        IsQuotient = true,
        HasLetter = a.HasLetter || b.HasLetter,
        HasRoot = a.HasRoot || b.HasRoot,
    };

    public static Node Power(Node a, int exponent) => new(point => Complex.Pow(a.At(point), exponent))
    {
        Exact = a.Exact is { } x
            ? exponent >= 0 ? Lowest(BigInteger.Pow(x.Above, exponent), BigInteger.Pow(x.Below, exponent))
                : Lowest(BigInteger.Pow(x.Below, -exponent), BigInteger.Pow(x.Above, -exponent))
            : null,
        IsWorkedOut = a.IsWorkedOut,
        HasLetter = a.HasLetter,
        HasRoot = a.HasRoot,
    };

    public static Node Root(Node a)
    {
        if (a.Exact is { } large && BigInteger.Abs(large.Above * large.Below) > 1_000_000_000)
        {
            throw new OutsideException();
        }

        (BigInteger, BigInteger)? exact = null;
        if (a.Exact is { } x && x.Above.Sign >= 0 && Whole(x.Above) is { } above && Whole(x.Below) is { } below)
        {
            exact = (above, below);
        }

        return new Node(point => Complex.Sqrt(a.At(point)))
        {
            Exact = exact,
            IsWorkedOut = a.IsWorkedOut,
            HasLetter = a.HasLetter,
            HasRoot = exact is null,
        };
    }

    public Complex At(int point) => _value!(point);

    public bool IsZero() => Exact is { } value ? value.Above.IsZero
        : Complex.Abs(At(1)) < 1e-9 && Complex.Abs(At(2)) < 1e-9 ? throw new OutsideException() : false;

    public bool IsConstant() => Complex.Abs(At(1) - At(2)) < 1e-9 * (1 + Complex.Abs(At(1))) && Complex.Abs(At(1) - At(3)) < 1e-9 * (1 + Complex.Abs(At(1)));

    public Node Negated() => Copy(point => -At(point), Exact is { } x ? (-x.Above, x.Below) : null);

    public Node Times(int factor) => Copy(point => At(point) * factor, Lowest(Exact!.Value.Above * factor, Exact.Value.Below), places: -1);

    /// <summary>In brackets it is no quotient on one line any more.</summary>
    public Node AsGroup() => Copy(_value!, Exact, isQuotient: false);

    public Node AsFraction() => Copy(_value!, Exact, isQuotient: false);

    public Node AsQuotient() => Copy(_value!, Exact, isQuotient: true);

    public Node AsLiteral() => Copy(_value!, Exact);

    public Node AsValue() => Copy(_value!, Exact, isLiteral: false);

    public Node WithName(string name) => IsSum
        ? Copy(_value!, Exact, name: name) : new Node(Kind, Items) { Name = name };

    /// <summary>Named by an unknown on the right, after which no unit may stand.</summary>
    public Node Without(Node name) => new(_value!)
    {
        Exact = Exact,
        IsWorkedOut = IsWorkedOut,
        HasLetter = HasLetter,
        HasRoot = HasRoot,
        Name = name.Letter,
        NamedFromLeft = true,
    };

    private Node Copy(
        Func<int, Complex> value, (BigInteger Above, BigInteger Below)? exact, bool? isQuotient = null, bool? isLiteral = null, int? places = null,
        string? name = null) =>
        new(value)
        {
            Exact = exact,
            IsWorkedOut = IsWorkedOut,
            IsLiteral = isLiteral ?? IsLiteral,
            IsQuotient = isQuotient ?? IsQuotient,
            HasLetter = HasLetter,
            HasRoot = HasRoot,
            Places = places ?? Places,
            Written = Written,
            HasUnit = HasUnit,
            Name = name ?? Name,
            Letter = Letter,
        };

    private static (BigInteger, BigInteger) Lowest(BigInteger above, BigInteger below)
    {
        var divisor = BigInteger.GreatestCommonDivisor(above, below);
        divisor = below.Sign < 0 ? -divisor : divisor;
        return divisor.IsZero ? (above, below) : (above / divisor, below / divisor);
    }

    private static BigInteger? Whole(BigInteger number)
    {
        var root = (BigInteger)Math.Round(Math.Sqrt((double)number));
        return root * root == number ? root : null;
    }

    private static bool IsNearRational(double value) => double.IsFinite(value)
        && Enumerable.Range(1, 720).Any(below => Math.Abs((value * below) - Math.Round(value * below)) < 1e-9 * below);
}
