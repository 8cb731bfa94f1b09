using System.CommandLine;
using System.Text.Json;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Inputs;
using Reft.Text;
using Reft.Text.Prompts;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft generate</c>: completes a prompt.</summary>
internal static class GenerateVerb
{
    private static readonly Argument<string> Model = new("model") { Description = "A model's folder, or hf://org/name." };

    private static readonly Option<string?> Prompt = new("--prompt") { Description = "The prompt." };

    private static readonly Option<string?> PromptFile = new("--file")
    {
        Description = "The UTF-8 file that holds the prompt; - is standard input.",
    };

    private static readonly Option<bool> Plain = new("--no-special")
    {
        Description = "Do not put the tokenizer's special tokens before the prompt.",
    };

    private static readonly PromptFlags Asking = new("Complete the prompt as it stands, though the model has a chat template");

    private static readonly Option<int> MaxTokens = new("--max-tokens")
    {
        Description = "The most tokens a completion may have.",
        DefaultValueFactory = _ => 128,
    };

    private static readonly Option<double> Temperature = new("--temperature")
    {
        Description = "Divides the logits; 0 is greedy.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> TopK = new("--top-k")
    {
        Description = "Draw from the k likeliest tokens only; 0 is off.",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<double> TopP = new("--top-p")
    {
        Description = "Draw from the likeliest tokens that together reach this probability; 1 is off.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<double> MinP = new("--min-p")
    {
        Description = "Draw only tokens at least this times as likely as the likeliest; 0 is off.",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<ulong> Seed = new("--seed") { Description = "The seed.", DefaultValueFactory = _ => 1 };

    private static readonly Option<int> Samples = new("--samples")
    {
        Description = "How many completions.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> Slots = new("--batch")
    {
        Description = "How many completions are decoded at once; the result does not depend on it.",
        DefaultValueFactory = _ => 64,
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON object with prompt ids, sampler fields and completions, and nothing else.",
    };

    public static Verb Verb { get; } = new(
        "generate",
        [
            "reft generate ./model --prompt \"Once upon a time\"",
            "reft generate ./model --prompt \"1 + 1 =\" --temperature 0 --max-tokens 8",
            "reft generate ./instruct --system \"Answer with a number.\" --prompt \"What is 3 + 4?\"",
            "reft generate ./model --file question.txt --samples 4 --top-p 0.95 --seed 7 --json",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command("generate", "Complete a prompt.")
        {
            Model, Prompt, PromptFile, Plain, MaxTokens, Temperature, TopK, TopP, MinP, Seed, Samples, Slots, Json,
        };
        Asking.AddTo(command);
        var options = new ModelOptions();
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, options, terminal, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, ModelOptions options, Terminal terminal, CancellationToken cancellation)
    {
        var folder = ModelFolder.Find(parsed.GetRequiredValue(Model), terminal, cancellation);
        var text = InputText.Read(parsed.GetValue(Prompt), parsed.GetValue(PromptFile), terminal, "--prompt");
        var samples = AtLeastOne("--samples", parsed.GetRequiredValue(Samples));
        var slots = AtLeastOne("--batch", parsed.GetRequiredValue(Slots));
        var (dtype, device) = options.Read(parsed);
        using var model = PretrainedModel.Load(folder, dtype, device);
        var tokenizer = ModelFolder.RequireTokenizer(folder);
        var (ids, stops) = ReadPrompt(parsed, terminal, folder, model, tokenizer, text);
        var sampling = ReadSampling(parsed, stops);
        var errors = sampling.Validate("--");
        if (errors.Count > 0)
        {
            throw new InputException(string.Join("; ", errors));
        }

        if (GenerationDefaults.Differences(folder, sampling.Temperature, sampling.TopK, sampling.TopP, sampling.MinP) is { } other)
        {
            terminal.Error.WriteLine($"note: {other}");
        }

        var requests = Enumerable.Range(0, samples).Select(i => new GenerationRequest(0, i, ids)).ToArray();
        var json = parsed.GetValue(Json);
        var stream = samples == 1 && !json ? new Echo(tokenizer, ids, terminal.Out) : null;
        var completions = new CompletionGenerator(model.Decoder, slots)
            .Generate(requests, sampling, step: 0, stream is null ? null : stream.Add, cancellation);
        if (json)
        {
            WriteJson(terminal, ids, sampling, completions, tokenizer);
        }
        else if (stream is not null)
        {
            stream.Finish();
        }
        else
        {
            foreach (var completion in completions)
            {
                terminal.Out.WriteLine($"--- sample {completion.Request.Sample} ({Reason(completion)})");
                terminal.Out.WriteLine(tokenizer.DecodeResponse(ids, completion.Tokens));
            }
        }

        return App.Done;
    }

    /// <summary>The tokens that the model goes on from, and those that it stops at.</summary>
    private static (int[] Ids, IReadOnlyList<int> Stops) ReadPrompt(
        ParseResult parsed, Terminal terminal, string folder, PretrainedModel model, Tokenizer tokenizer, string text)
    {
        var isPlain = parsed.GetValue(Plain);
        var asked = Asking.Read(parsed, folder, terminal.Catalog, isRaw: isPlain);
        if (asked.Form is not ChatPrompt form)
        {
            return (isPlain ? tokenizer.Encode(text, addSpecialTokens: false) : tokenizer.EncodePrompt(text), model.StopTokens);
        }

        terminal.Error.WriteLine($"The prompt is put into the model's chat template ({asked.Why}); --raw completes it as it stands.");
        var chat = ChatTemplate.Find(folder, form.Clock);
        return (
            tokenizer.Encode(form.Prompt(text, chat), addSpecialTokens: false), EndTokens.Of(folder, model, tokenizer, chat).All);
    }

    private static SamplingOptions ReadSampling(ParseResult parsed, IReadOnlyList<int> stopTokens) => new()
    {
        Temperature = parsed.GetRequiredValue(Temperature),
        TopK = parsed.GetRequiredValue(TopK),
        TopP = parsed.GetRequiredValue(TopP),
        MinP = parsed.GetRequiredValue(MinP),
        MaxTokens = parsed.GetRequiredValue(MaxTokens),
        StopTokens = stopTokens,
        Seed = parsed.GetRequiredValue(Seed),
    };

    private static int AtLeastOne(string option, int value) =>
        value >= 1 ? value : throw new InputException($"{option} is {value}: it must be at least 1");

    private static string Reason(Completion completion) => completion.FinishReason.ToString().ToLowerInvariant();

    private static void WriteJson(
        Terminal terminal, int[] promptIds, SamplingOptions sampling, IReadOnlyList<Completion> completions,
        Tokenizer tokenizer) => terminal.Out.WriteLine(JsonSerializer.Serialize(new
        {
            prompt_ids = promptIds,
            sampling = new
            {
                temperature = sampling.Temperature,
                top_k = sampling.TopK,
                top_p = sampling.TopP,
                min_p = sampling.MinP,
                max_tokens = sampling.MaxTokens,
                stop_tokens = sampling.StopTokens,
                seed = sampling.Seed,
            },
            completions = completions.Select(c => new
            {
                sample = c.Request.Sample,
                text = tokenizer.DecodeResponse(promptIds, c.Tokens),
                ids = c.Tokens,
                log_probs = c.LogProbs,
                finish_reason = Reason(c),
            }),
        }));

    /// <summary>Prints a completion while it grows.</summary>
    private sealed class Echo(Tokenizer tokenizer, int[] prompt, TextWriter output)
    {
        private readonly StreamingDecoder _decoder = tokenizer.Stream(skipSpecialTokens: true, prompt);

        public void Add(int request, int token)
        {
            output.Write(_decoder.Append(token));
            output.Flush();
        }

        public void Finish() => output.WriteLine(_decoder.Finish());
    }
}
