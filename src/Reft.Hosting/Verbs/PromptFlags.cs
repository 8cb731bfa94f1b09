using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Inputs;
using Reft.Methods;
using Reft.Text.Prompts;

namespace Reft.Hosting.Verbs;

/// <summary>The options of how a model is asked.</summary>
/// <param name="raw">What <c>--raw</c> does, in the verb's words.</param>
internal sealed class PromptFlags(string raw)
{
    private readonly Option<bool> _raw = AnswerOptions.Of<bool>("--raw", raw);
    private readonly Option<string?> _system = AnswerOptions.Of<string?>("--system", "With a chat template: what the system says first");

    private readonly Option<string[]> _variables = new("--chat-set")
    {
        Description = "With a chat template: tell it a value, such as enable_thinking=false",
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] options = [_raw, _system, _variables];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How a folder's model is asked.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">The model's folder.</param>
    /// <param name="catalog">Which forms there are.</param>
    /// <param name="isRaw">Whether another option means what <c>--raw</c> does.</param>
    /// <exception cref="InputException">An option is for a chat template, and none is used.</exception>
    public FolderPrompt Read(ParseResult parsed, string folder, Catalog catalog, bool isRaw = false)
    {
        var own = FolderPrompt.Of(folder, catalog.Prompts);
        if ((isRaw || parsed.GetValue(_raw)) && own.Form.IsChat)
        {
            own = own with { Form = new MarkedPrompt(), Why = "--raw" };
        }

        var (system, variables) = (parsed.GetValue(_system), parsed.GetValue(_variables) ?? []);
        if (own.Form is ChatPrompt chat)
        {
            return own with
            {
                Form = chat with
                {
                    System = system ?? chat.System,
                    Variables = ReadVariables(variables),
                },
            };
        }

        var stray = system is not null ? "--system" : variables.Length > 0 ? "--chat-set" : null;
        return stray is null ? own : throw new InputException(
            $"{stray} is for a chat template, and there is none to use: the model's folder lacks one or was trained without, or --raw or "
            + "--no-special is given");
    }

    private static JsonObject? ReadVariables(string[] settings)
    {
        var variables = new JsonObject();
        foreach (var setting in settings)
        {
            if (setting.Split('=', 2) is not [{ Length: > 0 } name, var value])
            {
                throw new InputException($"--chat-set is {OneLine.Quote(setting)}: it must look like enable_thinking=false");
            }

            try
            {
                variables[name] = JsonNode.Parse(value);
            }
            catch (JsonException)
            {
                variables[name] = value; // a text needs no quotes
            }
        }

        return variables.Count == 0 ? null : variables;
    }
}
