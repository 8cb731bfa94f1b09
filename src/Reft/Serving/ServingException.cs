namespace Reft.Serving;

/// <summary>Why a request was not served, though nothing is wrong with it.</summary>
internal enum Refusal
{
    /// <summary>Too many wait already; it may be asked again.</summary>
    Busy,

    /// <summary>The service is ending.</summary>
    Stopping,
}

/// <summary>A request was not served, though nothing is wrong with it.</summary>
/// <param name="refusal">Why.</param>
/// <param name="message">Why, in words.</param>
internal sealed class ServingException(Refusal refusal, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public Refusal Refusal => refusal;
}
