using Reft.Problems;

namespace Reft.Rollouts;

/// <summary>Where a rollout starts: a problem's prompt, and a hint that the policy goes on from.</summary>
/// <param name="Problem">The problem.</param>
/// <param name="PromptTokens">The prompt's token ids.</param>
/// <param name="HintTokens">Forced first tokens of the response; empty for none.</param>
/// <param name="Given">The text that the verifier needs before the completion: what the prompt gave of the response.</param>
public sealed record Start(Problem Problem, int[] PromptTokens, int[] HintTokens, string Given);
