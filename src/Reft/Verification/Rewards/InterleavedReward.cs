using System.Text;
using Reft.Answers;

namespace Reft.Verification.Rewards;

/// <summary>How right answers before the last are paid.</summary>
internal enum IntermediatePay
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>All or nothing: where every known one is there, in order.</summary>
    All,

    /// <summary>By the share of the known ones that are there.</summary>
    Partial,

    /// <summary>Wholly where all are there, and else each the less the later it comes: 1/k for the k-th answer.</summary>
    TimeDiscounted,
}

/// <summary>
/// The reward of interleaved reasoning (<see href="https://arxiv.org/abs/2505.19640"/>, algorithm 1): ±1 for the form; where that is kept, 2, -1.5
/// or -2 for the last answer; and something for right answers before it, where the last is right and the step is about as accurate as the one
/// before. What they are is read from the problem's solution, where that is written in turns. Answers are compared whole, never as parts of one.
/// </summary>
internal sealed record InterleavedReward : IReward
{
    private const double Right = 2;
    private const double Wrong = -1.5;
    private const double Unread = -2;

    /// <inheritdoc/>
    public string Name => "interleaved";

    /// <inheritdoc/>
    public string Summary => "for turns of thoughts and answers, the last answer, and right ones before it";

    /// <summary>What the form's part is multiplied by, at least 0; the paper gives no number.</summary>
    [Option("what ±1 for whole turns of a thought and an answer is multiplied by; the paper gives no number", AtLeast = 0)]
    public double FormWeight { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>What the last answer's part is multiplied by, at least 0; the paper gives no number.</summary>
    [Option("what 2, -1.5 or -2 for the last answer is multiplied by; the paper gives no number", AtLeast = 0)]
    public double AnswerWeight { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>How right answers before the last are paid.</summary>
    [Option("how right answers before the last are paid")]
    public IntermediatePay Intermediate { get; init; } = IntermediatePay.TimeDiscounted;

    /// <summary>The most that answers before the last earn, at least 0.</summary>
    [Option("the most that they earn", AtLeast = 0)]
    public double IntermediateWorth { get; init => field = InRange.Of(this, value); } = 0.5;

    /// <summary>Whether they earn something only where the last answer is right, the form kept, and the step's accuracy not below that of the one before.</summary>
    [Option("whether they earn something only where the last answer is right and the step about as accurate as the one before")]
    public bool Gated { get; init; } = true;

    /// <summary>By how much the accuracy may be below that of the step before, at least 0: the paper's ε, which its text leaves out and its algorithm has.</summary>
    [Option("by how much it may be less accurate; 0.05 in the paper's algorithm, 0 in its text", AtLeast = 0)]
    public double GateTolerance { get; init => field = InRange.Of(this, value); } = 0.05;

    /// <inheritdoc/>
    public bool ReadsBatch => Intermediate != IntermediatePay.None && Gated;

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.IsTruncated || AnswerSegments.Read(sample.Response) is not { } answers)
        {
            return -FormWeight;
        }

        var last = sample.Verdict.Outcome switch
        {
            Outcome.Correct => Right,
            Outcome.Incorrect => Wrong,
            _ => Unread,
        };
        return FormWeight + (AnswerWeight * last) + Earned(sample, answers);
    }

    private double Earned(JudgedSample sample, IReadOnlyList<string> answers)
    {
        var opens = !Gated || (sample.Verdict.IsCorrect && sample.Batch.Accuracy > sample.Batch.Before - GateTolerance);
        var known = sample.Problem.Solution is { } solution ? AnswerSegments.Read(solution)?.SkipLast(1).Select(Plain).ToArray() ?? [] : [];
        if (!opens || known.Length == 0 || Intermediate == IntermediatePay.None)
        {
            return 0;
        }

        string[] given = [.. answers.SkipLast(1).Select(Plain)];
        // Each known answer counts once, however often it is given; of equal ones each needs one of its own.
        var places = Places(given, known);
        var found = places.Count(place => place > 0);
        return IntermediateWorth * (Intermediate switch
        {
            IntermediatePay.All => InOrder(given, known) ? 1 : 0,
            IntermediatePay.TimeDiscounted when found < known.Length => places.Where(place => place > 0).Sum(place => 1.0 / place) / known.Length,
            _ => (double)found / known.Length,
        });
    }

    /// <summary>Which answer, counted from 1, first gives each known one; 0 where none does.</summary>
    private static int[] Places(string[] given, string[] known)
    {
        var taken = new bool[given.Length];
        return
        [
            .. known.Select(answer =>
            {
                var at = Enumerable.Range(0, given.Length).FirstOrDefault(i => !taken[i] && given[i] == answer, -1);
                if (at >= 0)
                {
                    taken[at] = true;
                }

                return at + 1;
            }),
        ];
    }

    private static bool InOrder(string[] given, string[] known)
    {
        var next = 0;
        foreach (var answer in given)
        {
            next += next < known.Length && answer == known[next] ? 1 : 0;
        }

        return next == known.Length;
    }

    /// <summary>An answer without case, and without space and full stops round it.</summary>
    private static string Plain(string answer) =>
        string.Join(' ', answer.Normalize(NormalizationForm.FormKC).ToLowerInvariant().Trim(' ', '.', '\n', '\t').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
