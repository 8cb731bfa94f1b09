using Reft.Answers;

namespace Reft.Problems.Generated;

/// <summary>The steps that compare people, take percentages and add two people up.</summary>
internal static class StoryComparisons
{
    private static readonly int[] _percents = [5, 10, 20, 25, 30, 40, 50, 60, 75, 80];

    /// <summary>How many steps <see cref="Times"/> can take: half, and twice to five times.</summary>
    public const int TimesSteps = 5;

    /// <summary>How many steps <see cref="Percent"/> can take: three forms of each percentage.</summary>
    public static int PercentSteps => 3 * _percents.Length;

    public static bool Times(Story story)
    {
        if (!story.HasNewPerson)
        {
            return false;
        }

        var canHalve = story.Value.IsInteger && story.Value.Numerator.IsEven;
        var half = (canHalve || story.DrawsEvenly) && story.Random.Chance(story.DrawsEvenly ? 1.0 / TimesSteps : 0.35);
        if (half && !canHalve)
        {
            return false;
        }

        var k = half ? 2 : story.Random.Between(2, 5);
        var y = half ? story.Value / 2 : story.Value * k;
        if (y > story.Options.MaxValue || y < 1)
        {
            return false;
        }

        var (who, x, thing) = (story.Who, story.Value, story.Thing);
        var friend = story.NewPerson();
        var many = half ? "half" : Words.Times(k);
        var sentence = story.Wording(
            $"{friend} has {many} as many {thing.Many} as {who}.",
            $"compared with {who}, {friend} has {many} as many {thing.Many}.");
        var computed = half ? $"{x} / 2 = {y}" : $"{x} * {k} = {y}";
        var reason = story.Wording(
            $"{friend} has {many} as many, so {friend} has {computed} {thing.For(y)}.",
            $"{many} the number of {who} is {computed} {thing.For(y)} for {friend}.");
        var operation = half ? "//" : "*";
        Compare(story, friend, half ? "h/2" : $"t*{k}", sentence, reason, $"{story.Variable} {operation} {k}", y);
        return true;
    }

    public static bool Difference(Story story)
    {
        if (!story.HasNewPerson)
        {
            return false;
        }

        var more = (story.Value < 4 && !story.DrawsEvenly) || story.Random.Chance(0.5);
        var n = story.Operand(more || story.DrawsEvenly ? story.Options.MaxOperand : (int)story.Value.ToDouble() - 1);
        var y = more ? story.Value + n : story.Value - n;
        if (y > story.Options.MaxValue || y < 1 || (!more && story.Value < 4))
        {
            return false;
        }

        var (who, x, thing) = (story.Who, story.Value, story.Thing);
        var friend = story.NewPerson();
        var (word, sign) = more ? ("more", '+') : ("fewer", '-');
        var sentence = story.Wording(
            $"{friend} has {n} {word} {thing.Many} than {who}.",
            $"{friend} counts {n} {thing.Many} {word} than {who} does.");
        var reason = story.Wording(
            $"{friend} has {n} {word}, so {friend} has {x} {sign} {n} = {y} {thing.For(y)}.",
            $"{n} {word} than {x} is {x} {sign} {n} = {y} {thing.For(y)} for {friend}.");
        var given = story.Given($"{word}_{thing.Many}", n);
        Compare(story, friend, $"d{sign}{n}", sentence, reason, $"{story.Variable} {sign} {given}", y);
        return true;
    }

    public static bool Percent(Story story)
    {
        var whole = _percents.Where(p => (story.Value * p / 100).IsInteger && story.Value * p / 100 >= 1).ToList();
        if (whole.Count == 0)
        {
            return false;
        }

        var p = story.Random.Pick<int>(story.DrawsEvenly ? _percents : whole);
        if (!whole.Contains(p))
        {
            return false;
        }

        var part = story.Value * p / 100;
        var form = story.Random.Below(3);
        var y = form == 0 ? part : form == 1 ? story.Value - part : story.Value + part;
        if (y < 1 || y > story.Options.MaxValue || (form == 2 && !story.HasNewPerson))
        {
            return false;
        }

        var (who, x, thing) = (story.Who, story.Value, story.Thing);
        var share = $"{x} * {p} / 100 = {part}";
        var given = story.Given("percentage", p);
        var partVariable = $"{story.Variable} * {given} // 100";
        switch (form)
        {
            case 0:
                story.Finish(
                    $"k%{p}",
                    story.Wording($"{who} keeps {p}% of the {thing.Many} and gives the others away.",
                        $"only {p}% of the {thing.Many} stay with {who}."),
                    story.Wording($"{p}% of {x} is {share} {thing.For(part)}.",
                        $"{who} keeps {share} {thing.For(part)}."),
                    $"{who}_{thing.Many}_kept", partVariable, y);
                story.Compared = null;
                break;
            case 1:
                var gone = story.NewVariable($"{thing.Many}_gone");
                story.Compute(gone, partVariable, part);
                story.Finish(
                    $"l%{p}",
                    story.Wording($"{who} gives away {p}% of the {thing.Many}.",
                        $"then {p}% of the {thing.Many} leave {who} for good."),
                    story.Wording(
                        $"{p}% of {x} is {share}, so {who} has {x} - {part} = {y} {thing.For(y)} left.",
                        $"{who} loses {share} and is left with {x} - {part} = {y} {thing.For(y)}."),
                    $"{who}_{thing.Many}_left", $"{story.Variable} - {gone}", y);
                story.Compared = null;
                break;
            default:
                var friend = story.NewPerson();
                var extra = story.NewVariable($"extra_{thing.Many}");
                story.Compute(extra, partVariable, part);
                Compare(
                    story, friend, $"m%{p}",
                    $"{friend} has {p}% more {thing.Many} than {who}.",
                    $"{p}% of {x} is {share}, so {friend} has {x} + {part} = {y} {thing.For(y)}.",
                    $"{story.Variable} + {extra}", y);
                break;
        }

        return true;
    }

    /// <summary>Adds the two that were just compared, and asks for the sum.</summary>
    public static bool Together(Story story)
    {
        if (story.Compared is not { } other || story.Value + other.Value > story.Options.MaxValue)
        {
            return false;
        }

        var (who, x, thing) = (story.Who, story.Value, story.Thing);
        var y = story.Value + other.Value;
        var question = story.Wording(
            $"How many {thing.Many} do {other.Who} and {who} have together?",
            $"What is the total number of {thing.Many} that {other.Who} and {who} have?");
        var reason = story.Wording(
            $"together they have {other.Value} + {x} = {y} {thing.Many}.",
            $"{other.Who} and {who} have {other.Value} + {x} = {y} {thing.Many} in total.");
        story.Finish("&", "", reason, $"total_{thing.Many}", $"{other.Variable} + {story.Variable}", y);
        story.Question = question;
        return true;
    }

    private static void Compare(
        Story story, string friend, string code, string sentence, string reason, string expression, Rational y)
    {
        var before = (story.Who, story.Value, story.Variable);
        story.Finish(code, sentence, reason, $"{friend}_{story.Thing.Many}", expression, y);
        story.Who = friend;
        story.Compared = before;
    }
}
