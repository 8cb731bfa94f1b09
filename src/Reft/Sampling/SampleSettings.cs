using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Answers;
using Reft.Evaluation;
using Reft.Problems;
using Reft.Text;

namespace Reft.Sampling;

/// <summary>What decides a file of samples: whoever goes on with one must go on with these.</summary>
/// <param name="Model">The model's hash.</param>
/// <param name="Problems">The problems' hash.</param>
/// <param name="Style">What answers are.</param>
/// <param name="Policy">How they are read.</param>
/// <param name="GivesHeader">Whether prompts hold a program's header.</param>
/// <param name="Samples">Samples a problem.</param>
/// <param name="MaxTokens">The most tokens of a completion.</param>
/// <param name="Temperature">Divides the logits.</param>
/// <param name="TopK">Only so many tokens; 0 for all.</param>
/// <param name="TopP">Only tokens of so much probability together; 1 for all.</param>
/// <param name="MinP">Only tokens at least so likely; 0 for all.</param>
/// <param name="StopTokens">End a completion.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Prompt">How the model is asked, where it is not between the paper's marks alone.</param>
internal sealed record SampleSettings(
    string Model, string Problems, AnswerStyle Style, AnswerPolicy Policy, bool GivesHeader, int Samples, int MaxTokens,
    double Temperature, int TopK, double TopP, double MinP, IReadOnlyList<int> StopTokens, ulong Seed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Prompt)
{
    /// <summary>The name of the form in which answers are given; null for the style's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Form { get; init; }

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The settings of options.</summary>
    public static SampleSettings Of(
        string model, IReadOnlyList<Problem> problems, PromptTemplate template, AnswerPolicy policy, string? prompt,
        EvaluationOptions options) => new(
        model, ProblemsHash.Of(problems), template.Style, policy, template.GiveProgramHeader, options.Samples, options.MaxTokens, options.Temperature,
        options.TopK, options.TopP, options.MinP, options.StopTokens, options.Seed, prompt);

    /// <summary>As a small JSON text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, _json) + "\n";

    /// <summary>The first key in which a written text differs from these settings; null for none.</summary>
    public string? Difference(string written)
    {
        try
        {
            using var mine = JsonDocument.Parse(ToJson());
            using var theirs = JsonDocument.Parse(written);
            return mine.RootElement.EnumerateObject().Concat(theirs.RootElement.EnumerateObject()).Select(property => property.Name)
                .FirstOrDefault(name => Value(mine, name) != Value(theirs, name));
        }
        catch (JsonException)
        {
            return "everything";
        }

        static string? Value(JsonDocument document, string name) =>
            document.RootElement.TryGetProperty(name, out var value) ? value.GetRawText() : null;
    }
}
