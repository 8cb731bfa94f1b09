namespace Reft.Checkpoints;

/// <summary>The element types of the safetensors format, in increasing order of alignment.</summary>
internal enum SafeTensorsDtype
{
    /// <summary>A boolean in one byte.</summary>
    Bool,

    /// <summary>A 4-bit float, two to a byte.</summary>
    F4,

    /// <summary>A 6-bit float with 2 exponent bits, four to three bytes.</summary>
    F6E2M3,

    /// <summary>A 6-bit float with 3 exponent bits, four to three bytes.</summary>
    F6E3M2,

    /// <summary>An unsigned byte.</summary>
    U8,

    /// <summary>A signed byte.</summary>
    I8,

    /// <summary>An 8-bit float with 5 exponent bits.</summary>
    F8E5M2,

    /// <summary>An 8-bit float with 4 exponent bits.</summary>
    F8E4M3,

    /// <summary>An 8-bit power of two: 8 exponent bits, no sign.</summary>
    F8E8M0,

    /// <summary>An 8-bit float with 4 exponent bits, no infinities and no negative zero.</summary>
    F8E4M3Fnuz,

    /// <summary>An 8-bit float with 5 exponent bits, no infinities and no negative zero.</summary>
    F8E5M2Fnuz,

    /// <summary>A signed 16-bit integer.</summary>
    I16,

    /// <summary>An unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE binary16.</summary>
    F16,

    /// <summary>The upper half of an IEEE binary32.</summary>
    BF16,

    /// <summary>A signed 32-bit integer.</summary>
    I32,

    /// <summary>An unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE binary32.</summary>
    F32,

    /// <summary>A complex number of two binary32 parts.</summary>
    C64,

    /// <summary>IEEE binary64.</summary>
    F64,

    /// <summary>A signed 64-bit integer.</summary>
    I64,

    /// <summary>An unsigned 64-bit integer.</summary>
    U64,
}
