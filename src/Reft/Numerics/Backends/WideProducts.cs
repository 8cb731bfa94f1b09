using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>Products of bfloat16 whose results are float32, as GPUs have them; without gradients.</summary>
internal static class WideProducts
{
    // 2 GiB of float32 logits at once: few rounds, and no more than the activations of a micro-batch take.
    private const long Elements = 1L << 29;

    /// <summary>Whether a tensor can be taken.</summary>
    public static bool Accept(Tensor x) => x.device_type == DeviceType.CUDA && x.dtype == ScalarType.BFloat16;

    /// <summary><c>x y</c> [N, M], float32; of bfloat16 x [N, K] and y [K, M] on a GPU.</summary>
    public static Tensor Multiply(Tensor x, Tensor y) => LibTorchScripts.CallOnGpu("wide_product", x, y);

    /// <summary>Rows of logits over a vocabulary that are computed at once.</summary>
    public static int Rows(long vocabulary) => (int)Math.Clamp(Elements / vocabulary, 256, 1 << 14);
}
