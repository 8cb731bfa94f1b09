namespace Reft.Text.PreTokenizers;

/// <summary>Reads what the Metaspace pre-tokenizer and the Metaspace decoder share.</summary>
internal static class MetaspaceReader
{
    public static string OneCharacter(JsonPart part)
    {
        var text = part.AsText();
        return text.EnumerateRunes().Count() == 1 ? text : throw part.Unexpected("one character");
    }

    /// <summary>The scheme; files from before there were schemes say add_prefix_space.</summary>
    public static PrependScheme Scheme(JsonPart part)
    {
        if (part.Find("prepend_scheme") is not { } scheme)
        {
            return part.Flag("add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never;
        }

        return scheme.AsText() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw scheme.Unexpected("\"always\", \"first\" or \"never\""),
        };
    }
}
