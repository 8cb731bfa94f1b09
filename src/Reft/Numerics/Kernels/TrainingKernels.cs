using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Kernels with gradients, for training on the CPU: one pass over memory forwards and one backwards, where libtorch's
/// operations would make many. Sums over rows run in a fixed order, whatever the threads.
/// </summary>
internal static unsafe class TrainingKernels
{
    // Rows whose weight gradients are summed together; the parts are then summed in order.
    private const long RowsOfPart = 64;

    /// <summary>Whether a tensor can be taken, gradients or not.</summary>
    public static bool Accept(Tensor x) =>
        x.device_type == TorchSharp.DeviceType.CPU
        && x.dtype is ScalarType.Float32 or ScalarType.BFloat16
        && x.is_contiguous();

    /// <summary>RMS norm of x [N, D] (or [N, H, D]) with weight [D].</summary>
    public static Tensor RmsNorm(Tensor x, Tensor weight, double epsilon) => RmsNormFunction.apply(x, weight, epsilon);

    /// <summary>Layer norm of x [N, D], with weight [D] and bias [D], or without.</summary>
    public static Tensor LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon)
    {
        using var none = empty(0);
        return LayerNormFunction.apply(x, weight ?? none, bias ?? none, epsilon);
    }

    /// <summary>The sums of the columns of x [N, D]: [D], float32.</summary>
    public static Tensor ColumnSums(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (rows, width) = (x.shape[0], x.shape[1]);
        var parts = Parts(rows, width);
        var sums = TensorMemory.Pointer<float>(parts);
        if (x.dtype == ScalarType.Float32)
        {
            Run<float, Single32>(TensorMemory.Pointer<float>(x));
        }
        else
        {
            Run<ushort, Brain16>(TensorMemory.Pointer<ushort>(x));
        }

        return SumOfParts(parts).MoveToOuterDisposeScope();

        void Run<T, TElement>(T* source)
            where T : unmanaged
            where TElement : IElement<T> => Each(rows, (first, last) =>
            {
                var sum = sums + (first / RowsOfPart * width);
                for (var r = first; r < last; r++)
                {
                    RowKernels.Accumulate<T, TElement>(source + (r * width), sum, width);
                }
            });
    }

    /// <summary><c>silu(gate) · up</c>.</summary>
    public static Tensor SiluMultiply(Tensor gate, Tensor up) => SiluMultiplyFunction.apply(gate, up);

    /// <summary>Heads [N, H, size] rotated by the positions of their tokens.</summary>
    public static Tensor Rotate(Tensor heads, Tensor cosines, Tensor sines, long[] positions, bool interleaved) =>
        RotateFunction.apply(heads, cosines, sines, positions, interleaved);

    /// <summary>A row of zeros for every <see cref="RowsOfPart"/> rows, at least one.</summary>
    private static Tensor Parts(long rows, long width) => zeros(Math.Max(1, (rows + RowsOfPart - 1) / RowsOfPart), width);

    /// <summary>The sum of parts [P, D], one after the other.</summary>
    private static Tensor SumOfParts(Tensor parts)
    {
        var (count, width) = (parts.shape[0], parts.shape[1]);
        var sums = zeros(width);
        var source = TensorMemory.Pointer<float>(parts);
        var target = TensorMemory.Pointer<float>(sums);
        for (var p = 0L; p < count; p++)
        {
            RowKernels.Accumulate<float, Single32>(source + (p * width), target, width);
        }

        return sums;
    }

    private static void Each(long rows, Action<long, long> body)
    {
        var parts = (int)((rows + RowsOfPart - 1) / RowsOfPart);
        CpuKernels.Workers.For(parts, p => body(p * RowsOfPart, Math.Min(rows, (p + 1) * RowsOfPart)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NormBackward<T, TElement>(
        T* x, T* weight, T* upstream, T* gradient, float* weightPart, long rows, int width, float epsilon)
        where T : unmanaged
        where TElement : IElement<T>
    {
        for (var r = 0L; r < rows; r++, x += width, upstream += width, gradient += width)
        {
            var squares = 0f;
            var product = 0f;
            var c = 0;
            var squareLanes = Vector512<float>.Zero;
            var productLanes = Vector512<float>.Zero;
            for (; c + 16 <= width; c += 16)
            {
                var v = TElement.Load(x + c);
                squareLanes = Vector512.FusedMultiplyAdd(v, v, squareLanes);
                productLanes = Vector512.FusedMultiplyAdd(
                    v, TElement.Load(upstream + c) * TElement.Load(weight + c), productLanes);
            }

            squares = Vector512.Sum(squareLanes);
            product = Vector512.Sum(productLanes);
            for (; c < width; c++)
            {
                var v = TElement.Get(x[c]);
                squares += v * v;
                product += v * TElement.Get(upstream[c]) * TElement.Get(weight[c]);
            }

            // y = w x s with s = (mean(x²) + ε)^-½: dx = s (w g - x s² mean(w g x)); dw = g x s.
            var scale = 1f / MathF.Sqrt((squares / width) + epsilon);
            var pull = scale * scale * product / width;
            for (c = 0; c + 16 <= width; c += 16)
            {
                var v = TElement.Load(x + c);
                var g = TElement.Load(upstream + c);
                TElement.Store(gradient + c, ((g * TElement.Load(weight + c)) - (v * pull)) * scale);
                Vector512.FusedMultiplyAdd(g, v * scale, Vector512.Load(weightPart + c)).Store(weightPart + c);
            }

            for (; c < width; c++)
            {
                var v = TElement.Get(x[c]);
                var g = TElement.Get(upstream[c]);
                gradient[c] = TElement.Make(((g * TElement.Get(weight[c])) - (v * pull)) * scale);
                weightPart[c] += g * v * scale;
            }
        }
    }

    /// <summary>One row; the weight may be null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LayerNormBackward<T, TElement>(
        T* x, T* weight, T* upstream, T* gradient, float* weightPart, float* biasPart, int width, float epsilon)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var lanes = Vector512<float>.Zero;
        var c = 0;
        for (; c + 16 <= width; c += 16)
        {
            lanes += TElement.Load(x + c);
        }

        var mean = Vector512.Sum(lanes);
        for (; c < width; c++)
        {
            mean += TElement.Get(x[c]);
        }

        mean /= width;
        var squareLanes = Vector512<float>.Zero;
        var pullLanes = Vector512<float>.Zero;
        var productLanes = Vector512<float>.Zero;
        for (c = 0; c + 16 <= width; c += 16)
        {
            var v = TElement.Load(x + c) - Vector512.Create(mean);
            var g = TElement.Load(upstream + c) * (weight == null ? Vector512<float>.One : TElement.Load(weight + c));
            squareLanes = Vector512.FusedMultiplyAdd(v, v, squareLanes);
            pullLanes += g;
            productLanes = Vector512.FusedMultiplyAdd(v, g, productLanes);
        }

        var (squares, pull, product) = (Vector512.Sum(squareLanes), Vector512.Sum(pullLanes), Vector512.Sum(productLanes));
        for (; c < width; c++)
        {
            var v = TElement.Get(x[c]) - mean;
            var g = TElement.Get(upstream[c]) * (weight == null ? 1f : TElement.Get(weight[c]));
            squares += v * v;
            pull += g;
            product += v * g;
        }

        // y = w n + b with n = (x - mean) s and s = (var + ε)^-½: dx = s (w g - mean(w g) - n mean(w g n)); dw = g n; db = g.
        var scale = 1f / MathF.Sqrt((squares / width) + epsilon);
        pull /= width;
        product *= scale * scale / width;
        for (c = 0; c + 16 <= width; c += 16)
        {
            var v = TElement.Load(x + c) - Vector512.Create(mean);
            var incoming = TElement.Load(upstream + c);
            var g = incoming * (weight == null ? Vector512<float>.One : TElement.Load(weight + c));
            TElement.Store(gradient + c, (g - Vector512.Create(pull) - (v * product)) * scale);
            Vector512.FusedMultiplyAdd(incoming, v * scale, Vector512.Load(weightPart + c)).Store(weightPart + c);
            (Vector512.Load(biasPart + c) + incoming).Store(biasPart + c);
        }

        for (; c < width; c++)
        {
            var v = TElement.Get(x[c]) - mean;
            var incoming = TElement.Get(upstream[c]);
            var g = incoming * (weight == null ? 1f : TElement.Get(weight[c]));
            gradient[c] = TElement.Make((g - pull - (v * product)) * scale);
            weightPart[c] += incoming * v * scale;
            biasPart[c] += incoming;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SiluBackward<T, TElement>(T* gate, T* up, T* upstream, T* gateGradient, T* upGradient, long count)
        where T : unmanaged
        where TElement : IElement<T>
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var a = TElement.Load(gate + i);
            var g = TElement.Load(upstream + i);
            var s = Vector512<float>.One / (Vector512<float>.One + Exponential.Of(-a));
            TElement.Store(upGradient + i, g * a * s);
            TElement.Store(gateGradient + i, g * TElement.Load(up + i) * s * (Vector512<float>.One + (a * (Vector512<float>.One - s))));
        }

        for (; i < count; i++)
        {
            var a = TElement.Get(gate[i]);
            var g = TElement.Get(upstream[i]);
            var s = 1f / (1f + Exponential.Of(-a));
            upGradient[i] = TElement.Make(g * a * s);
            gateGradient[i] = TElement.Make(g * TElement.Get(up[i]) * s * (1f + (a * (1f - s))));
        }
    }

    private sealed class RmsNormFunction : autograd.SingleTensorFunction<RmsNormFunction>
    {
        public override string Name => "ReftRmsNorm";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, weight, epsilon) = ((Tensor)vars[0], (Tensor)vars[1], (double)vars[2]);
            ctx.save_for_backward([x, weight]);
            ctx.save_data("epsilon", epsilon);
            return CpuKernels.RmsNorm(x, weight, epsilon);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var saved = ctx.get_saved_variables();
            var (x, weight) = (saved[0], saved[1]);
            var epsilon = (float)(double)ctx.get_data("epsilon");
            using var scope = NewDisposeScope();
            var upstream = grad_output.contiguous();
            var gradient = empty_like(x);
            var width = (int)x.shape[^1];
            var rows = x.numel() / width;
            var parts = Parts(rows, width);
            if (x.dtype == ScalarType.Float32)
            {
                Run<float, Single32>(x, weight, upstream, gradient, parts, rows, width, epsilon);
            }
            else
            {
                Run<ushort, Brain16>(x, weight, upstream, gradient, parts, rows, width, epsilon);
            }

            var weightGradient = SumOfParts(parts).to(weight.dtype).MoveToOuterDisposeScope();
            return [gradient.MoveToOuterDisposeScope(), weightGradient, null!]; // null is TorchSharp's "no gradient".
        }

        private static void Run<T, TElement>(
            Tensor x, Tensor weight, Tensor upstream, Tensor gradient, Tensor parts, long rows, int width, float epsilon)
            where T : unmanaged
            where TElement : IElement<T>
        {
            var source = TensorMemory.Pointer<T>(x);
            var scale = TensorMemory.Pointer<T>(weight);
            var incoming = TensorMemory.Pointer<T>(upstream);
            var target = TensorMemory.Pointer<T>(gradient);
            var sums = TensorMemory.Pointer<float>(parts);
            Each(rows, (first, last) => NormBackward<T, TElement>(
                source + (first * width), scale, incoming + (first * width), target + (first * width),
                sums + (first / RowsOfPart * width), last - first, width, epsilon));
        }
    }

    /// <summary>Forwards it is libtorch's, row by row; its gradients' sums over rows are ours.</summary>
    private sealed class LayerNormFunction : autograd.SingleTensorFunction<LayerNormFunction>
    {
        public override string Name => "ReftLayerNorm";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, weight, bias, epsilon) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (double)vars[3]);
            ctx.save_for_backward([x, weight, bias]);
            ctx.save_data("epsilon", epsilon);
            return nn.functional.layer_norm(x, [x.shape[^1]], Given(weight), Given(bias), epsilon);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var saved = ctx.get_saved_variables();
            var (x, weight, bias) = (saved[0], Given(saved[1]), Given(saved[2]));
            using var scope = NewDisposeScope();
            var upstream = grad_output.contiguous();
            var gradient = empty_like(x);
            var width = x.shape[^1];
            var rows = x.numel() / width;
            var (weightParts, biasParts) = (Parts(rows, width), Parts(rows, width));
            var epsilon = (float)(double)ctx.get_data("epsilon");
            if (x.dtype == ScalarType.Float32)
            {
                Run<float, Single32>(x, weight, upstream, gradient, weightParts, biasParts, epsilon);
            }
            else
            {
                Run<ushort, Brain16>(x, weight, upstream, gradient, weightParts, biasParts, epsilon);
            }

            var weightGradient = weight is null ? null : SumOfParts(weightParts).to(weight.dtype).MoveToOuterDisposeScope();
            var biasGradient = bias is null ? null : SumOfParts(biasParts).to(bias.dtype).MoveToOuterDisposeScope();
            return [gradient.MoveToOuterDisposeScope(), weightGradient!, biasGradient!, null!]; // TorchSharp's "no gradient".
        }

        private static Tensor? Given(Tensor tensor) => tensor.numel() == 0 ? null : tensor;

        private static void Run<T, TElement>(
            Tensor x, Tensor? weight, Tensor upstream, Tensor gradient, Tensor weightParts, Tensor biasParts, float epsilon)
            where T : unmanaged
            where TElement : IElement<T>
        {
            var width = (int)x.shape[^1];
            var source = TensorMemory.Pointer<T>(x);
            var scale = weight is null ? null : TensorMemory.Pointer<T>(weight);
            var incoming = TensorMemory.Pointer<T>(upstream);
            var target = TensorMemory.Pointer<T>(gradient);
            var weights = TensorMemory.Pointer<float>(weightParts);
            var biases = TensorMemory.Pointer<float>(biasParts);
            Each(x.numel() / width, (first, last) =>
            {
                var part = first / RowsOfPart * width;
                for (var at = first * width; at < last * width; at += width)
                {
                    LayerNormBackward<T, TElement>(
                        source + at, scale, incoming + at, target + at, weights + part, biases + part, width, epsilon);
                }
            });
        }
    }

    private sealed class SiluMultiplyFunction : autograd.SingleTensorFunction<SiluMultiplyFunction>
    {
        public override string Name => "ReftSiluMultiply";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (gate, up) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.save_for_backward([gate, up]);
            return CpuKernels.SiluMultiply(gate, up);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var saved = ctx.get_saved_variables();
            using var scope = NewDisposeScope();
            var upstream = grad_output.contiguous();
            var gateGradient = empty_like(saved[0]);
            var upGradient = empty_like(saved[1]);
            if (upstream.dtype == ScalarType.Float32)
            {
                Run<float, Single32>(saved[0], saved[1], upstream, gateGradient, upGradient);
            }
            else
            {
                Run<ushort, Brain16>(saved[0], saved[1], upstream, gateGradient, upGradient);
            }

            return [gateGradient.MoveToOuterDisposeScope(), upGradient.MoveToOuterDisposeScope()];
        }

        private static void Run<T, TElement>(Tensor gate, Tensor up, Tensor upstream, Tensor gateGradient, Tensor upGradient)
            where T : unmanaged
            where TElement : IElement<T>
        {
            var width = gate.shape[^1];
            var a = TensorMemory.Pointer<T>(gate);
            var b = TensorMemory.Pointer<T>(up);
            var g = TensorMemory.Pointer<T>(upstream);
            var da = TensorMemory.Pointer<T>(gateGradient);
            var db = TensorMemory.Pointer<T>(upGradient);
            Each(gate.numel() / width, (first, last) => SiluBackward<T, TElement>(
                a + (first * width), b + (first * width), g + (first * width),
                da + (first * width), db + (first * width), (last - first) * width));
        }
    }

    private sealed class RotateFunction : autograd.SingleTensorFunction<RotateFunction>
    {
        public override string Name => "ReftRotate";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (heads, cosines, sines) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
            ctx.save_for_backward([cosines, sines]);
            ctx.save_data("positions", vars[3]);
            ctx.save_data("interleaved", vars[4]);
            return Turn(heads, cosines, sines, (long[])vars[3], (bool)vars[4], back: false);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var saved = ctx.get_saved_variables();
            using var scope = NewDisposeScope();
            // The inverse of a rotation turns the other way.
            var gradient = Turn(
                grad_output, saved[0], saved[1], (long[])ctx.get_data("positions"), (bool)ctx.get_data("interleaved"), back: true);
            return [gradient.MoveToOuterDisposeScope(), null!, null!, null!, null!]; // TorchSharp's "no gradient".
        }

        private static Tensor Turn(
            Tensor heads, Tensor cosines, Tensor sines, long[] positions, bool interleaved, bool back)
        {
            using var own = heads.contiguous();
            var turned = empty_like(own);
            CpuKernels.Rotate(own, turned, cosines, sines, positions, interleaved, back);
            return turned;
        }
    }
}
