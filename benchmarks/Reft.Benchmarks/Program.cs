using Reft.Benchmarks;

// Speed lives here, as ratios within one run; nothing in the tests is timed.
var benchmarks = new Dictionary<string, Action>
{
    ["tokenizer"] = TokenizerBenchmark.Run,
};

if (args is not [var name, ..] || !benchmarks.TryGetValue(name, out var run))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project benchmarks/Reft.Benchmarks -- NAME, one of: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

run();
return 0;
