using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Evaluation;
using Reft.Inputs;
using Reft.Problems;
using Reft.Sampling;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Reproduction;

/// <summary>A checkpoint that completes problems, greedily and by samples.</summary>
internal sealed class CheckpointSampler : IDisposable
{
    private readonly PretrainedModel _model;
    private readonly Tokenizer _tokenizer;
    private readonly PromptTemplate _template;
    private readonly IVerifier _verifier;
    private readonly AnswersSection _answers;
    private readonly EvaluationOptions _options;

    /// <summary>Loads a checkpoint.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="config">The config whose answers, dtype and prompts are meant.</param>
    /// <param name="options">How completions are drawn; the stop tokens come with the model.</param>
    public CheckpointSampler(string path, RunConfig config, EvaluationOptions options)
    {
        _answers = config.Answers;
        _template = _answers.Template.For(path);
        _tokenizer = Tokenizer.Load(path);
        _verifier = RunVerifier.Create(_answers);
        _model = RunModel.LoadModel(config.Model, path);
        _options = options with { StopTokens = EndTokens.Of(path, _model, _tokenizer, _template.Chat).All };
    }

    /// <summary>Completes every problem greedily.</summary>
    public EvaluationResult Evaluate(IReadOnlyList<Problem> problems, IReproductionObserver observer, CancellationToken cancellation) =>
        Evaluator(_options with { Samples = 0 }).Evaluate(
            problems, new EvaluationLabel("test", _answers.Policy),
            progress => observer.Progressed($"greedy: {progress.Done} of {progress.Total} problems"), cancellation);

    /// <summary>Fills a file of samples.</summary>
    public bool Fill(string path, IReadOnlyList<Problem> problems, IReproductionObserver observer, CancellationToken cancellation)
    {
        var drawing = new SampleDrawing(
            Evaluator(_options), _options, ModelHash.Of(_model.Decoder, _tokenizer), _template, _answers.Policy, _tokenizer);
        var summary = drawing.Fill(path, problems, observer.Progressed, cancellation);
        observer.Noted(FormattableString.Invariant(
            $"{summary.Samples} samples of {summary.Problems} problems, {(double)summary.Correct / summary.Samples:P1} correct"));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        (_verifier as IDisposable)?.Dispose();
    }

    private Evaluator Evaluator(EvaluationOptions options) =>
        new(_model.Decoder, _tokenizer, _template, _verifier, new RewardRule(), options);
}
