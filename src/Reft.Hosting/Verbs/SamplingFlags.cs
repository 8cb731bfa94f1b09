using System.CommandLine;
using Reft.Evaluation;

namespace Reft.Hosting.Verbs;

/// <summary>The options of how an evaluation draws its completions.</summary>
internal sealed class SamplingFlags
{
    private readonly Option<int> _maxTokens = AnswerOptions.Of("--max-tokens", "The most tokens of a completion", 400);
    private readonly Option<int> _samples = AnswerOptions.Of<int>(
        "--samples", "Samples of each problem besides the greedy completion");

    private readonly Option<double> _temperature = AnswerOptions.Of(
        "--temperature", "Divides the samples' logits", 1.0);

    private readonly Option<int> _topK = AnswerOptions.Of<int>(
        "--top-k", "Sample from the k likeliest tokens only; 0 is off");

    private readonly Option<double> _topP = AnswerOptions.Of(
        "--top-p", "Sample from the likeliest tokens that together reach this probability; 1 is off", 1.0);

    private readonly Option<double> _minP = AnswerOptions.Of<double>(
        "--min-p", "Sample only tokens at least this times as likely as the likeliest; 0 is off");

    private readonly Option<ulong> _seed = AnswerOptions.Of<ulong>("--seed", "The samples' seed", 1);
    private readonly Option<int> _slots = AnswerOptions.Of(
        "--slots", "How many completions are decoded at once; the result does not depend on it", 64);

    public void AddTo(Command command)
    {
        Option[] options = [_maxTokens, _samples, _temperature, _topK, _topP, _minP, _seed, _slots];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the options say, checked but for the stop tokens, which only the model knows.</summary>
    public EvaluationOptions Read(ParseResult parsed)
    {
        Option[] ofSamples = [_temperature, _topK, _topP, _minP, _seed];
        var given = Array.Find(ofSamples, option => parsed.GetResult(option) is { Implicit: false });
        if (given is not null && parsed.GetValue(_samples) == 0)
        {
            throw new InputException(
                $"{given.Name} is given, but no samples are drawn, and greedy completions do not use it; "
                + "add --samples, or leave it out");
        }

        var options = new EvaluationOptions
        {
            MaxTokens = parsed.GetValue(_maxTokens),
            StopTokens = [],
            Slots = parsed.GetValue(_slots),
            Samples = parsed.GetValue(_samples),
            Temperature = parsed.GetValue(_temperature),
            TopK = parsed.GetValue(_topK),
            TopP = parsed.GetValue(_topP),
            MinP = parsed.GetValue(_minP),
            Seed = parsed.GetValue(_seed),
        };
        var errors = (options with { StopTokens = [0] }).Validate("--").ToArray();
        return errors.Length == 0 ? options : throw new InputException(string.Join("; ", errors));
    }
}
