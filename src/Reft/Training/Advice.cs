using System.Text.RegularExpressions;

namespace Reft.Training;

/// <summary>
/// What to do, in the words of the method that runs. A remedy names an option as <c>{kl.coefficient}</c>, which becomes the method's own key;
/// what stands in brackets around an option is left out where the method has none.
/// </summary>
internal static partial class Advice
{
    /// <summary>The text.</summary>
    /// <param name="remedy">Such as <c>[Raise {kl.coefficient} or ]lower the learning rate.</c></param>
    /// <param name="knob">The method's key for an option; null where it has none.</param>
    public static string For(string remedy, Func<string, string?> knob)
    {
        var chosen = Alternative().Replace(remedy, match =>
            knob(match.Groups["option"].Value) is { } key ? match.Groups["before"].Value + key + match.Groups["after"].Value : "");
        var text = Option().Replace(chosen, match => knob(match.Groups["option"].Value) ?? match.Groups["option"].Value);
        // What began with an alternative begins with a capital still.
        return text.Length > 0 && IsCapital(remedy) ? char.ToUpperInvariant(text[0]) + text[1..] : text;
    }

    private static bool IsCapital(string remedy) => char.IsUpper(remedy.FirstOrDefault(char.IsLetter));

    [GeneratedRegex(@"\[(?<before>[^\[\]{}]*)\{(?<option>[\w.]+)\}(?<after>[^\[\]{}]*)\]")]
    private static partial Regex Alternative();

    [GeneratedRegex(@"\{(?<option>[\w.]+)\}")]
    private static partial Regex Option();
}
