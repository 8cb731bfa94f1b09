using System.Buffers;
using Reft.Answers.Grammar;

namespace Reft.Answers;

/// <summary>
/// Finds where a completion states its answer, and reads it. The last mark that is an answer, and no heading, counts; where it
/// cannot be read there is no answer.
/// </summary>
/// <param name="style"><see cref="AnswerStyle.Number"/> or <see cref="AnswerStyle.Choice"/>.</param>
/// <param name="options">The option letters, in lower case.</param>
/// <param name="kinds">The types of answers that are allowed.</param>
internal sealed class AnswerFinder(AnswerStyle style, string options, AnswerKinds kinds)
{
    private static readonly SearchValues<char> _ends = SearchValues.Create("\n$:,;.");

    /// <summary>Reads a completion.</summary>
    /// <param name="completion">The completion.</param>
    /// <param name="anywhere">Whether the last sentence is read where nothing marks the answer.</param>
    public Reading Read(ReadOnlySpan<char> completion, bool anywhere)
    {
        var marks = new AnswerMarks(completion);
        var text = completion[..marks.End];
        for (var i = 0; i < marks.Count; i++)
        {
            var mark = marks[i];
            if (mark.From > text.Length || mark.Start < marks.Begin)
            {
                continue;
            }

            var reading = mark.Kind switch
            {
                MarkKind.Box => Box(text, ref i, marks),
                MarkKind.Hash => Hash(text, mark),
                MarkKind.Tag => Tag(text, mark),
                _ => Phrase(text, mark),
            };
            if (reading is { } found)
            {
                return found;
            }
        }

        return Unmarked(text[marks.Begin..], anywhere);
    }

    /// <summary>Reads a text that is an answer and nothing else.</summary>
    public Reading Alone(ReadOnlySpan<char> text, AnswerPlace place) => style == AnswerStyle.Choice
        ? ChoiceText.Read(text.Trim(), options) : kinds.Read(text, place);

    private Reading Unmarked(ReadOnlySpan<char> text, bool anywhere)
    {
        var whole = text.Trim();
        if (!whole.Contains('\n'))
        {
            var reading = Alone(whole, AnswerPlace.Alone);
            if (reading.Text is not null || !anywhere)
            {
                return reading.Text is null && whole.Length > 0
                    ? Reading.None($"no answer trigger, and the text is not an answer by itself: {reading.Reason}")
                    : reading;
            }
        }

        return anywhere && whole.Length > 0
            ? Alone(LastSentence(whole), AnswerPlace.Line)
            : Reading.None("no answer trigger");
    }

    private Reading? Phrase(ReadOnlySpan<char> text, AnswerMark mark)
    {
        var line = Line(text, mark.From, out _);
        if (text[..mark.Start] is var before && before[(before.LastIndexOf('\n') + 1)..].Contains('*'))
        {
            // **The answer is 5**: the emphasis began before the mark.
            line = line.TrimEnd(". ").TrimEnd('*');
        }

        return IsTalk(line) ? null : Alone(line, AnswerPlace.Line);
    }

    /// <summary>"The answer is correct." says no answer, and takes none back.</summary>
    private static bool IsTalk(ReadOnlySpan<char> line) =>
        line.Trim(" .!*") is "correct" or "right" or "verified" or "confirmed" or "in the box" or "boxed";

    private Reading? Hash(ReadOnlySpan<char> text, AnswerMark mark)
    {
        var line = Line(text, mark.From, out var end);
        if (NumberReader.TryPlain(line, out var plain) && style == AnswerStyle.Number)
        {
            return kinds.Allow(new NumberAnswer(plain));
        }

        var isLast = text[end..].Trim().IsEmpty;
        if (style == AnswerStyle.Choice)
        {
            var isLetter = line.Trim(" *().[]").Length == 1;
            return isLetter || isLast ? Alone(line, AnswerPlace.Line) : null;
        }

        // A heading has words that are no unit, and a text below it.
        var reading = kinds.Read(line, AnswerPlace.Heading);
        return HasWords(line, reading.Text is not null) && (reading.Text is null || !isLast) ? null : reading;
    }

    /// <summary>Whether there are words in a line; where it was read, other words than units.</summary>
    private static bool HasWords(ReadOnlySpan<char> line, bool wasRead)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (!char.IsLetter(line[i]))
            {
                continue;
            }

            var start = i;
            while (i < line.Length && char.IsLetter(line[i]))
            {
                i++;
            }

            var isCommand = start > 0 && line[start - 1] == '\\';
            if (i - start > 1 && !isCommand && (!wasRead || !Lexicon.Of(line[start..i]).Is(WordRole.Unit | WordRole.Currency | WordRole.LeadIn
                | WordRole.Aside | WordRole.Scale | WordRole.Part | WordRole.Small | WordRole.Tens | WordRole.Minus)))
            {
                return true;
            }
        }

        return false;
    }

    private Reading? Tag(ReadOnlySpan<char> text, AnswerMark mark)
    {
        var rest = text[mark.From..];
        var close = rest.IndexOf("</answer>", StringComparison.Ordinal);
        var inner = (close < 0 ? rest : rest[..close]).Trim();
        return inner.IsEmpty ? null
            : inner.Contains('\n') ? Reading.None("an answer tag of several lines")
            : Alone(inner, AnswerPlace.Line);
    }

    /// <summary>Reads the last box, or the last ones where only "or" and the like part them; null where it is empty.</summary>
    private Reading? Box(ReadOnlySpan<char> text, ref int i, AnswerMarks marks)
    {
        var mark = marks[i];
        if (!TryBox(text, mark, out var content, out var end))
        {
            return Reading.None("a box that is not closed");
        }

        if (content.Trim(" .,$:;").IsEmpty)
        {
            return null;
        }

        // What parts two boxes, as in \boxed{3} or \boxed{8}, makes their values one answer of several.
        var first = mark.Start;
        for (var j = i + 1; j < marks.Count && marks[j].Kind == MarkKind.Box; j++)
        {
            if (!TryBox(text, marks[j], out var other, out var otherEnd) || otherEnd > first || other.Trim().IsEmpty
                || !IsConnector(text[otherEnd..first]))
            {
                break;
            }

            first = marks[j].Start;
        }

        if (first < mark.Start)
        {
            return style == AnswerStyle.Choice ? Reading.None("more than one box") : kinds.Read(text[first..end], AnswerPlace.Box);
        }

        return style == AnswerStyle.Choice ? ChoiceText.Read(content, options) : Boxed(text, mark, content, end);
    }

    private Reading Boxed(ReadOnlySpan<char> text, AnswerMark mark, ReadOnlySpan<char> content, int end)
    {
        var context = new BoxContext(text, mark.Start, end);
        if (context.Problem is { } problem)
        {
            return Reading.None(problem);
        }

        if (context.Equals >= 0 && Equation(text, context.Equals, content) is { } equation)
        {
            return equation;
        }

        return kinds.Read(content, AnswerPlace.Box, context.IsNegative);
    }

    /// <summary>
    /// <c>2x = \boxed{10}</c> is an equation, whose right side alone is no answer; null where what stands before is none.
    /// </summary>
    private Reading? Equation(ReadOnlySpan<char> text, int equals, ReadOnlySpan<char> content)
    {
        var line = text[..equals];
        line = line[(line.LastIndexOfAny(_ends) + 1)..];
        line = line[(line.LastIndexOfAny('=', '>') + 1)..].Trim();
        if (line.StartsWith("\\(", StringComparison.Ordinal) || line.StartsWith("\\[", StringComparison.Ordinal))
        {
            line = line[2..];
        }

        if (line.Length is 0 or > 100)
        {
            return null;
        }

        var reading = kinds.Read($"{line} = {content}", AnswerPlace.Box);
        return reading.Value is EquationAnswer ? reading : null;
    }

    /// <summary>What a box holds: in braces, or without them up to the next space.</summary>
    private static bool TryBox(ReadOnlySpan<char> text, AnswerMark mark, out ReadOnlySpan<char> content, out int end)
    {
        var from = mark.From;
        while (from < text.Length && text[from] == ' ')
        {
            from++;
        }

        if (from < text.Length && text[from] == '{')
        {
            var depth = 1;
            var i = from + 1;
            for (; i < text.Length && depth > 0; i++)
            {
                depth += text[i] switch
                {
                    '{' when text[i - 1] != '\\' => 1,
                    '}' when text[i - 1] != '\\' => -1,
                    _ => 0,
                };
            }

            end = i;
            content = depth == 0 ? text[(from + 1)..(i - 1)] : [];
            return depth == 0;
        }

        var bare = text[from..];
        var length = bare.IndexOfAny(" \n$");
        length = length < 0 ? bare.Length : length;
        content = bare[..length].TrimEnd(".,;:!");
        end = from + content.Length;
        return true;
    }

    private static bool IsConnector(ReadOnlySpan<char> between)
    {
        if (between.Length > 60)
        {
            return false;
        }

        var parts = false;
        for (var i = 0; i < between.Length; i++)
        {
            var start = i;
            while (i < between.Length && char.IsLetter(between[i]))
            {
                i++;
            }

            var word = between[start..i];
            if (word.Length > 1 && word is not ("or" or "and" or "text" or "quad" or "qquad" or "mathrm" or "textrm" or "Or" or "And"))
            {
                return false;
            }

            parts |= word is "or" or "and" or "Or" or "And";
            if (i < between.Length && !(between[i] is ' ' or '\n' or '$' or ',' or ';' or '\\' or '{' or '}' or '=' or '_' or '*' or '&'
                || char.IsDigit(between[i])))
            {
                return false;
            }

            parts |= i < between.Length && between[i] is ',' or ';' or '&';
        }

        return parts;
    }

    /// <summary>The rest of a line, or the next line with anything on it.</summary>
    private static ReadOnlySpan<char> Line(ReadOnlySpan<char> text, int from, out int end)
    {
        var start = from;
        while (start < text.Length && (char.IsWhiteSpace(text[start]) || text[start] is >= '\u001c' and <= '\u001f'))
        {
            start++;
        }

        var length = text[start..].IndexOfAny('\n', '\r');
        end = length < 0 ? text.Length : start + length;
        return text[start..end].TrimEnd();
    }

    private static ReadOnlySpan<char> LastSentence(ReadOnlySpan<char> text)
    {
        var line = text[(text.LastIndexOf('\n') + 1)..].Trim();
        for (var i = line.Length - 2; i > 0; i--)
        {
            if (line[i] is '.' or '!' or '?' && line[i + 1] == ' ')
            {
                return line[(i + 2)..];
            }
        }

        return line;
    }
}
