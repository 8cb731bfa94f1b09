using System.Diagnostics.CodeAnalysis;

namespace Reft.Models;

/// <summary>How the weights of a frozen base are kept under adapters.</summary>
public enum WeightQuantization
{
    /// <summary>As they are, in the dtype that the model computes in.</summary>
    None,

    /// <summary>
    /// 8 bits a weight: a row's largest magnitude is 127, and the others are rounded to whole numbers. Weights alone: what goes in and out stays as
    /// it is.
    /// </summary>
    [SuppressMessage("Naming", "CA1720", Justification = "It is what the field calls it.")]
    Int8,

    /// <summary>
    /// 4 bits a weight and a float32 for every 64: NormalFloat (<see href="https://arxiv.org/abs/2305.14314"/>, section 3, without the second
    /// quantization), with the codes and the order of bitsandbytes.
    /// </summary>
    Nf4,
}
