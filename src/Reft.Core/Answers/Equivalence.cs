using System.Numerics;
using Reft.Answers.Algebra;
using Reft.Answers.Grammar;

namespace Reft.Answers;

/// <summary>Whether two answers are one.</summary>
internal enum Sameness
{
    /// <summary>They are different.</summary>
    Different,

    /// <summary>They are the same.</summary>
    Same,

    /// <summary>The built-in algebra cannot tell.</summary>
    Undecided,
}

/// <summary>
/// Compares answers by their types. Expressions are the same where multiplying out leaves nothing; they are different where
/// they differ at a point; points never prove that two are the same. What is neither is undecided.
/// </summary>
/// <param name="numbers">When two numbers are the same.</param>
internal sealed class Equivalence(AnswerComparison numbers)
{
    private const int Points = 4;
    private const double Margin = 1e-7;

    /// <summary>Compares an answer with a known one.</summary>
    public Sameness Compare(Answer answer, Answer gold)
    {
        if (answer.Name is { } name && gold.Name is { } other && name != other)
        {
            return Sameness.Undecided;
        }

        return (answer, gold) switch
        {
            (NumberAnswer a, NumberAnswer b) => Numbers(a, b),
            (ExpressionAnswer a, ExpressionAnswer b) => Forms(a.Value, b.Value),
            (EquationAnswer a, EquationAnswer b) => Equations(a, b),
            (InequalityAnswer a, InequalityAnswer b) => Inequalities(a, b),
            (InequalityAnswer a, IntervalAnswer b) => Range(a) is { } range ? Intervals(range, b) : Sameness.Undecided,
            (IntervalAnswer a, InequalityAnswer b) => Range(b) is { } range ? Intervals(a, range) : Sameness.Undecided,
            (PlusMinusAnswer a, PlusMinusAnswer b) => Sets(Values(a), Values(b)),
            (PlusMinusAnswer a, SetAnswer b) => Sets(Values(a), b.Items),
            (SetAnswer a, PlusMinusAnswer b) => Sets(a.Items, Values(b)),
            (SetAnswer a, SetAnswer b) => Sets(a.Items, b.Items),
            (TupleAnswer a, TupleAnswer b) => Tuples(a.Items, b.Items),
            (IntervalAnswer a, IntervalAnswer b) => Intervals(a, b),
            (IntervalAnswer a, TupleAnswer b) => AsInterval(b) is { } range ? Intervals(a, range) : Sameness.Different,
            (TupleAnswer a, IntervalAnswer b) => AsInterval(a) is { } range ? Intervals(range, b) : Sameness.Different,
            (RatioAnswer a, RatioAnswer b) => Ratios(a, b),
            (BaseNumberAnswer a, BaseNumberAnswer b) => a.Value != b.Value ? Sameness.Different
                : a.Base == b.Base ? Sameness.Same : Sameness.Undecided,
            (BaseNumberAnswer a, NumberAnswer b) => Same(a, b),
            (NumberAnswer a, BaseNumberAnswer b) => Same(b, a),
            (TextAnswer a, TextAnswer b) => a.Words == b.Words ? Sameness.Same : Sameness.Different,
            _ => Sameness.Different,
        };
    }

    /// <summary>One number in two notations: whether the notation was asked for is not known.</summary>
    private static Sameness Same(BaseNumberAnswer a, NumberAnswer b) =>
        b.Value == a.Value ? Sameness.Undecided : Sameness.Different;

    private Sameness Numbers(NumberAnswer a, NumberAnswer b) => !numbers.Equal(a.Value, isFloat: false, b.Value) ? Sameness.Different
        : a.Unit is { } unit && b.Unit is { } other && unit != other ? Sameness.Undecided
        : Sameness.Same;

    private static Sameness Forms(Form a, Form b) => a.IsSame(b) switch
    {
        true => Sameness.Same,
        _ => Differ(a, b) ? Sameness.Different : Sameness.Undecided,
    };

    /// <summary>
    /// Whether two expressions differ for sure: as fractions of polynomials over the rational numbers they do where multiplying
    /// out leaves something, others where they are far apart at a point.
    /// </summary>
    private static bool Differ(Form a, Form b)
    {
        if (a.IsSame(b) == false && a.Atoms.Concat(b.Atoms).All(atom => atom.Kind is AtomKind.Unknown or AtomKind.Imaginary or AtomKind.Radical))
        {
            return true;
        }

        var functions = a.Functions.Concat(b.Functions).ToHashSet();
        if (functions.Contains("log") && functions.Contains("ln"))
        {
            return false;
        }

        for (var k = 1; k <= Points; k++)
        {
            var point = k;
            var left = a.Evaluate(name => Coordinate(name, point));
            var right = b.Evaluate(name => Coordinate(name, point));
            if (IsFinite(left) && IsFinite(right)
                && (left - right).Magnitude > Margin * (1 + left.Magnitude + right.Magnitude))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFinite(Complex value) => double.IsFinite(value.Real) && double.IsFinite(value.Imaginary);

    /// <summary>A coordinate between 0.5 and 2.5 that depends on the unknown's name and the point.</summary>
    private static double Coordinate(string name, int point) => Fraction(name, point).ToDouble();

    private static Rational Fraction(string name, int point)
    {
        var hash = 17L + (point * 7919L);
        foreach (var c in name)
        {
            hash = ((hash * 1_000_003) + c) % 1_000_000_007;
        }

        return new Rational(500 + (hash % 2000), 1000);
    }

    /// <summary>
    /// Equations are the same where what they set to 0 is proportional; different where a point that satisfies one does not
    /// satisfy the other.
    /// </summary>
    private static Sameness Equations(EquationAnswer a, EquationAnswer b)
    {
        if (a.Left.Minus(a.Right) is not { } left || b.Left.Minus(b.Right) is not { } right)
        {
            return Sameness.Undecided;
        }

        if (left.Numerator.MultipleOf(right.Numerator) is not null)
        {
            return left.Denominator.MultipleOf(right.Denominator) is not null ? Sameness.Same : Sameness.Undecided;
        }

        return Separates(left.Numerator, right) || Separates(right.Numerator, left) ? Sameness.Different : Sameness.Undecided;
    }

    /// <summary>Whether there is an exact point where the first polynomial is 0 and the other expression is defined and not 0.</summary>
    private static bool Separates(Polynomial zero, Form other)
    {
        foreach (var unknown in zero.Unknowns)
        {
            if (zero.Linear(unknown) is not var (slope, rest))
            {
                continue;
            }

            for (var k = 1; k <= Points; k++)
            {
                var point = zero.Unknowns.Concat(other.Unknowns).Distinct().ToDictionary(name => name, name => Fraction(name, k));
                if (slope.At(point) is { Sign: not 0 } factor && rest.At(point) is { } constant)
                {
                    point[unknown] = -(constant / factor);
                    if (other.Numerator.At(point) is { Sign: not 0 } && other.Denominator.At(point) is { Sign: not 0 })
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private Sameness Inequalities(InequalityAnswer a, InequalityAnswer b)
    {
        if (Range(a) is { } left && Range(b) is { } right)
        {
            return a.Sides.SelectMany(side => side.Unknowns).First() == b.Sides.SelectMany(side => side.Unknowns).First()
                ? Intervals(left, right) : Sameness.Undecided;
        }

        if (a.Relations is not [var first] || b.Relations is not [var second]
            || a.Sides[0].Minus(a.Sides[1]) is not { } p || b.Sides[0].Minus(b.Sides[1]) is not { } q)
        {
            return Sameness.Undecided;
        }

        // p < 0 is c p < 0 for c > 0, and turns round for c < 0.
        return p.Denominator.Constant is not null && q.Denominator.Constant is not null
            && p.Numerator.MultipleOf(q.Numerator) is { } ratio && (ratio.Sign > 0 ? first == second : first == Turned(second))
            ? Sameness.Same : Sameness.Undecided;
    }

    private static char Turned(char relation) => relation switch
    {
        '<' => '>',
        '>' => '<',
        '≤' => '≥',
        '≥' => '≤',
        _ => relation,
    };

    /// <summary>An inequality that says between what numbers one unknown is, as an interval; null for others.</summary>
    private static IntervalAnswer? Range(InequalityAnswer answer)
    {
        if (answer is { Sides: [var left, var right], Relations: [var relation] })
        {
            return left.LoneUnknown is not null && !right.Unknowns.Any() ? Bound(right, relation)
                : right.LoneUnknown is not null && !left.Unknowns.Any() ? Bound(left, Turned(relation))
                : null;
        }

        if (answer is { Sides: [var low, var middle, var high], Relations: [var first, var second] } && middle.LoneUnknown is not null
            && !low.Unknowns.Any() && !high.Unknowns.Any())
        {
            return (first, second) switch
            {
                ('<' or '≤', '<' or '≤') => new IntervalAnswer([new IntervalPart(low, first == '≤', high, second == '≤')]),
                ('>' or '≥', '>' or '≥') => new IntervalAnswer([new IntervalPart(high, second == '≥', low, first == '≥')]),
                _ => null,
            };
        }

        return null;
    }

    private static IntervalAnswer? Bound(Form bound, char relation) => relation switch
    {
        '<' or '≤' => new IntervalAnswer([new IntervalPart(null, false, bound, relation == '≤')]),
        '>' or '≥' => new IntervalAnswer([new IntervalPart(bound, relation == '≥', null, false)]),
        _ => null,
    };

    private static Answer[] Values(PlusMinusAnswer pair) =>
    [
        .. new[] { pair.Middle.Minus(pair.Distance), pair.Middle.Plus(pair.Distance) }.Where(form => form is not null)
            .Select(form => form!.Value is { } value ? new NumberAnswer(value) : (Answer)new ExpressionAnswer(form)),
    ];

    /// <summary>Every value of either is among those of the other.</summary>
    private Sameness Sets(IReadOnlyList<Answer> a, IReadOnlyList<Answer> b)
    {
        var there = Within(a, b);
        var back = Within(b, a);
        return there == Sameness.Different || back == Sameness.Different ? Sameness.Different
            : there == Sameness.Undecided || back == Sameness.Undecided ? Sameness.Undecided
            : Sameness.Same;
    }

    private Sameness Within(IReadOnlyList<Answer> a, IReadOnlyList<Answer> b) => All(a.Select(item =>
        b.Select(other => Compare(item, other)).Aggregate(Sameness.Different, (x, y) =>
            x == Sameness.Same || y == Sameness.Same ? Sameness.Same
            : x == Sameness.Undecided || y == Sameness.Undecided ? Sameness.Undecided : Sameness.Different)));

    private Sameness Tuples(IReadOnlyList<Answer> a, IReadOnlyList<Answer> b) =>
        a.Count != b.Count ? Sameness.Different : All(a.Zip(b, Compare));

    private static Sameness All(IEnumerable<Sameness> parts) => parts.Aggregate(Sameness.Same, (x, y) =>
        x == Sameness.Different || y == Sameness.Different ? Sameness.Different
        : x == Sameness.Undecided || y == Sameness.Undecided ? Sameness.Undecided : Sameness.Same);

    private static IntervalAnswer? AsInterval(TupleAnswer tuple) => tuple.Items is [var low, var high]
        && AnswerForms.Of(low) is { } a && AnswerForms.Of(high) is { } b
        ? new IntervalAnswer([new IntervalPart(a, false, b, false)]) : null;

    private Sameness Intervals(IntervalAnswer a, IntervalAnswer b)
    {
        if (a.Parts.Count != b.Parts.Count)
        {
            // Parts may overlap or touch.
            return a.Parts.Count == 1 && b.Parts.Count == 1 ? Sameness.Different : Sameness.Undecided;
        }

        var parts = All(a.Parts.Zip(b.Parts, (x, y) => x.HasLow == y.HasLow && x.HasHigh == y.HasHigh
            ? All([Ends(x.Low, y.Low), Ends(x.High, y.High)]) : Sameness.Different));
        return parts == Sameness.Different && a.Parts.Count > 1 ? Sameness.Undecided : parts;
    }

    private Sameness Ends(Form? a, Form? b) => a is null || b is null
        ? a is null && b is null ? Sameness.Same : Sameness.Different
        : a.Value is { } left && b.Value is { } right
            ? numbers.Equal(left, isFloat: false, right) ? Sameness.Same : Sameness.Different
            : Forms(a, b);

    /// <summary>Ratios are the same in any terms; what may be times only digit for digit.</summary>
    private static Sameness Ratios(RatioAnswer a, RatioAnswer b)
    {
        if (a.Parts.SequenceEqual(b.Parts))
        {
            return Sameness.Same;
        }

        if (a.Parts.Count != b.Parts.Count || a.Parts.Concat(b.Parts).Any(part => part.Sign == 0))
        {
            return Sameness.Different;
        }

        var areProportional = a.Parts.Zip(b.Parts, (x, y) => x / y).Distinct().Count() == 1;
        return !areProportional ? Sameness.Different : a.IsClock || b.IsClock ? Sameness.Undecided : Sameness.Same;
    }
}
