using System.CommandLine;
using System.Text.Json;
using Reft.Configuration.Binding;
using Reft.Inputs;
using Reft.Methods;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft methods</c>: what <c>method:</c> in a config can name.</summary>
internal static class MethodsVerb
{
    private static readonly Argument<string?> Name = new("name")
    {
        Description = "A method, or a system beside ReFT: what it is, what was seen, its options, a config to begin with; without one, all in a line each.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Example = new("--example") { Description = "Print the example config alone." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON: an object for one method, a list for all." };

    public static Verb Verb { get; } = new(
        "methods",
        ["reft methods", "reft methods grpo", "reft methods grpo --example", "reft methods SPaRFT"],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command("methods", "List the training methods, or show one: what it is, its options, an example config.")
        {
            Name, Example, Json,
        };
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed, terminal)));
        return command;
    }

    private static int Run(ParseResult parsed, Terminal terminal)
    {
        var catalog = terminal.Catalog;
        var name = parsed.GetValue(Name);
        if (name is not null && catalog.Find(name) is null && SystemPage.Find(name) is { } system)
        {
            Show(system, parsed.GetValue(Example), parsed.GetValue(Json), terminal);
            return App.Done;
        }

        var one = name is null ? null : Find(catalog, name);
        if (parsed.GetValue(Example))
        {
            terminal.Out.Write(one is null
                ? throw new InputException("--example is of one method: name it, as in 'reft methods grpo --example'")
                : one.Example ?? throw new InputException($"{one.Name}: has no example config"));
        }
        else if (parsed.GetValue(Json))
        {
            terminal.Out.WriteLine(one is null
                ? JsonSerializer.Serialize(catalog.Methods.Select(MethodPage.Facts), RunJson.Indented)
                : JsonSerializer.Serialize(MethodPage.Facts(one), RunJson.Indented));
        }
        else if (one is null)
        {
            List(catalog, terminal);
        }
        else
        {
            Show(one, terminal);
        }

        return App.Done;
    }

    private static IMethod Find(Catalog catalog, string name) => catalog.Find(name) ?? throw new InputException(
        $"{OneLine.Quote(name)} is no method: Reft knows {string.Join(", ", catalog.MethodNames)}{NearName.Ask(name, catalog.MethodNames)}");

    private static void List(Catalog catalog, Terminal terminal)
    {
        var width = catalog.MethodNames.Max(name => name.Length) + 2;
        foreach (var method in catalog.Methods)
        {
            terminal.WriteWrapped($"{method.Name.PadRight(width)}{method.Summary} [{method.Citation}]", width);
        }

        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Systems beside ReFT that are no methods but rewards, curricula, problems or predictors:");
        var others = SystemPage.All.Where(system => !system.Parts.Any(part => catalog.Find(part) is not null)).ToArray();
        width = others.Max(system => system.Name.Length) + 2;
        foreach (var system in others)
        {
            terminal.WriteWrapped($"{system.Name.PadRight(width)}{system.Summary} [{system.Citation}]", width);
        }

        terminal.Out.WriteLine();
        terminal.Out.WriteLine("reft methods NAME shows one: what it is, what was seen of it, and a config to begin with.");
    }

    private static void Show(SystemPage system, bool isExample, bool isJson, Terminal terminal)
    {
        if (isExample)
        {
            terminal.Out.Write(system.Example);
            return;
        }

        if (isJson)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(
                new { system.Name, system.Kind, system.Citation, system.Parts, system.Configs, Text = system.Section }, RunJson.Indented));
            return;
        }

        terminal.WriteWrapped($"{system.Name}: a {system.Kind}, {string.Join(", ", system.Parts)}", 0);
        terminal.Out.WriteLine($"from: {system.Citation}");
        Section(system, terminal);
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"An example, {system.Configs[0]}:");
        foreach (var line in system.Example.TrimEnd('\n').Split('\n'))
        {
            terminal.Out.WriteLine($"  {line}");
        }
    }

    /// <summary>What docs/methods.md says.</summary>
    private static void Section(SystemPage system, Terminal terminal)
    {
        terminal.Out.WriteLine();
        foreach (var line in system.Paragraphs())
        {
            if (line.IsWhole)
            {
                terminal.Out.WriteLine(line.Text);
            }
            else
            {
                terminal.WriteWrapped(line.Text, 0);
            }
        }
    }

    private static void Show(IMethod method, Terminal terminal)
    {
        foreach (var line in MethodPage.Lines(method))
        {
            if (line.IsWhole)
            {
                terminal.Out.WriteLine(line.Text);
            }
            else
            {
                terminal.WriteWrapped(line.Text, line.Indent);
            }
        }

        if (SystemPage.All.FirstOrDefault(system => system.Parts.Contains(method.Name, StringComparer.Ordinal)) is { } page)
        {
            terminal.Out.WriteLine();
            terminal.Out.WriteLine("What was seen of it here (docs/methods.md):");
            Section(page, terminal);
        }
    }
}
