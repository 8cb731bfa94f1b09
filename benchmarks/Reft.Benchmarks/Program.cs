using Reft.Benchmarks;

var benchmarks = new Dictionary<string, Action<TextWriter>>(StringComparer.Ordinal)
{
    ["extraction"] = ExtractionBenchmark.Run,
};

if (args.Length != 1 || !benchmarks.TryGetValue(args[0], out var run))
{
    Console.Error.WriteLine($"Name one benchmark: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

run(Console.Out);
return 0;
