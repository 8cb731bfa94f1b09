using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>What the losses of a micro-batch's tokens are made from.</summary>
/// <param name="Outputs">What the policy says of them, with gradients.</param>
/// <param name="Columns">Their data.</param>
/// <param name="Step">The training step.</param>
public sealed record LossInputs(PolicyOutputs Outputs, TokenColumns Columns, long Step);

/// <summary>
/// A summand of a loss, token by token. It sees whole sequences: a micro-batch holds all tokens of each of its rows.
/// </summary>
public interface ILossTerm
{
    /// <summary>Its name in metrics: <c>loss/name</c>.</summary>
    string Name { get; }

    /// <summary>The figures that it measures, besides <c>loss/name</c>.</summary>
    IReadOnlyList<Metric> Metrics => [];

    /// <summary>The formulas that it computes.</summary>
    IReadOnlyList<Formula> Formulas => [];

    /// <summary>What the term is multiplied by.</summary>
    double Coefficient => 1;

    /// <summary>The first step in which it is part of the loss; before that it is only measured.</summary>
    long FirstStep => 0;

    /// <summary>What the policy has to be asked for, at a step.</summary>
    PolicyQuestions Questions(long step) => PolicyQuestions.None;

    /// <summary>
    /// The term's own weights of a mini-batch's tokens [T], as of <see cref="IWeighting"/>, where it is about other tokens than the rest of the
    /// loss; null for the algorithm's.
    /// </summary>
    /// <param name="miniBatch">The mini-batch; the weights of each of its rows are asked for with its micro-batch.</param>
    Func<Trajectory, float[]>? Weigh(IReadOnlyList<Trajectory> miniBatch) => null;

    /// <summary>The loss of every token [M]; it is then weighed and summed.</summary>
    Tensor Losses(LossInputs inputs);

    /// <summary>Measures a micro-batch, without gradients; it has at least one token that counts.</summary>
    /// <param name="inputs">The micro-batch.</param>
    /// <param name="counts">Which tokens count [M], bool.</param>
    /// <param name="metrics">Gets means over the tokens that count, with their number as weight.</param>
    void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics)
    {
    }
}
