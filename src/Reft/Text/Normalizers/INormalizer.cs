namespace Reft.Text.Normalizers;

/// <summary>Rewrites text before it is split. The text is well-formed UTF-16, and so is the result.</summary>
internal interface INormalizer
{
    string Normalize(string text);
}
