using System.Text;
using Reft.Configuration;
using Reft.Configuration.Binding;

namespace Reft.Methods;

/// <summary>The parts of docs/configuration.md that say what a catalog holds, as its entries describe themselves.</summary>
internal static class OptionTable
{
    private const string Head = "| key | type | default | range | meaning |\n|---|---|---|---|---|\n";

    /// <summary>The sections of the methods, each once.</summary>
    public static string Methods(Catalog catalog)
    {
        var page = new StringBuilder();
        foreach (var section in catalog.Sections)
        {
            string[] names = [.. catalog.Methods.Where(method => method.Options.Name == section.Name).Select(method => $"`{method.Name}`")];
            page.Append($"### `{section.Name}`: method{(names.Length == 1 ? "" : "s")} {string.Join(", ", names)}\n\n").Append(Head);
            Append(page, MethodOption.Of(section));
            page.Append('\n');
        }

        return page.ToString();
    }

    /// <summary>What the kinds of things that configs name can be, and the options of each.</summary>
    public static string Named(Catalog catalog)
    {
        (string Path, IReadOnlyList<INamed> Things)[] kinds =
        [
            ("answers.form", catalog.Answers), ("answers.prompt", catalog.Prompts), ("optimizer.schedule", catalog.Schedules), ("problems.train[].generated", catalog.Problems),
            ("reward", catalog.Rewards), ("rollouts.curriculum", catalog.Curricula),
        ];
        var page = new StringBuilder();
        foreach (var (path, things) in kinds)
        {
            page.Append($"### `{path}` can name\n\n| name | what it does |\n|---|---|\n");
            foreach (var thing in things)
            {
                page.Append($"| `{thing.Name}` | {thing.Summary} |\n");
            }

            page.Append('\n');
            foreach (var thing in things.Where(thing => ConfigKey.Of(thing.GetType()).Count > 0))
            {
                page.Append($"Options of `{thing.Name}`:\n\n").Append(Head);
                Append(page, MethodOption.Of(new OptionsSection(Place(path, thing), thing)));
                page.Append('\n');
            }
        }

        return page.ToString();
    }

    /// <summary>The verdict's worth is the section of rewards itself; other rewards are items of a list.</summary>
    private static string Place(string path, INamed thing) =>
        path == "reward" && thing.Name != Verification.Rewards.RewardRule.VerdictName ? "reward[]" : path;

    private static void Append(StringBuilder page, IEnumerable<MethodOption> options)
    {
        foreach (var option in options)
        {
            page.Append($"| `{option.Path}` | {option.TypeName} | {option.Default} | {option.Words} | {option.Meaning} |\n");
        }
    }
}
