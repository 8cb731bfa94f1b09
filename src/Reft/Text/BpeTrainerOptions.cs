namespace Reft.Text;

/// <summary>How a <see cref="BpeTrainer"/> trains.</summary>
internal sealed record BpeTrainerOptions
{
    private const int BytesInAlphabet = 256;

    /// <summary>How many tokens there are at most, special tokens and the 256 bytes included.</summary>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>The special tokens in order of their ids, from 0.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|endoftext|>"];

    /// <summary>Which of the special tokens begins a text; null for none.</summary>
    public string? BosToken { get; init; }

    /// <summary>Which of the special tokens ends a text; null for none.</summary>
    public string? EosToken { get; init; } = "<|endoftext|>";

    /// <summary>Which of the special tokens fills rows up; null for none.</summary>
    public string? PadToken { get; init; }

    /// <summary>How often a pair must occur to become a token.</summary>
    public int MinimumFrequency { get; init; } = 2;

    /// <summary>Whether each digit is a token of its own, which arithmetic is easier to learn from.</summary>
    public bool SplitsDigits { get; init; } = true;

    /// <summary>Every error of these options, each with its path; none when they are valid.</summary>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = new List<string>();
        if (VocabularySize < BytesInAlphabet + SpecialTokens.Count)
        {
            errors.Add($"{path}.{nameof(VocabularySize)} is {VocabularySize}, but the bytes and special tokens alone are "
                + $"{BytesInAlphabet + SpecialTokens.Count}");
        }

        if (MinimumFrequency < 1)
        {
            errors.Add($"{path}.{nameof(MinimumFrequency)} is {MinimumFrequency}, must be at least 1");
        }

        if (SpecialTokens.Any(string.IsNullOrEmpty) || SpecialTokens.Distinct().Count() < SpecialTokens.Count)
        {
            errors.Add($"{path}.{nameof(SpecialTokens)} has an empty token or one twice");
        }

        AddUnknownRole(nameof(BosToken), BosToken);
        AddUnknownRole(nameof(EosToken), EosToken);
        AddUnknownRole(nameof(PadToken), PadToken);
        return errors;

        void AddUnknownRole(string name, string? token)
        {
            if (token is not null && !SpecialTokens.Contains(token))
            {
                errors.Add($"{path}.{name} is '{token}', which is not among {nameof(SpecialTokens)}");
            }
        }
    }
}
