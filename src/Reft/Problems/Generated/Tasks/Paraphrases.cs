using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Questions in many words, to be said in few: <c>hey , could you tell me the count of red books that Anna now owns , thanks</c> is <c>how many red books does Anna
/// have ?</c>. Solutions are the short question, or go there in rounds, along edits that are drawn from all shortest ways.
/// </summary>
internal sealed record Paraphrases : DrawnProblems
{
    // An edit beside one that keeps: shorter ways are likelier by so much, which leaves the shortest ones alone.
    private const double LogEdit = -12;

    private static readonly string[] _names = ["Anna", "Ben", "Clara", "David", "Emma", "Finn", "Grace", "Henry", "Ida", "Jonas", "Kim", "Lena"];
    private static readonly string[] _things = ["books", "coins", "apples", "pens", "maps", "keys", "cups", "stones", "shells", "cards", "lamps", "boats"];
    private static readonly string[] _colours = ["red", "blue", "green", "old", "new", "small"];
    private static readonly string[] _opens = ["", "please", "hey ,", "so", "one more thing :", "if you do not mind ,"];
    private static readonly string[] _asks = ["tell me", "could you tell me", "i want to know", "say"];
    private static readonly string[] _closes = ["", ", thanks", ", if you know", "by any chance", "at this moment"];
    private static readonly string[] _hedges = ["", "really", "now", "in fact"];

    /// <inheritdoc/>
    public override string Name => "paraphrases";

    /// <inheritdoc/>
    public override string Summary => "questions in many words, to be said in few; the last line is checked, every letter of it";

    /// <summary>How many rounds of edits a solution goes through, in [1, 3]: with 1 it is the short question alone.</summary>
    [Option("the rounds of edits that a solution goes through, a line each; 1 is the short question alone", AtLeast = 1, AtMost = 3)]
    public int Rounds { get; init => field = InRange.Of(this, value); } = 1;

    /// <inheritdoc/>
    public override string? Form => "lastLine";

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var (name, thing, colour) = (random.Pick(_names), random.Pick(_things), random.Pick(_colours));
        var (opens, asks, closes, hedge) = (random.Pick(_opens), random.Pick(_asks), random.Pick(_closes), random.Pick(_hedges));
        var (asked, known) = random.Below(4) switch
        {
            0 => ($"the count of {colour} {thing} that {name} {hedge} owns", $"how many {colour} {thing} does {name} have ?"),
            1 => ($"what number of {colour} {thing} {name} {hedge} has", $"how many {colour} {thing} does {name} have ?"),
            2 => ($"the place where {name} {hedge} keeps the {colour} {thing}", $"where are the {colour} {thing} of {name} ?"),
            _ => ($"the person that {hedge} gave {name} the {colour} {thing}", $"who gave {name} the {colour} {thing} ?"),
        };
        string[] question = [.. $"{opens} {asks} {asked} {closes}".Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        return new Problem("", string.Join(' ', question), known, Solution(question, known.Split(' '), random));
    }

    private string Solution(string[] question, string[] known, CounterRandom random)
    {
        if (Rounds == 1)
        {
            return string.Join(' ', known);
        }

        var way = EditPaths.Sample(question, known, step => step.Kind == EditKind.Keep ? 0 : LogEdit, random.NextDouble, out _);
        var edits = way.Count(step => step.Kind != EditKind.Keep);
        return string.Join('\n', Enumerable.Range(1, Rounds).Select(round => string.Join(' ', EditPaths.Apply(question, known, way, edits * round / Rounds))));
    }
}
