using System.Text.Json.Nodes;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;

namespace Reft.Outside;

/// <summary>A curriculum: the last problems first, and round again.</summary>
public sealed record LastFirst : ICurriculumOptions
{
    /// <inheritdoc/>
    public string Name => "lastFirst";

    /// <inheritdoc/>
    public string Summary => "the last problems first";

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts) => new Curriculum(parts, new PlainCurriculumOptions().Create(parts));

    private sealed class Curriculum(CurriculumParts parts, ICurriculum plain) : ICurriculum
    {
        private long _observed;

        public IReadOnlyList<int> Pick(long step)
        {
            var count = parts.Problems.Count;
            return [.. Enumerable.Range(0, Math.Min(parts.ProblemsPerStep, count)).Select(i => count - 1 - (int)(((step * parts.ProblemsPerStep) + i) % count))];
        }

        public Start Choose(Problem problem, long step) => plain.Choose(problem, step);

        public void Observe(IReadOnlyList<ScoredRollout> rollouts) => _observed += rollouts.Count;

        public JsonObject Save() => new() { ["observed"] = _observed };

        public void Restore(JsonObject state) => _observed = state["observed"]!.GetValue<long>(); // It was saved by this.
    }
}
