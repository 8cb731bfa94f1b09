using System.CommandLine;
using Reft.Answers;
using Reft.Checkpoints;
using Reft.Evaluation;
using Reft.Inputs;
using Reft.Methods;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Python;
using Reft.Rollouts;
using Reft.Text;
using Reft.Text.Prompts;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Hosting.Verbs;

/// <summary>The options of every verb that lets a model complete problems and verifies what it wrote.</summary>
internal sealed class CompletionOptions
{
    private readonly Argument<string> _model = new("model") { Description = "A model's folder, or hf://org/name" };
    private readonly Option<string?> _file = AnswerOptions.Of<string?>(
        "--problems", "Problems: JSON, JSON lines, GSM8K, CSV or Parquet");

    private readonly Option<string> _split;
    private readonly Option<int?> _limit;
    private readonly Option<string> _policy = AnswerOptions.Policy();
    private readonly Option<bool> _giveHeader = AnswerOptions.Of<bool>(
        "--give-header", "Programs: give the model 'def solution():' and the docstring, as the official program does");

    private readonly Option<string?> _instruction = AnswerOptions.Of<string?>("--instruction", "Put this and a space before every question");

    private readonly PromptFlags _prompt = new("Ask between the paper's marks, though the model has a chat template");
    private readonly ProblemOptions _problems;
    private readonly SamplingFlags _sampling = new();
    private readonly EngineOptions _engine = new();
    private readonly ModelOptions _compute = new();

    /// <summary>Makes the options.</summary>
    /// <param name="verb">The verb, in one word.</param>
    /// <param name="split">Which of the generator's sets it takes where not told.</param>
    /// <param name="catalog">Which formats and forms there are.</param>
    public CompletionOptions(string verb, string split, Catalog catalog)
    {
        _split = AnswerOptions.Of("--split", "With --builtin: which set", split);
        _split.AcceptOnlyFromAmong([.. Enum.GetNames<GeneratedSplit>().Select(name => name.ToLowerInvariant())]);
        _limit = AnswerOptions.Of<int?>("--limit", $"{char.ToUpperInvariant(verb[0])}{verb[1..]} the first n problems only");
        _problems = new ProblemOptions(verb, "--problem-seed", catalog);
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_model);
        Option[] own = [_file, _limit, _policy, _giveHeader, _instruction];
        foreach (var option in own)
        {
            command.Options.Add(option);
        }

        _problems.AddTo(command);
        command.Options.Add(_split);
        _prompt.AddTo(command);
        _sampling.AddTo(command);
        _engine.AddTo(command);
        _compute.AddTo(command);
    }

    /// <summary>What the options say.</summary>
    public CompletionRequest Read(ParseResult parsed, Terminal terminal) => new()
    {
        Model = ModelFolder.Find(parsed.GetRequiredValue(_model), terminal),
        Problems = _problems.Read(
            parsed, parsed.GetValue(_file), "name a file with --problems",
            Enum.Parse<GeneratedSplit>(parsed.GetRequiredValue(_split), ignoreCase: true)),
        Limit = parsed.GetValue(_limit),
        Instruction = parsed.GetValue(_instruction),
        Policy = AnswerOptions.ToPolicy(parsed.GetRequiredValue(_policy)),
        GiveHeader = parsed.GetValue(_giveHeader),
        ReadPrompt = folder => _prompt.Read(parsed, folder, terminal.Catalog),
        Say = terminal.Error.WriteLine,
        Options = _sampling.Read(parsed),
        OpenEngine = workers => _engine.Open(parsed, workers, terminal.Error),
        ReadDevice = () => _compute.Read(parsed),
    };
}

/// <summary>Which model completes which problems, and how.</summary>
internal sealed record CompletionRequest
{
    public required string Model { get; init; }

    public required ProblemRequest Problems { get; init; }

    /// <summary>How many of the problems; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Stands before every question; null for nothing.</summary>
    public string? Instruction { get; init; }

    public AnswerPolicy Policy { get; init; }

    /// <summary>Whether prompts hold a program's header.</summary>
    public required bool GiveHeader { get; init; }

    /// <summary>How the model of a folder is asked.</summary>
    public required Func<string, FolderPrompt> ReadPrompt { get; init; }

    /// <summary>Tells the user.</summary>
    public required Action<string> Say { get; init; }

    /// <summary>The rest; the stop tokens come with the model.</summary>
    public required EvaluationOptions Options { get; init; }

    /// <summary>Opens what runs programs, for so many at a time.</summary>
    public required Func<int, IProgramEngine> OpenEngine { get; init; }

    /// <summary>Loads the native runtime and says what to compute in and where.</summary>
    public required Func<(ScalarType Dtype, Numerics.ComputeDevice Device)> ReadDevice { get; init; }
}

/// <summary>What a request names, opened: the problems at once, the model when it is asked for.</summary>
internal sealed class CompletionSetup : IDisposable
{
    private readonly CompletionRequest _request;
    private readonly IProgramEngine? _engine;
    private PretrainedModel? _model;

    /// <summary>Reads the problems and refuses what cannot be judged. Whatever can be wrong shows before the model computes.</summary>
    public CompletionSetup(CompletionRequest request)
    {
        _request = request;
        (All, var style) = request.Problems.Load();
        All = request.Instruction is { } instruction ? [.. All.Select(problem => HindsightInstructions.Under(instruction, problem))] : All;
        Problems = request.Limit switch
        {
            null => All,
            < 1 => throw new InputException($"--limit is {request.Limit}; it must be at least 1"),
            { } most => [.. All.Take(most)],
        };
        if (request.GiveHeader && style != AnswerStyle.Program)
        {
            throw new InputException(
                $"--give-header is given, but the style is {style.ToString().ToLowerInvariant()}; only programs have a "
                + "header: add --style program, or leave it out");
        }

        var asked = Directory.Exists(request.Model) ? request.ReadPrompt(request.Model) : null; // The model's reader says that there is none.
        Template = new PromptTemplate { Style = style, GiveProgramHeader = request.GiveHeader, Form = asked?.Form ?? new MarkedPrompt() };
        if (asked is not null)
        {
            Template = Template.For(request.Model);
        }

        if (asked is { Form.IsChat: true } or { IsOwn: true })
        {
            request.Say(
                $"Questions are put {(asked.Form.IsChat ? "into the model's chat template" : "between marks")} ({asked.Why})"
                + (asked.Form.IsChat ? "; --raw puts them between the paper's marks." : "."));
        }

        _engine = style == AnswerStyle.Program ? request.OpenEngine(Environment.ProcessorCount) : null;
        Verifier = request.Problems.Form.Create(_engine is null
            ? Verifiers.Create(style, request.Policy)
            : new ProgramVerifier(_engine, request.Policy, workers: Environment.ProcessorCount));
        var errors = Evaluation.Evaluator.Check(Problems, Verifier).ToArray();
        if (errors.Length > 0)
        {
            Dispose();
            throw new InputException(errors[0] + (errors.Length > 1 ? $" (and {errors.Length - 1} more such problems)" : ""));
        }
    }

    /// <summary>Every problem of the request.</summary>
    public IReadOnlyList<Problem> All { get; }

    /// <summary>Those that are completed.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>The prompts.</summary>
    public PromptTemplate Template { get; }

    /// <summary>Judges the completions.</summary>
    public IVerifier Verifier { get; }

    /// <summary>Loads the model.</summary>
    public (Evaluator Evaluator, EvaluationOptions Options, string ModelHash, Tokenizer Tokenizer) Load()
    {
        var (dtype, device) = _request.ReadDevice();
        _model = PretrainedModel.Load(_request.Model, dtype, device);
        var tokenizer = ModelFolder.RequireTokenizer(_request.Model);
        var options = _request.Options with { StopTokens = EndTokens.Of(_request.Model, _model, tokenizer, Template.Chat).All };
        if (options.Samples > 0
            && GenerationDefaults.Differences(_request.Model, options.Temperature, options.TopK, options.TopP, options.MinP) is { } other)
        {
            _request.Say($"note: {other}");
        }

        return (
            new Evaluator(_model.Decoder, tokenizer, Template, Verifier, new RewardRule(), options), options,
            Evaluation.ModelHash.Of(_model.Decoder, tokenizer), tokenizer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model?.Dispose();
        (_engine as IDisposable)?.Dispose();
    }
}
