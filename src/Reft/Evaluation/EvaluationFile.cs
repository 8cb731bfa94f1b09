using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reft.Evaluation;

/// <summary>Evaluations as JSON files. The same evaluation gives the same bytes on every platform.</summary>
internal static class EvaluationFile
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // What can be computed from the rest is not written.
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>The evaluation as JSON, with a line end after it.</summary>
    public static string ToJson(EvaluationResult result) => JsonSerializer.Serialize(result, _json) + "\n";

    /// <summary>Writes an evaluation: the whole file or nothing.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, EvaluationResult result) => AtomicFile.WriteAllText(path, ToJson(result));

    /// <summary>Reads an evaluation.</summary>
    /// <exception cref="InputException">The file is missing, damaged, or no evaluation.</exception>
    public static EvaluationResult Read(string path)
    {
        using var stream = InputFile.OpenRead(path);
        EvaluationResult result;
        try
        {
            result = InputFile.Guarded(path, () => JsonSerializer.Deserialize<EvaluationResult>(stream, _json))
                ?? throw Damaged(path, "it holds null");
        }
        catch (JsonException error)
        {
            throw Damaged(path, error.Message.ReplaceLineEndings(" "), error);
        }

        if (result.Format != EvaluationResult.CurrentFormat)
        {
            throw new InputException(
                $"{OneLine.Of(path)}: has format {result.Format}, this version of Reft reads "
                + $"{EvaluationResult.CurrentFormat}; read it with the version that wrote it, or evaluate again");
        }

        return WhyInconsistent(result) is { } why ? throw Damaged(path, why) : result;
    }

    private static string? WhyInconsistent(EvaluationResult result)
    {
        if (WhyInconsistent(result.Greedy) is { } greedy)
        {
            return $"'greedy' {greedy}";
        }

        if (result.Greedy.Items.FirstOrDefault(item => item.Sample != 0) is { } second)
        {
            return $"'greedy' has sample {second.Sample} of problem {OneLine.Quote(second.Problem)}";
        }

        if (result.Sampled is null)
        {
            return null;
        }

        return WhyInconsistent(result.Sampled) is { } sampled
            ? $"'sampled' {sampled}"
            : Problems(result.Sampled).SetEquals(Problems(result.Greedy))
                ? null
                : "'greedy' and 'sampled' have different problems";

        static HashSet<string> Problems(EvaluationPart part) => [.. part.Items.Select(item => item.Problem)];
    }

    private static string? WhyInconsistent(EvaluationPart part)
    {
        var repeated = part.Items.GroupBy(item => (item.Problem, item.Sample))
            .FirstOrDefault(group => group.Skip(1).Any());
        return part.Items.Count == 0
            ? "has no items"
            : repeated is not null
                ? $"has sample {repeated.Key.Sample} of problem {OneLine.Quote(repeated.Key.Problem)} twice"
                : EvaluationShares.Of(part.Items) != part.Shares || part.Accuracy.Value != part.Shares.Correct
                    ? "has figures that its items do not give"
                    : null;
    }

    private static InputException Damaged(string path, string why, Exception? cause = null)
    {
        var message = $"{OneLine.Of(path)}: is no evaluation, or a damaged one ({OneLine.Of(why)}); evaluate again";
        return cause is null ? new InputException(message) : new InputException(message, cause);
    }
}
