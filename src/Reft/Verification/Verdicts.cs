using System.Collections;

namespace Reft.Verification;

/// <summary>
/// The verdicts of one batch: one for every sample, in the samples' order, under the sample's own id. There is no other
/// way to make them than by a judgement per sample, so a verifier can neither lose, repeat nor shift a verdict.
/// </summary>
public sealed class Verdicts : IReadOnlyList<Verdict>
{
    private readonly Verdict[] _verdicts;
    private readonly Dictionary<string, int> _places;

    private Verdicts(Verdict[] verdicts, Dictionary<string, int> places)
    {
        _verdicts = verdicts;
        _places = places;
    }

    /// <inheritdoc/>
    public int Count => _verdicts.Length;

    /// <inheritdoc/>
    public Verdict this[int index] => _verdicts[index];

    /// <summary>The verdict about the sample with this id.</summary>
    public Verdict this[string sampleId] => _places.TryGetValue(sampleId, out var place)
        ? _verdicts[place]
        : throw new KeyNotFoundException($"no sample '{sampleId}' in this batch");

    /// <summary>Judges every sample.</summary>
    /// <param name="samples">The samples; their ids must differ.</param>
    /// <param name="judge">Says what it finds of one sample; called once for each, from several threads where
    /// <paramref name="workers"/> is more than 1.</param>
    /// <param name="workers">How many threads judge, at least 1.</param>
    /// <param name="cancellation">Stops between samples.</param>
    public static Verdicts Judge(
        IReadOnlyList<Sample> samples,
        Func<Sample, Finding> judge,
        int workers = 1,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(judge);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        var places = new Dictionary<string, int>(samples.Count, StringComparer.Ordinal);
        for (var i = 0; i < samples.Count; i++)
        {
            if (!places.TryAdd(samples[i].Id, i))
            {
                throw new ArgumentException($"sample id '{samples[i].Id}' occurs twice in the batch", nameof(samples));
            }
        }

        var verdicts = new Verdict[samples.Count];
        if (workers == 1)
        {
            for (var i = 0; i < verdicts.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                verdicts[i] = Name(samples[i], judge(samples[i]));
            }
        }
        else
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation };
            Parallel.For(0, verdicts.Length, options, i => verdicts[i] = Name(samples[i], judge(samples[i])));
        }

        return new Verdicts(verdicts, places);
    }

    /// <summary>How many verdicts have this outcome.</summary>
    public int CountOf(Outcome outcome) => _verdicts.Count(verdict => verdict.Outcome == outcome);

    /// <inheritdoc/>
    public IEnumerator<Verdict> GetEnumerator() => ((IEnumerable<Verdict>)_verdicts).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Verdict Name(Sample sample, Finding finding) =>
        new(sample.Id, finding.Outcome, finding.Answer, finding.Detail);
}
