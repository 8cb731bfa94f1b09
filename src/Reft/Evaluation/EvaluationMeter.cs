using Reft.Generation;

namespace Reft.Evaluation;

/// <summary>Counts tokens and finished completions for whoever watches an evaluation.</summary>
internal sealed class EvaluationMeter(
    int total, IReadOnlyList<int> stopTokens, int maxTokens, int context, Action<EvaluationProgress>? onProgress)
{
    private int[] _left = [];
    private int _done;
    private long _tokens;

    /// <summary>Begins a part.</summary>
    /// <param name="requests">What will be completed.</param>
    /// <param name="unfit">How many items need no completion.</param>
    public void Begin(IReadOnlyList<GenerationRequest> requests, int unfit)
    {
        _left = [.. requests.Select(r => Math.Min(maxTokens, context - r.Prompt.Length))];
        _done += unfit;
    }

    /// <summary>Counts a token of a request.</summary>
    public void Add(int request, int token)
    {
        _tokens++;
        _left[request]--;
        if (_left[request] == 0 || stopTokens.Contains(token))
        {
            _done++;
        }

        onProgress?.Invoke(new EvaluationProgress(_done, total, _tokens));
    }
}
