using System.Globalization;
using System.Text.RegularExpressions;

namespace Reft.Checkpoints;

/// <summary>The names of the weight files in a Hugging Face folder.</summary>
internal static partial class WeightNames
{
    /// <summary>All weights in one file.</summary>
    public const string Single = "model.safetensors";

    /// <summary>Which shard holds which tensor.</summary>
    public const string Index = "model.safetensors.index.json";

    /// <summary>The name of shard <paramref name="number"/> (from 1) of <paramref name="count"/>.</summary>
    public static string Shard(int number, int count) =>
        string.Create(CultureInfo.InvariantCulture, $"model-{number:D5}-of-{count:D5}.safetensors");

    /// <summary>Whether a file name is one that <see cref="Shard"/> makes.</summary>
    public static bool IsShard(string name) => ShardPattern().IsMatch(name);

    [GeneratedRegex(@"\Amodel-[0-9]{5,}-of-[0-9]{5,}\.safetensors\z")]
    private static partial Regex ShardPattern();
}
