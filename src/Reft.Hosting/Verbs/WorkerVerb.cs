using System.CommandLine;
using System.Globalization;
using Reft.Configuration;
using Reft.Hosting.Workers;
using Reft.Runtime;
using static TorchSharp.torch;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft worker</c>: draws rollouts for runs on other machines.</summary>
internal static class WorkerVerb
{
    private const string Local = "nats://127.0.0.1:4222";

    private static readonly Option<string> Nats = AnswerOptions.Of("--nats", "The NATS server that the runs name in rollouts.workers.nats", Local);

    private static readonly Option<string?> Weights = AnswerOptions.Of<string?>(
        "--weights", "The runs' folder of weights (rollouts.workers.weights) as this machine sees it; by default the path that they say");

    private static readonly Option<int?> Threads = AnswerOptions.Of<int?>("--threads", "Threads of the CPU; by default one a core");

    private static readonly Option<string?> Name = AnswerOptions.Of<string?>("--name", "What it is called; by default the machine and the process's number");

    public static Verb Verb { get; } = new(
        "worker",
        [
            "reft worker",
            "reft worker --nats nats://10.0.0.7:4222 --weights /mnt/weights --threads 8",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "worker", "Draw rollouts for runs whose config has rollouts.workers. It may come and go, and be killed, at any time.")
        {
            Nats, Weights, Threads, Name,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var url = parsed.GetRequiredValue(Nats);
        var weights = parsed.GetValue(Weights);
        if (!WorkersSection.IsAddress(url))
        {
            throw new InputException($"--nats is {OneLine.Quote(url)}: it must be an address such as {Local}");
        }

        if (weights is not null && !Directory.Exists(weights))
        {
            throw new InputException($"--weights is {OneLine.Quote(weights)}: there is no such folder");
        }

        NativeRuntime.Ensure();
        if (parsed.GetValue(Threads) is { } threads)
        {
            set_num_threads(threads >= 1 ? threads : throw new InputException($"--threads is {threads}: it must be at least 1"));
        }

        var name = parsed.GetValue(Name) ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}");
        await using var server = await NatsServer.ConnectAsync(url, "--nats", $"reft worker {name}");
        using var worker = new RolloutWorker(server, name, weights, Say);
        Say($"Worker {name} waits for runs at {server.Url}. Ctrl-C ends it.", false);
        await worker.RunAsync(cancellation);
        Say(string.Create(CultureInfo.InvariantCulture, $"Stopped after {worker.Leases:N0} leases, {worker.Tokens:N0} tokens."), false);
        return App.Done;

        void Say(string line, bool isWarning)
        {
            var to = isWarning ? terminal.Error : terminal.Out;
            lock (terminal)
            {
                to.WriteLine(line);
                to.Flush();
            }
        }
    }
}
