using Reft.Algorithms;
using Reft.Answers;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Evaluation;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Text;
using Reft.Training;
using Reft.Training.Schedules;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Tests.Evaluation;

/// <summary>A small model that has learned six solutions by heart, so that what it answers is known.</summary>
public sealed class LearnedModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LearnedModel()
    {
        (Model, Tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, seed: 1, _folder.Path);
        Learn(Model, Tokenizer, Template, Problems, maxTokens: 128, steps: 100);
        Model.Save(_folder.Path);
    }

    /// <summary>Trains a model on all the solutions at once until it knows them.</summary>
    public static void Learn(
        PretrainedModel model, Tokenizer tokenizer, PromptTemplate template, IReadOnlyList<Problem> problems, int maxTokens, int steps)
    {
        model.Decoder.RequireGradients(true);
        using var optimizer = new AdamW(model.Decoder.Parameters, new AdamWOptions());
        var trainer = new Trainer(
            new Policy(model.Decoder), new GoldSolutions(problems, template, tokenizer, 0, maxTokens, problems.Count, 1),
            CrossEntropy.Create(new CrossEntropyOptions()), optimizer,
            new TrainerOptions
            {
                Schedule = new LearningRateSchedule
                {
                    Peak = 3e-3,
                    Shape = new ConstantSchedule(),
                    WarmupSteps = 0,
                    TotalSteps = 200,
                },
                MicroBatchTokens = 2048,
                Seed = 1,
            });
        for (var step = 0; step < steps; step++)
        {
            trainer.Step(step);
        }

        model.Decoder.RequireGradients(false);
    }

    /// <summary>What it has learned: it completes each with the solution and the answer, and stops.</summary>
    public static IReadOnlyList<Problem> Problems { get; } =
    [
        new("apples", "Tom has 3 apples and buys 12 more. How many?", "15", "3 + 12 = 15."),
        new("pears", "Ada sells 4 pears for 2 dollars each. How much?", "8", "4 * 2 = 8."),
        new("more", "Tom has 9 apples and buys 1 more. How many?", "10", "9 + 1 = 10."),
        new("buys", "Ada buys 5 pears for 3 dollars each. How much?", "15", "5 * 3 = 15."),
        new("sells", "Ada has 12 apples and sells 8. How many?", "4", "12 - 8 = 4."),
        new("now", "Tom has 2 pears and sells 2. How many?", "0", "2 - 2 = 0."),
    ];

    public static PromptTemplate Template { get; } = new() { Style = AnswerStyle.Number };

    public static EvaluationOptions Options { get; } = new() { MaxTokens = 48, StopTokens = [0] };

    internal static EvaluationLabel Label { get; } = new("dev", AnswerPolicy.Exact, 12);

    public PretrainedModel Model { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>Where model and tokenizer are saved.</summary>
    public string Folder => _folder.Path;

    internal Evaluator Evaluator(EvaluationOptions? options = null, RewardRule? reward = null) => new(
        Model.Decoder, Tokenizer, Template, new NumberVerifier(), reward ?? new RewardRule(), options ?? Options);

    public EvaluationResult Evaluate(EvaluationOptions? options = null, IReadOnlyList<Problem>? problems = null) =>
        Evaluator(options).Evaluate(problems ?? Problems, Label);

    public void Dispose()
    {
        Model.Dispose();
        _folder.Dispose();
    }
}
