using System.Threading.Channels;
using Reft.Generation;

namespace Reft.Serving;

/// <summary>A token as it is drawn.</summary>
/// <param name="Chosen">The token.</param>
/// <param name="Likeliest">The likeliest tokens under the same distribution, likeliest first; empty where none were asked for.</param>
/// <param name="Finish">Why the completion ended with it; null where it goes on.</param>
internal readonly record struct ServedToken(TokenChance Chosen, IReadOnlyList<TokenChance> Likeliest, FinishReason? Finish);

/// <summary>A completion that is being served: the engine writes its tokens, whoever asked reads them.</summary>
internal sealed class ServedRow(GenerationRequest request, SamplingOptions options) : DecodingRow(request, options, step: 0)
{
    private readonly Channel<ServedToken> _tokens = Channel.CreateUnbounded<ServedToken>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private volatile bool _isCancelled;

    /// <summary>The tokens, until the completion's end; fails where the engine does.</summary>
    public ChannelReader<ServedToken> Reader => _tokens.Reader;

    /// <summary>Whether nobody wants it any more.</summary>
    public bool IsCancelled => _isCancelled;

    /// <summary>What the weights are called that draw it; null before it is admitted, and where they have no name.</summary>
    public string? WeightVersion { get; set; }

    /// <summary>Says that nobody wants it any more.</summary>
    public void Cancel() => _isCancelled = true;

    /// <summary>Hands on what was drawn last.</summary>
    public void Publish()
    {
        _tokens.Writer.TryWrite(new ServedToken(Last.Chosen, Last.Likeliest, Finish));
        if (Finish is not null)
        {
            _tokens.Writer.TryComplete();
        }
    }

    /// <summary>Ends it before its end.</summary>
    /// <param name="why">Why.</param>
    public void Fail(Exception why) => _tokens.Writer.TryComplete(why);
}
