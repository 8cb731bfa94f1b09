namespace Reft.Text.Patterns;

/// <summary>The regular expressions that most models share; hand-written scanners match them many times faster.</summary>
internal static class KnownPatterns
{
    public const string Gpt2 =
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The scanner that matches as the expression does; null when there is none.</summary>
    public static IPattern? Find(string regex) => regex switch
    {
        Gpt2 => new Gpt2Scanner(),
        Llama3 => new Llama3Scanner(longestNumber: 3),
        Qwen2 => new Llama3Scanner(longestNumber: 1),
        _ => null,
    };
}
