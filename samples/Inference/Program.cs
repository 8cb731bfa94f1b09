using Reft.Answers;
using Reft.Configuration;
using Reft.Evaluation.Voting;
using Reft.Inference;
using Reft.Problems.Files;

using var model = ReasoningModel.Load(args[0]);
var problems = new ProblemFile(args[1]).Load();
var answers = new AnswersSection { Style = AnswerStyle.Number };

await foreach (var piece in model.CompleteAsync(problems[0].Question))
{
    Console.Write(piece);
}

var greedy = model.Evaluate(problems, answers).Greedy.Accuracy;
Console.WriteLine($"\n{greedy.Value:P1} right ({greedy.Low:P1} to {greedy.High:P1})");

var samples = await model.SampleAsync(problems, answers, new() { MaxTokens = 24, StopTokens = model.StopTokens, Samples = 4 }).ToListAsync();
foreach (var row in VoteReport.Of(samples, answers.Style).Rows)
{
    Console.WriteLine($"maj@{row.K} {row.Majority.Value:P1}, pass@{row.K} {row.Pass.Value:P1}");
}
