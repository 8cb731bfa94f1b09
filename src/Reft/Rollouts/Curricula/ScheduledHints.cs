using System.Globalization;
using System.Text.Json.Nodes;
using Reft.Problems;

namespace Reft.Rollouts.Curricula;

/// <summary>How many parts of a solution are given in a step.</summary>
public enum HintDraw
{
    /// <summary>Each of the L parts with a probability that falls along a cosine (UFT).</summary>
    Binomial,

    /// <summary>The same for every problem: one part less every <c>steps / (L + 1)</c> steps.</summary>
    Stage,

    /// <summary>Any number from 0 to L alike, in every step (R3, <see href="https://arxiv.org/abs/2402.05808"/>).</summary>
    Uniform,

    /// <summary>None: plain rollouts, to compare with.</summary>
    None,
}

/// <summary>
/// Hints that grow shorter by a schedule (UFT, <see href="https://arxiv.org/abs/2505.16984"/>, section 3.1): a solution is cut into L parts, and the first l
/// are given, <c>l ~ Binomial(L, p)</c>, <c>p = low + (high - low) (1 + cos(π t / steps)) / 2</c>; after those steps none. Other draws are its
/// siblings. All parts together are the whole solution, answer and all.
/// </summary>
public sealed record ScheduledHintsOptions : ICurriculumOptions
{
    /// <inheritdoc/>
    public string Name => "scheduledHints";

    /// <inheritdoc/>
    public string Summary => "starts behind a part of the known solution that grows shorter by a schedule, the same for all problems";

    /// <inheritdoc/>
    public bool GivesAnswers => true;

    /// <summary>How many parts are given.</summary>
    [Option("how many parts are given: each with a probability that falls along a cosine; one less for all problems at a time; any number alike, without an end; none")]
    public HintDraw Draw { get; init; }

    /// <summary>T, the steps with hints, at least 1.</summary>
    [Option("the steps with hints", AtLeast = 1)]
    public long Steps { get; init => field = InRange.Of(this, value); } = 300;

    /// <summary>The probability of a part at the end of the schedule, in [0, 1].</summary>
    [Option("the probability of a part at the end of the schedule", AtLeast = 0, AtMost = 1)]
    public double Low { get; init => field = InRange.Of(this, value); } = 0.05;

    /// <summary>The probability of a part at its beginning, in [0, 1], at least <see cref="Low"/>.</summary>
    [Option("the probability of a part at its beginning", AtLeast = 0, AtMost = 1, Note = "at least low")]
    public double High { get; init => field = InRange.Of(this, value); } = 0.95;

    /// <summary>L, the most parts of a solution, at least 1; a solution of fewer units has as many as those.</summary>
    [Option("the most parts that a solution is cut into", AtLeast = 1)]
    public int Parts { get; init => field = InRange.Of(this, value); } = 5;

    /// <summary>Where solutions are cut; the sentences of the paper's program are lines here.</summary>
    [Option("where it may be cut")]
    public HintUnit CutsAfter { get; init; } = HintUnit.Line;

    /// <summary>What only values together can be wrong in, beginning with its path.</summary>
    public IEnumerable<string> Validate(string path) => High >= Low ? []
        : [string.Create(CultureInfo.InvariantCulture, $"{path}.high is {High}: it must be at least low, {Low}")];

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new ScheduledHints(Whole.Of(this), parts);
    }
}

/// <summary>The schedule. Draws are hashes of (seed, step, problem); there is no state.</summary>
internal sealed class ScheduledHints : ICurriculum
{
    private readonly ScheduledHintsOptions _options;
    private readonly CurriculumParts _parts;
    private readonly PlainCurriculum _plain;
    private readonly SolutionPrefixes _prefixes;

    public ScheduledHints(ScheduledHintsOptions options, CurriculumParts parts)
    {
        (_options, _parts) = (options, parts);
        _plain = new PlainCurriculum(parts.Template, parts.Tokenizer);
        _prefixes = new SolutionPrefixes(parts);
        parts.NoteProblemsWithoutHints();
    }

    /// <inheritdoc/>
    public Start Choose(Problem problem, long step)
    {
        var start = _plain.Choose(problem, step);
        if (!problem.HasSolution || _options.Draw == HintDraw.None)
        {
            return start;
        }

        var whole = _prefixes.Whole(problem, start.PromptTokens);
        var ends = _prefixes.Ends(problem, start.PromptTokens, whole, _options.CutsAfter);
        var parts = Math.Min(_options.Parts, ends.Length);
        var cut = (int)Math.Round((double)Given(problem, step, parts) * ends.Length / parts, MidpointRounding.ToEven);
        return start with { HintTokens = _prefixes.First(start.PromptTokens, whole, cut == 0 ? 0 : ends[cut - 1]) };
    }

    /// <inheritdoc/>
    public void Observe(IReadOnlyList<ScoredRollout> rollouts)
    {
        // The schedule goes by steps alone.
    }

    /// <inheritdoc/>
    public JsonObject Save() => [];

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        // There is none.
    }

    /// <summary>The probability of a part in a step, counted from 0; 0 after the schedule.</summary>
    internal double Probability(long step) => step >= _options.Steps ? 0
        : _options.Low + (0.5 * (_options.High - _options.Low) * (1 + Math.Cos(Math.PI * (step + 1) / _options.Steps)));

    /// <summary>How many of a problem's parts are given in a step.</summary>
    internal int Given(Problem problem, long step, int parts)
    {
        var random = _parts.RandomOf(problem, step);
        return _options.Draw switch
        {
            HintDraw.Uniform => random.Between(0, parts),
            HintDraw.Stage => step >= _options.Steps ? 0 : parts - (int)((step + 1) * (parts + 1) / (_options.Steps + 1)),
            _ => Enumerable.Range(0, parts).Count(_ => random.Chance(Probability(step))),
        };
    }
}
