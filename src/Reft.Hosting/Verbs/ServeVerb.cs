using System.CommandLine;
using System.Globalization;
using System.Net;
using Reft.Inputs;
using Reft.Server;
using Reft.Serving;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft serve</c>: a model behind the endpoints of OpenAI's API.</summary>
internal static class ServeVerb
{
    private const string KeyVariable = "REFT_API_KEY";

    private static readonly Argument<string> Model = new("model") { Description = "A model's folder, or hf://org/name." };
    private static readonly Option<string> Host = AnswerOptions.Of("--host", "The address to listen on; 0.0.0.0 is all of this machine's", "127.0.0.1");
    private static readonly Option<int> Port = AnswerOptions.Of("--port", "The port; 0 is any that is free", 8000);

    private static readonly Option<string?> Key = AnswerOptions.Of<string?>(
        "--key", $"Who asks must show it as 'Authorization: Bearer KEY'; also {KeyVariable}, which other users of the machine do not see");

    private static readonly Option<string?> Name = AnswerOptions.Of<string?>("--name", "What the model is called; by default its folder's name");

    private static readonly Option<int> Slots = AnswerOptions.Of(
        "--slots", "How many completions are decoded at once; no answer depends on it", new ServingOptions().Slots);

    private static readonly Option<int> Queue = AnswerOptions.Of(
        "--queue", "How many completions may wait; more are answered with 429", new ServingOptions().Queue);

    private static readonly Option<int?> Context = AnswerOptions.Of<int?>(
        "--context", "The most tokens of a prompt and its completion; by default the model's own, at most 4096");

    private static readonly Option<int?> MaxTokens = AnswerOptions.Of<int?>(
        "--max-tokens", "The most tokens of a completion; by default what the context has room for");

    private static readonly Option<int> MaxBody = AnswerOptions.Of("--max-body", "The most KiB of a request's body", 4096);
    private static readonly Option<double> Temperature = AnswerOptions.Of("--temperature", "Where a request does not say: divides the logits; 0 is greedy", 1.0);
    private static readonly Option<int> TopK = AnswerOptions.Of<int>("--top-k", "Where a request does not say: the k likeliest tokens only; 0 is off");

    private static readonly Option<double> TopP = AnswerOptions.Of(
        "--top-p", "Where a request does not say: the likeliest tokens that together reach this; 1 is off", 1.0);

    private static readonly Option<double> MinP = AnswerOptions.Of<double>(
        "--min-p", "Where a request does not say: only tokens at least this times as likely as the likeliest; 0 is off");

    private static readonly Option<string?> WeightsFrom = AnswerOptions.Of<string?>(
        "--weights-from", "Who asks may put in weights from folders within this one, by POST /update_weights_from_disk; nobody may otherwise");

    private static readonly Option<int> Grace = AnswerOptions.Of(
        "--grace", "Seconds that the first Ctrl-C leaves to what is being answered; a second one ends at once", 30);

    private static readonly Option<bool> Log = AnswerOptions.Of<bool>("--log", "A line for every request");

    public static Verb Verb { get; } = new(
        "serve",
        [
            "reft serve ./model",
            "reft serve ./model --port 0 --slots 32 --log",
            $"{KeyVariable}=secret reft serve ./model --host 0.0.0.0",
            "reft serve ./model --weights-from ./weights",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command("serve", "Serve a model by the endpoints of OpenAI's API.")
        {
            Model, Host, Port, Key, Name, Slots, Queue, Context, MaxTokens, MaxBody, Temperature, TopK, TopP, MinP, WeightsFrom,
            Grace, Log,
        };
        var options = new ModelOptions();
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, options, terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ModelOptions own, Terminal terminal, CancellationToken cancellation)
    {
        var (serving, server) = (ReadServing(parsed), ReadServer(parsed));
        string[] errors = [.. serving.Validate("--"), .. server.Validate("--"), .. Ranges(parsed)];
        if (errors.Length > 0)
        {
            throw new InputException(string.Join("; ", errors));
        }

        var folder = ModelFolder.Find(parsed.GetRequiredValue(Model), terminal, cancellation);
        var (dtype, device) = own.Read(parsed);
        var grace = TimeSpan.FromSeconds(parsed.GetValue(Grace));
        if (GenerationDefaults.Differences(folder, server.Temperature, server.TopK, server.TopP, server.MinP) is { } other)
        {
            terminal.Error.WriteLine($"note: where a request does not say how to draw, the options above do: {other}");
        }

        await using var model = ServedModel.Load(folder, serving, dtype, device, parsed.GetValue(Name), terminal.Catalog.Prompts);
        var log = parsed.GetValue(Log);
        await using var listening = await ReftServer.StartAsync(
            model, server, parsed.GetRequiredValue(Host), parsed.GetValue(Port), request => Tell(request, log, terminal));
        Greet(model, server, serving, listening.Address, terminal);
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            var left = model.Engine.Active + model.Engine.Waiting;
            terminal.Error.WriteLine(left == 0
                ? "Stopping."
                : $"Stopping: finishing {left} completion{(left == 1 ? "" : "s")}, at most {grace.TotalSeconds} seconds; Ctrl-C again ends at once.");
        }

        await listening.StopAsync(grace);
        terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Stopped after {model.Engine.Drawn:N0} tokens."));
        return App.Done;
    }

    private static ServingOptions ReadServing(ParseResult parsed) => new()
    {
        Slots = parsed.GetValue(Slots),
        Queue = parsed.GetValue(Queue),
        Context = parsed.GetValue(Context),
    };

    private static ServerOptions ReadServer(ParseResult parsed) => new()
    {
        Key = parsed.GetValue(Key) ?? (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : null),
        MaxBody = parsed.GetValue(MaxBody) * 1024L,
        MaxTokens = parsed.GetValue(MaxTokens),
        Temperature = parsed.GetValue(Temperature),
        TopK = parsed.GetValue(TopK),
        TopP = parsed.GetValue(TopP),
        MinP = parsed.GetValue(MinP),
        WeightsFrom = parsed.GetValue(WeightsFrom),
    };

    private static IEnumerable<string> Ranges(ParseResult parsed)
    {
        var (port, grace) = (parsed.GetValue(Port), parsed.GetValue(Grace));
        if (port is < 0 or > ushort.MaxValue)
        {
            yield return $"--port is {port}: it must be from 0 to {ushort.MaxValue}";
        }

        if (grace < 0)
        {
            yield return $"--grace is {grace}: it must be at least 0";
        }
    }

    private static void Greet(ServedModel model, ServerOptions options, ServingOptions serving, string address, Terminal terminal)
    {
        terminal.Out.WriteLine($"Serving {model.Name} at {address}/v1 (chat/completions, completions, models; {address}/health).");
        terminal.Out.WriteLine(
            $"{serving.Slots} completions at once, {serving.Queue} may wait, {model.Context} tokens each with their prompts; {(
                options.Key is null ? "no key is asked for" : "a key is asked for")}.");
        terminal.Out.WriteLine($"{char.ToUpperInvariant(model.Prompts[0])}{model.Prompts[1..]}.");
        terminal.Out.WriteLine(
            $"Ask: curl {address}/v1/chat/completions -H 'Content-Type: application/json' {(options.Key is null ? "" : "-H \"Authorization: Bearer $KEY\" ")}\\\n"
            + "  -d '{\"messages\": [{\"role\": \"user\", \"content\": \"What is 3 + 4?\"}], \"seed\": 1}'");
        terminal.Out.WriteLine("Ctrl-C stops it.");
        terminal.Out.Flush();
        if (options.Key is null && !IPAddress.IsLoopback(IPAddress.Parse(new Uri(address).Host.Trim('[', ']'))))
        {
            terminal.Error.WriteLine($"warning: whoever reaches this machine can use the model; name a key by --key or {KeyVariable}");
        }
    }

    private static void Tell(ServedRequest request, bool isAsked, Terminal terminal)
    {
        if (isAsked)
        {
            terminal.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{request.Path} {request.Status}{(request.IsGone ? " (gone)" : "")}, {request.Tokens} tokens, {request.Took.TotalSeconds:0.000} s"));
        }
    }
}
