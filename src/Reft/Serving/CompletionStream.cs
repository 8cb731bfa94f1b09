using System.Runtime.CompilerServices;
using System.Text;
using Reft.Generation;
using Reft.Text;

namespace Reft.Serving;

/// <summary>A completion that is in the engine's hands, as text. It is read once; whoever stops reading gives its place up.</summary>
internal sealed class CompletionStream
{
    private readonly ServingEngine _engine;
    private readonly Tokenizer _tokenizer;
    private readonly CompletionAsk _ask;

    public CompletionStream(ServingEngine engine, Tokenizer tokenizer, CompletionAsk ask)
    {
        _engine = engine;
        _tokenizer = tokenizer;
        _ask = ask;
        Row = new ServedRow(new GenerationRequest(0, ask.Sample, ask.Prompt), ask.Sampling) { Likeliest = ask.Likeliest };
    }

    /// <summary>What the engine has of it.</summary>
    public ServedRow Row { get; }

    /// <summary>What was asked.</summary>
    public CompletionAsk Ask => _ask;

    /// <summary>Its tokens as they are drawn.</summary>
    public async IAsyncEnumerable<CompletionPiece> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var decoder = _tokenizer.Stream(skipSpecialTokens: true, _ask.Prompt);
        var stops = new StopTexts(_ask.Stops);
        try
        {
            await foreach (var token in Row.Reader.ReadAllAsync(cancellation))
            {
                var isSilent = token.Finish == FinishReason.Stop && _ask.SilentStops.Contains(token.Chosen.Token);
                var text = stops.Append(isSilent ? "" : decoder.Append(token.Chosen.Token));
                if (token.Finish is not null && !stops.IsStopped)
                {
                    text += stops.Append(decoder.Finish());
                    text += stops.Finish();
                }

                var finish = stops.IsStopped ? FinishReason.Stop : token.Finish;
                yield return new CompletionPiece(token, text, finish);
                if (finish is not null)
                {
                    yield break;
                }
            }
        }
        finally
        {
            _engine.Cancel(Row);
        }
    }

    /// <summary>The whole of it: to the character what <c>reft generate</c> prints of the same tokens.</summary>
    public async Task<WholeCompletion> ReadToEndAsync(CancellationToken cancellation = default)
    {
        var text = new StringBuilder();
        var tokens = new List<ServedToken>();
        var finish = FinishReason.Length;
        await foreach (var piece in ReadAsync(cancellation))
        {
            tokens.Add(piece.Token);
            text.Append(piece.Text);
            finish = piece.Finish ?? finish;
        }

        // Bytes that are no UTF-8 read otherwise together than one by one.
        int[] ids = [.. tokens.Select(token => token.Chosen.Token)];
        var isCut = _ask.Stops.Count > 0 || (ids.Length > 0 && _ask.SilentStops.Contains(ids[^1]));
        return new WholeCompletion(isCut ? text.ToString() : _tokenizer.DecodeResponse(_ask.Prompt, ids), tokens, finish);
    }
}
