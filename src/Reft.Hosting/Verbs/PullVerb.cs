using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Reft.Hub;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft pull</c>: a model or a data set of the hub, into the cache that Hugging Face's programs share.</summary>
internal static class PullVerb
{
    private static readonly Argument<string> Address = new("repository")
    {
        Description = "org/name or datasets/org/name, perhaps with @revision; behind a data set's name a path in it.",
    };

    private static readonly Option<bool> Check = new("--check") { Description = "Hash again what is there already." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object and nothing else." };

    public static Verb Verb { get; } = new(
        "pull",
        [
            "reft pull Qwen/Qwen2.5-0.5B-Instruct",
            "reft pull org/name@v1.0 --check",
            "reft pull datasets/openai/gsm8k/main",
            "HF_ENDPOINT=http://localhost:8000 HF_HOME=./hub reft pull org/name",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "pull",
            "Download a model or a data set of the hub into the cache, and print its folder. Configs and verbs name it as hf://org/name. "
            + "HF_HOME, HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE are read.")
        {
            Address, Check, Json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var address = HubAddress.Parse(parsed.GetRequiredValue(Address));
        HubPull pull;
        using (var progress = new HubProgressLine(terminal))
        {
            using var client = new HubClient(HubSettings.FromEnvironment(), progress.Show) { ChecksAgain = parsed.GetValue(Check) };
            pull = address.Kind == HubKind.Model
                ? await client.PullModelAsync(address, cancellation)
                : await client.PullDataAsync(address, paths => HubDataFiles.All(paths, address), cancellation);
        }

        if (parsed.GetValue(Json))
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(new
            {
                address = address.ToString(),
                commit = pull.Commit,
                folder = pull.Folder,
                received = pull.Received,
                files = pull.Files.Select(file => new { path = file.Path, size = file.Size, digest = file.Digest }),
            }));
            return App.Done;
        }

        terminal.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{address} at {pull.Commit[..12]}: {pull.Files.Count} files, {pull.Files.Sum(file => file.Size) / 1e6:F1} MB, {pull.Received / 1e6:F1} MB of them received now."));
        terminal.Out.WriteLine(pull.Folder);
        return App.Done;
    }
}
