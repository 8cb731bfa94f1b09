using System.Text.Json;

namespace Reft.Text.PostProcessors;

/// <summary>
/// What tokenizer_config.json says of the tokens round a text, over what tokenizer.json's post-processor says. Transformers' tokenizers of
/// Llama's kind build their frame from <c>add_bos_token</c> (true where it is not there) and <c>add_eos_token</c> (false) alone; others keep the
/// post-processor, to which a flag that is true adds what it lacks.
/// </summary>
internal static class ConfiguredFrame
{
    /// <summary>Those that build their own; a name may end in Fast.</summary>
    private static readonly string[] Builders = ["LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer", "CohereTokenizer"];

    public static SpecialTokenFrame Of(SpecialTokenFrame written, SpecialTokenNames names, Func<string, int?> id)
    {
        var builds = names.Find("tokenizer_class") is { Element.ValueKind: JsonValueKind.String } kind
            && Builders.Any(builder => kind.AsText() == builder || kind.AsText() == builder + "Fast");
        return new SpecialTokenFrame(
            Side("add_bos_token", "bos_token", written.Before, byDefault: true), Side("add_eos_token", "eos_token", written.After, byDefault: false));

        int[] Side(string flag, string token, int[] own, bool byDefault)
        {
            var says = names.Find(flag)?.Element.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => (bool?)null,
            };
            var special = names.Content(token) is { } content ? id(content) : null;
            return builds ? (says ?? byDefault) && special is { } built ? [built] : []
                : says == true && special is { } added && !own.Contains(added) ? token == "bos_token" ? [added, .. own] : [.. own, added]
                : own;
        }
    }
}
