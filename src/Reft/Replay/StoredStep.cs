using Reft.Algorithms;

namespace Reft.Replay;

/// <summary>One step as a run's folder holds it.</summary>
/// <param name="Step">The step.</param>
/// <param name="KlCoefficient">β of the step, from metrics.jsonl.</param>
/// <param name="ExplainedVariance">That of the values, from metrics.jsonl; NaN where there is none.</param>
/// <param name="Hash">The hash of the step's rollouts, from metrics.jsonl.</param>
/// <param name="Figures">The numbers of its line in metrics.jsonl.</param>
/// <param name="Trajectories">Its rollouts, with what the losses took.</param>
internal sealed record StoredStep(
    long Step, double KlCoefficient, double ExplainedVariance, string Hash, IReadOnlyDictionary<string, double> Figures,
    IReadOnlyList<Trajectory> Trajectories);
