using Reft.Answers;
using Reft.Hub;
using Reft.Problems;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Verification;
using Reft.Verification.Forms;

namespace Reft.Hosting.Verbs;

/// <summary>The problems that a verb was given: a file's, or the built-in generator's.</summary>
internal sealed record ProblemRequest
{
    public string? File { get; init; }

    /// <summary>The style that was given; null where it is to be guessed.</summary>
    public AnswerStyle? Style { get; init; }

    /// <summary>The form in which answers are given.</summary>
    public required IAnswerForm Form { get; init; }

    /// <summary>The form's name for records; null for the one that answers have where none is named.</summary>
    public string? FormName => Form is PaperForm ? null : Form.Name;

    public required ProblemFileOptions Options { get; init; }

    public bool Builtin { get; init; }

    public required GeneratorOptions Generator { get; init; }

    public GeneratedSplit Split { get; init; }

    public int Count { get; init; }

    /// <summary>What the verb does to problems, for messages.</summary>
    public required string Verb { get; init; }

    /// <summary>How the file is named on the command line, for messages.</summary>
    public required string FileName { get; init; }

    /// <summary>What the set is called in records: the file's name, or what was generated.</summary>
    public string SetName => Builtin
        ? $"built-in {Split.ToString().ToLowerInvariant()}"
        : HubAddress.Is(File!) ? File! : Path.GetFileName(File!); // Loading has refused the case without either.

    /// <summary>The problems, and the style given or guessed.</summary>
    public (IReadOnlyList<Problem> Problems, AnswerStyle Style) Load()
    {
        var (problems, style, _) = Read();
        return (problems, style);
    }

    /// <summary>The problems, the style given or guessed, and what the file says beside them.</summary>
    public (IReadOnlyList<Problem> Problems, AnswerStyle Style, IReadOnlyList<ColumnNote> Notes) Read()
    {
        if (Builtin == File is not null)
        {
            throw new InputException(Builtin
                ? $"both '{File}' and --builtin are given; name one"
                : $"nothing to {Verb}; {FileName}, or use --builtin");
        }

        if (Builtin)
        {
            if (Count < 1)
            {
                throw new InputException($"--count is {Count}; it must be at least 1");
            }

            var made = Style ?? AnswerStyle.Number;
            AnswerOptions.Require(Form, made);
            return (new GeneratedSource(new ProblemGenerator(Generator with { DistinctStructures = Split != GeneratedSplit.Train }), Split, Count, made).Load(), made, []);
        }

        var options = Style == AnswerStyle.Program ? Options with { Gsm8kSolution = Gsm8kSolution.Program } : Options;
        // Not null: checked above. A verb that judges looks at what was held out.
        ProblemFileContents[] contents = [.. new HubPaths().Files(File!, "test").Select(file => new ProblemFile(file, options).Read())];
        Problem[] problems = [.. contents.SelectMany(one => one.Problems)];
        var style = Style ?? Verifiers.Guess(problems);
        AnswerOptions.Require(Form, style);
        return (problems, style, [.. contents.SelectMany(one => one.Notes)]);
    }
}
