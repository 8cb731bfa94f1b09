using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Models.Families;
using Reft.Numerics;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft check</c>: the certificate that a model is safe to train.</summary>
internal static class CheckVerb
{
    public static Verb Verb { get; } = new(
        "check",
        [
            "reft check ./model",
            "reft check ./model --dtype bfloat16 --json",
            "reft check --random llama",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var model = new Argument<string?>("model") { Description = "A model's folder, or hf://org/name.", Arity = ArgumentArity.ZeroOrOne };
        var random = new Option<string?>("--random")
        {
            Description = $"Check a freshly initialised small model of this family instead: {ModelFamilies.Names}.",
        };
        var seed = new Option<ulong>("--seed") { Description = "The seed of --random.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else." };
        var options = new ModelOptions();
        var command = new Command("check", "Certify that a model is safe to train.") { model, random, seed, json };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var (folder, family) = (parsed.GetValue(model), parsed.GetValue(random));
            if ((folder is null) == (family is null))
            {
                throw new InputException("give either a model's folder or --random FAMILY");
            }

            var (dtype, device) = options.Read(parsed);
            var scratch = Directory.CreateTempSubdirectory("reft-random-").FullName;
            try
            {
                var (loaded, tokenizer) = folder is null
                    ? RandomModel.Create(family!, dtype, device, parsed.GetValue(seed), scratch) // One of the two is there.
                    : Load(ModelFolder.Find(folder, terminal, cancellation), dtype, device);
                using var owned = loaded;
                var figures = ModelCertificate.Measure(loaded, tokenizer, cancellation);
                var passed = figures.All(f => f.State != CheckState.Fail);
                var name = folder ?? $"random {family}";
                if (parsed.GetValue(json))
                {
                    WriteJson(terminal, name, passed, figures);
                }
                else
                {
                    Write(terminal, name, passed, figures);
                }

                return Task.FromResult(passed ? App.Done : App.Failed);
            }
            finally
            {
                Directory.Delete(scratch, recursive: true);
            }
        });
        return command;
    }

    private static (PretrainedModel Model, Tokenizer? Tokenizer) Load(string folder, ScalarType dtype, ComputeDevice device) =>
        (PretrainedModel.Load(folder, dtype, device), ModelFolder.TokenizerOf(folder));

    private static void Write(Terminal terminal, string name, bool passed, IReadOnlyList<CheckFigure> figures)
    {
        foreach (var figure in figures)
        {
            terminal.WriteWrapped($"{figure.State.ToString().ToLowerInvariant(),-4}  {figure.What}", 6);
            terminal.Out.WriteLine($"      {Numbers(figure)}");
            if (figure.Detail.Length > 0)
            {
                terminal.WriteWrapped($"      {figure.Detail}", 6);
            }
        }

        terminal.Out.WriteLine(passed ? $"{name}: safe to train" : $"{name}: NOT safe to train");
    }

    private static string Numbers(CheckFigure figure)
    {
        var value = figure.Value is { } v ? v.ToString("0.####E+0", CultureInfo.InvariantCulture) : "not measured";
        value = figure.Value is { } whole && whole == Math.Floor(whole) ? whole.ToString("0", CultureInfo.InvariantCulture) : value;
        return figure.Limit is { } limit
            ? $"{value}  (limit {limit.ToString("0.####", CultureInfo.InvariantCulture)})"
            : value;
    }

    private static void WriteJson(Terminal terminal, string name, bool passed, IReadOnlyList<CheckFigure> figures) =>
        terminal.Out.WriteLine(JsonSerializer.Serialize(new
        {
            model = name,
            passed,
            figures = figures.Select(f => new
            {
                id = f.Id,
                what = f.What,
                value = f.Value,
                limit = f.Limit,
                state = f.State.ToString().ToLowerInvariant(),
                detail = f.Detail,
            }),
        }));
}
