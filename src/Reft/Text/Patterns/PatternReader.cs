using System.Text.Json;

namespace Reft.Text.Patterns;

/// <summary>Makes the pattern that a tokenizer.json writes as <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternReader
{
    public static IPattern Read(JsonPart part)
    {
        if (part.Element.ValueKind == JsonValueKind.String)
        {
            return Literal(part);
        }

        if (part.Find("String") is { } literal)
        {
            return Literal(literal);
        }

        if (part.Find("Regex") is not { } regex)
        {
            throw part.Unexpected("{\"String\": …} or {\"Regex\": …}");
        }

        try
        {
            return KnownPatterns.Find(regex.AsText()) ?? new RegexPattern(OnigurumaTranslator.Translate(regex.AsText()));
        }
        catch (FormatException error)
        {
            throw new InputException(
                $"{regex.File}: {regex.Path} is a regular expression that is not supported ({error.Message}): "
                + $"{regex.AsText()}; write it without that", error);
        }
    }

    private static IPattern Literal(JsonPart part)
    {
        var text = part.AsText();
        return text.Length > 0 ? new LiteralPattern(text) : throw part.Unexpected("a string that is not empty");
    }
}
