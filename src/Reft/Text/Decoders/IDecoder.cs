namespace Reft.Text.Decoders;

/// <summary>One step from tokens back to text: rewrites the list of strings that in the end are joined.</summary>
internal interface IDecoder
{
    List<string> Decode(List<string> tokens);
}
