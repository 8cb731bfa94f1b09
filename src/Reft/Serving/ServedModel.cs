using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Inputs;
using Reft.Numerics;
using Reft.Text;
using Reft.Text.Prompts;
using static TorchSharp.torch;

namespace Reft.Serving;

/// <summary>
/// A model that completes the requests of many callers at once, on a thread of its own: chat clients and web endpoints share one. A
/// completion depends on its prompt, options and seed alone.
/// </summary>
public sealed class ServedModel : IAsyncDisposable, IDisposable
{
    private readonly PretrainedModel _model;
    private readonly ServingEngine _engine;
    private readonly FolderPrompt _prompt;
    private readonly PromptTemplate _template;

    private ServedModel(string name, PretrainedModel model, Tokenizer tokenizer, FolderPrompt prompt, ServingOptions options)
    {
        (Name, _model, Tokenizer, _prompt) = (name, model, tokenizer, prompt);
        var folder = model.Folder!; // It was loaded from one.
        _template = new PromptTemplate { Form = prompt.Form }.For(folder);
        var saysNoEnd = StopTokens.Count == 0 && tokenizer.EosId is null && _template.Chat?.EndOfTurn(tokenizer) is null;
        TurnStops = saysNoEnd ? [] : EndTokens.Of(folder, model, tokenizer, _template.Chat).All;
        _engine = new ServingEngine(model.Decoder, options);
    }

    /// <summary>Loads a model's folder on the CPU, or another device, and starts to serve it.</summary>
    /// <param name="folder">A folder with config.json, weights and a tokenizer.</param>
    /// <param name="options">How much it takes on; null for the defaults.</param>
    /// <param name="device">Where to compute, as <c>cpu</c>, <c>cuda</c> or <c>auto</c>.</param>
    /// <param name="prompts">The forms in which it may have been asked; null for those that come with Reft.</param>
    /// <exception cref="InputException">The folder is no model that Reft can run, or an option is wrong.</exception>
    public static ServedModel Load(
        string folder, ServingOptions? options = null, string device = "cpu", IReadOnlyList<IPromptForm>? prompts = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Load(folder, options ?? new ServingOptions(), ScalarType.Float32, DeviceChoice.Find(device, "device"), prompts: prompts);
    }

    /// <summary>Loads a model's folder and starts to serve it.</summary>
    internal static ServedModel Load(string folder, ServingOptions options, ScalarType dtype, ComputeDevice device, string? name = null,
        IReadOnlyList<IPromptForm>? prompts = null)
    {
        var model = PretrainedModel.Load(folder, dtype, device);
        try
        {
            var own = PeftFolder.BaseOf(folder) is { } below && !File.Exists(Path.Combine(folder, "tokenizer.json")) ? below : folder;
            return new ServedModel(
                name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), model, Tokenizer.Load(own),
                FolderPrompt.Of(folder, prompts), options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>What it is called: its folder's name.</summary>
    public string Name { get; }

    /// <summary>The most tokens of a prompt and its completion.</summary>
    public int Context => _engine.Context;

    /// <summary>How conversations become prompts, in words.</summary>
    public string Prompts => _prompt.Form.IsChat
        ? $"conversations are put into the model's chat template ({_prompt.Why})"
        : $"it was not taught conversations: a question is put as it was in training ({_prompt.Why})";

    /// <summary>Takes no more requests, finishes those that it has, and ends.</summary>
    /// <param name="grace">After so long what is not finished is cut off.</param>
    public Task StopAsync(TimeSpan grace) => _engine.StopAsync(grace);

    /// <summary>Ends at once; what is not finished is cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _model.Dispose();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>A seed for who names none. It has at most 53 bits, so that it survives JSON as a number everywhere.</summary>
    internal static ulong NewSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) >> 11;

    /// <summary>The model's tokenizer.</summary>
    internal Tokenizer Tokenizer { get; }

    /// <summary>What ends texts that are completed as they stand.</summary>
    internal IReadOnlyList<int> StopTokens => _model.StopTokens;

    /// <summary>What ends answers; nothing where nothing says so.</summary>
    internal IReadOnlyList<int> TurnStops { get; }

    /// <summary>What decodes.</summary>
    internal ServingEngine Engine => _engine;

    /// <summary>Puts the weights of another folder of the same model in; whoever is being answered gets the answer of the old ones.</summary>
    /// <param name="folder">A folder with config.json and weights.</param>
    /// <param name="version">What they are called.</param>
    /// <exception cref="InputException">It is no folder of this model; the weights are as they were.</exception>
    /// <exception cref="ServingException">Others are just being put in, or the service is ending.</exception>
    internal Task ReplaceWeightsAsync(string folder, string version) => _engine.ReplaceAsync(version, () => _model.Reload(folder));

    /// <summary>The prompt of a conversation.</summary>
    /// <param name="messages">What was said, in order.</param>
    /// <param name="variables">What else the chat template is told; null for nothing.</param>
    /// <exception cref="InputException">The template refuses the conversation, or there is none and it is more than one question.</exception>
    internal int[] ChatTokens(IReadOnlyList<ChatMessage> messages, JsonObject? variables = null)
    {
        if (_prompt.Form is ChatPrompt form)
        {
            return Tokenizer.Encode(form.Conversation(messages, variables, _template.Chat), addSpecialTokens: false);
        }

        return messages is [{ Role: "user" } one] && variables is null
            ? _template.PromptTokens(Tokenizer, one.Content)
            : throw new InputException(
                "this model was not taught conversations: send one message of role user and no chat_template_kwargs, or complete a text of your own");
    }

    /// <summary>The tokens of a text that is completed as it stands.</summary>
    internal int[] TextTokens(string text) => Tokenizer.EncodePrompt(text);

    /// <summary>Begins completions, all or none.</summary>
    /// <exception cref="InputException">An option or a prompt is wrong.</exception>
    /// <exception cref="ServingException">Too many wait, or the service is ending.</exception>
    internal IReadOnlyList<CompletionStream> Begin(IReadOnlyList<CompletionAsk> asks)
    {
        CompletionStream[] streams = [.. asks.Select(ask => new CompletionStream(_engine, Tokenizer, ask))];
        _engine.Submit([.. streams.Select(stream => stream.Row)]);
        return streams;
    }
}
