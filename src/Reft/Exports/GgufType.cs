namespace Reft.Exports;

/// <summary>How a GGUF file stores weights; vectors are float32 always.</summary>
internal enum GgufType
{
    /// <summary>float32.</summary>
    F32,

    /// <summary>float16.</summary>
    F16,

    /// <summary>bfloat16.</summary>
    Bf16,

    /// <summary>Whole numbers in [-127, 127], 32 of which share a float16 scale.</summary>
    Q8,
}
