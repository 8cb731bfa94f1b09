using Reft.Methods;

namespace Reft.Outside;

/// <summary>Reft's catalog and what this assembly brings along, a line each.</summary>
public static class OutsideCatalog
{
    /// <summary>The catalog.</summary>
    public static Catalog All { get; } = Catalog.Default with
    {
        Methods = [.. Catalog.Default.Methods, new FixtureMethod(), RankedMethod.Method],
        Answers = [.. Catalog.Default.Answers, new ShoutedForm()],
        Rewards = [.. Catalog.Default.Rewards, new LengthReward()],
        Curricula = [.. Catalog.Default.Curricula, new LastFirst()],
        Schedules = [.. Catalog.Default.Schedules, new HalfSchedule()],
        Formats = [new PipeFormat(), .. Catalog.Default.Formats],
        Problems = [.. Catalog.Default.Problems, new Doubles { Split = default, Count = 1 }],
    };
}
