using Reft.Algorithms;
using Reft.Answers;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Methods;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Tests.Rollouts;

/// <summary>Known answers behind samples' own thinking: where thinking ends, which tokens are the answer's, and how likely they are.</summary>
public sealed class KnownAnswersTests : IDisposable
{
    private const int Stop = 0;
    private readonly TemporaryFolder _folder = new();
    private readonly PretrainedModel _model;
    private readonly Tokenizer _tokenizer;

    public KnownAnswersTests() => (_model, _tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, seed: 1, _folder.Path);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("paper", AnswerStyle.Number, "\nTherefore, the answer is: |")]
    [InlineData("tagged", AnswerStyle.Number, "\n<answer>|</answer>")]
    [InlineData("paper", AnswerStyle.Program, null)]
    [InlineData("wholeSolution", AnswerStyle.Number, null)]
    public void Frame_OfAForm_IsWhatStandsRoundTheAnswer(string form, AnswerStyle style, string? expected)
    {
        var answers = Catalog.Default.Answers.Single(one => one.Name == form);

        var frame = KnownAnswers.Frame((solution, answer) => answers.Completion(style, solution, answer));

        Assert.Equal(expected, frame is { } found ? $"{found.Before}|{found.After}" : null);
    }

    [Theory]
    [InlineData("3 + 12 = 16.\nTherefore, the answer is: 16", "3 + 12 = 16.")]
    [InlineData("3 + 12\nTherefore, the answer is: 16\nTherefore, the answer is: 17", "3 + 12")] // The first one ends the thinking.
    [InlineData("3 + 12 and", "3 + 12 and")] // Whoever says no answer has thought only.
    [InlineData("", "")]
    public void Sequence_OfAResponse_IsItsThinkingAndTheKnownAnswer(string response, string thinking)
    {
        var prompt = _tokenizer.EncodePrompt("How many?");

        var (tokens, length) = Known(context: 400).Sequence((new Problem("a", "How many?", " 15 "), prompt, response));

        Assert.Equal(prompt, tokens[..prompt.Length]);
        Assert.Equal($"{thinking}\nTherefore, the answer is: 15", _tokenizer.DecodeResponse(prompt, tokens.AsSpan(prompt.Length..^1)));
        Assert.Equal(Stop, tokens[^1]);
        // All but the answer's own tokens, which may begin with the space before it.
        Assert.Equal("15", _tokenizer.DecodeResponse(tokens.AsSpan(..length), tokens.AsSpan(length..^1)).TrimStart());
    }

    [Fact]
    public void Likelihoods_OfAModel_AreGeometricMeansOfTheAnswersTokensAndOfTheStop()
    {
        var prompt = _tokenizer.EncodePrompt("How many?");
        var problem = new Problem("a", "How many?", "15");
        string[] responses = ["So.\nTherefore, the answer is: 3", "Or."];

        var likelihoods = Known(context: 400).Likelihoods([.. responses.Select(response => (problem, prompt, response))]);

        foreach (var (likelihood, thinking) in likelihoods.Zip(["So.", "Or."]))
        {
            int[] whole = [.. prompt, .. _tokenizer.EncodeResponse(prompt, $"{thinking}\nTherefore, the answer is: 15"), Stop];
            var behind = LogProbs([(whole, prompt.Length)])[0];
            var answer = whole.Length - _tokenizer.EncodeResponse(prompt, $"{thinking}\nTherefore, the answer is: ").Length - prompt.Length;
            Assert.Equal(Math.Pow(behind[^answer..].Aggregate(1.0, (product, p) => product * Math.Exp(p)), 1.0 / answer), likelihood, 1e-6);
        }

        Assert.NotEqual(likelihoods[0], likelihoods[1]);
    }

    [Fact]
    public void Likelihoods_WithoutRoom_AreNothing()
    {
        var prompt = _tokenizer.EncodePrompt("How many?");
        var problem = new Problem("a", "How many?", "15");
        var known = Known(context: Known(context: 400).Sequence((problem, prompt, "So.")).Tokens.Length);

        var likelihoods = known.Likelihoods([(problem, prompt, "So, so, so, so, so."), (problem, prompt, "So.")]);

        Assert.Equal(0, likelihoods[0]);
        Assert.InRange(likelihoods[1], double.Epsilon, 1);
    }

    private KnownAnswers Known(int context) =>
        new(_tokenizer, (solution, answer) => AnswerFormat.Completion(AnswerStyle.Number, solution, answer), Stop, context, LogProbs);

    private float[][] LogProbs(IReadOnlyList<(int[] Tokens, int PromptLength)> sequences) =>
        PolicyEvaluation.LogProbs(new Policy(_model.Decoder), [.. sequences.Select(one => new PolicySequence(one.Tokens, one.PromptLength))], 4096);
}
