using Reft.Benchmarks;

switch (args.FirstOrDefault())
{
    case "extraction":
        ExtractionBenchmark.Run(Console.Out);
        return 0;
    case "interpreter":
        InterpreterBenchmark.Run(Console.Out, args.Skip(1).FirstOrDefault());
        return 0;
    default:
        Console.Error.WriteLine("usage: Reft.Benchmarks extraction | interpreter [programs.json]");
        return 2;
}
