namespace Reft.Configuration;

/// <summary>Values that are right by themselves and wrong together.</summary>
/// <param name="Message">What is wrong with the first path, and the way out.</param>
/// <param name="Paths">Whatever takes part, first what the error is reported at.</param>
public sealed record Contradiction(string Message, params string[] Paths);
