using Reft.Inputs;

namespace Reft.Tests.Inputs;

public sealed class GenerationDefaultsTests
{
    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"eos_token_id": 2, "temperature": 1.0, "top_p": 1}""", null)]
    [InlineData("""{"do_sample": true, "temperature": 0.6, "top_p": 0.95, "top_k": 20}""",
        "temperature 0.6 (asked for: --temperature 1), top_k 20 (asked for: --top-k 0), top_p 0.95 (asked for: --top-p 1)")]
    [InlineData("""{"do_sample": false}""", "temperature 0 (asked for: --temperature 1)")]
    [InlineData("""{"repetition_penalty": 1.05}""", "repetition_penalty 1.05 (none here)")]
    public void Differences_AreNamed(string file, string? expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["generation_config.json"], file);

        Assert.Equal(
            expected is null ? null : "the model's generation_config.json has " + expected,
            GenerationDefaults.Differences(folder.Path, temperature: 1, topK: 0, topP: 1, minP: 0));
    }
}
