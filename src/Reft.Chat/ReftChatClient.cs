using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Reft.Serving;

namespace Reft.Chat;

/// <summary>
/// A trained model as a chat client, in the caller's process. Requests of many callers are decoded together; an answer depends on the
/// conversation, the options and the seed alone. A response says in <see cref="ChatResponse.AdditionalProperties"/> by which <c>seed</c> it
/// was drawn, and has its <c>token_ids</c> and their <c>log_probs</c>.
/// </summary>
public sealed class ReftChatClient : IChatClient, IAsyncDisposable
{
    private readonly ServedModel _model;
    private readonly bool _isOwner;
    private readonly TimeProvider _clock;

    /// <summary>Makes a client of a model that others may use too, and that whoever loaded it disposes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="clock">Says when responses were made; null for the system's.</param>
    public ReftChatClient(ServedModel model, TimeProvider? clock = null)
        : this(model, isOwner: false, clock)
    {
    }

    private ReftChatClient(ServedModel model, bool isOwner, TimeProvider? clock)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _isOwner, _clock) = (model, isOwner, clock ?? TimeProvider.System);
    }

    /// <summary>Loads a model's folder and makes a client of its own for it.</summary>
    /// <param name="folder">A folder with config.json, weights and a tokenizer.</param>
    /// <param name="options">How much it takes on; null for the defaults.</param>
    /// <param name="device">Where to compute, as <c>cpu</c>, <c>cuda</c> or <c>auto</c>.</param>
    /// <exception cref="InputException">The folder is no model that Reft can run, or an option is wrong.</exception>
    public static ReftChatClient Load(string folder, ServingOptions? options = null, string device = "cpu") =>
        new(ServedModel.Load(folder, options, device), isOwner: true, clock: null);

    /// <summary>Answers a conversation.</summary>
    /// <param name="messages">What was said, in order; texts alone.</param>
    /// <param name="options">How to answer. What is left out is: temperature 1, no filters, as many tokens as there is room for, a seed by chance.</param>
    /// <param name="cancellationToken">Gives the answer up.</param>
    /// <exception cref="InputException">An option is wrong, or something is asked for that the model cannot do.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var stream = Begin(messages, options);
        var whole = await stream.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, whole.Text))
        {
            ResponseId = NewId(),
            ModelId = _model.Name,
            CreatedAt = _clock.GetUtcNow(),
            FinishReason = Reason(whole.Finish),
            Usage = Usage(stream, whole.Tokens.Count),
            AdditionalProperties = new AdditionalPropertiesDictionary
            {
                ["seed"] = Seed(stream),
                ["token_ids"] = whole.Ids,
                ["log_probs"] = whole.Tokens.Select(token => token.Chosen.LogProb).ToArray(),
            },
        };
    }

    /// <summary>Answers a conversation piece by piece; the last pieces have the finish reason and the usage.</summary>
    /// <inheritdoc cref="GetResponseAsync"/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var stream = Begin(messages, options);
        var (id, count) = (NewId(), 0);
        await foreach (var piece in stream.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            count++;
            if (piece.Text.Length > 0 || piece.Finish is not null)
            {
                yield return Update(piece.Text.Length > 0 ? [new TextContent(piece.Text)] : [], piece.Finish);
            }
        }

        yield return Update([new UsageContent(Usage(stream, count))], null);

        ChatResponseUpdate Update(IList<AIContent> contents, Generation.FinishReason? finish) => new(ChatRole.Assistant, contents)
        {
            ResponseId = id,
            MessageId = id,
            ModelId = _model.Name,
            CreatedAt = _clock.GetUtcNow(),
            FinishReason = finish is { } why ? Reason(why) : null,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["seed"] = Seed(stream) },
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("reft", providerUri: null, _model.Name)
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_model) ? _model
            : null;
    }

    /// <summary>Ends the model where the client loaded it.</summary>
    public void Dispose()
    {
        if (_isOwner)
        {
            _model.Dispose();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _isOwner ? _model.DisposeAsync() : ValueTask.CompletedTask;

    private CompletionStream Begin(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ChatRequest.Check(options, _model.Name);
        var prompt = _model.ChatTokens(ChatRequest.Messages(messages, options), ChatRequest.Variables(options));
        return _model.Begin([ChatRequest.Ask(_model, prompt, options)])[0];
    }

    private static UsageDetails Usage(CompletionStream stream, int tokens) => new()
    {
        InputTokenCount = stream.Ask.Prompt.Length,
        OutputTokenCount = tokens,
        TotalTokenCount = stream.Ask.Prompt.Length + tokens,
    };

    private static long Seed(CompletionStream stream) => unchecked((long)stream.Ask.Sampling.Seed); // as it was given

    private static ChatFinishReason Reason(Generation.FinishReason finish) =>
        finish == Generation.FinishReason.Stop ? ChatFinishReason.Stop : ChatFinishReason.Length;

    private static string NewId() => $"chatcmpl-{Guid.NewGuid():N}";
}
