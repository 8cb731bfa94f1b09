using System.Text;

namespace Reft.Verification.Rewards;

/// <summary>
/// The reward of T1 (<see href="https://arxiv.org/abs/2501.11651"/>): 1 for a right answer and 0 for any other, but -1, right or wrong, for a response that repeats
/// itself, does not end, or is garbled. Which text is so is ours: the paper gives no rule.
/// </summary>
internal sealed record SoundReward : IReward
{
    /// <inheritdoc/>
    public string Name => "sound";

    /// <inheritdoc/>
    public string Summary => "for a right answer, less than nothing for text that repeats itself, does not end or is garbled";

    /// <summary>For a right answer.</summary>
    [Option("for a right answer")]
    public double Correct { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>For any other.</summary>
    [Option("for any other", Note = "below correct")]
    public double Wrong { get; init => field = InRange.Of(this, value); }

    /// <summary>For text that is not sound, right or wrong.</summary>
    [Option("for text that repeats itself, does not end or is garbled, right or wrong", Note = "at most wrong")]
    public double Unsound { get; init => field = InRange.Of(this, value); } = -1;

    /// <summary>The most words of a response, at least 1; null for as many as fit. What was cut off at its length is too long whatever this says.</summary>
    [Option("the most words of a response; absent for as many as fit. What is cut off is too long in any case", AtLeast = 1)]
    public int? MostWords { get; init => field = InRange.Of(this, value); }

    /// <summary>How many words in a row are compared, at least 1.</summary>
    [Option("how many words in a row are compared with those before", AtLeast = 1)]
    public int RepeatedWords { get; init => field = InRange.Of(this, value); } = 4;

    /// <summary>The most of a response's runs of words that may have been there before, in [0, 1].</summary>
    [Option("the most of a response's runs of so many words that may have been there before; 1 is off", AtLeast = 0, AtMost = 1)]
    public double MostRepeated { get; init => field = InRange.Of(this, value); } = 0.5;

    /// <summary>The most of a response's letters that may be of a script that neither question nor solution has, in [0, 1].</summary>
    [Option("the most of a response's letters that may be of a script that neither question nor solution has; 1 is off", AtLeast = 0, AtMost = 1)]
    public double MostForeign { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <summary>What is wrong with the worths together, each line beginning with its path.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (Correct <= Wrong)
        {
            yield return FormattableString.Invariant($"{path}.wrong is {Wrong}, no less than correct, {Correct}; being right must pay more");
        }

        if (Unsound > Wrong)
        {
            yield return FormattableString.Invariant($"{path}.unsound is {Unsound}, more than wrong, {Wrong}; it is a penalty");
        }
    }

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return !IsSound(sample) ? Unsound : sample.Verdict.IsCorrect ? Correct : Wrong;
    }

    private bool IsSound(JudgedSample sample)
    {
        var words = sample.Response.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return !sample.IsTruncated && !(words.Length > MostWords)
            && Repeated(words, RepeatedWords) <= MostRepeated
            && !IsBroken(sample.Response)
            && Foreign(sample.Response, sample.Problem.Question + sample.Problem.Solution) <= MostForeign;
    }

    /// <summary>The share of runs of n words that stood before in the text; 0 where there is no run.</summary>
    internal static double Repeated(string[] words, int n)
    {
        var runs = Enumerable.Range(0, Math.Max(0, words.Length - n + 1)).Select(i => string.Join(' ', words[i..(i + n)])).ToArray();
        return runs.Length == 0 ? 0 : 1 - ((double)runs.Distinct(StringComparer.Ordinal).Count() / runs.Length);
    }

    /// <summary>Whether bytes that are no text, or control characters, are in it.</summary>
    private static bool IsBroken(string text) =>
        text.Any(c => c == Rune.ReplacementChar.Value || (char.IsControl(c) && c is not ('\n' or '\r' or '\t')));

    /// <summary>The share of letters whose script the known text has none of; 0 where there is no letter.</summary>
    internal static double Foreign(string text, string known)
    {
        var (letters, scripts) = (Scripts(text).ToArray(), Scripts(known).Append(Script.Latin).ToHashSet());
        return letters.Length == 0 ? 0 : (double)letters.Count(script => !scripts.Contains(script)) / letters.Length;
    }

    private static IEnumerable<Script> Scripts(string text) => text.EnumerateRunes().Where(Rune.IsLetter).Select(rune => ScriptOf(rune.Value));

    private static Script ScriptOf(int letter) => letter switch
    {
        < 0x370 or (>= 0x1E00 and < 0x1F00) or (>= 0xFF21 and < 0xFF5B) => Script.Latin,
        < 0x400 or (>= 0x1F00 and < 0x2000) => Script.Greek,
        < 0x530 => Script.Cyrillic,
        >= 0x590 and < 0x600 => Script.Hebrew,
        >= 0x600 and < 0x780 => Script.Arabic,
        >= 0x900 and < 0xDFF => Script.Indian,
        >= 0xE00 and < 0xE80 => Script.Thai,
        >= 0x2E80 and < 0xA000 or (>= 0xF900 and < 0xFB00) or (>= 0x20000 and < 0x32000) => Script.EastAsian,
        >= 0x1100 and < 0x1200 or (>= 0xAC00 and < 0xD7B0) => Script.Korean,
        >= 0x2100 and < 0x2150 or (>= 0x1D400 and < 0x1D800) => Script.Latin, // Letters as mathematics writes them.
        _ => Script.Other,
    };

    private enum Script
    {
        Latin, Greek, Cyrillic, Hebrew, Arabic, Indian, Thai, EastAsian, Korean, Other,
    }
}
