using System.Numerics;
using Reft.Answers;
using Reft.Answers.Algebra;
using Reft.Answers.Grammar;
using Reft.Numerics;

namespace Reft.Tests.Answers;

/// <summary>Mutated answers through the reader: no crash, and no reading that the slow reader sees differently.</summary>
public sealed class MutationTests
{
    private const string Many = "REFT_MUTATIONS";

    private static readonly string[] _seeds =
    [
        "42", "-7", "1,250", "$18.50", "50%", "3/4", "2 1/2", "\\frac{3}{4}", "2\\frac{1}{2}", "5 million", "$2 million", "12 dollars", "5 apples/kg",
        "x = 4", "2x = 10", "y = 3x + 1", "x + 7", "5(x+1)", "\\frac{x+3}{8}", "6n^3", "xy - 2", "2\\sqrt{3}", "\\sqrt{16}", "2\\pi",
        "(3, 4)", "[-12,450]", "(1,200,300)", "\\{2,100\\}", "[1, 5)", "\\pm 6", "3 \\pm \\sqrt{2}", "x <= 5", "1 < x < 4", "3:4", "12:30",
        "3 or 8", "5 or 6", "1, 2", "2 + 3 = 5", "3 \\cdot 4 = 12", "2^3", "(x+1)^2", "the answer is 12", "36 cm^2", "10/3 = 3.33", "<208>",
        "-(x - 2)", "x/2", "(1/2)x", "{5}", "0.5", ".25", "1,000 dollars.",
    ];

    private static readonly string[] _pieces =
    [
        "1", "2", "0", "7", "12", "450", ",", ", ", ".", "-", "+", "/", "^", "(", ")", "[", "]", "{", "}", "\\{", "\\}", "\\frac", "\\sqrt", "\\pi",
        "\\pm", "\\cdot", "=", "<", ">", "<=", "%", "$", " ", " ", "x", "y", "n", "xy", " million", " dollars", " apples", " or ", " and ", ":", ";",
        "the answer is ", "{2}", "(x+1)", "1/2", "*", "cm",
    ];

    [Fact]
    public void Read_TwentyThousandMutations_AgreesWithTheSlowReader() => Run(20_000, seed: 1);

    [Fact]
    public void Read_AMillionMutations_AgreesWithTheSlowReader()
    {
        var count = Environment.GetEnvironmentVariable(Many);
        Assert.SkipUnless(count is not null, $"a million mutations take a minute: {Many}=1000000");

        Run(int.Parse(count!, System.Globalization.CultureInfo.InvariantCulture), seed: 2);
    }

    [Fact]
    public void Read_EverySeed_IsKnownToTheSlowReader() => Assert.All(_seeds, seed =>
    {
        Assert.NotNull(SlowReader.Read(seed));
        Assert.Null(Difference(seed, AnswerGrammar.Read(seed, AnswerPlace.Line, out _), SlowReader.Read(seed)));
    });

    private static void Run(int count, ulong seed)
    {
        var differences = new List<string>();
        var inside = 0;
        var read = 0;
        for (var i = 0; i < count && differences.Count < 40; i++)
        {
            var text = Mutation(seed, (ulong)i);
            var answer = AnswerGrammar.Read(text, AnswerPlace.Line, out var reason);
            try
            {
                var slow = SlowReader.Read(text);
                inside++;
                read += slow is null ? 0 : 1;
                if (Difference(text, answer, slow) is { } difference)
                {
                    differences.Add($"{difference} ({reason})");
                }
            }
            catch (OutsideException)
            {
                // The slow reader does not know this part of the language: that there was no crash is all that is tested.
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
        Assert.True(inside > count / 2, $"the slow reader knew only {inside} of {count}");
        Assert.True(read > count / 20, $"only {read} of {count} were answers");
    }

    /// <summary>A seed with one to four pieces put in, taken out, doubled or exchanged.</summary>
    private static string Mutation(ulong seed, ulong index)
    {
        var draw = 0UL;
        var text = _seeds[Draw(_seeds.Length)];
        for (var edits = 1 + Draw(4); edits > 0; edits--)
        {
            var at = Draw(text.Length + 1);
            var length = Math.Min(Draw(3), text.Length - at);
            text = Draw(5) switch
            {
                0 => text.Insert(at, _pieces[Draw(_pieces.Length)]),
                1 => text.Remove(at, length),
                2 => text.Insert(at, text.Substring(at, length)),
                3 => text.Remove(at, length).Insert(at, _pieces[Draw(_pieces.Length)]),
                _ => text + _pieces[Draw(_pieces.Length)],
            };
        }

        return text.Length > 120 ? text[..120] : text;

        int Draw(int below) => (int)(CounterRandom.Hash((seed * 1_000_003) + index, draw++) % (ulong)below);
    }

    private static string? Difference(string text, Answer? answer, Node? slow) =>
        answer is null && slow is null ? null
            : answer is null ? $"'{text}': no answer, where the slow reader has a {slow!.Kind}"
            : slow is null ? $"'{text}': {answer.Kind} {answer}, where the slow reader has none"
            : IsSame(answer, slow) ? null : $"'{text}': {answer.Kind} {answer}, where the slow reader has a {slow.Kind} {Show(slow)}";

    private static string Show(Node node) => node.IsSum ? $"{node.At(1)}" : $"({string.Join("; ", node.Items.Select(Show))})";

    private static bool IsSame(Answer answer, Node slow) => (answer, slow.Kind.Split(' ')[0]) switch
    {
        (NumberAnswer number, "sum") => slow.Exact is { } exact && new Rational(exact.Above, exact.Below) == number.Value,
        (ExpressionAnswer expression, "sum") => slow.Exact is null && IsSame(expression.Value, slow),
        (EquationAnswer equation, "equation") => IsSame(equation.Left, slow.Items[0]) && IsSame(equation.Right, slow.Items[1]),
        (InequalityAnswer order, "order") => order.Sides.Count == slow.Items.Count && order.Sides.Zip(slow.Items, IsSame).All(same => same)
            && slow.Kind == "order " + string.Join(' ', order.Relations.Select(relation => relation switch { '≤' => "<=", '≥' => ">=", _ => $"{relation}" })),
        (PlusMinusAnswer pair, "pair") => IsSame(pair.Middle, slow.Items[0]) && IsSame(pair.Distance, slow.Items[1]),
        (RatioAnswer ratio, "ratio") => ratio.Parts.Count == slow.Items.Count && ratio.Parts.Zip(slow.Items, (part, item) =>
            IsSame(new NumberAnswer(part), item)).All(same => same),
        (TupleAnswer tuple, "tuple") => AreSame(tuple.Items, slow.Items),
        (SetAnswer set, "set") => AreSame(set.Items, slow.Items),
        (IntervalAnswer { Parts: [var part] }, "interval") => part.Low is { } low && part.High is { } high
            && IsSame(low, slow.Items[0]) && IsSame(high, slow.Items[1])
            && slow.Kind == $"interval {(part.HasLow ? '[' : '(')}{(part.HasHigh ? ']' : ')')}",
        _ => false,
    };

    private static bool AreSame(IReadOnlyList<Answer> answers, IReadOnlyList<Node> nodes) =>
        answers.Count == nodes.Count && answers.Zip(nodes, IsSame).All(same => same);

    private static bool IsSame(Form form, Node slow) => slow.IsSum && Enumerable.Range(1, 2).All(point =>
    {
        var (a, b) = (form.Evaluate(name => Node.Coordinate(name[0], point)), slow.At(point));
        return !IsFinite(a) || !IsFinite(b) || (a - b).Magnitude <= 1e-7 * (1 + a.Magnitude + b.Magnitude);
    });

    private static bool IsFinite(Complex value) => double.IsFinite(value.Real) && double.IsFinite(value.Imaginary);
}
