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
