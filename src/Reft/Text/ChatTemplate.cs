using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Python.Templates;

namespace Reft.Text;

/// <summary>A message of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, or what else the template knows.</param>
/// <param name="Content">What is said.</param>
public sealed record ChatMessage(string Role, string Content);

/// <summary>
/// The text that a model was taught conversations in: the template of its folder, rendered as Transformers renders it. Its text brings the
/// beginning of a text along where the model wants one, so it is encoded without special tokens around it.
/// </summary>
public sealed class ChatTemplate
{
    private const string Default = "default";
    private const string ForTools = "tool_use";

    private static readonly string[] SpecialTokens =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly string _source;
    private readonly IReadOnlyDictionary<string, JinjaTemplate> _templates;
    private readonly IReadOnlyDictionary<string, string> _special;

    private ChatTemplate(string source, IReadOnlyDictionary<string, JinjaTemplate> templates, IReadOnlyDictionary<string, string> special) =>
        (_source, _templates, _special) = (source, templates, special);

    /// <summary>The names of the folder's templates; one alone is called <c>default</c>.</summary>
    public IEnumerable<string> Names => _templates.Keys;

    /// <summary>Whether a model's folder has a template.</summary>
    /// <exception cref="InputException">A file is damaged.</exception>
    public static bool IsIn(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Sources(folder) is { Texts.Count: > 0 };
    }

    /// <summary>The template of a model's folder as it is written, the default one of several; null where there is none.</summary>
    /// <exception cref="InputException">A file is damaged.</exception>
    public static string? TextIn(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Sources(folder)?.Texts is { Count: > 0 } texts ? texts.GetValueOrDefault(Default) ?? texts.First().Value : null;
    }

    /// <summary>
    /// The template of a model's folder: chat_template.jinja, or <c>chat_template</c> of tokenizer_config.json (one, or a list of named
    /// ones), or chat_template.json. Null where there is none.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">The clock that a template may ask for the date; null for the system's.</param>
    /// <exception cref="InputException">A file is damaged, or the template is no template.</exception>
    public static ChatTemplate? Find(string folder, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (Sources(folder) is not { Texts.Count: > 0 } found)
        {
            return null;
        }

        var options = new JinjaOptions { Clock = clock ?? TimeProvider.System };
        using var names = new SpecialTokenNames(folder);
        return new ChatTemplate(
            found.File,
            found.Texts.ToDictionary(
                pair => pair.Key, pair => Guarded(found.File, () => JinjaTemplate.Parse(pair.Value, options)), StringComparer.Ordinal),
            SpecialTokens.Select(key => (key, Content: names.Content(key))).Where(pair => pair.Content is not null)
                .ToDictionary(pair => pair.key, pair => pair.Content!, StringComparer.Ordinal)); // only those that are there
    }

    /// <summary>The text of a conversation.</summary>
    /// <param name="messages">What was said, in order.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the assistant is to begin.</param>
    /// <param name="variables">What else the template is told, such as <c>enable_thinking</c> or <c>tools</c>; may replace anything.</param>
    /// <exception cref="InputException">The template refuses the conversation, or fails.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true, JsonObject? variables = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var all = new JsonObject
        {
            ["messages"] = new JsonArray(
                [.. messages.Select(message => new JsonObject { ["role"] = message.Role, ["content"] = message.Content })]),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["tools"] = null,
            ["documents"] = null,
        };
        foreach (var (name, token) in _special)
        {
            all[name] = token;
        }

        foreach (var (name, value) in variables ?? [])
        {
            all[name] = value?.DeepClone();
        }

        return Guarded(_source, () => Chosen(all["tools"] is not null).Render(all).Text);
    }

    /// <summary>
    /// The special token that the template puts behind what the assistant says, which is where a completion ends; null where it puts none,
    /// or does not take a plain conversation.
    /// </summary>
    /// <param name="tokenizer">The tokenizer of the same model.</param>
    public int? EndOfTurn(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        const string Said = "It is forty-two.";
        string text;
        try
        {
            text = Render([new("user", "What is it?"), new("assistant", Said)], addGenerationPrompt: false);
        }
        catch (InputException)
        {
            return null;
        }

        var at = text.LastIndexOf(Said, StringComparison.Ordinal);
        return at >= 0 && tokenizer.Encode(text[(at + Said.Length)..].TrimStart(), addSpecialTokens: false) is [var first, ..]
            && tokenizer.IsSpecial(first) ? first : null;
    }

    private JinjaTemplate Chosen(bool withTools) =>
        (withTools ? _templates.GetValueOrDefault(ForTools) : null) ?? _templates.GetValueOrDefault(Default)
        ?? (_templates.Count == 1 ? _templates.Values.First() : throw new InputException(
            $"{_source}: has the chat templates {string.Join(", ", _templates.Keys)} and none called {Default}"));

    private static (string File, Dictionary<string, string> Texts)? Sources(string folder)
    {
        var file = Path.Combine(folder, TokenizerFiles.ChatTemplate);
        if (File.Exists(file))
        {
            return (OneLine.Of(file), new() { [Default] = InputFile.Guarded(file, () => File.ReadAllText(file)) });
        }

        foreach (var name in new[] { TokenizerFiles.Configuration, TokenizerFiles.ChatTemplateJson })
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                continue;
            }

            using var document = JsonFile.Open(path);
            if (JsonFile.Root(document, path).Find("chat_template") is { } given)
            {
                return (OneLine.Of(path), given.Element.ValueKind == JsonValueKind.Array
                    ? given.Items().ToDictionary(item => item.Text("name"), item => item.Text("template"), StringComparer.Ordinal)
                    : new() { [Default] = given.AsText() });
            }
        }

        return null;
    }

    private static T Guarded<T>(string source, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (JinjaException error)
        {
            throw new InputException($"{source}: chat template, {error.Message}", error);
        }
    }
}
