using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>The activations of the supported families, by what they compute.</summary>
internal enum ActivationKind
{
    /// <summary><c>x σ(x)</c>.</summary>
    Silu,

    /// <summary><c>x Φ(x)</c> with the error function.</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU.</summary>
    GeluTanh,

    /// <summary><c>x σ(1.702 x)</c>.</summary>
    QuickGelu,

    /// <summary><c>max(x, 0)</c>.</summary>
    Relu,

    /// <summary><c>max(x, 0)²</c>.</summary>
    ReluSquared,
}

/// <summary>Names of activations in <c>config.json</c>, and their functions.</summary>
internal static class Activations
{
    private static readonly Dictionary<string, ActivationKind> ByName = new(StringComparer.Ordinal)
    {
        ["silu"] = ActivationKind.Silu,
        ["swish"] = ActivationKind.Silu,
        ["gelu"] = ActivationKind.Gelu,
        ["gelu_new"] = ActivationKind.GeluTanh,
        ["gelu_fast"] = ActivationKind.GeluTanh,
        ["gelu_pytorch_tanh"] = ActivationKind.GeluTanh,
        ["quick_gelu"] = ActivationKind.QuickGelu,
        ["relu"] = ActivationKind.Relu,
        ["relu2"] = ActivationKind.ReluSquared,
    };

    /// <summary>The supported names, for messages.</summary>
    public static string Names => string.Join(", ", ByName.Keys);

    /// <summary>Finds an activation by its name in <c>config.json</c>.</summary>
    public static bool TryParse(string name, out ActivationKind kind) => ByName.TryGetValue(name, out kind);

    /// <summary>Applies the activation; the shape stays.</summary>
    public static Tensor Apply(ActivationKind kind, Tensor x) => kind switch
    {
        ActivationKind.Silu => nn.functional.silu(x),
        ActivationKind.Gelu => nn.functional.gelu(x),
        ActivationKind.GeluTanh => WrappedTensorDisposeScope(
            () => x.Times(0.5) * tanh(x.Plus(x.Power(3).Times(0.044715)).Times(Math.Sqrt(2 / Math.PI))).Plus(1)),
        ActivationKind.QuickGelu => WrappedTensorDisposeScope(() => x * sigmoid(x.Times(1.702))),
        ActivationKind.Relu => nn.functional.relu(x),
        ActivationKind.ReluSquared => WrappedTensorDisposeScope(() => nn.functional.relu(x).Power(2)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an activation"),
    };
}
