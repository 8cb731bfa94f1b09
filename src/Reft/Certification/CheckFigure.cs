namespace Reft.Certification;

/// <summary>How one figure of a certificate came out.</summary>
internal enum CheckState
{
    /// <summary>The figure keeps its limit.</summary>
    Pass,

    /// <summary>The figure breaks its limit: the model is not safe to train.</summary>
    Fail,

    /// <summary>Nothing is wrong, but the user should know.</summary>
    Warn,

    /// <summary>There was nothing to check.</summary>
    Skip,
}

/// <summary>One figure of a certificate.</summary>
/// <param name="Id">A short fixed name.</param>
/// <param name="What">What was compared, in words.</param>
/// <param name="Value">The figure; null where there was nothing to measure.</param>
/// <param name="Limit">The most it may be; null where there is no limit.</param>
/// <param name="State">How it came out.</param>
/// <param name="Detail">What else to know; empty for nothing.</param>
internal sealed record CheckFigure(string Id, string What, double? Value, double? Limit, CheckState State, string Detail);
