using Reft.Runtime;
using TorchSharp;
using static TorchSharp.torch;

var report = NativeRuntime.Ensure();
Console.WriteLine(report);
Console.WriteLine(torch.get_num_threads());
var cfg = new (int, int)[] { (384, 384), (384, 1024), (384,8192), (1024,384)};
foreach (var dt in new[] { ScalarType.Float32, ScalarType.BFloat16 })
{
  foreach (var (k, n) in cfg)
  {
    var w = randn(n, k, dtype: dt);
    var big = randn(256, k, dtype: dt);
    using var _ = no_grad();
    var full = nn.functional.linear(big, w).to(float32);
    Console.Write($"{dt} k{k} n{n}: ");
    foreach (var m in new[] { 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 96, 128, 200 })
    {
        var part = nn.functional.linear(big[..m], w).to(float32);
        var diff = (part - full[..m]).abs().max().item<float>();
        Console.Write($"{m}:{diff:g2} ");
    }
    Console.WriteLine();
    foreach (var m in new[] { 1, 8, 16, 32, 64, 256, 2048 })
    {
        var x = randn(m, k, dtype: dt);
        for (int i = 0; i < 10; i++) nn.functional.linear(x, w).Dispose();
        int reps = Math.Max(10, (int)(2e9 / (2.0 * m * k * n)/4));
        reps = Math.Min(reps, 2000);
        var sw = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < reps; i++) nn.functional.linear(x, w).Dispose();
        var s = sw.Elapsed.TotalSeconds / reps;
        Console.Write($"M{m} {s*1e6:f0}us {2.0 * m * k * n / s / 1e9:f0}GF  ");
    }
    Console.WriteLine();
  }
}
