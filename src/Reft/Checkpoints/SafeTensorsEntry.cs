namespace Reft.Checkpoints;

/// <summary>One tensor of a file: its bytes are [Begin, End) of the data that follows the header.</summary>
internal sealed record SafeTensorsEntry(string Name, SafeTensorsDtype Dtype, long[] Shape, long Begin, long End)
{
    /// <summary>Bytes of the tensor.</summary>
    public long Length => End - Begin;
}
