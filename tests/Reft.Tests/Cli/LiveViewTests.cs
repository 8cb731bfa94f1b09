using Reft.Hosting.Training;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Reft.Tests.Cli;

public sealed class LiveViewTests
{
    [Fact]
    public void Noted_ShorterThanWhatIsDrawn_LeavesNoRestOfALine()
    {
        using var console = new TestConsole().EmitAnsiSequences().Width(80);
        using var view = new LiveView(console);
        // As the console does before it prints above drawn lines: the cursor stands on the first of them.
        console.Profile.Out.Writer.Write("sft: 3/9 steps, 5:06 left\r");

        view.Noted("step 8: dev accuracy 1.0 %", isWarning: false);

        Assert.Equal("step 8: dev accuracy 1.0 %", Screen(console.Output)[0]);
    }

    [Fact]
    public void Noted_ConsoleWithoutCursor_WritesTextAlone()
    {
        using var console = new TestConsole().Width(80);
        using var view = new LiveView(console);

        view.Noted("a note", isWarning: true);

        Assert.Equal("a note\n", console.Output);
    }

    /// <summary>What a terminal shows of an output of text, returns, line feeds and erasures.</summary>
    private static string[] Screen(string output)
    {
        var lines = new List<char[]> { Empty() };
        var (row, column) = (0, 0);
        for (var i = 0; i < output.Length; i++)
        {
            switch (output[i])
            {
                case '\r':
                    column = 0;
                    break;
                case '\n':
                    (row, column) = (row + 1, 0);
                    lines.Add(Empty());
                    break;
                case '\e':
                    var end = output.AsSpan(i).IndexOfAnyInRange('A', 'z') is var at && output[i + at] == '[' ? i + at + 1 : i + at;
                    while (!char.IsAsciiLetter(output[end]))
                    {
                        end++;
                    }

                    if (output[end] == 'J')
                    {
                        Array.Fill(lines[row], ' ', column, 80 - column);
                    }

                    i = end;
                    break;
                default:
                    lines[row][column++] = output[i];
                    break;
            }
        }

        return [.. lines.Select(line => new string(line).TrimEnd())];

        static char[] Empty() => [.. Enumerable.Repeat(' ', 80)];
    }
}
