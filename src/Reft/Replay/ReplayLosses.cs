using Reft.Algorithms;
using Reft.Algorithms.Terms;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Replay;

/// <summary>Losses before any update, the step's rollouts as one mini-batch.</summary>
/// <param name="Whole">The loss, all terms with their coefficients; NaN where one of them cannot be worked out from what a run stores.</param>
/// <param name="Policy">The term of that name; NaN where there is none.</param>
/// <param name="Value">The same of values.</param>
internal readonly record struct FirstLosses(double Whole, double Policy, double Value);

/// <summary>The losses of stored rollouts before any update, where the policy is the one that drew them: ratio 1.</summary>
internal static class ReplayLosses
{
    /// <summary>The losses, by the terms that the algorithm is put together from.</summary>
    public static FirstLosses Of(ComposedAlgorithm algorithm, IReadOnlyList<Trajectory> trajectories)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Trajectory[] learned = [.. trajectories.Where(t => !algorithm.KeepsGroups || !t.LeftOut)];
        if (learned.Length == 0)
        {
            return new FirstLosses(0, double.NaN, double.NaN);
        }

        if (learned.Any(t => t.OldLogProbs.Length == 0))
        {
            return new FirstLosses(double.NaN, double.NaN, double.NaN); // Nobody drew it, so nobody stored how likely it was.
        }

        var columns = new TokenColumns(learned, algorithm.Parts.Weighting.Weigh(learned), CPU);
        var values = learned.Any(t => t.OldValues.Length > 0) ? columns.Column(t => t.OldValues) : null;
        var outputs = new PolicyOutputs(columns.Column(t => t.OldLogProbs), values, null);
        var inputs = new LossInputs(outputs, columns, long.MaxValue);
        var sums = algorithm.Parts.Terms.Select(term => (Term: term, Loss: IsStored(term)
            ? (double)(term.Losses(inputs) * columns.Weights).sum().item<float>() : double.NaN)).ToArray();
        return new FirstLosses(sums.Sum(sum => sum.Term.Coefficient * sum.Loss), Named("policy"), Named("value"));

        // A run's files hold log-probabilities and values of what was drawn: no entropies, and nothing of hints, which have weights of their own.
        bool IsStored(ILossTerm term) => (term.Questions(long.MaxValue) & ~PolicyQuestions.DetachedValues) == PolicyQuestions.None && term.Weigh(learned) is null;

        double Named(string name) => sums.Where(sum => sum.Term.Name == name).Select(sum => sum.Loss).DefaultIfEmpty(double.NaN).First();
    }
}
