using System.Text.Json.Nodes;

namespace Reft.Methods;

/// <summary>A line of a method's page, and how far it is indented where it goes on.</summary>
/// <param name="Text">The line.</param>
/// <param name="Indent">How far.</param>
/// <param name="IsWhole">Whether it is never broken: a config is copied.</param>
internal readonly record struct PageLine(string Text, int Indent = 0, bool IsWhole = false);

/// <summary>What <c>reft methods NAME</c> says.</summary>
internal static class MethodPage
{
    /// <summary>The page, as text.</summary>
    public static IEnumerable<PageLine> Lines(IMethod method)
    {
        yield return new($"{method.Name}: {method.Summary}");
        yield return new($"from: {method.Citation}");
        if (method.Guide != method.Summary)
        {
            yield return new("");
            yield return new(method.Guide);
        }

        yield return new("");
        yield return new("Options, with their defaults:");
        foreach (var option in MethodOption.Of(method.Options))
        {
            yield return new($"  {option.Path}: {option.Default}{(option.Help.Length == 0 ? "" : $"  # {option.Help}")}", 6);
        }

        var besides = method.Reads.Where(path => path.Length > 0).ToArray();
        if (besides.Length > 0)
        {
            yield return new("");
            yield return new($"It reads besides: {string.Join(", ", besides)}.", 2);
        }

        if (method.Formulas.Count > 0)
        {
            yield return new("");
            yield return new("Formulas:");
            foreach (var formula in method.Formulas.Distinct())
            {
                yield return new($"  {formula.Text} ({formula.Source}{(formula.Departure == "none" ? "" : $"; here: {formula.Departure}")})", 6);
            }
        }

        yield return new("");
        yield return new("Figures of its own in metrics.jsonl:");
        foreach (var metric in method.Metrics.DistinctBy(metric => metric.Name))
        {
            var healthy = metric.Healthy is { } range ? $"; healthy where not {range.Beyond}" : "";
            yield return new($"  {metric.Name}: {metric.Formula}{healthy}", 6);
        }

        yield return new("");
        yield return new($"Watched in every step: {string.Join(", ", MethodMetrics.Watched(method))}.", 2);
        if (method.Unreplayed is { } missing)
        {
            yield return new($"What reft replay cannot know, since no file of a run has it: {missing}.", 2);
        }

        if (method.Example is { } example)
        {
            yield return new("");
            yield return new("An example:");
            foreach (var line in example.TrimEnd('\n').Split('\n'))
            {
                yield return new($"  {line}", IsWhole: true);
            }
        }
    }

    /// <summary>The same for programs.</summary>
    public static JsonObject Facts(IMethod method) => new()
    {
        ["name"] = method.Name,
        ["summary"] = method.Summary,
        ["citation"] = method.Citation,
        ["guide"] = method.Guide,
        ["section"] = method.Options.Name,
        ["options"] = new JsonArray([.. MethodOption.Of(method.Options).Select(option => new JsonObject
        {
            ["key"] = option.Path,
            ["default"] = option.Default,
            ["range"] = option.Range,
            ["meaning"] = option.Meaning,
        })]),
        ["reads"] = new JsonArray([.. method.Reads.Select(path => JsonValue.Create(path))]),
        ["formulas"] = new JsonArray([.. method.Formulas.Distinct().Select(formula => new JsonObject
        {
            ["text"] = formula.Text,
            ["place"] = formula.Place,
            ["source"] = formula.Source,
            ["departure"] = formula.Departure,
        })]),
        ["metrics"] = new JsonArray([.. MethodMetrics.Of(method).Select(metric => new JsonObject
        {
            ["name"] = metric.Name,
            ["formula"] = metric.Formula,
            ["least"] = metric.Healthy?.Least,
            ["most"] = metric.Healthy?.Most,
        })]),
        ["watched"] = new JsonArray([.. MethodMetrics.Watched(method).Select(id => JsonValue.Create(id))]),
        ["replays"] = method.Again(MethodMetrics.Least(method)) is not null,
        ["unreplayed"] = method.Unreplayed,
        ["example"] = method.Example,
    };
}
