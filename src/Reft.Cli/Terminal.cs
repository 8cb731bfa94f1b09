using Spectre.Console;

namespace Reft.Cli;

/// <summary>
/// The streams of one run of the program. Results go to <see cref="Out"/>; progress, warnings and errors to
/// <see cref="Error"/>, so that <c>--json</c> leaves nothing but JSON on standard output.
/// </summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error, TextReader In)
{
    public static Terminal System() => new(Console.Out, Console.Error, Console.In);

    /// <summary>Spectre.Console on standard output, for tables and colour; plain text when there is no terminal.</summary>
    public IAnsiConsole Ansi => Create(Out, Console.IsOutputRedirected);

    /// <summary>Spectre.Console on standard error, for progress.</summary>
    public IAnsiConsole AnsiError => Create(Error, Console.IsErrorRedirected);

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var plain = redirected || !(ReferenceEquals(writer, Console.Out) || ReferenceEquals(writer, Console.Error));
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
    }
}
