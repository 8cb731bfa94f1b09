namespace Reft.Text.Added;

/// <summary>A token that is found in the text before the model sees it.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it is left out when text is decoded without special tokens.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Whether it is looked for in the normalized text, in its own normalized form.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Whether it must not touch a word character on either side.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>Whether it takes in the white space before it.</summary>
    public bool TakesSpaceBefore { get; init; }

    /// <summary>Whether it takes in the white space behind it.</summary>
    public bool TakesSpaceAfter { get; init; }

    /// <summary>What is looked for: the content, or its normalized form.</summary>
    public string Form { get; init; } = Content;
}
