using System.Globalization;
using System.Text.Json.Nodes;

namespace Reft.Text.Prompts;

/// <summary>
/// A conversation in the model's own chat template: what the system says, the question as the user's turn, and where the assistant begins. The
/// response is the assistant's turn, up to and with what ends it.
/// </summary>
public sealed record ChatPrompt : IPromptForm
{
    private const string DateForm = "yyyy-MM-dd";

    /// <inheritdoc/>
    public string Name => "chat";

    /// <inheritdoc/>
    public string Summary => "a conversation in the model's own chat template";

    /// <summary>What the system says first; null for nothing, where a template may say something of its own.</summary>
    [Option("what the system says first; null for nothing, where a template may say something of its own", IsFreeText = true)]
    public string? System { get; init; }

    /// <summary>What is asked of the model behind every question, on a line of its own.</summary>
    [Option("what is asked behind every question, on a line of its own", IsFreeText = true)]
    public string Instruction { get; init; } = "";

    /// <summary>What the template is told as <c>enable_thinking</c>; null for nothing.</summary>
    [Option("what the template is told as `enable_thinking`; null for nothing")]
    public bool? Thinking { get; init; }

    /// <summary>
    /// The day that a template is told which asks for it (Llama 3's and others write it into the system's turn): always the same, so that a
    /// run is the same tomorrow. The default is Llama 3's own.
    /// </summary>
    [Option("the day that a template is told which asks for it, always the same, so that a run is the same tomorrow", Note = "a day, as 2024-07-26")]
    public string Date { get; init; } = "2024-07-26";

    /// <summary>What else the template is told, such as <c>reasoning_effort</c>; null for nothing. The command line's alone.</summary>
    internal JsonObject? Variables { get; init; }

    /// <inheritdoc/>
    public bool IsChat => true;

    /// <inheritdoc/>
    public string Prompt(string question, ChatTemplate? chat) =>
        Of(chat).Render(Asked(question), addGenerationPrompt: true, Told());

    /// <inheritdoc/>
    public string Whole(string question, string response, ChatTemplate? chat) =>
        Of(chat).Render([.. Asked(question), new("assistant", response)], addGenerationPrompt: false, Told());

    /// <summary>
    /// The text of a conversation, up to where the assistant goes on: of one question what <see cref="Prompt"/> gives. The system's text stands
    /// before conversations that bring none, the instruction behind every turn of the user.
    /// </summary>
    /// <param name="messages">What was said, in order.</param>
    /// <param name="variables">What else the template is told, over the form's own; null for nothing.</param>
    /// <param name="chat">The template.</param>
    internal string Conversation(IReadOnlyList<ChatMessage> messages, JsonObject? variables, ChatTemplate? chat)
    {
        var told = Told();
        foreach (var (name, value) in variables ?? [])
        {
            told[name] = value?.DeepClone();
        }

        var all = messages.Select(message => message.Role == "user" ? message with { Content = Turn(message.Content) } : message);
        return Of(chat).Render(
            [.. System is null || messages is [{ Role: "system" }, ..] ? [] : new[] { new ChatMessage("system", System) }, .. all],
            addGenerationPrompt: true, told);
    }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (!DateOnly.TryParseExact(Date, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            yield return $"{path}.date is {OneLine.Quote(Date)}: it must look like 2024-07-26";
        }
    }

    /// <summary>The clock that a template sees.</summary>
    internal TimeProvider Clock => new FixedDay(DateOnly.ParseExact(Date, DateForm, CultureInfo.InvariantCulture));

    private static ChatTemplate Of(ChatTemplate? chat) => chat ?? throw new InputException(
        "answers.prompt is chat, but the model's folder has no chat template (chat_template.jinja, or chat_template in "
        + "tokenizer_config.json): add it, or take prompt: marks");

    private IReadOnlyList<ChatMessage> Asked(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return [.. System is null ? Array.Empty<ChatMessage>() : [new("system", System)], new("user", Turn(question))];
    }

    private string Turn(string question) => question.Trim() + (Instruction.Length == 0 ? "" : "\n" + Instruction);

    private JsonObject Told()
    {
        var told = Variables?.DeepClone().AsObject() ?? [];
        if (Thinking is { } thinking)
        {
            told["enable_thinking"] = thinking;
        }

        return told;
    }

    private sealed class FixedDay(DateOnly day) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
    }
}
