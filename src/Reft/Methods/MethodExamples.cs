namespace Reft.Methods;

/// <summary>The example configs that come with Reft: presets that need no files.</summary>
internal static class MethodExamples
{
    private const string Prefix = "Reft.Examples.";

    /// <summary>The example of a method, as the text of a config; null if there is none.</summary>
    public static string? Find(string method)
    {
        var assembly = typeof(MethodExamples).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(Text)
            .FirstOrDefault(text => text.Split('\n').Contains($"method: {method}"));
    }

    /// <summary>An example by its file's name; null if there is none.</summary>
    public static string? Read(string file) => typeof(MethodExamples).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith($".{Path.GetFileNameWithoutExtension(file)}", StringComparison.Ordinal))
        .Select(Text).FirstOrDefault();

    private static string Text(string name)
    {
        using var reader = new StreamReader(typeof(MethodExamples).Assembly.GetManifestResourceStream(name)!); // The assembly has just named it.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
