using System.Collections.ObjectModel;
using Reft.Numerics;
using Reft.Problems;
using Reft.Text;

namespace Reft.Rollouts;

/// <summary>Chooses what is rolled out and where rollouts start, and learns from how they went.</summary>
public interface ICurriculum : IResumable
{
    /// <summary>
    /// The places of a step's problems among the training problems, each at most once; null for the next ones of the epoch's order. It depends on
    /// the step, the seed and the saved state alone.
    /// </summary>
    IReadOnlyList<int>? Pick(long step) => null;

    /// <summary>The start of a problem's rollouts in a step; all samples of the problem share it.</summary>
    Start Choose(Problem problem, long step);

    /// <summary>Told of the step's rollouts once their rewards are known.</summary>
    void Observe(IReadOnlyList<ScoredRollout> rollouts);

    /// <summary>How it stands, by the names of metrics; asked for after every step.</summary>
    IReadOnlyDictionary<string, double> Figures => ReadOnlyDictionary<string, double>.Empty;
}

/// <summary>What a curriculum is made from.</summary>
/// <param name="Problems">The training problems whose prompts fit.</param>
/// <param name="Template">Makes the texts.</param>
/// <param name="Tokenizer">Makes the tokens.</param>
/// <param name="MaxTokens">The most tokens of a prompt and a hint.</param>
/// <param name="ProblemsPerStep">Problems of a step.</param>
/// <param name="Seed">The seed of its draws.</param>
public sealed record CurriculumParts(
    IReadOnlyList<Problem> Problems, PromptTemplate Template, Tokenizer Tokenizer, int MaxTokens, int ProblemsPerStep, ulong Seed)
{
    /// <summary>What the user should know before the run starts.</summary>
    public IList<string> Notes { get; } = [];

    /// <summary>The means of the policy's final hidden states over prompts [N, D], as the policy is when it is asked; null where there is no policy.</summary>
    internal Func<IReadOnlyList<int[]>, double[][]>? States { get; init; }

    /// <summary>The draws of a problem in a step: a hash of (seed, problem, step).</summary>
    internal CounterRandom RandomOf(Problem problem, long step) => new(CounterRandom.Hash(CounterRandom.Hash(Seed, problem.Id), (ulong)step));

    /// <summary>Notes how many problems have no solution to give hints from.</summary>
    internal void NoteProblemsWithoutHints()
    {
        var without = Problems.Count(problem => !problem.HasSolution);
        if (without > 0)
        {
            Notes.Add($"{without} of {Problems.Count} training problems have no solution and get no hints");
        }
    }
}

/// <summary>The options of a curriculum, and how it is made.</summary>
public interface ICurriculumOptions : INamed
{
    /// <summary>The figures that it writes into a step's line of metrics.jsonl.</summary>
    IReadOnlyList<Metric> Metrics => [];

    /// <summary>Whether its hints may hold the answer.</summary>
    bool GivesAnswers => false;

    /// <summary>Makes it.</summary>
    ICurriculum Create(CurriculumParts parts);
}
