using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Hosting;
using Reft.Inputs;
using Reft.Runs;
using Reft.Tests.Configuration;
using Reft.Text;
using Reft.Text.Prompts;
using Reft.Training;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Tests.Runs;

/// <summary>Runs of a model with a chat template, a token that begins a text, and several that end one.</summary>
public sealed class ChatRunTests : IDisposable
{
    private const string Template = "{{ bos_token }}{% for m in messages %}<u>{{ m.role }}\n{{ m.content }}<e>\n{% endfor %}"
        + "{% if add_generation_prompt %}<u>assistant\n{% endif %}";

    private readonly TemporaryFolder _folder = new();

    public ChatRunTests()
    {
        var tokenizer = BpeTrainer.Train(
            ["How many apples does Tom have? def solution(): return 1 + 2"],
            new BpeTrainerOptions
            {
                VocabularySize = 300,
                MinimumFrequency = 1,
                SpecialTokens = ["<s>", "</s>", "<u>", "<e>"],
                BosToken = "<s>",
                EosToken = "</s>",
                PadToken = "</s>",
            },
            _folder["model"]);
        var config = $$"""
            { "model_type": "llama", "vocab_size": 320, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 48,
              "max_position_embeddings": 1000, "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "eos_token_id": [1, 2], "bos_token_id": 0 }
            """;
        using var model = PretrainedModel.Initialize(config, ScalarType.Float32, CPU, seed: 1);
        model.Save(_folder["model"]);
        Assert.True(tokenizer.VocabularySize < 320);
        File.WriteAllText(_folder["model/chat_template.jinja"], Template);
        File.WriteAllText(
            _folder["model/tokenizer_config.json"],
            """{"tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"</s>","pad_token":"</s>","add_bos_token":true}""");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sft")]
    [InlineData("reft")]
    public void Run_Chat_AsksLearnsAndStopsAsTheTemplateSays(string method)
    {
        string[] sets = [$"method={method}", "answers.prompt={type: chat, system: Solve it.}", .. method == "reft" ? ["rollouts.maxTokens=64"] : Array.Empty<string>()];
        Run("run", sets);
        var folder = new RunFolder(_folder["run"]);
        var facts = JsonNode.Parse(File.ReadAllText(folder.Facts))!;

        Assert.Equal(
            "prompts are conversations in the model's chat template and begin with <s>; completions end at </s>, <u>, <e> and learn <e>",
            (string)facts["prompt"]!);
        foreach (var line in method == "reft" ? File.ReadLines(folder.Rollouts) : [])
        {
            var rollout = JsonNode.Parse(line)!;
            int[] ids = [.. rollout["ids"]!.AsArray().Select(id => (int)id!)];
            var prompt = ids[..(int)rollout["promptLength"]!];
            Assert.Equal([0, 2], prompt[..2]);
            Assert.Equal(1, prompt.Count(id => id == 0));
            // It ends at the first of the three, whichever it is.
            Assert.Equal((string)rollout["finish"]! == "stop", ids[^1] is 1 or 2 or 3);
            Assert.DoesNotContain(ids[prompt.Length..^1], id => id is 1 or 2 or 3);
        }

        var checkpoint = new CheckpointStore(folder).PathOf(2);
        Assert.Equal(new ChatPrompt { System = "Solve it." }, FolderPrompt.Of(checkpoint).Form);
        Assert.True(FolderPrompt.Of(checkpoint).IsOwn);
        Assert.Contains("conversations in the model's chat template", File.ReadAllText(Path.Combine(checkpoint, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Marks_BeginWithTheTokenizersTokenAndAreRememberedAsSuch()
    {
        var run = Prepare("run", ["method=sft"]);
        using (run)
        {
            run.Run(resume: false, "test", CancellationToken.None);
            Assert.Equal("prompts are between marks and begin with <s>; completions end at </s>, <u> and learn </s>", run.Prompt);
            Assert.Contains(run.Notes, note => note.Contains("answers.prompt: chat asks it in its own way", StringComparison.Ordinal));
        }

        var checkpoint = new CheckpointStore(new RunFolder(_folder["run"])).PathOf(2);
        Assert.Equal(new FolderPrompt(new MarkedPrompt(), "as it was trained (prompt.yaml)", IsOwn: true), FolderPrompt.Of(checkpoint));
        Assert.Equal(new FolderPrompt(new ChatPrompt(), "the model has a chat template", IsOwn: false), FolderPrompt.Of(_folder["model"]));
    }

    [Fact]
    public void Run_TemplateThatChanged_IsAnotherRun()
    {
        string[] sets = ["method=sft", "answers.prompt=chat"];
        using (var stop = new CancellationTokenSource())
        {
            using var run = Prepare("run", sets, new StopAfter(stop, 1));
            run.Run(resume: false, "test", stop.Token);
        }

        File.WriteAllText(_folder["model/chat_template.jinja"], Template.Replace("<u>", "<u>The ", StringComparison.Ordinal));
        using var other = Prepare("run", sets);

        Assert.Throws<InputException>(() => other.Run(resume: true, "test", CancellationToken.None));
    }

    [Fact]
    public async Task Verbs_ModelWithATemplate_AskInItAndSaySo()
    {
        File.WriteAllText(_folder["p.jsonl"], """{"id":"1","question":"How many?","answer":"3"}""" + "\n");
        string[] evaluate = ["evaluate", _folder["model"], "--problems", _folder["p.jsonl"], "--style", "number", "--max-tokens", "2"];

        var chat = await RunAsync([.. evaluate, "--system", "S", "--instruction", "I", "--output", _folder["chat.json"]]);
        var raw = await RunAsync([.. evaluate, "--raw", "--output", _folder["raw.json"]]);
        var wrong = await RunAsync([.. evaluate, "--raw", "--system", "S"]);
        var generated = await RunAsync(["generate", _folder["model"], "--prompt", "Hi", "--max-tokens", "2", "--json"]);
        var completed = await RunAsync(["generate", _folder["model"], "--prompt", "Hi", "--max-tokens", "2", "--json", "--raw"]);

        Assert.Contains("Questions are put into the model's chat template (the model has a chat template)", chat.Error, StringComparison.Ordinal);
        Assert.Equal("<s><u>system\nS<e>\n<u>user\nI How many?<e>\n<u>assistant\n", PromptOf("chat.json"));
        Assert.Equal((App.Done, "", "Question:\nHow many?\nAnswer reasoning:\n"), (raw.Code, raw.Error, PromptOf("raw.json")));
        Assert.NotEqual(App.Done, wrong.Code);
        Assert.Contains("--system is for a chat template", wrong.Error, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], JsonNode.Parse(generated.Output)!["sampling"]!["stop_tokens"]!.AsArray().Select(id => (int)id!));
        Assert.Equal([1, 2], JsonNode.Parse(completed.Output)!["sampling"]!["stop_tokens"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(0, (int)JsonNode.Parse(completed.Output)!["prompt_ids"]![0]!);

        string PromptOf(string file) => (string)JsonNode.Parse(File.ReadAllText(_folder[file]))!["greedy"]!["items"]![0]!["prompt"]!;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new StringReader("");
        var code = await App.RunAsync(arguments, new Terminal(output, error, input), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    private void Run(string name, string[] sets)
    {
        using var run = Prepare(name, sets);
        Assert.Equal(RunEnd.Finished, run.Run(resume: false, "test", CancellationToken.None).End);
    }

    private TrainingRun Prepare(string name, string[] sets, ITrainingObserver? observer = null) => TrainingRun.Prepare(
        ConfigFile.Parse(
            Configs.SmallRun(_folder[name], 2), "test.yaml",
            [.. sets, "model.fresh=null", $"model.path={_folder["model"]}", "evaluation.maxTokens=8", "training.maxTokens=900"]),
        observer ?? new StopAfter(null, 0), TimeProvider.System);

    private sealed class StopAfter(CancellationTokenSource? source, int steps) : ITrainingObserver
    {
        public void Stepped(TrainingStep step, long of)
        {
            if (step.Step + 1 == steps)
            {
                source?.Cancel();
            }
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
