using System.Text.Json;
using Reft.Evaluation.Voting;

namespace Reft.Evaluation.Turns;

/// <summary>What K attempts one after another give, beside K first attempts.</summary>
/// <param name="Problems">How many problems.</param>
/// <param name="Attempts">K.</param>
/// <param name="First">m1@t1: the first attempt.</param>
/// <param name="FirstMajority">mK@t1: the vote of K samples of the first attempt.</param>
/// <param name="TurnMajority">m1@tK: the vote of K attempts one after another.</param>
/// <param name="TurnPass">p1@tK: whether one of them is right, as where somebody says when to stop.</param>
/// <param name="FirstPass">pass@K of the first attempt.</param>
/// <param name="Mended">Of the problems whose first attempt is wrong, those whose second is right.</param>
/// <param name="Spoilt">Of the problems whose first attempt is right, those whose second is wrong.</param>
/// <param name="Turns">The accuracy of each attempt.</param>
internal sealed record TurnReport(
    int Problems, int Attempts, Estimate First, Estimate FirstMajority, Estimate TurnMajority, Estimate TurnPass, Estimate FirstPass,
    Estimate Mended, Estimate Spoilt, IReadOnlyList<Estimate> Turns)
{
    /// <summary>In words.</summary>
    internal string Summary => FormattableString.Invariant(
        $"m1@t1 {First.Value:P1}, m{Attempts}@t1 {FirstMajority.Value:P1}, m1@t{Attempts} {TurnMajority.Value:P1}, p1@t{Attempts} {TurnPass.Value:P1}, pass@{Attempts} {FirstPass.Value:P1}; mended {Mended.Value:P1} ({Mended.Low:P1} to {Mended.High:P1}), spoilt {Spoilt.Value:P1}; by turn {string.Join(" ", Turns.Select(turn => FormattableString.Invariant($"{turn.Value:P1}")))}");

    /// <summary>Counts.</summary>
    /// <param name="problems">At least one problem.</param>
    /// <param name="groups">The group of each: those of one group count as one draw.</param>
    /// <param name="turns">K.</param>
    internal static TurnReport Of(IReadOnlyList<TurnsOfProblem> problems, IReadOnlyList<string> groups, int turns)
    {
        return new TurnReport(
            problems.Count, turns,
            Mean(p => p.IsRight[0]),
            Intervals.Mean(problems.Select(p => SampleAccuracy.MajorityAt(p.First, turns)), groups),
            Mean(p => p.Turns.MajorityIsRight([.. Enumerable.Range(0, p.Turns.Samples)])),
            Mean(p => p.IsRight.Any(right => right)),
            Intervals.Mean(problems.Select(p => SampleAccuracy.PassAt(p.First.Samples, p.First.Correct, turns)), groups),
            Share(p => !p.IsRight[0], p => Right(p, 1)),
            Share(p => p.IsRight[0], p => !Right(p, 1)),
            [.. Enumerable.Range(0, turns).Select(turn => Mean(p => Right(p, turn)))]);

        // An attempt that the context had no room for is not right.
        static bool Right(TurnsOfProblem problem, int turn) => turn < problem.IsRight.Count && problem.IsRight[turn];

        Estimate Mean(Func<TurnsOfProblem, bool> holds) => Share(_ => true, holds);

        Estimate Share(Func<TurnsOfProblem, bool> of, Func<TurnsOfProblem, bool> holds)
        {
            var some = problems.Zip(groups).Where(pair => of(pair.First)).ToArray();
            return Intervals.Wilson(Intervals.Clusters([.. some.Select(pair => holds(pair.First) ? 1.0 : 0)], [.. some.Select(pair => pair.Second)]));
        }
    }
}

/// <summary>An evaluation over turns, as a file holds it.</summary>
/// <param name="Step">After which training step.</param>
/// <param name="Set">dev.</param>
/// <param name="Report">The figures.</param>
internal sealed record TurnRecord(long Step, string Set, TurnReport Report);

/// <summary>Writes <see cref="TurnRecord"/>.</summary>
internal static class TurnFile
{
    /// <summary>The ending of such a file, where an evaluation's is <c>.json</c>.</summary>
    public const string Extension = "turns.json";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes a record, whole or not at all.</summary>
    public static void Write(string path, TurnRecord record) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(record, _json) + "\n");
}
