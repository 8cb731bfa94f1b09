using Reft.Benchmarks;
using Reft.Numerics.Kernels;
using Reft.Runtime;
using static TorchSharp.torch;

NativeRuntime.Ensure();
using var workers = new Workers(2);
unsafe
{
var cfg = new (int, int)[] { (384, 384), (384, 1024), (384,8192), (1024,384)};
foreach (var bf in new[] { false, true })
  foreach (var (k, n) in cfg)
  {
    var dt = bf ? ScalarType.BFloat16 : ScalarType.Float32;
    var w = randn(n, k, dtype: dt);
    using var _ = no_grad();
    var packed = bf ? PackedWeight.From((ushort*)w.data_ptr(), n, k, k, 1) : PackedWeight.From((float*)w.data_ptr(), n, k, k, 1);
    Console.Write($"{dt} k{k} n{n}: ");
    foreach (var m in new[] { 1, 8, 16, 32, 64, 256, 2048 })
    {
        var x = randn(m, k, dtype: dt);
        var xf = x.to(float32);
        var y = empty(m, n);
        int reps = (int)Math.Clamp(2e9 / (2.0 * m * k * n)/3, 5, 1000);
        double best1 = 1e9, best2 = 1e9;
        for (int r = 0; r < 6; r++)
        {
        var sw = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < reps; i++) nn.functional.linear(x, w).Dispose();
        best1 = Math.Min(best1, sw.Elapsed.TotalSeconds / reps);
        sw.Restart();
        for (int i = 0; i < reps; i++) { if (bf) Gemm.Multiply<ushort, Brain16, float, Single32>(workers, (ushort*)x.data_ptr(), m, packed, null, (float*)y.data_ptr()); else Gemm.Multiply<float, Single32, float, Single32>(workers, (float*)xf.data_ptr(), m, packed, null, (float*)y.data_ptr()); }
        best2 = Math.Min(best2, sw.Elapsed.TotalSeconds / reps);
        }
        var err = (y - nn.functional.linear(xf, w.to(float32))).abs().max().item<float>();
        Console.Write($"M{m} {2.0 * m * k * n / best1 / 1e9:f0}/{2.0 * m * k * n / best2 / 1e9:f0}GF {err:g2}  ");
    }
    Console.WriteLine();
  }
}
