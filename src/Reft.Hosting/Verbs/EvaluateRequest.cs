namespace Reft.Hosting.Verbs;

/// <summary>What <c>reft evaluate</c> was asked to do.</summary>
/// <param name="Completion">Which model completes which problems, and how.</param>
/// <param name="Output">Where the evaluation is written; null for nowhere.</param>
/// <param name="Compare">The evaluation to compare with; null for none.</param>
/// <param name="Ledger">Where the look is recorded; null where this is no look at a test set.</param>
/// <param name="Json">Whether the figures are printed as JSON.</param>
internal sealed record EvaluateRequest(CompletionRequest Completion, string? Output, string? Compare, string? Ledger, bool Json);
