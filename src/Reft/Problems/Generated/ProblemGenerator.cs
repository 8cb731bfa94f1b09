using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated;

/// <summary>
/// Makes multi-step word problems with exact answers and solutions in words and as programs. The same options make the
/// same problems on every platform, and the first n of a longer list are the shorter list.
/// </summary>
/// <remarks>
/// A problem's structure is its steps with their numbers, without the words. A hash of the structure alone, not of the
/// seed, decides the split: the same sum never stands on two sides, whatever words dress it and whatever seed made it.
/// </remarks>
internal sealed class ProblemGenerator
{
    // Part of the published behaviour: another salt would move problems between the splits.
    private const ulong SplitSalt = 0x5EED_0F_5711;
    private const int MaxAttempts = 2000;
    private const int MaxTries = 50;

    private static readonly (StepKinds Kind, Func<Story, bool> Take)[] _steps =
    [
        (StepKinds.Gain, StorySteps.Gain),
        (StepKinds.Lose, StorySteps.Lose),
        (StepKinds.Each, StorySteps.Sell),
        (StepKinds.Share, StorySteps.Share),
        (StepKinds.Remainder, StorySteps.Remainder),
        (StepKinds.Percent, StoryComparisons.Percent),
        (StepKinds.Times, StoryComparisons.Times),
        (StepKinds.Difference, StoryComparisons.Difference),
    ];

    // Names the draws of what is done in the head, which leave the questions as they are.
    private const ulong MentalSalt = 0x3E_17A1;

    private readonly GeneratorOptions _options;
    private readonly StructureSpace _space;

    /// <summary>Creates a generator.</summary>
    /// <exception cref="InputException">The options are wrong; the message lists how.</exception>
    public ProblemGenerator(GeneratorOptions? options = null)
    {
        _options = Whole.Of(options ?? GeneratorOptions.Full, "generator");
        _space = new StructureSpace(_options);
    }

    /// <summary>The split that a structure belongs to.</summary>
    public static GeneratedSplit SplitOf(string structure) => (CounterRandom.Hash(SplitSalt, structure) % 10) switch
    {
        8 => GeneratedSplit.Dev,
        9 => GeneratedSplit.Test,
        _ => GeneratedSplit.Train,
    };

    /// <summary>The first problems of a split, no question twice, and no structure where the options say so.</summary>
    /// <exception cref="InputException">The options allow fewer different problems than that.</exception>
    public IReadOnlyList<GeneratedProblem> Generate(GeneratedSplit split, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var problems = new List<GeneratedProblem>(count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (problems.Count < count)
        {
            problems.Add(Make(split, problems.Count, seen));
        }

        return problems;
    }

    private GeneratedProblem Make(GeneratedSplit split, int index, HashSet<string> seen)
    {
        var key = CounterRandom.Hash(_options.Seed, (ulong)split, (ulong)index);
        var random = new CounterRandom(key);
        var annotator = new CounterRandom(CounterRandom.Hash(key, MentalSalt));
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (Tell(random) is { } story
                && string.Join(' ', story.Structure) is var structure
                && SplitOf(structure) == split
                && (!_options.DistinctStructures || !seen.Contains(structure))
                && string.Join(' ', story.Sentences) is var question
                && seen.Add(QuestionText.Normalize(question)))
            {
                seen.Add(structure); // No question reads like one.
                Conclude(story);
                return new GeneratedProblem(
                    $"{split.ToString().ToLowerInvariant()}_{index}",
                    question,
                    story.Value,
                    string.Join('\n', story.Reasons),
                    ProgramText.Write(_options.PlainPrograms ? null : question, Annotation.Write(story.Statements, _options.MentalArithmeticRate, annotator)),
                    structure,
                    story.Steps);
            }
        }

        throw new InputException(
            $"the generator's options allow no more than about {index} {(_options.DistinctStructures ? "structures" : "different problems")} of split {split}; "
            + "allow more steps, larger numbers or more kinds");
    }

    private Story? Tell(CounterRandom random)
    {
        var steps = _options.DistinctStructures ? _space.Steps(random) : random.Between(_options.MinSteps, _options.MaxSteps);
        var things = _options.PlainWords ? Words.Things.Take(6).ToList() : Words.Things;
        var story = new Story(random, _options) { Thing = random.Pick(things) };
        story.Who = story.NewPerson();
        if (!Open(story, steps) || !(story.DrawsEvenly ? TakeEvenly(story, steps) : Take(story, steps)))
        {
            return null;
        }

        Distract(story);
        Ask(story);
        return story;
    }

    /// <summary>Takes steps of random kinds; false where they do not come together.</summary>
    private bool Take(Story story, int steps)
    {
        var allowed = _steps.Where(step => _options.Kinds.HasFlag(step.Kind)).ToList();
        for (var tries = 0; story.Steps < steps && tries < MaxTries; tries++)
        {
            var last = story.Steps == steps - 1;
            if (last && _options.Kinds.HasFlag(StepKinds.Together) && story.Compared is not null && story.Random.Chance(0.5)
                && StoryComparisons.Together(story))
            {
                break;
            }

            story.Random.Pick(allowed).Take(story);
        }

        return story.Steps == steps;
    }

    /// <summary>Takes the steps that <see cref="StructureSpace"/> proposes; false where the problem is to be dropped.</summary>
    private bool TakeEvenly(Story story, int steps)
    {
        for (var tries = 0; story.Steps < steps && tries < MaxTries; tries++)
        {
            var kind = _space.Kind(story.Random);
            var isTaken = kind == StepKinds.Together
                ? story.Steps == steps - 1 && StoryComparisons.Together(story)
                : _steps.Single(step => step.Kind == kind).Take(story);
            if (!isTaken && _space.IsCounted(steps))
            {
                return false;
            }
        }

        return story.Steps == steps;
    }

    /// <summary>Names the last quantity the result; a plain program computes the result at once.</summary>
    private static void Conclude(Story story)
    {
        var last = story.Statements[^1];
        if (story.Options.PlainPrograms && last.Variable == story.Variable)
        {
            story.Statements[^1] = last with { Variable = "result" };
        }
        else
        {
            story.Statements.Add(new Statement("result", story.Variable, story.Value, IsComputed: false));
        }
    }

    /// <summary>Says what somebody has at first, plainly or, as a step, in containers; false where that is too much.</summary>
    private bool Open(Story story, int steps)
    {
        var (who, thing) = (story.Who, story.Thing);
        if (story.DrawsEvenly
            ? _space.OpensWithBoxes(steps, story.Random)
            : story.Options.Kinds.HasFlag(StepKinds.Each) && story.Random.Chance(0.3))
        {
            var (boxes, each) = (story.Operand(9), story.Operand(12));
            if (boxes * each <= story.Options.MaxValue)
            {
                var total = boxes * each;
                var sentence = story.Wording(
                    $"{who} has {boxes} {thing.Boxes} with {each} {thing.Many} in each.",
                    $"there are {each} {thing.Many} in every {thing.Box}, and {who} has {boxes} {thing.Boxes}.",
                    $"{who} owns {boxes} {thing.Boxes}, and each {thing.Box} holds {each} {thing.Many}.");
                var reason = story.Wording(
                    $"{boxes} {thing.Boxes} of {each} {thing.Many} hold {boxes} * {each} = {total} {thing.Many}.",
                    $"{who} starts with {boxes} * {each} = {total} {thing.Many}.");
                var number = story.Given($"number_of_{thing.Boxes}", boxes);
                var size = story.Given($"{thing.Many}_per_{thing.Box}", each);
                story.Finish($"{boxes}*{each}", sentence, reason, $"{who}_{thing.Many}", $"{number} * {size}", total);
                return true;
            }

            if (story.DrawsEvenly)
            {
                return false;
            }
        }

        var start = story.Operand(story.Options.MaxOperand);
        story.Sentences.Add(story.Wording(
            $"{who} has {start} {thing.Many}.",
            $"At first {who} has {start} {thing.Many}.",
            $"{who} starts the week with {start} {thing.Many}.",
            $"There are {start} {thing.Many} in the room of {who}."));
        story.Structure.Add($"{start}");
        story.Start(start, story.Given($"{who}_{thing.Many}", start));
        return true;
    }

    private static void Distract(Story story)
    {
        if (!story.Random.Chance(story.Options.DistractorRate))
        {
            return;
        }

        var others = story.Random.Pick(Words.Things.Where(thing => thing.Many != story.Thing.Many
            && !story.Sentences.Any(sentence => sentence.Contains(thing.Many, StringComparison.Ordinal))).ToList());
        var sentence = story.Random.Pick(Words.Distractors)
            .Replace("{who}", story.Who, StringComparison.Ordinal)
            .Replace("{friend}", story.HasNewPerson ? story.NewPerson() : "A friend", StringComparison.Ordinal)
            .Replace("{others}", others.Many, StringComparison.Ordinal)
            .Replace("{n}", $"{story.Operand(story.Options.MaxOperand)}", StringComparison.Ordinal);
        story.Sentences.Insert(story.Random.Between(1, story.Sentences.Count), Story.Capital(sentence));
    }

    private static void Ask(Story story)
    {
        story.Sentences.RemoveAll(string.IsNullOrEmpty);
        story.Sentences.Add(story.Question ?? story.Wording(
            $"How many {story.Thing.Many} does {story.Who} have now?",
            $"How many {story.Thing.Many} does {story.Who} have in the end?",
            $"What number of {story.Thing.Many} does {story.Who} have at the end?"));
    }
}
