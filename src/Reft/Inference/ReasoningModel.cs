using System.Runtime.CompilerServices;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Evaluation;
using Reft.Generation;
using Reft.Hub;
using Reft.Inputs;
using Reft.Problems;
using Reft.Runtime;
using Reft.Text;
using Reft.Text.Prompts;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Inference;

/// <summary>
/// A model and its tokenizer, loaded to be used: it completes, samples and is evaluated as the verbs of <c>reft</c> do, asked as it was
/// trained. One thread at a time.
/// </summary>
public sealed class ReasoningModel : IDisposable
{
    private const int Portion = 64;
    private const int TokensUnlessTold = 256;

    private readonly PretrainedModel _model;
    private readonly PromptTemplate _template;

    private ReasoningModel(string folder, PretrainedModel model, IReadOnlyList<IPromptForm>? prompts)
    {
        _model = model;
        Folder = folder;
        Tokenizer = Tokenizer.Load(folder);
        _template = new PromptTemplate { Form = FolderPrompt.Of(folder, prompts).Form }.For(folder);
        StopTokens = EndTokens.Of(folder, model, Tokenizer, _template.Chat).All;
    }

    /// <summary>The model's folder.</summary>
    public string Folder { get; }

    /// <summary>What ends a completion of this model.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Loads a model: a checkpoint of a run, any folder in Hugging Face's layout, or a model of the hub.</summary>
    /// <param name="folder">The folder; or <c>hf://org/name[@revision]</c>, which is downloaded where the cache has it not.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c>, <c>cuda:1</c> or <c>auto</c>.</param>
    /// <param name="dtype">What it computes in.</param>
    /// <param name="prompts">The forms in which it may have been asked; null for those that come with Reft.</param>
    /// <exception cref="InputException">There is no such model, it cannot be read, or there is no such device.</exception>
    public static ReasoningModel Load(
        string folder, string device = "cpu", ComputeDtype dtype = ComputeDtype.Fp32, IReadOnlyList<IPromptForm>? prompts = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        NativeRuntime.Ensure();
        folder = new HubPaths().Model(folder);
        var model = PretrainedModel.Load(
            folder, dtype == ComputeDtype.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32, DeviceChoice.Find(device, nameof(device)));
        try
        {
            return new ReasoningModel(folder, model, prompts);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Completes a question, told of the text as it is written.</summary>
    /// <param name="question">The question, without marks: the model's own prompt is put round it.</param>
    /// <param name="sampling">How tokens are drawn; null for greedily, at most 256.</param>
    /// <param name="cancellation">Ends the completion.</param>
    /// <returns>Pieces of the text, which together are the completion.</returns>
    /// <exception cref="InputException">An option is wrong, or the prompt does not fit.</exception>
    public async IAsyncEnumerable<string> CompleteAsync(
        string question, SamplingOptions? sampling = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        var options = sampling
            ?? new SamplingOptions { Temperature = 0, TopK = 0, TopP = 1, MinP = 0, MaxTokens = TokensUnlessTold, StopTokens = StopTokens, Seed = 0 };
        var prompt = _template.PromptTokens(Tokenizer, question);
        var drawn = BackgroundSequence.Of<int>(
            (give, left) => new CompletionGenerator(_model.Decoder, slots: 1).Generate(
                [new GenerationRequest(0, 0, prompt)], options, step: 0, (_, token) => give(token), left),
            cancellation);
        var tokens = new List<int>();
        var said = "";
        await foreach (var token in drawn.ConfigureAwait(false))
        {
            tokens.Add(token);
            var text = Tokenizer.DecodeResponse(prompt, tokens.ToArray(), skipSpecialTokens: true);
            // A character whose bytes are not all there yet, or that more tokens change, waits.
            if (text.Length > said.Length && text[^1] != '\uFFFD' && text.StartsWith(said, StringComparison.Ordinal))
            {
                yield return text[said.Length..];
                said = text;
            }
        }

        var whole = Tokenizer.DecodeResponse(prompt, tokens.ToArray(), skipSpecialTokens: true);
        if (whole.Length > said.Length)
        {
            yield return whole[said.Length..];
        }
    }

    /// <summary>Completes every problem and verifies the completions: greedily, and by samples where the options ask for them.</summary>
    /// <param name="problems">The problems; each is judged, also where its prompt does not fit.</param>
    /// <param name="answers">What answers are.</param>
    /// <param name="options">Tokens, samples and the seed; null for greedily, at most 256 tokens.</param>
    /// <param name="progress">Told how far it is; null for nobody.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InputException">An option is wrong, or a problem cannot be judged.</exception>
    public EvaluationResult Evaluate(
        IReadOnlyList<Problem> problems, AnswersSection answers, EvaluationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var judged = Open(problems, answers, options ?? new EvaluationOptions { MaxTokens = TokensUnlessTold, StopTokens = StopTokens });
        return judged.Evaluator.Evaluate(
            problems, new EvaluationLabel("problems", answers.Policy), progress is null ? null : progress.Report, cancellation);
    }

    /// <summary>Draws samples of problems and verifies them, a problem's as soon as they are there.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="answers">What answers are.</param>
    /// <param name="options">How many samples, and how they are drawn. The same samples whatever else is drawn, as <c>reft sample</c> draws.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InputException">An option is wrong, or a problem cannot be judged.</exception>
    public async IAsyncEnumerable<EvaluationItem> SampleAsync(
        IReadOnlyList<Problem> problems, AnswersSection answers, EvaluationOptions options,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var judged = Open(problems, answers, options);
        foreach (var portion in problems.Chunk(Math.Max(1, Portion / Math.Max(1, options.Samples))))
        {
            var items = await Task.Run(() => judged.Evaluator.Sample(portion, onProgress: null, cancellation), cancellation).ConfigureAwait(false);
            foreach (var item in items)
            {
                yield return item;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private Judged Open(IReadOnlyList<Problem> problems, AnswersSection answers, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentNullException.ThrowIfNull(options);
        var template = _template with { Style = answers.Style, GiveProgramHeader = answers.GiveProgramHeader };
        var verifier = RunVerifier.Create(answers);
        var wrong = Evaluator.Check(problems, verifier).FirstOrDefault();
        if (wrong is not null)
        {
            (verifier as IDisposable)?.Dispose();
            throw new InputException(wrong);
        }

        return new Judged(
            new Evaluator(_model.Decoder, Tokenizer, template, verifier, new RewardRule(), options), verifier);
    }

    private sealed record Judged(Evaluator Evaluator, IVerifier Verifier) : IDisposable
    {
        public void Dispose() => (Verifier as IDisposable)?.Dispose();
    }
}
