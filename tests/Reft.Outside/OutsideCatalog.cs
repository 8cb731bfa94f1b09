using Reft.Methods;

namespace Reft.Outside;

/// <summary>Reft's catalog and what this assembly brings along, a line each.</summary>
public static class OutsideCatalog
{
    /// <summary>The catalog.</summary>
    public static Catalog All { get; } = Catalog.Default.With(
        new FixtureMethod(),
        RankedMethod.Method,
        new ShoutedForm(),
        new BarePrompt(),
        new LengthReward(),
        new LastFirst(),
        new HalfSchedule(),
        new PipeFormat(),
        new Doubles { Split = default, Count = 1 });
}
