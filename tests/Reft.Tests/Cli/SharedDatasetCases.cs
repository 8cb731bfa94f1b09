using System.Text.Json;
using System.Text.RegularExpressions;
using Reft.Hosting;

namespace Reft.Tests.Cli;

/// <summary>Problem files that were reported to go wrong somewhere, recorded in shared/cases/verification, each with its right outcome.</summary>
public sealed class SharedDatasetCases
{
    /// <summary>What the description of a kind's right outcome comes to in the output; a kind that is not here has a pattern of its own.</summary>
    private static readonly Dictionary<string, string> _patterns = new()
    {
        ["csv-not-utf8-accepted"] = "^error: .* is not UTF-8 text",
        ["context-column-dropped"] = "is in no prompt .* question template",
        ["options-column-dropped"] = "(is|are) in no prompt|lacks the answer .* it has 'question', 'options', 'rationale', 'correct'",
        ["gsm8k-in-other-containers"] = "^PASSED$",
        ["wrapped-or-nested-json"] = "^error: .*(malformed JSON|lacks the question .* it has|'(question|prompt)' is (an object|a list))",
        ["null-in-parquet"] = "'answer' is null",
        ["decimal-comma-fused-in-gsm8k"] = "FAIL  known answers that cannot be read: 1 of 1",
    };

    public static TheoryData<string> Cases => [.. Read().Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Verify_File_HasTheRightOutcome(string id)
    {
        var folder = SharedData.Require("cases", "verification");
        var (kind, expected, command) = Read()[id];
        using var output = new StringWriter();
        string[] arguments = [.. command.Split(' ').Skip(1)
            .Select(part => part.StartsWith("files/", StringComparison.Ordinal) ? Path.Combine(folder, part) : part)];

        await App.RunAsync(arguments, new Terminal(output, output, TextReader.Null), TestContext.Current.CancellationToken);

        var pattern = expected == "PASSED" ? "^PASSED$" : _patterns.GetValueOrDefault(kind, expected);
        Assert.Matches(new Regex(pattern, RegexOptions.Multiline), output.ToString().ReplaceLineEndings("\n"));
        if (pattern != "^PASSED$")
        {
            Assert.DoesNotMatch(new Regex("^PASSED$", RegexOptions.Multiline), output.ToString().ReplaceLineEndings("\n"));
        }
    }

    /// <summary>The cases by their id; one that stands for all, and is skipped by name, where the folder is absent.</summary>
    private static Dictionary<string, (string Kind, string Expected, string Command)> Read()
    {
        var path = Path.Combine(SharedData.Folder ?? "shared", "cases", "verification", "datasets.jsonl");
        return !File.Exists(path)
            ? new() { ["all"] = ("", "", "") }
            : File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)
                // What a known answer says is the reader's to judge, and has tests of its own.
                .Where(root => root.GetProperty("kind").GetString() != "known-answer-read-as-another-number")
                .ToDictionary(
                    root => Text(root, "id"), root => (Text(root, "kind"), Text(root, "expected"), Text(root, "command")));
    }

    private static string Text(JsonElement root, string key) => root.GetProperty(key).GetString() ?? "";
}
