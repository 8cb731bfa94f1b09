using Reft.Generation;
using Reft.Models;
using Reft.Problems;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Evaluation;

/// <summary>
/// Completes every problem with a model and verifies the completions. No problem is left out: where the prompt does not
/// fit into the context, that is the item's outcome.
/// </summary>
/// <remarks>
/// The draws depend on the options' seed, the problem's id and the sample alone, and not on the training step: every
/// checkpoint is evaluated with the same draws, and another order or number of problems changes no item.
/// </remarks>
internal sealed class Evaluator
{
    private readonly Decoder _decoder;
    private readonly Tokenizer _tokenizer;
    private readonly PromptTemplate _template;
    private readonly IVerifier _verifier;
    private readonly RewardRule _reward;
    private readonly EvaluationOptions _options;

    /// <summary>Makes an evaluator.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="template">Makes the prompts.</param>
    /// <param name="verifier">Judges the completions.</param>
    /// <param name="reward">What verdicts are worth; it does not touch accuracy.</param>
    /// <param name="options">The rest.</param>
    /// <exception cref="InputException">An option is wrong.</exception>
    public Evaluator(
        Decoder decoder, Tokenizer tokenizer, PromptTemplate template, IVerifier verifier, RewardRule reward,
        EvaluationOptions options)
    {
        Whole.Of(options);
        Whole.Of(reward, "reward");
        if (template.Style != verifier.Style)
        {
            throw new ArgumentException(
                $"prompts ask for a {template.Style}, the verifier reads a {verifier.Style}", nameof(verifier));
        }

        _decoder = decoder;
        _tokenizer = tokenizer;
        _template = template;
        _verifier = verifier;
        _reward = reward;
        _options = options;
    }

    /// <summary>What makes problems unfit to evaluate on; empty when nothing does. Ask before training.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="verifier">Will judge their completions.</param>
    public static IEnumerable<string> Check(IReadOnlyList<Problem> problems, IVerifier verifier)
    {
        if (problems.Count == 0)
        {
            yield return "there are no problems to evaluate on; give at least one";
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var problem in problems)
        {
            if (!ids.Add(problem.Id))
            {
                yield return $"problem id {OneLine.Quote(problem.Id)} occurs twice; give every problem its own";
            }

            if (verifier.WhyUnreadable(problem.Answer) is { } why)
            {
                yield return $"the answer of problem {OneLine.Quote(problem.Id)} (row {problem.Row}), "
                    + $"{OneLine.Quote(problem.Answer)}, is no {verifier.Style.ToString().ToLowerInvariant()} answer: "
                    + $"{OneLine.Of(why)}; correct it, or choose another style or policy";
            }
        }
    }

    /// <summary>Evaluates the model.</summary>
    /// <param name="problems">What on.</param>
    /// <param name="label">What the evaluation is of, for the record.</param>
    /// <param name="onProgress">Told of every token as it is drawn; null for nobody.</param>
    /// <param name="cancellation">Stops between two decode steps and between two verdicts.</param>
    /// <exception cref="InputException">The problems are unfit, as <see cref="Check"/> says.</exception>
    public EvaluationResult Evaluate(
        IReadOnlyList<Problem> problems,
        EvaluationLabel label,
        Action<EvaluationProgress>? onProgress = null,
        CancellationToken cancellation = default)
    {
        if (Check(problems, _verifier).FirstOrDefault() is { } unfit)
        {
            throw new InputException(unfit);
        }

        var prompts = problems.Select(Prepare).ToArray();
        var progress = new EvaluationMeter(
            problems.Count * (1 + _options.Samples), _options.StopTokens, _options.MaxTokens,
            _decoder.Config.MaxPositions, onProgress);
        return new EvaluationResult
        {
            Step = label.Step,
            Set = label.Set,
            Model = ModelHash.Of(_decoder, _tokenizer),
            Style = _verifier.Style,
            Policy = label.Policy,
            Form = label.Form,
            Greedy = Part(prompts, 1, EvaluationSampling.Greedy(_options), progress, cancellation),
            Sampled = _options.Samples == 0
                ? null
                : Part(prompts, _options.Samples, EvaluationSampling.Sampled(_options), progress, cancellation),
        };
    }

    /// <summary>Draws the options' samples and verifies them; there are no greedy completions.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="onProgress">Told of every token as it is drawn; null for nobody.</param>
    /// <param name="cancellation">Stops between two decode steps and between two verdicts.</param>
    /// <returns>One item a sample: those of a problem together, in sampling order.</returns>
    public IReadOnlyList<EvaluationItem> Sample(
        IReadOnlyList<Problem> problems, Action<EvaluationProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Samples, 1);
        var progress = new EvaluationMeter(
            problems.Count * _options.Samples, _options.StopTokens, _options.MaxTokens, _decoder.Config.MaxPositions, onProgress);
        return Items(
            [.. problems.Select(Prepare)], _options.Samples, EvaluationSampling.Sampled(_options), progress, cancellation);
    }

    private PromptedProblem Prepare(Problem problem)
    {
        var tokens = _template.PromptTokens(_tokenizer, problem.Question);
        return new PromptedProblem(problem, _template.Prompt(problem.Question), _template.Given(problem.Question), tokens);
    }

    private EvaluationPart Part(
        PromptedProblem[] problems, int samples, SamplingOptions sampling, EvaluationMeter progress,
        CancellationToken cancellation)
    {
        var items = Items(problems, samples, sampling, progress, cancellation);
        return EvaluationPart.Of(sampling, items, items.Select(Worth));
    }

    private EvaluationItem[] Items(
        PromptedProblem[] problems, int samples, SamplingOptions sampling, EvaluationMeter progress,
        CancellationToken cancellation)
    {
        var context = _decoder.Config.MaxPositions;
        var indices = Enumerable.Range(0, samples);
        var slots = problems.SelectMany(p => indices.Select(i => new EvaluationSlot(p, i))).ToArray();
        var fitting = slots.Where(slot => slot.Fits(context)).ToArray();
        var requests = fitting.Select(slot => slot.Request()).ToArray();
        progress.Begin(requests, slots.Length - fitting.Length);
        var completions = new CompletionGenerator(_decoder, _options.Slots)
            .Generate(requests, sampling, step: 0, progress.Add, cancellation);
        var texts = completions.Select(c => _tokenizer.DecodeResponse(c.Request.Prompt, c.Tokens)).ToArray();
        var verdicts = _verifier.Verify([.. fitting.Select((slot, i) => slot.Sample(texts[i]))], cancellation);
        var completed = new Queue<EvaluationItem>(
            fitting.Select((slot, i) => slot.Item(completions[i], texts[i], verdicts[i])));
        return [.. slots.Select(s => s.Fits(context) ? completed.Dequeue() : s.Unfit(context))];
    }

    private double Worth(EvaluationItem item) => _reward.Reward(
        new Verdict(item.Problem, item.Outcome, item.Answer, item.Detail), _verifier.Style, item.Gold);
}
