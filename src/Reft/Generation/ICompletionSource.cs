namespace Reft.Generation;

/// <summary>Draws completions in another place than this process: workers that hold the same weights, or a server.</summary>
internal interface ICompletionSource
{
    /// <summary>Completes every request with the policy's weights as they are now.</summary>
    /// <param name="requests">The requests, whose prompts the policy can go on from; perhaps none.</param>
    /// <param name="options">How tokens are drawn.</param>
    /// <param name="step">The training step; part of the key of the random draws.</param>
    /// <param name="onToken">To be told of tokens (index of the request, token) as they come, so that a watchdog sees that something happens.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>One completion for each request, in their order.</returns>
    IReadOnlyList<Completion> Draw(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, ulong step, Action<int, int> onToken, CancellationToken cancellation);
}
