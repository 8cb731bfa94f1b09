using Reft.Benchmarks;

switch (args.FirstOrDefault())
{
    case "interpreter":
        InterpreterBenchmark.Run(Console.Out, args.Skip(1).FirstOrDefault());
        return 0;
    default:
        Console.Error.WriteLine("usage: Reft.Benchmarks interpreter [programs.json]");
        return 2;
}
