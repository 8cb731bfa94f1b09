using System.Globalization;

namespace Reft.Configuration.Binding;

/// <summary>Where a node was written.</summary>
/// <param name="Label">What a message begins with: <c>FILE:LINE</c>, or the whole <c>--set</c>.</param>
/// <param name="Short">What a written config names as the origin: <c>FILE:LINE</c>, or <c>--set</c>.</param>
/// <param name="Order">Sorts messages: the file's lines, then the command line's settings.</param>
internal sealed record Origin(string Label, string Short, long Order)
{
    private const long AfterEveryLine = 1L << 40;

    /// <summary>Whether it is the command line.</summary>
    public bool IsSetting => Order >= AfterEveryLine;

    /// <summary>A line of a file, counted from 1.</summary>
    public static Origin OfLine(string file, long line)
    {
        var label = string.Create(CultureInfo.InvariantCulture, $"{OneLine.Of(file)}:{line}");
        return new Origin(label, label, line);
    }

    /// <summary>A setting of the command line, counted from 0.</summary>
    public static Origin OfSetting(string setting, int index) =>
        new($"--set {OneLine.Of(setting, 120)}", "--set", AfterEveryLine + index);
}
