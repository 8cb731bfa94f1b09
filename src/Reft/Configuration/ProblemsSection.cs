using System.Text.Json.Serialization;
using Reft.Answers;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Text;
using Reft.Text.Prompts;
using Reft.Verification.Forms;

namespace Reft.Configuration;

/// <summary>The problems of a run. Train, dev and test are different things.</summary>
public sealed record ProblemsSection
{
    /// <summary>What is trained on.</summary>
    public required IReadOnlyList<ProblemSet> Train { get; init; }

    /// <summary>What checkpoints are chosen by; empty where a part of the training problems is held out.</summary>
    public IReadOnlyList<ProblemSet> Dev { get; init; } = [];

    /// <summary>The expected share of training questions that is held out as dev, in [0, 1); not with <see cref="Dev"/>.</summary>
    public double DevFraction { get; init; }

    /// <summary>The most dev problems, in their order; absent for all.</summary>
    public int? DevLimit { get; init; }

    /// <summary>What is looked at once, at the end; nothing is ever chosen by it.</summary>
    public IReadOnlyList<ProblemSet> Test { get; init; } = [];

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .Check(DevFraction is >= 0 and < 1, "devFraction", DevFraction, "at least 0 and below 1")
        .AtLeast("devLimit", DevLimit, 1)
        .NotEmpty("train", Train, "at least one set of problems")
        .All;
}

/// <summary>One set of problems: a file, or a generator; exactly one of the two.</summary>
public sealed record ProblemSet
{
    /// <summary>
    /// A problem file; or a data set of the hub, <c>hf://datasets/org/name[@revision][/path]</c>, where the path is a file or what the files'
    /// paths begin with, and the set's own split is taken where it leaves that open.
    /// </summary>
    public string? File { get; init; }

    /// <summary>How the file is written: the name of one of the catalog's, or <see cref="ProblemFormats.Auto"/>.</summary>
    public string Format { get; init; } = ProblemFormats.Auto;

    /// <summary>Which columns it has.</summary>
    public ProblemColumns Columns { get; init; } = new();

    /// <summary>What solution a GSM8K row gets.</summary>
    public Gsm8kSolution? Gsm8kSolution { get; init; }

    /// <summary>Built-in problems: word problems where nothing names others.</summary>
    [Unnamed(WordProblems.WordsName)]
    public IProblemGenerator? Generated { get; init; }
}

/// <summary>What answers are and how they are read.</summary>
public sealed record AnswersSection
{
    /// <summary>What the model writes.</summary>
    public required AnswerStyle Style { get; init; }

    /// <summary>How answers are compared.</summary>
    public AnswerPolicy Policy { get; init; }

    /// <summary>Whether the prompt gives a program's header and docstring.</summary>
    public bool GiveProgramHeader { get; init; }

    /// <summary>What runs programs.</summary>
    public ProgramEngineKind Engine { get; init; }

    /// <summary>The types of answers that the problems have; empty for all but text. Style number and policy exact only.</summary>
    public IReadOnlyList<AnswerKind> Kinds { get; init; } = [];

    /// <summary>The form in which the model gives its answers.</summary>
    public IAnswerForm Form { get; init; } = new PaperForm();

    /// <summary>How the model is asked.</summary>
    public IPromptForm Prompt { get; init; } = new MarkedPrompt();

    /// <summary>The texts that go with it.</summary>
    internal PromptTemplate Template => new()
    {
        Style = Style,
        GiveProgramHeader = GiveProgramHeader,
        Form = Prompt,
        Completion = (solution, answer) => Form.Completion(Style, solution, answer),
    };
}

/// <summary>What runs programs.</summary>
public enum ProgramEngineKind
{
    /// <summary>Reft's own interpreter, which has no input or output at all.</summary>
    Managed,

    /// <summary>CPython in a sandbox.</summary>
    [JsonStringEnumMemberName("cpython")]
    CPython,
}
