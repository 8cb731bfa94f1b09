// What llama.cpp makes of an exported file, by way of LLamaSharp:
//     reft score ./model --text "Once upon a time" --json > scores.json
//     dotnet run -c Release --project eng/llama-check -- model.gguf scores.json 0.01     the tokens' log-probabilities are those of Reft
//     dotnet run -c Release --project eng/llama-check -- model.gguf "What is 3 + 4?"     chats, by the template in the file
using System.Globalization;
using System.Text.Json.Nodes;
using LLama;
using LLama.Common;
using LLama.Native;
using LLama.Sampling;
using LLama.Transformers;

NativeLogConfig.llama_log_set((level, message) =>
{
    if (level >= LLamaLogLevel.Error)
    {
        Console.Error.Write(message);
    }
});
var parameters = new ModelParams(args[0]) { ContextSize = 512, GpuLayerCount = 0 };
using var weights = LLamaWeights.LoadFromFile(parameters);
using var context = weights.CreateContext(parameters);
if (!args[1].EndsWith(".json", StringComparison.Ordinal))
{
    var session = new ChatSession(new InteractiveExecutor(context)).WithHistoryTransform(new PromptTemplateTransformer(weights, withAssistant: true));
    var inference = new InferenceParams { MaxTokens = 64, SamplingPipeline = new GreedySamplingPipeline() };
    await foreach (var text in session.ChatAsync(new ChatHistory.Message(AuthorRole.User, args[1]), inference))
    {
        Console.Write(text);
    }

    Console.WriteLine();
    return 0;
}

var scores = JsonNode.Parse(File.ReadAllText(args[1]))!;
int[] ids = [.. scores["ids"]!.AsArray().Select(id => (int)id!)];
var batch = new LLamaBatch();
for (var i = 0; i < ids.Length; i++)
{
    batch.Add(ids[i], i, LLamaSeqId.Zero, true);
}

context.Decode(batch);
var worst = 0.0;
for (var t = 1; t < ids.Length; t++)
{
    var logits = context.NativeHandle.GetLogitsIth(t - 1);
    var (most, sum) = (double.MinValue, 0.0);
    foreach (var logit in logits)
    {
        most = Math.Max(most, logit);
    }

    foreach (var logit in logits)
    {
        sum += Math.Exp(logit - most);
    }

    worst = Math.Max(worst, Math.Abs(logits[ids[t]] - most - Math.Log(sum) - (double)scores["log_probs"]![t]!));
}

var limit = double.Parse(args[2], CultureInfo.InvariantCulture);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ids.Length - 1} tokens, largest difference {worst:G4}, limit {limit:G4}"));
return worst <= limit ? 0 : 1;
