namespace Reft.Answers.Grammar;

/// <summary>
/// Reads a statement: one side, or sides joined by = or by an order. Equalities of numbers are checked, and their last side is the
/// answer; <c>x = 4</c> is 4, said of x.
/// </summary>
internal sealed class StatementParser(TokenCursor cursor, AnswerPlace place)
{
    private const int MaxSides = 12;
    private readonly StructureParser _sides = new(cursor, place);

    /// <summary>Whether the last statement ended in one number as it is written, so that a unit may follow.</summary>
    public bool EndsInLiteral { get; private set; }

    /// <summary>What sums are made of.</summary>
    public MathParser Sums => _sides.Sums;

    /// <summary>Reads a statement; null where it stops.</summary>
    public Answer? Read()
    {
        var sides = new List<Side>();
        var relations = new List<char>();
        do
        {
            if (_sides.Read() is not { } side)
            {
                return null;
            }

            sides.Add(side);
            if (sides.Count > MaxSides)
            {
                cursor.Fail("too many sides");
                return null;
            }
        }
        while (Relation(relations));

        EndsInLiteral = sides[^1].Quantity is { IsLiteral: true } && (relations.Count == 0 || relations[^1] is '=' or '≈');
        return relations.Count == 0 ? Value(sides[0])
            : relations.Contains('∈') ? Member(sides, relations)
            : relations.Any(relation => relation is not ('=' or '≈')) ? Order(sides, relations)
            : Equality(sides, relations);
    }

    private bool Relation(List<char> relations)
    {
        if (!TokenCursor.IsSign(cursor.Next, "=≈<>≤≥≠∈"))
        {
            return false;
        }

        relations.Add(cursor.Next.Sign);
        cursor.At++;
        return true;
    }

    private Answer? Value(Side side) => side.Answer ?? AnswerForms.Finish(cursor, side.Quantity!, place, inBrackets: false);

    /// <summary><c>x \in [1, 5]</c> is the interval, said of x.</summary>
    private Answer? Member(List<Side> sides, List<char> relations)
    {
        if (relations.Count == 1 && Unknown(sides[0]) is { } name && sides[1].Answer is { } set)
        {
            return set with { Name = name };
        }

        cursor.Fail("a membership of something else than one unknown");
        return null;
    }

    private InequalityAnswer? Order(List<Side> sides, List<char> relations)
    {
        if (sides.Any(side => side.Quantity is null) || sides.Count > 3 || relations.Any(relation => relation is '=' or '≈')
            || !sides.Any(side => side.Quantity!.Form.Unknowns.Any()))
        {
            cursor.Fail("an inequality of something else than expressions with an unknown");
            return null;
        }

        return new InequalityAnswer([.. sides.Select(side => side.Quantity!.Form)], relations); // None is null: seen above.
    }

    private Answer? Equality(List<Side> sides, List<char> relations)
    {
        if (Tuples(sides) is { } tuple)
        {
            return tuple;
        }

        // The unknown that is said to have the value: alone on either end.
        var name = Unknown(sides[0]);
        var first = name is null ? 0 : 1;
        if (name is null && sides.Count == 2 && !HasUnknowns(sides[0]) && (name = Unknown(sides[1])) is not null)
        {
            return Named(Value(sides[0]), name);
        }

        if (sides.Skip(first).Any(HasUnknowns))
        {
            return Equation(sides, relations);
        }

        for (var i = first + 1; i < sides.Count; i++)
        {
            if (!Holds(sides[i - 1], sides[i]))
            {
                cursor.Fail("an equality that does not hold");
                return null;
            }
        }

        return Named(Value(sides[^1]), name);
    }

    private static Answer? Named(Answer? answer, string? name) => answer is null || name is null ? answer : answer with { Name = name };

    private static string? Unknown(Side side) => side.Quantity?.Form.LoneUnknown;

    private static bool HasUnknowns(Side side) => side.Quantity is { } quantity
        && (quantity.Form.Unknowns.Any() || quantity.Form.Functions.Any(name => name is "f" or "g" or "h"));

    /// <summary><c>(x, y) = (3, 4)</c> is the tuple.</summary>
    private static TupleAnswer? Tuples(List<Side> sides) => sides is [{ Answer: TupleAnswer names }, { Answer: TupleAnswer values }]
        && names.Items.Count == values.Items.Count
        && names.Items.All(item => item is ExpressionAnswer { Value.LoneUnknown: not null }) ? values : null;

    private EquationAnswer? Equation(List<Side> sides, List<char> relations)
    {
        if (sides.Count != 2 || relations[0] != '=' || sides[0].Quantity is not { } left || sides[1].Quantity is not { } right)
        {
            cursor.Fail("an equation of more than two sides, or of something else than expressions");
            return null;
        }

        return new EquationAnswer(left.Form, right.Form);
    }

    /// <summary>Whether two sides are one number, the right one perhaps rounded to the decimals it is written with.</summary>
    private static bool Holds(Side left, Side right)
    {
        if (left.Quantity is not { } a || right.Quantity is not { } b)
        {
            return false;
        }

        if (a.Form.IsSame(b.Form) == true)
        {
            return true;
        }

        if (b.Form.Value is not { } rounded || b.Places < 0 || !b.IsLiteral)
        {
            return false;
        }

        var unit = new Rational(1, System.Numerics.BigInteger.Pow(10, b.Places));
        if (a.Form.Value is { } exact)
        {
            return (exact - rounded).Magnitude <= unit;
        }

        var real = a.Form.Evaluate(_ => double.NaN);
        return Math.Abs(real.Imaginary) < 1e-12 && Math.Abs(real.Real - rounded.ToDouble()) <= unit.ToDouble();
    }
}
