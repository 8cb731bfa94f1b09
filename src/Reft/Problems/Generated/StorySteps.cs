using Reft.Answers;

namespace Reft.Problems.Generated;

/// <summary>
/// The steps that gain, lose, multiply and divide what somebody has. Each says whether it could be taken.
/// </summary>
internal static class StorySteps
{
    public static bool Gain(Story story)
    {
        var n = story.Operand(story.Options.MaxOperand);
        var y = story.Value + n;
        if (y > story.Options.MaxValue)
        {
            return false;
        }

        var act = Choose(story, story.Thing.Gains, Words.AnyGain);
        var (who, x, many) = (story.Who, story.Value, story.Thing.Many);
        var sentence = story.Wording(
            $"{who} {act.Verb} {n} more {many}{act.Tail}.",
            $"then {who} {act.Verb} another {n} {many}{act.Tail}.",
            $"after that, {who} {act.Verb} {n} extra {many}{act.Tail}.",
            $"the next day {who} {act.Verb} {n} more {many}{act.Tail}.");
        var reason = story.Wording(
            $"{who} {act.Verb} {n} more, so {who} has {x} + {n} = {y} {many}.",
            $"with {n} more {many}, {who} has {x} + {n} = {y} {many}.",
            $"adding the {n} new {many} gives {x} + {n} = {y} {many}.");
        var given = story.Given($"{many}_{act.Past}", n);
        story.Finish($"+{n}", sentence, reason, $"{who}_{many}_in_all", $"{story.Variable} + {given}", y);
        story.Compared = null;
        return true;
    }

    public static bool Lose(Story story)
    {
        if (story.Value < 3)
        {
            return false;
        }

        var n = story.Operand(story.DrawsEvenly ? story.Options.MaxOperand : (int)story.Value.ToDouble() - 1);
        var y = story.Value - n;
        if (y < 1)
        {
            return false;
        }

        var act = Choose(story, story.Thing.Losses, Words.AnyLoss);
        var (who, x, many) = (story.Who, story.Value, story.Thing.Many);
        var sentence = story.Wording(
            $"{who} {act.Verb} {n} {many}{act.Tail}.",
            $"then {who} {act.Verb} {n} of the {many}{act.Tail}.",
            $"later {who} {act.Verb} {n} {many}{act.Tail}.",
            $"on Friday {who} {act.Verb} {n} of those {many}{act.Tail}.");
        var reason = story.Wording(
            $"{who} {act.Verb} {n}, so {who} has {x} - {n} = {y} {story.Thing.For(y)} left.",
            $"taking away {n} leaves {who} with {x} - {n} = {y} {story.Thing.For(y)}.",
            $"without those {n} {many}, {x} - {n} = {y} {story.Thing.For(y)} remain.");
        var given = story.Given($"{many}_{act.Past}", n);
        story.Finish($"-{n}", sentence, reason, $"{who}_{many}_left", $"{story.Variable} - {given}", y);
        story.Compared = null;
        return true;
    }

    /// <summary>Everything is sold at a price for each.</summary>
    public static bool Sell(Story story)
    {
        if (ReferenceEquals(story.Thing, Words.Money))
        {
            return false;
        }

        Rational price = story.Operand(12);
        price = story.Options.Decimals ? price / 4 : price;
        var y = story.Value * price;
        if (y > story.Options.MaxValue || y < 2)
        {
            return false;
        }

        var (who, x, thing) = (story.Who, story.Value, story.Thing);
        var unit = Words.Money.For(price);
        var sentence = story.Wording(
            $"{who} sells all of the {thing.Many} for {price} {unit} each.",
            $"{who} sells every {thing.One} for {price} {unit}.",
            $"{who} takes the {thing.Many} to a buyer who pays {price} {unit} for each {thing.One}.");
        var reason = story.Wording(
            $"{x} {thing.For(x)} at {price} {unit} each bring {x} * {price} = {y} {Words.Money.For(y)}.",
            $"each {thing.One} brings {price} {unit}, so {who} gets {x} * {price} = {y} {Words.Money.For(y)}.");
        var given = story.Given($"price_per_{thing.One}", price);
        story.Finish($"$*{price}", sentence, reason, $"{who}_dollars", $"{story.Variable} * {given}", y);
        story.Thing = Words.Money;
        story.Compared = null;
        return true;
    }

    /// <summary>Everything is shared equally, or packed with nothing left over.</summary>
    public static bool Share(Story story)
    {
        var divisors = Enumerable.Range(2, Math.Min(12, story.Options.MaxOperand) - 1)
            .Where(k => story.Value / k >= 1 && IsAllowed(story, story.Value / k)).ToList();
        if (divisors.Count == 0)
        {
            return false;
        }

        var k = story.DrawsEvenly ? story.Operand(12) : story.Random.Pick(divisors);
        var y = story.Value / k;
        var canPack = story.Thing.Box.Length > 0 && y.IsInteger;
        var pack = (canPack || story.DrawsEvenly) && story.Random.Chance(0.5);
        if (!divisors.Contains(k) || (pack && !canPack))
        {
            return false;
        }

        var (who, x, thing) = (story.Who, story.Value, story.Thing);
        if (pack)
        {
            var boxes = y == 1 ? thing.Box : thing.Boxes;
            var sentence = story.Wording(
                $"{who} packs all of the {thing.Many} into {thing.Boxes} of {k}.",
                $"{who} puts {k} {thing.Many} into each {thing.Box} until none are left.");
            var reason = story.Wording(
                $"packing {k} to a {thing.Box} makes {x} / {k} = {y} {boxes}.",
                $"there are {k} {thing.Many} in each {thing.Box}, so {who} has {x} / {k} = {y} {boxes}.");
            var given = story.Given($"{thing.Many}_per_{thing.Box}", k);
            story.Finish($"p/{k}", sentence, reason, $"{who}_{thing.Boxes}", Quotient(story, given, y), y);
            story.Thing = new Thing(thing.Box, thing.Boxes, "", "", Words.AnyGain, Words.AnyLoss);
        }
        else
        {
            var child = story.Wording("child", "cousin", "neighbor");
            var children = child == "child" ? "children" : child + "s";
            var sentence = story.Wording(
                $"{who} shares the {thing.Many} equally among {k} {children}.",
                $"{who} splits the {thing.Many} evenly between {k} {children}.");
            var reason = story.Wording(
                $"each {child} gets {x} / {k} = {y} {thing.For(y)}.",
                $"split {k} ways, that is {x} / {k} = {y} {thing.For(y)} for each {child}.");
            var given = story.Given($"number_of_{children}", k);
            story.Finish($"s/{k}", sentence, reason, $"{thing.Many}_per_{child}", Quotient(story, given, y), y);
            story.Who = $"each {child}";
        }

        story.Compared = null;
        return true;
    }

    /// <summary>Whole boxes go away; what is left over stays.</summary>
    public static bool Remainder(Story story)
    {
        if (story.Thing.Box.Length == 0 || !story.Value.IsInteger)
        {
            return false;
        }

        var x = (int)story.Value.Numerator;
        var sizes = Enumerable.Range(3, Math.Min(12, story.Options.MaxOperand) - 2).Where(k => k < x && x % k > 0)
            .ToList();
        if (sizes.Count == 0)
        {
            return false;
        }

        var k = story.DrawsEvenly ? story.Random.Between(3, Math.Min(12, story.Options.MaxOperand)) : story.Random.Pick(sizes);
        if (!sizes.Contains(k))
        {
            return false;
        }

        var (whole, rest) = (x / k, x % k);
        var (who, thing) = (story.Who, story.Thing);
        var boxes = whole == 1 ? thing.Box : thing.Boxes;
        var computed = $"{x} - {whole} * {k} = {rest} {thing.For(rest)}";
        var sentence = story.Wording(
            $"{who} fills as many {thing.Boxes} of {k} {thing.Many} as possible and keeps only what is left over.",
            $"{who} packs the {thing.Many} into {thing.Boxes} that hold {k} each, "
            + $"sends off the full {thing.Boxes} and keeps the rest.");
        var reason = story.Wording(
            $"{whole} full {boxes} can be made, so {computed} {(rest == 1 ? "is" : "are")} left over.",
            $"filling {whole} {boxes} of {k} leaves {computed}.");
        var given = story.Given($"{thing.Many}_per_{thing.Box}", k);
        story.Finish($"%{k}", sentence, reason, $"{who}_{thing.Many}_over", $"{story.Variable} % {given}", rest);
        story.Compared = null;
        return true;
    }

    private static bool IsAllowed(Story story, Rational value) => value.IsInteger
        || (story.Options.Decimals && ReferenceEquals(story.Thing, Words.Money) && (value * 100).IsInteger);

    /// <summary>Python's <c>//</c> keeps whole numbers whole; <c>/</c> would make 4.0 of 8 / 2.</summary>
    private static string Quotient(Story story, string divisor, Rational value) =>
        $"{story.Variable} {(value.IsInteger && story.Value.IsInteger ? "//" : "/")} {divisor}";

    private static Act Choose(Story story, IReadOnlyList<Act> own, IReadOnlyList<Act> any)
    {
        var act = story.Options.PlainWords
            ? own[0]
            : story.Random.Chance(0.3) ? story.Random.Pick(any) : story.Random.Pick(own);
        return act.Tail.Contains("{friend}", StringComparison.Ordinal)
            ? act with
            {
                Tail = act.Tail.Replace("{friend}", story.HasNewPerson
                ? story.NewPerson() : "a friend", StringComparison.Ordinal)
            }
            : act;
    }
}
