using System.CommandLine;
using Reft.Methods;
using Reft.Problems.Files;
using Reft.Problems.Generated;

namespace Reft.Hosting.Verbs;

/// <summary>The options by which a verb is given problems, besides the file itself.</summary>
internal sealed class ProblemOptions
{
    private static readonly string[] _columns = ["id", "question", "answer", "solution", "group"];

    private readonly Catalog _catalog;
    private readonly Option<string> _format = AnswerOptions.Of("--format", "How the file is written", ProblemFormats.Auto);
    private readonly Option<string> _form;
    private readonly Option<string?> _style = AnswerOptions.Style("guessed from the problems where not given");
    private readonly Option<string?>[] _names =
    [
        .. _columns.Select(name => AnswerOptions.Of<string?>($"--{name}-column", $"The column with the {name}s")),
    ];

    private readonly Option<string?> _template = AnswerOptions.Of<string?>(
        "--question-template", "How a question is joined of columns, as \"{body} {question}\"");

    private readonly Option<string?> _ignored = AnswerOptions.Of<string?>(
        "--ignore-columns", "Columns whose text prompts need not hold, with commas between");

    private readonly Option<bool> _builtin;
    private readonly Option<string> _profile = AnswerOptions.Of("--profile", "The generator's profile", "full");
    private readonly Option<ulong> _seed;
    private readonly Option<int> _count = AnswerOptions.Of("--count", "How many problems to generate", 1000);

    /// <summary>Makes the options.</summary>
    /// <param name="verb">What the verb does to problems, in one word.</param>
    /// <param name="seed">The name of the option for the generator's seed.</param>
    /// <param name="catalog">Which formats and forms there are.</param>
    public ProblemOptions(string verb, string seed, Catalog catalog)
    {
        (_catalog, _form) = (catalog, AnswerOptions.Form(catalog));
        _builtin = AnswerOptions.Of<bool>(
            "--builtin",
            $"{char.ToUpperInvariant(verb[0])}{verb[1..]} problems of the built-in generator, not a file's");
        _seed = AnswerOptions.Of<ulong>(seed, "The generator's seed");
        _format.AcceptOnlyFromAmong([.. ProblemFormats.NamesOf(catalog.Formats).Select(name => name.ToLowerInvariant())]);
        _profile.AcceptOnlyFromAmong("easy", "full");
        Verb = verb;
    }

    private string Verb { get; }

    public void AddTo(Command command)
    {
        Option[] options = [_style, _form, _format, .. _names, _template, _ignored, _builtin, _profile, _count, _seed];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the options say.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="file">The file; null where none is given.</param>
    /// <param name="fileName">How the command line asks for a file, for messages.</param>
    /// <param name="split">Which of the generator's sets.</param>
    public ProblemRequest Read(ParseResult parsed, string? file, string fileName, GeneratedSplit split) => new()
    {
        File = file,
        FileName = fileName,
        Verb = Verb,
        Style = AnswerOptions.ToStyle(parsed.GetValue(_style)),
        Form = AnswerOptions.ToForm(_catalog, parsed.GetRequiredValue(_form)),
        Options = new ProblemFileOptions
        {
            Format = _catalog.Formats.FirstOrDefault(format => format.Name.Equals(parsed.GetRequiredValue(_format), StringComparison.OrdinalIgnoreCase)),
            Formats = _catalog.Formats,
            Columns = new ProblemColumns
            {
                Id = parsed.GetValue(_names[0]),
                Question = parsed.GetValue(_names[1]),
                QuestionTemplate = parsed.GetValue(_template),
                Ignored = parsed.GetValue(_ignored),
                Answer = parsed.GetValue(_names[2]),
                Solution = parsed.GetValue(_names[3]),
                Group = parsed.GetValue(_names[4]),
            },
        },
        Builtin = parsed.GetValue(_builtin),
        Generator = (parsed.GetValue(_profile) == "easy" ? GeneratorOptions.Easy : GeneratorOptions.Full)
            with
        { Seed = parsed.GetValue(_seed) },
        Split = split,
        Count = parsed.GetValue(_count),
    };
}
