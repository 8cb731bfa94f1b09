using System.CommandLine;
using Reft.Answers;

namespace Reft.Cli.Verbs;

/// <summary>The options that verbs about answers share.</summary>
internal static class AnswerOptions
{
    public static Option<string> Policy()
    {
        var option = new Option<string>("--policy")
        {
            Description = "How answers are read: exact (numbers in all common forms, stated tolerance) or paper "
                + "(Python's float(), 0.01)",
            DefaultValueFactory = _ => "exact",
        };
        option.AcceptOnlyFromAmong("exact", "paper");
        return option;
    }

    public static Option<string?> Style(string otherwise)
    {
        var option = Of<string?>("--style", $"What answers are: number, choice or program ({otherwise})");
        option.AcceptOnlyFromAmong("number", "choice", "program");
        return option;
    }

    /// <summary>An option that may be left out.</summary>
    public static Option<T> Of<T>(string name, string description) => new(name) { Description = description };

    /// <summary>An option with a value where it is left out.</summary>
    public static Option<T> Of<T>(string name, string description, T otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };

    public static AnswerPolicy ToPolicy(string text) => Enum.Parse<AnswerPolicy>(text, ignoreCase: true);

    public static AnswerStyle? ToStyle(string? text) =>
        text is null ? null : Enum.Parse<AnswerStyle>(text, ignoreCase: true);
}
