using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;
using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Verification;

namespace Reft.Tests.Problems;

public sealed partial class ProblemGeneratorTests
{
    public static TheoryData<string> Profiles => ["easy", "full", "decimals"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Generate_WordedSolutions_HoldAndEndInTheAnswer(string profile)
    {
        foreach (var problem in new ProblemGenerator(Options(profile)).Generate(GeneratedSplit.Train, 2000))
        {
            var equations = Equation().Matches(problem.Natural);

            Assert.True(equations.Count >= problem.Steps, problem.Natural);
            Assert.All(equations, equation => Assert.Equal(
                decimal.Parse(equation.Groups[2].Value, CultureInfo.InvariantCulture),
                    Evaluate(equation.Groups[1].Value)));
            Assert.Equal(problem.Value.ToString(), equations[^1].Groups[2].Value);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Generate_Programs_HaveThePapersForm(string profile)
    {
        foreach (var problem in new ProblemGenerator(Options(profile)).Generate(GeneratedSplit.Dev, 500))
        {
            Assert.StartsWith($"def solution():\n    \"\"\"{problem.Question}\"\"\"\n", problem.Program,
                StringComparison.Ordinal);
            Assert.EndsWith("\n    return result", problem.Program, StringComparison.Ordinal);
            Assert.DoesNotContain("\n\n", problem.Program, StringComparison.Ordinal);
            Assert.All(problem.Program.Split('\n')[2..^1], line =>
                Assert.Matches("^    [a-z][a-z_0-9]* = [a-z0-9_ .+*/%-]+$", line));
        }
    }

    [Fact]
    public void Generate_PlainPrograms_AreTheSameProblemsInLetters()
    {
        var options = Options("easy");
        var plain = new ProblemGenerator(options with { PlainPrograms = true }).Generate(GeneratedSplit.Train, 500);
        var usual = new ProblemGenerator(options).Generate(GeneratedSplit.Train, 500);
        var verdicts = Verifiers.Create(AnswerStyle.Program).Verify(
            [.. plain.Select(p => new Sample(p.Id, p.Program, p.ToProblem(AnswerStyle.Program).Answer))], TestContext.Current.CancellationToken);

        Assert.Equal(usual.Select(p => (p.Id, p.Question, p.Value)), plain.Select(p => (p.Id, p.Question, p.Value)));
        Assert.All(plain, p => Assert.Matches(
            @"\Adef solution\(\):\n(    [a-z] = [a-z0-9 +*/-]+\n)+    result = [a-z0-9]+( (//|[+*-]) [a-z0-9]+)?\n    return result\z", p.Program));
        Assert.All(verdicts, verdict => Assert.Equal(Outcome.Correct, verdict.Outcome));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Generate_Splits_ShareNeitherQuestionNorStructure(string profile)
    {
        // Another seed for each split: what keeps them apart must not be the seed.
        var sets = Enum.GetValues<GeneratedSplit>().Select(split =>
            new ProblemGenerator(Options(profile) with { Seed = (ulong)split }).Generate(split, 4000)).ToList();

        Assert.Equal(12_000, sets.Sum(set => set.Count));
        Assert.Equal(12_000, sets.SelectMany(set => set)
            .Select(problem => (problem.Id, QuestionText.Normalize(problem.Question)))
            .DistinctBy(pair => pair.Item2).Count());
        var structures = sets.Select(set => set.Select(problem => problem.Structure).ToHashSet()).ToList();
        Assert.False(structures[0].Overlaps(structures[1]) || structures[0].Overlaps(structures[2]) || structures[1]
            .Overlaps(structures[2]));
        Assert.All(sets[1], problem => Assert.Equal(GeneratedSplit.Dev, ProblemGenerator.SplitOf(problem.Structure)));
    }

    [Fact]
    public void Generate_SameSeed_IsTheSameOnEveryPlatform()
    {
        // Written down once: another machine or version must make the same texts.
        var easy = new ProblemGenerator(GeneratorOptions.Easy with { Seed = 7 }).Generate(GeneratedSplit.Test, 3)[2];
        var full = new ProblemGenerator(GeneratorOptions.Full with { Seed = 7 }).Generate(GeneratedSplit.Train, 3)[2];

        Assert.Equal(
            "Lena has 2 books. Felix has half as many books as Lena. How many books does Felix have now?", easy.Question);
        Assert.Equal(
            "There are 4 stamps in every album, and Finn has 2 albums. Jonas has 3 fewer stamps than Finn. "
            + "How many stamps does Jonas have in the end?",
            full.Question);
    }

    [Fact]
    public void Generate_LongerList_BeginsWithTheShorter()
    {
        var generator = new ProblemGenerator();

        Assert.Equal(generator.Generate(GeneratedSplit.Train, 50), generator.Generate(GeneratedSplit.Train, 200)
            .Take(50));
        Assert.NotEqual(
            generator.Generate(GeneratedSplit.Train, 50),
            new ProblemGenerator(GeneratorOptions.Full with { Seed = 1 }).Generate(GeneratedSplit.Train, 50));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(8, 8)]
    public void Generate_StepRange_IsKept(int least, int most) => Assert.All(
        new ProblemGenerator(GeneratorOptions.Full with { MinSteps = least, MaxSteps = most })
            .Generate(GeneratedSplit.Train, 300),
        problem => Assert.InRange(problem.Steps, least, most));

    [Fact]
    public void Generate_Numbers_StayInRange()
    {
        var options = GeneratorOptions.Full with { MaxOperand = 15, MaxValue = 90 };

        foreach (var problem in new ProblemGenerator(options).Generate(GeneratedSplit.Train, 500))
        {
            Assert.InRange(problem.Value.ToDouble(), 1, 90);
            Assert.All(
                Regex.Matches(problem.Question, @"\d+(?!\d|%)"),
                number => Assert.InRange(int.Parse(number.Value, CultureInfo.InvariantCulture), 1, 15));
        }
    }

    [Fact]
    public void Generate_Kinds_AllOccurAndOnlyTheyDo()
    {
        var all = new ProblemGenerator().Generate(GeneratedSplit.Train, 1000)
            .SelectMany(problem => problem.Structure.Split(' ')).ToList();
        string[] marks = ["+", "-", "$*", "p/", "s/", "%", "k%", "l%", "m%", "t*", "h/2", "d+", "d-", "&"];
        var gains = new ProblemGenerator(GeneratorOptions.Full with { Kinds = StepKinds.Gain })
            .Generate(GeneratedSplit.Train, 100);

        Assert.All(marks, mark => Assert.Contains(all, code => code.StartsWith(mark, StringComparison.Ordinal)));
        Assert.All(gains, problem => Assert.Matches(@"^\d+( \+\d+)+$", problem.Structure));
    }

    [Fact]
    public void Generate_DistractorRate_AddsSentences()
    {
        var none = Mean(0);
        var always = Mean(1);

        Assert.InRange(always - none, 0.7, 1.3); // One sentence more each.

        static double Mean(double rate) => new ProblemGenerator(GeneratorOptions.Full with { DistractorRate = rate })
            .Generate(GeneratedSplit.Train, 1000)
            .Average(problem => problem.Question.Count(c => c is '.' or '?') - problem.Steps);
    }

    [Fact]
    public void Generate_Decimals_MakesSomeAnswersFractions()
    {
        var answers = new ProblemGenerator(Options("decimals")).Generate(GeneratedSplit.Train, 1000)
            .Select(problem => problem.Value).ToList();

        Assert.InRange(answers.Count(answer => !answer.IsInteger), 20, 500);
        Assert.All(new ProblemGenerator().Generate(GeneratedSplit.Train, 1000), problem =>
            Assert.True(problem.Value.IsInteger));
    }

    [Fact]
    public void Generate_EasyProfile_HasASmallVocabularyAndShortQuestions()
    {
        var words = new ProblemGenerator(GeneratorOptions.Easy).Generate(GeneratedSplit.Train, 5000)
            .Select(problem => problem.Question.Split([' ', '.', '?', ','], StringSplitOptions.RemoveEmptyEntries))
                .ToList();

        Assert.InRange(words.SelectMany(question => question).Where(word => !char.IsDigit(word[0])).Distinct()
            .Count(), 30, 130);
        Assert.InRange(words.Max(question => question.Length), 10, 60);
    }

    [Fact]
    public void Generate_MoreThanThereAre_SaysSo() => Assert.Contains(
        "allow no more than about",
        Assert.Throws<InputException>(() => new ProblemGenerator(
            GeneratorOptions.Easy with
            {
                MaxSteps = 1,
                MaxOperand = 10,
                MaxValue = 12,
                Kinds =
                StepKinds.Gain
            }).Generate(GeneratedSplit.Dev, 100_000)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Create_WrongOptions_ListsThemAll()
    {
        var options = new GeneratorOptions
        {
            MinSteps = 0,
            MaxOperand = 5,
            MaxValue = 1,
            DistractorRate = 2,
            MentalArithmeticRate = -0.1,
            Kinds =
            StepKinds.Lose
        };

        var message = Assert.Throws<InputException>(() => new ProblemGenerator(options)).Message;

        Assert.Equal(6, message.Split("; generator").Length);
    }

    [Fact]
    public void Source_Style_ChoosesTheSolution()
    {
        var generator = new ProblemGenerator();

        var words = new GeneratedSource(generator, GeneratedSplit.Dev, 3, AnswerStyle.Number).Load();
        var programs = new GeneratedSource(generator, GeneratedSplit.Dev, 3, AnswerStyle.Program).Load();

        Assert.Equal([1, 2, 3], words.Select(problem => problem.Row));
        Assert.All(programs, problem => Assert.StartsWith("def solution", problem.Solution, StringComparison.Ordinal));
        Assert.All(words, problem => Assert.DoesNotContain("def", problem.Solution!, StringComparison.Ordinal));
        Assert.Throws<InputException>(() => new GeneratedSource(generator, GeneratedSplit.Dev, 1, AnswerStyle.Choice)
            .Load());
    }

    [Fact]
    public void Generate_DistinctStructures_EachPossibleOneIsAsLikely()
    {
        var options = GeneratorOptions.Easy with
        {
            MaxSteps = 2,
            MaxOperand = 10,
            MaxValue = 12,
            Kinds = StepKinds.Gain | StepKinds.Lose,
            DistinctStructures = true,
        };
        // All there are, by counting: 2 to 10 at first, gains of 2 to 10 up to 12, losses of 2 or more that leave at least 1.
        var one = Enumerable.Range(2, 9).SelectMany(start => After($"{start}", start)).ToArray();
        var all = one.Concat(one.SelectMany(story => After(story.Text, story.Value))).Select(story => story.Text)
            .Where(text => ProblemGenerator.SplitOf(text) == GeneratedSplit.Train).ToArray();
        const int Draws = 40_000;

        var drawn = Enumerable.Range(0, Draws)
            .Select(seed => new ProblemGenerator(options with { Seed = (ulong)seed }).Generate(GeneratedSplit.Train, 1)[0].Structure)
            .CountBy(structure => structure).ToDictionary();

        Assert.Equal(all.Order(StringComparer.Ordinal), drawn.Keys.Order(StringComparer.Ordinal));
        // Chi-square: its mean is the degrees of freedom, its variance twice that; five deviations.
        var expected = (double)Draws / all.Length;
        Assert.InRange(
            (drawn.Values.Sum(n => (n - expected) * (n - expected) / expected) - (all.Length - 1)) / Math.Sqrt(2 * (all.Length - 1)), -5, 5);

        static IEnumerable<(string Text, int Value)> After(string text, int value) =>
            Enumerable.Range(2, 9).Where(n => value + n <= 12).Select(n => ($"{text} +{n}", value + n))
                .Concat(Enumerable.Range(2, 9).Where(n => n < value).Select(n => ($"{text} -{n}", value - n)));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Generate_DistinctStructures_NoneComesTwiceAndAllKindsOccur(string profile)
    {
        var options = Options(profile) with { DistinctStructures = true };

        var problems = new ProblemGenerator(options).Generate(GeneratedSplit.Test, 2000);

        Assert.Equal(2000, problems.DistinctBy(problem => problem.Structure).Count());
        Assert.Equal(
            new ProblemGenerator(Options(profile)).Generate(GeneratedSplit.Train, 2000).SelectMany(Marks).ToHashSet(),
            problems.SelectMany(Marks).ToHashSet());
        Assert.Equal(Enumerable.Range(1, options.MaxSteps), problems.Select(problem => problem.Steps).Distinct().Order());

        static IEnumerable<string> Marks(GeneratedProblem problem) => problem.Structure.Split(' ').Select(code => Number().Replace(code, ""));
    }

    [Fact]
    public void Generate_DistinctStructures_FewAndManyAreOfOneDistribution()
    {
        // How many structures have one step and how many have two is known by drawing all: then 300 of dev and 2000 of test have that share.
        var options = GeneratorOptions.Easy with { MaxSteps = 2, DistinctStructures = true };
        var dev = new ProblemGenerator(options).Generate(GeneratedSplit.Dev, 300);
        var test = new ProblemGenerator(options).Generate(GeneratedSplit.Test, 2000);
        double Share(IReadOnlyList<GeneratedProblem> set) => set.Average(problem => problem.Steps == 1 ? 1.0 : 0);
        double Size(IReadOnlyList<GeneratedProblem> set) => set.Average(problem => problem.Value.ToDouble());

        Assert.InRange(Share(dev) - Share(test), -0.03, 0.03); // Four deviations of 300 draws at 2 %.
        Assert.InRange(Size(dev) - Size(test), -4, 4); // Four deviations: answers have one of about 16.
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Generate_MentalArithmetic_WritesValuesThatAreRight(string profile)
    {
        var options = Options(profile) with { PlainPrograms = profile == "easy" };
        var careful = new ProblemGenerator(options).Generate(GeneratedSplit.Train, 1000);
        var some = new ProblemGenerator(options with { MentalArithmeticRate = 0.3 }).Generate(GeneratedSplit.Train, 1000);
        var all = new ProblemGenerator(options with { MentalArithmeticRate = 1 }).Generate(GeneratedSplit.Train, 1000);

        Assert.Equal(careful.Select(p => (p.Question, p.Value, p.Natural)), some.Select(p => (p.Question, p.Value, p.Natural)));
        foreach (var set in new[] { some, all })
        {
            var verdicts = Verifiers.Create(AnswerStyle.Program).Verify(
                [.. set.Select(p => new Sample(p.Id, p.Program, p.ToProblem(AnswerStyle.Program).Answer))], TestContext.Current.CancellationToken);
            Assert.All(verdicts, verdict => Assert.Equal(Outcome.Correct, verdict.Outcome));
        }

        Assert.All(all, p => Assert.DoesNotMatch(@"= .*[-+*/%]", p.Program));
        // Of the last computations, which are always kept, three in ten are values: five deviations of 1,000.
        var results = careful.Zip(some).Where(pair => IsComputed(pair.First)).ToArray();
        Assert.InRange(results.Average(pair => IsComputed(pair.Second) ? 0.0 : 1), 0.3 - 0.073, 0.3 + 0.073);

        bool IsComputed(GeneratedProblem p) => Regex.IsMatch(p.Program.Split('\n')[options.PlainPrograms ? ^2 : ^3], @"= .*[-+*/%]");
    }

    [Fact]
    public void Generate_MentalArithmetic_LeavesOutWhatIsNotNeeded()
    {
        // Two halves of one story, computed here by hand from its question.
        var problem = new ProblemGenerator(GeneratorOptions.Easy with { MaxSteps = 1, PlainPrograms = true, MentalArithmeticRate = 1 })
            .Generate(GeneratedSplit.Train, 1)[0];

        Assert.Equal($"def solution():\n    result = {problem.Value}\n    return result", problem.Program);
    }

    [Fact]
    public void Generate_MentalArithmetic_HigherRatesKeepWhatLowerOnesDid()
    {
        var rates = new[] { 0.15, 0.3, 0.45 }.Select(rate => new ProblemGenerator(
            GeneratorOptions.Easy with { PlainPrograms = true, MentalArithmeticRate = rate }).Generate(GeneratedSplit.Train, 500)).ToArray();

        Assert.All(rates.Zip(rates.Skip(1)), pair => Assert.All(
            pair.First.Zip(pair.Second), p => Assert.True(p.First.Program.Count(c => "+-*/".Contains(c)) >= p.Second.Program.Count(c => "+-*/".Contains(c)))));
    }

    private static GeneratorOptions Options(string profile) => profile switch
    {
        "easy" => GeneratorOptions.Easy,
        "decimals" => GeneratorOptions.Full with { Decimals = true },
        _ => GeneratorOptions.Full,
    };

    /// <summary>Left to right by precedence, in decimals, by the framework's own evaluator.</summary>
    private static decimal Evaluate(string expression)
    {
        using var table = new DataTable();
        var exact = Regex.Replace(expression, @"\d+(\.\d+)?", "CONVERT($0, 'System.Decimal')");
        return Convert.ToDecimal(table.Compute(exact, null), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(\d[\d.]*(?: [-+*/] \d[\d.]*)+) = (\d+(?:\.\d+)?)")]
    private static partial Regex Equation();

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Number();
}
