using Reft.Methods;
using Spectre.Console;

namespace Reft.Hosting;

/// <summary>
/// The streams of one run of the program. Results go to <see cref="Out"/>; progress, warnings and errors to
/// <see cref="Error"/>, so that <c>--json</c> leaves nothing but JSON on standard output.
/// </summary>
internal sealed record Terminal(TextWriter Out, TextWriter Error, TextReader In)
{
    /// <summary>What configs can name.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    public static Terminal System() => new(Console.Out, Console.Error, Console.In);

    /// <summary>Spectre.Console on standard output, for tables and colour; plain text when there is no terminal.</summary>
    public IAnsiConsole Ansi => Create(Out, Console.IsOutputRedirected);

    /// <summary>Spectre.Console on standard error, for progress.</summary>
    public IAnsiConsole AnsiError => Create(Error, Console.IsErrorRedirected);

    /// <summary>Whether standard error is a terminal on which lines can be drawn anew.</summary>
    public bool IsErrorInteractive => ReferenceEquals(Error, Console.Error) && !Console.IsErrorRedirected
        && AnsiError.Profile.Capabilities.Ansi;

    /// <summary>Writes a line to <see cref="Out"/>, broken between words where the terminal is narrower.</summary>
    /// <param name="text">The line.</param>
    /// <param name="indent">How far the lines after the first are indented.</param>
    public void WriteWrapped(string text, int indent)
    {
        var isScreen = ReferenceEquals(Out, Console.Out) && !Console.IsOutputRedirected;
        foreach (var line in Wrap(text, indent, isScreen ? Console.WindowWidth : int.MaxValue))
        {
            Out.WriteLine(line);
        }
    }

    /// <summary>Breaks a line between words; a word that is longer than a line stays whole.</summary>
    internal static IEnumerable<string> Wrap(string text, int indent, int width)
    {
        var from = 0;
        while (text.Length > width)
        {
            var end = text.LastIndexOf(' ', width);
            if (end <= Math.Max(from, indent))
            {
                end = text.IndexOf(' ', Math.Max(from, indent) + 1);
            }

            if (end < 0)
            {
                break;
            }

            yield return text[..end];
            text = new string(' ', indent) + text[(end + 1)..];
            from = indent;
        }

        yield return text;
    }

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
