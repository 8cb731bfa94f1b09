using System.Diagnostics;

namespace Reft.Hosting;

/// <summary>
/// One line on a terminal's standard error that is written anew now and then, and is gone when disposed. Where there is
/// no terminal it writes nothing.
/// </summary>
internal sealed class ProgressLine(Terminal terminal) : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly bool _isShown = terminal.IsErrorInteractive;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last = TimeSpan.MinValue;
    private int _width;

    /// <summary>Shows a text, unless the one before it was shown just now.</summary>
    /// <param name="text">Makes the text from the time since the start.</param>
    public void Show(Func<TimeSpan, string> text)
    {
        var now = _clock.Elapsed;
        if (!_isShown || (_last != TimeSpan.MinValue && now - _last < _pause))
        {
            return;
        }

        _last = now;
        var line = Fit(text(now), Console.WindowWidth);
        terminal.Error.Write("\r" + line.PadRight(_width));
        _width = line.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_width > 0)
        {
            terminal.Error.Write("\r" + new string(' ', _width) + "\r");
            _width = 0;
        }
    }

    /// <summary>The text in a terminal's width; the last column stays free, or the line would wrap.</summary>
    internal static string Fit(string text, int width) => text.Length < width ? text : text[..Math.Max(0, width - 1)];
}
