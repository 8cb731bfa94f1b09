using System.Globalization;
using Reft.Models;

namespace Reft.Inputs;

/// <summary>How a model's generation_config.json would have it drawn from, where that is not how it is asked to be.</summary>
internal static class GenerationDefaults
{
    /// <summary>The differences in words; null where there are none, or the folder says nothing of it.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="temperature">What logits are divided by; 0 for the likeliest token.</param>
    /// <param name="topK">How many tokens are drawn from; 0 for all.</param>
    /// <param name="topP">The probability of those drawn from; 1 for all.</param>
    /// <param name="minP">How likely a token must be, times the likeliest; 0 for any.</param>
    /// <exception cref="InputException">The file is damaged.</exception>
    public static string? Differences(string folder, double temperature, int topK, double topP, double minP)
    {
        var path = Path.Combine(folder, "generation_config.json");
        if (!File.Exists(path))
        {
            return null;
        }

        var file = ConfigReader.Open(path);
        (string Key, double Own, double Asked, string As)[] all =
        [
            // Without sampling a temperature means nothing.
            ("temperature", file.Flag("do_sample", true) ? file.Number("temperature", temperature) : 0, temperature, "--temperature"),
            ("top_k", file.Number("top_k", topK), topK, "--top-k"),
            ("top_p", file.Number("top_p", topP), topP, "--top-p"),
            ("min_p", file.Number("min_p", minP), minP, "--min-p"),
            ("repetition_penalty", file.Number("repetition_penalty", 1), 1, "none here"),
        ];
        string[] differences =
        [
            .. all.Where(one => one.Own != one.Asked).Select(one => string.Create(
                CultureInfo.InvariantCulture, $"{one.Key} {one.Own} ({(one.As == "none here" ? one.As : $"asked for: {one.As} {one.Asked}")})")),
        ];
        return differences.Length == 0 ? null : $"the model's generation_config.json has {string.Join(", ", differences)}";
    }
}
