using System.Globalization;
using Reft.Answers;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;

namespace Reft.Tests.Problems;

/// <summary>Tables of followers.</summary>
public sealed class NextItemTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Make_Tables_AreOneCycleWhereThatIsAsked(bool cycle)
    {
        var problems = new NextItem { Split = GeneratedSplit.Train, Count = 60, Items = 6, Hops = 3, Cycle = cycle }.Make(AnswerStyle.Number);

        var lengths = problems.Select(problem =>
        {
            var (table, asked) = (problem.Question.Split(": ")[0].Split(' ').Select(pair => pair.Split('>')).ToDictionary(pair => pair[0], pair => pair[1]), problem.Question.Split(": ")[1]);
            var (first, at, steps) = (asked.TrimEnd('>'), asked.TrimEnd('>'), 0);
            do
            {
                at = table[at];
                steps++;
                if (steps == 3)
                {
                    Assert.Equal(at, problem.Answer);
                }
            }
            while (at != first || steps < 3);
            return steps;
        }).ToArray();

        // Six items in one cycle lead back after six steps and not before.
        Assert.Equal(cycle, lengths.All(length => length == 6));
        Assert.Equal(6, problems.Max(problem => problem.Question.Split(": ")[0].Split(' ').Length));
        Assert.All(problems, problem => Assert.InRange(int.Parse(problem.Answer, CultureInfo.InvariantCulture), 0, 5));
    }
}
