using Reft.Benchmarks;
using Reft.Runtime;

// Speed lives here, as ratios within one run; nothing in the tests is timed.
var benchmarks = new Dictionary<string, Action>
{
    ["decode"] = () => DecodeBenchmark.Run(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : null),
    ["sft"] = () => SftBenchmark.Run(args.ElementAtOrDefault(1), Rounds(8)),
    ["ppo"] = () => PpoBenchmark.Run(args.ElementAtOrDefault(1), Rounds(6)),
    ["serve"] = () => ServeBenchmark.RunAsync(args.ElementAtOrDefault(1), Rounds(200)).GetAwaiter().GetResult(),
    ["tokenizer"] = TokenizerBenchmark.Run,
    ["extraction"] = () => ExtractionBenchmark.Run(Console.Out),
    ["cpython"] = () => CPythonBenchmark.Run(Console.Out, args.Skip(1).FirstOrDefault()),
    ["interpreter"] = () => InterpreterBenchmark.Run(Console.Out, args.Skip(1).FirstOrDefault()),
};

if (args is not [var name, ..] || !benchmarks.TryGetValue(name, out var run))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project benchmarks/Reft.Benchmarks -- NAME, one of: {string.Join(", ", benchmarks.Keys)}");
    return 2;
}

NativeRuntime.Ensure();
run();
return 0;

// NAME [dtype] [rounds]: more rounds, on a busy machine, for a better best.
int Rounds(int usual) =>
    args.Length > 2 ? int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture) : usual;
