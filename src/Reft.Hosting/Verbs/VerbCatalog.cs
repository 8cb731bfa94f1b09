namespace Reft.Hosting.Verbs;

/// <summary>Every verb, in the order that help lists them.</summary>
internal static class VerbCatalog
{
    public static IReadOnlyList<Verb> All { get; } =
    [
        QuickstartVerb.Verb,
        PullVerb.Verb,
        TrainVerb.Verb,
        ReproduceVerb.Verb,
        SweepVerb.Verb,
        PlanVerb.Verb,
        MethodsVerb.Verb,
        GenerateVerb.Verb,
        ServeVerb.Verb,
        WorkerVerb.Verb,
        EvaluateVerb.Verb,
        ReportVerb.Verb,
        WatchVerb.Verb,
        ScoreVerb.Verb,
        TokenizeVerb.Verb,
        CheckVerb.Verb,
        ReplayVerb.Verb,
        DoctorVerb.Verb,
        ExecuteVerb.Verb,
        ExtractVerb.Verb,
        SampleVerb.Verb,
        VoteVerb.Verb,
        RerankVerb.Verb,
        SelectVerb.Verb,
        VerifyVerb.Verb,
        ExportVerb.Verb,
    ];
}
