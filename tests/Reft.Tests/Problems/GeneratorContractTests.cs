using Reft.Answers;
using Reft.Configuration;
using Reft.Methods;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Tests.Configuration;

namespace Reft.Tests.Problems;

/// <summary>What every generator of problems in the catalog keeps: disjoint splits, no problem twice, prefixes, gold that its form takes.</summary>
public sealed class GeneratorContractTests
{
    private const int Count = 24;

    public static TheoryData<string> Generators => new(Catalog.Default.Problems.Select(generator => generator.Name));

    [Theory]
    [MemberData(nameof(Generators))]
    public void Make_EverySplit_IsDisjointAndItsOwnPrefix(string name)
    {
        var style = Enum.GetValues<AnswerStyle>().First(Find(name).Takes);
        var splits = Enum.GetValues<GeneratedSplit>().Select(split => Make(name, split, Count, style)).ToArray();

        Assert.All(splits, problems => Assert.Equal(Count, problems.Count));
        Assert.All(splits, problems => Assert.All(problems, problem => Assert.True(problem.HasSolution)));
        Assert.Distinct(splits.SelectMany(problems => problems).Select(problem => problem.Question));
        Assert.Distinct(splits.SelectMany(problems => problems.Select(problem => problem.GroupKey).Distinct()));
        Assert.All(splits, problems => Assert.Distinct(problems.Select(problem => problem.Id)));
        Assert.Equal(splits[0].Take(10), Make(name, GeneratedSplit.Train, 10, style));
        Assert.Equal(Enumerable.Range(1, Count), splits[0].Select(problem => problem.Row));
        Assert.Throws<InputException>(() => Make(name, GeneratedSplit.Train, 0, style));
    }

    [Theory]
    [MemberData(nameof(Generators))]
    public void Form_OfAGenerator_IsInTheCatalogAndNeeded(string name)
    {
        var generator = Find(name);
        if (generator.Form is not { } form)
        {
            return;
        }

        var style = Enum.GetValues<AnswerStyle>().First(generator.Takes);
        Assert.True(Catalog.Default.Answers.Single(one => one.Name == form).Takes(style));
        Assert.Contains(
            $"problems.train[0].generated: has answers of form {form}, and answers.form is paper; make them agree",
            string.Join('\n', Configs.Errors(Configs.Least, $"problems.train={{generated: {{type: {name}, split: train, count: 9}}}}", "answers.style=number")),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Generators))]
    public void Options_FarBelowTheirRange_AreErrors(string name)
    {
        var numbers = Find(name).GetType().GetProperties().Where(property => property.SetMethod is not null)
            .Where(property => new[] { typeof(int), typeof(int?), typeof(ulong), typeof(double) }.Contains(property.PropertyType))
            .Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).ToArray();

        Assert.Contains("count", numbers);
        foreach (var key in numbers)
        {
            var errors = Configs.Errors(
                Configs.Least, $"problems.train={{generated: {{type: {name}, split: train, count: 9}}}}", $"problems.train[0].generated.{key}=-1000000");

            Assert.Contains(errors, line => line.Contains($"problems.train[0].generated.{key}: is ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void NextItem_EveryProblem_IsWhatItsTableLeadsTo()
    {
        var (answers, lengths) = (new HashSet<string>(), new HashSet<int>());
        foreach (var problem in new NextItem { Split = GeneratedSplit.Test, Count = 200, Items = 7, Hops = 3, LeastHops = 2 }.Make(AnswerStyle.Number))
        {
            var parts = problem.Question.Split(": ");
            var (table, hops, item) = (parts[0].Split(' ').ToDictionary(pair => pair[0], pair => pair[2]), parts[1].Length - 1, parts[1][0]);
            Assert.Equal(7, table.Values.Distinct().Count());
            for (var hop = 0; hop < hops; hop++)
            {
                item = table[item];
            }

            Assert.Equal(item.ToString(), problem.Answer);
            Assert.Equal(problem.Answer, problem.Solution);
            answers.Add(problem.Answer);
            lengths.Add(hops);
        }

        Assert.Equal(7, answers.Count);
        Assert.Equal([2, 3], lengths.Order());
        foreach (var problem in new NextItem { Split = GeneratedSplit.Test, Count = 20, Items = 5, Shows = true }.Make(AnswerStyle.Number))
        {
            var (way, first) = (problem.Answer.Split(' '), problem.Question[^3]);
            Assert.Equal(2, way.Length);
            Assert.All(way, step => Assert.Contains(step, problem.Question.Split(": ")[0].Split(' ')));
            Assert.Equal((first, way[0][2]), (way[0][0], way[1][0]));
        }
    }

    [Fact]
    public void RegisterChain_EveryProblem_IsItsOwnSums()
    {
        foreach (var problem in new RegisterChain { Split = GeneratedSplit.Test, Count = 200, Steps = 5, Modulus = 9 }.Make(AnswerStyle.Number))
        {
            var register = problem.Question[0] - '0';
            Assert.Equal(':', problem.Question[1]);
            Assert.Equal(7, problem.Question.Length);
            for (var i = 0; i < 5; i++)
            {
                register = (register + problem.Question[i + 2] - '0') % 9;
                Assert.Equal(register, problem.Solution![i] - '0');
            }

            Assert.Equal(problem.Solution, problem.Answer);
        }
    }

    [Fact]
    public void RegisterChain_Slips_AreOfTheRateAndNeverInAnswers()
    {
        var slipped = new RegisterChain { Split = GeneratedSplit.Train, Count = 500, SlipRate = 0.3 }.Make(AnswerStyle.Number);

        var wrong = slipped.Sum(problem => problem.Answer.Zip(problem.Solution!).Count(pair => pair.First != pair.Second));
        // 3000 values: a standard deviation of 25 round 900.
        Assert.InRange(wrong, 800, 1000);
        Assert.All(slipped, problem => Assert.Equal(
            problem.Answer, string.Concat(Enumerable.Range(1, 6).Select(i => (problem.Question[0] - '0' + problem.Question[2..(i + 2)].Sum(c => c - '0')) % 7))));
    }

    [Fact]
    public void ParityChain_EveryProblem_HasParitiesOfEverythingBefore()
    {
        var problems = new ParityChain { Split = GeneratedSplit.Train, Count = 110 }.Make(AnswerStyle.Number);

        foreach (var problem in problems)
        {
            Assert.Equal(16, problem.Solution!.Length);
            Assert.Equal(problem.Answer, problem.Question.Replace(" ", "", StringComparison.Ordinal));
            for (var i = 0; i < 8; i++)
            {
                var ones = problem.Answer[..(i + 1)].Count(c => c == '1') + Enumerable.Range(0, i + 1).Count(j => problem.Solution[2 * j] == '1');
                Assert.Equal(ones % 2, problem.Solution[(2 * i) + 1] - '0');
            }
        }

        Assert.InRange(problems.Average(problem => problem.Solution!.Where((_, i) => i % 2 == 0).Count(c => c == '1')), 3.5, 4.5);
    }

    [Fact]
    public void TwoWays_EveryProblem_IsASumByOneOfTheWays()
    {
        var problems = new TwoWays { Split = GeneratedSplit.Train, Count = 400, Terms = 4, ReliableShare = 0.6 }.Make(AnswerStyle.Program);

        foreach (var problem in problems)
        {
            var numbers = problem.Question["What is ".Length..^1].Split(" + ").Select(int.Parse).ToArray();
            Assert.Equal((4, $"{numbers.Sum()}"), (numbers.Length, problem.Answer));
            string[] ways = [$"def solution():\n    return ({string.Join(" + ", numbers)})", $"def solution():\n    return {numbers.Sum()}"];
            Assert.Contains(problem.Solution, ways);
        }

        Assert.InRange(problems.Average(problem => problem.Solution!.Contains('+', StringComparison.Ordinal) ? 1.0 : 0), 0.52, 0.68);
    }

    [Fact]
    public void HiddenChoice_EveryProblem_MeansOneOfItsNumbersAndAllAlike()
    {
        var problems = new HiddenChoice { Split = GeneratedSplit.Train, Count = 600, Choices = 3 }.Make(AnswerStyle.Number);

        var places = problems.Select(problem => Array.IndexOf(problem.Question["Which of ".Length..^1].Split(", "), problem.Answer)).ToArray();

        Assert.All(Enumerable.Range(0, 3), place => Assert.InRange(places.Count(p => p == place), 150, 250));
        Assert.DoesNotContain(-1, places);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void MultiHop_EveryProblem_IsWhereItsArrowsLead(bool interleaves)
    {
        foreach (var problem in new MultiHop { Split = GeneratedSplit.Dev, Count = 100, Hops = 4, Distractors = 3, Interleaves = interleaves }.Make(AnswerStyle.Number))
        {
            var (arrows, asked) = (problem.Question.Split(':')[0].Split(' '), problem.Question.Split(':')[1].Split(','));
            var leads = arrows.ToDictionary(arrow => arrow.Split('>')[0], arrow => arrow.Split('>')[1]);
            var way = new List<string> { asked[0].Trim() };
            for (var i = 0; i < 4; i++)
            {
                way.Add(leads[way[^1]]);
            }

            Assert.Equal((7, " 4 times", way[^1]), (arrows.Length, asked[1], problem.Answer));
            Assert.Equal(interleaves ? way.Skip(1) : way.TakeLast(1), AnswerSegments.Read(problem.Solution!));
        }
    }

    [Fact]
    public void ListFunctions_Atoms_AreAHundredOnTenTopicsAndNeverMore()
    {
        var atoms = new ListFunctions { Split = GeneratedSplit.Train, Count = 100, LeastAtoms = 1, MostAtoms = 1 }.Make(AnswerStyle.Number);

        Assert.Distinct(atoms.Select(atom => atom.Question));
        Assert.Equal(9, atoms.Where(atom => char.IsAsciiDigit(atom.Question[^1])).GroupBy(atom => atom.Question.TrimEnd("0123456789".ToCharArray())).Count(g => g.Count() == 10));
        Assert.Contains("no more than 100", Assert.Throws<InputException>(
            () => new ListFunctions { Split = GeneratedSplit.Train, Count = 101, LeastAtoms = 1, MostAtoms = 1 }.Make(AnswerStyle.Number)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ListFunctions_Solutions_PassTheirTestsInPython()
    {
        // The expected values are C#'s, the programs Python's.
        foreach (var problem in new ListFunctions { Split = GeneratedSplit.Test, Count = 300, LeastAtoms = 1, MostAtoms = 3 }.Make(AnswerStyle.Number))
        {
            foreach (var (given, expected) in UnitTests.Read(problem.Answer)!)
            {
                var result = new Reft.Python.ManagedEngine().Run($"{problem.Solution}\ndef solution():\n    return f({given})", new Reft.Python.ProgramLimits());
                Assert.Equal(expected, result.Value?.Repr);
            }
        }
    }

    [Fact]
    public void Make_MoreThanThereAre_SaysSo() => Assert.Contains(
        "parityChain has no more than about",
        Assert.Throws<InputException>(() => new ParityChain { Split = GeneratedSplit.Train, Count = 9, Bits = 3 }.Make(AnswerStyle.Number)).Message,
        StringComparison.Ordinal);

    private static IProblemGenerator Find(string name) => Catalog.Default.Problems.Single(generator => generator.Name == name);

    /// <summary>The set that a config of this generator, split and count names.</summary>
    private static IReadOnlyList<Problem> Make(string name, GeneratedSplit split, int count, AnswerStyle style)
    {
        var role = split.ToString().ToLowerInvariant();
        var config = Configs.Read(
            Configs.Least, $"problems.{role}={{generated: {{type: {name}, split: {role}, count: {count}}}}}",
            $"answers.style={style.ToString().ToLowerInvariant()}", $"answers.form={Find(name).Form ?? "paper"}");
        IReadOnlyList<ProblemSet> sets = split switch
        {
            GeneratedSplit.Train => config.Problems.Train,
            GeneratedSplit.Dev => config.Problems.Dev,
            _ => config.Problems.Test,
        };
        return sets[0].Generated!.Make(style);
    }
}
