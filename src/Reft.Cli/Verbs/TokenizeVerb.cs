using System.CommandLine;
using System.Text;
using System.Text.Json;
using Reft.Text;

namespace Reft.Cli.Verbs;

/// <summary><c>reft tokenize</c>: shows the tokens of a text.</summary>
internal static class TokenizeVerb
{
    private const string StandardInput = "-";

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
            Description = "A model's folder, or a folder with a tokenizer's files, or a tokenizer.json.",
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
            var input = ReadInput(parsed.GetValue(text), parsed.GetValue(file), terminal);
            var tokenizer = Tokenizer.Load(parsed.GetRequiredValue(model));
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

    private static string ReadInput(string? text, string? file, Terminal terminal)
    {
        if ((text is null) == (file is null))
        {
            throw new InputException(
                $"{(text is null ? "neither" : "both")} --text and --file given; give exactly one of them");
        }

        if (text is not null)
        {
            return text;
        }

        if (file == StandardInput)
        {
            return terminal.In.ReadToEnd();
        }

        using var reader = new StreamReader(InputFile.OpenRead(file!)); // One of the two is there.
        return InputFile.Guarded(file!, reader.ReadToEnd);
    }

    private static void WriteList(Tokenizer tokenizer, int[] ids, TextWriter output)
    {
        foreach (var id in ids)
        {
            output.WriteLine($"{id,8}  {Visible(tokenizer.IdToToken(id) ?? "")}{(tokenizer.IsSpecial(id) ? "  (special)" : "")}");
        }

        output.WriteLine($"{ids.Length} tokens");
    }
    /// <summary>The token with its control characters and line ends spelled out.</summary>
    private static string Visible(string token)
    {
        var builder = new StringBuilder(token.Length);
        foreach (var unit in token)
        {
            builder.Append(char.IsControl(unit) || unit is '\u2028' or '\u2029' ? $"\\u{(int)unit:x4}" : unit.ToString());
        }

        return builder.ToString();
    }
}
