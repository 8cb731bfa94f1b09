using System.CommandLine;
using System.Text.Json;
using Reft.Text;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft tokenize</c>: shows the tokens of a text.</summary>
internal static class TokenizeVerb
{
    public static Verb Verb { get; } = new(
        "tokenize",
        [
            "reft tokenize ./model --text \"Natalia sold 48 clips.\"",
            "reft tokenize ./model/tokenizer.json --file question.txt --add-special --json",
            "echo \"1 + 1 = 2\" | reft tokenize ./model --file -",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("model")
        {
            Description = "A model's folder, or hf://org/name, or a folder with a tokenizer's files, or a tokenizer.json.",
        };
        var text = new Option<string?>("--text") { Description = "The text to tokenize." };
        var file = new Option<string?>("--file") { Description = "The UTF-8 file to tokenize; - is standard input." };
        var special = new Option<bool>("--add-special")
        {
            Description = "Put the special tokens around the text that the model was trained with.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Print {\"ids\":[…],\"decoded\":\"…\"} and nothing else.",
        };
        var command = new Command("tokenize", "Show the tokens of a text.") { model, text, file, special, json };
        command.SetAction(parsed =>
        {
            var input = InputText.Read(parsed.GetValue(text), parsed.GetValue(file), terminal, "--text");
            var tokenizer = Tokenizer.Load(ModelFolder.Find(parsed.GetRequiredValue(model), terminal));
            var ids = tokenizer.Encode(input, parsed.GetValue(special));
            if (parsed.GetValue(json))
            {
                var decoded = tokenizer.Decode(ids, skipSpecialTokens: false);
                terminal.Out.WriteLine(JsonSerializer.Serialize(new { ids, decoded }));
            }
            else
            {
                WriteList(tokenizer, ids, terminal.Out);
            }

            return App.Done;
        });
        return command;
    }

    private static void WriteList(Tokenizer tokenizer, int[] ids, TextWriter output)
    {
        foreach (var id in ids)
        {
            output.WriteLine($"{id,8}  {InputText.Visible(tokenizer.IdToToken(id) ?? "")}{(tokenizer.IsSpecial(id) ? "  (special)" : "")}");
        }

        output.WriteLine($"{ids.Length} tokens");
    }
}
