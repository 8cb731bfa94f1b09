using System.CommandLine;
using Reft.Answers;
using Reft.Methods;
using Reft.Verification.Forms;

namespace Reft.Hosting.Verbs;

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

    /// <summary>In which form answers are given, of those that a catalog holds; the first of them where not told.</summary>
    public static Option<string> Form(Catalog catalog)
    {
        string[] names = [.. catalog.Answers.Select(form => form.Name)];
        var option = Of("--form", "The form in which answers are given, as answers.form of a config", names[0]);
        option.AcceptOnlyFromAmong(names);
        return option;
    }

    public static IAnswerForm ToForm(Catalog catalog, string name) => catalog.Answers.First(form => form.Name == name);

    /// <summary>Refuses a form in which answers of the style cannot be given.</summary>
    public static void Require(IAnswerForm form, AnswerStyle style)
    {
        if (!form.Takes(style))
        {
            throw new InputException(
                $"--form is {form.Name}, in which answers of style {$"{style}".ToLowerInvariant()} cannot be given; name another --form or --style");
        }
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
