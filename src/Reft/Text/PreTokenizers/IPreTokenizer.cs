namespace Reft.Text.PreTokenizers;

/// <summary>Splits text into pieces that the model encodes one by one.</summary>
internal interface IPreTokenizer
{
    void Apply(Pieces pieces);
}
