using System.Buffers;
using System.Runtime.CompilerServices;

namespace Reft.Answers;

/// <summary>
/// Finds the marks of a completion in one pass: what is thought aloud does not count, nor what follows an end-of-text marker
/// or runs on into another question after an answer.
/// </summary>
internal ref struct AnswerMarks
{
    /// <summary>How many of the last marks are kept.</summary>
    public const int Kept = 8;

    private const int MaxLead = 80;
    private const int MaxTag = 40;

    private static readonly SearchValues<char> _notInTag = SearchValues.Create(" \n<>");

    private static readonly SearchValues<char> _signs = SearchValues.Create("#\\<[");

    private static readonly SearchValues<string> _questions = SearchValues.Create(
        ["uestion", "\nQ:", "roblem", "nstruction", "Human:", "User:"], StringComparison.Ordinal);

    private static readonly SearchValues<char> _lineStart = SearchValues.Create(" \t*#>-");

    private readonly ReadOnlySpan<char> _text;
    private MarkRing _marks;
    private int _count;

    /// <summary>Finds the marks.</summary>
    public AnswerMarks(ReadOnlySpan<char> text)
    {
        _text = text;
        End = text.Length;
        Scan();
    }

    /// <summary>Where the text that counts begins: after the last thoughts.</summary>
    public int Begin { get; private set; }

    /// <summary>Where the text that counts ends.</summary>
    public int End { get; private set; }

    /// <summary>How many marks are kept.</summary>
    public readonly int Count => Math.Min(_count, Kept);

    /// <summary>A mark, the last one first.</summary>
    public readonly AnswerMark this[int fromLast] => _marks[(_count - 1 - fromLast) % Kept];

    /// <summary>
    /// Goes from signal to signal. Each kind is searched for apart, which is quicker than all at once; what begins another question
    /// matters only after a mark.
    /// </summary>
    private void Scan()
    {
        var (sign, phrase, question) = (-1, -1, -1);
        var at = 0;
        while (at < End)
        {
            sign = sign >= at ? sign : Found(at, _text[at..End].IndexOfAny(_signs));
            phrase = phrase >= at ? phrase : Found(at, _text[at..End].IndexOf("nswer", StringComparison.Ordinal));
            if (_count > 0)
            {
                question = question >= at ? question : Found(at, _text[at..End].IndexOfAny(_questions));
            }

            var first = Math.Min(Math.Min(sign, phrase), _count > 0 ? question : int.MaxValue);
            if (first == int.MaxValue)
            {
                return;
            }

            at = first == phrase ? Phrase(at: first) : first == sign ? Sign(first) : Question(first, _text[first..End]);
        }
    }

    private static int Found(int at, int found) => found < 0 ? int.MaxValue : at + found;

    /// <summary>Acts on a sign that may begin a mark or a tag, and returns where to go on.</summary>
    private int Sign(int at)
    {
        var rest = _text[at..End];
        switch (rest[0])
        {
            case '#':
                var hashes = rest.IndexOfAnyExcept('#');
                hashes = hashes < 0 ? rest.Length : hashes;
                if (hashes >= 4 && IsLineStart(at))
                {
                    Add(new AnswerMark(MarkKind.Hash, at, at + hashes));
                }

                return at + hashes;
            case '\\':
                var isBox = rest.StartsWith("\\boxed", StringComparison.Ordinal) || rest.StartsWith("\\fbox", StringComparison.Ordinal)
                    || rest.StartsWith("\\framebox", StringComparison.Ordinal);
                if (!isBox)
                {
                    return at + 1;
                }

                var name = rest[1..].IndexOfAnyExceptInRange('a', 'z');
                var from = name < 0 ? End : at + 1 + name;
                if (_text[at..from] is "\\boxed" or "\\fbox" or "\\framebox")
                {
                    Add(new AnswerMark(MarkKind.Box, at, from));
                }

                return from;
            default:
                return Angle(at, rest);
        }
    }

    /// <summary>"Answer:", "the final answer is": at the start of a line or a sentence, after nothing but such words.</summary>
    private int Phrase(int at)
    {
        var start = at - 1;
        if (start < 0 || _text[start] is not ('a' or 'A') || (start > 0 && char.IsLetterOrDigit(_text[start - 1])))
        {
            return at + 5;
        }

        var i = at + 5;
        var isColon = false;
        i = SkipDecoration(i);
        var isVerb = _text[i..End].StartsWith("is", StringComparison.Ordinal) && !char.IsLetterOrDigit(Char(i + 2));
        if (isVerb)
        {
            i = SkipDecoration(i + 2);
        }

        if (Char(i) is ':' or '：')
        {
            isColon = true;
            i++;
        }

        if (!(isVerb || isColon) || !IsLead(start))
        {
            return at + 5;
        }

        if (Char(i) == '*')
        {
            // **Answer:** 42: the emphasis began before the mark.
            i = IsEmphasised(start) ? SkipStars(i) : i;
        }

        Add(new AnswerMark(MarkKind.Phrase, start, i));
        return i;
    }

    private readonly int SkipDecoration(int i)
    {
        while (Char(i) is ' ' or '*')
        {
            i++;
        }

        return i;
    }

    private readonly int SkipStars(int i)
    {
        while (Char(i) == '*')
        {
            i++;
        }

        return i;
    }

    private readonly bool IsEmphasised(int start)
    {
        var line = _text[..start];
        return line[(line.LastIndexOf('\n') + 1)..].Contains('*');
    }

    /// <summary>Whether only words that lead up to an answer stand between the start of the line or sentence and a place.</summary>
    private readonly bool IsLead(int at)
    {
        var from = Math.Max(Begin, at - MaxLead);
        var before = _text[from..at];
        var line = before.LastIndexOf('\n');
        if (line < 0 && from > Begin)
        {
            line = before.LastIndexOfAny('.', '!', '?');
            if (line < 0)
            {
                return false;
            }
        }

        var lead = before[(line + 1)..];
        for (var i = lead.Length - 2; i >= 0; i--)
        {
            if (lead[i] is '.' or '!' or '?' or ':' && lead[i + 1] is ' ' && (lead[i] != ':' || IsAnswerWord(lead[..i])))
            {
                lead = lead[(i + 1)..];
                break;
            }
        }

        var at0 = 0;
        while (at0 < lead.Length)
        {
            if (!char.IsLetter(lead[at0]))
            {
                if (char.IsDigit(lead[at0]) || lead[at0] is ':' or '=' or '\\' or '"' or '(')
                {
                    return false;
                }

                at0++;
                continue;
            }

            var end = at0;
            while (end < lead.Length && char.IsLetter(lead[end]))
            {
                end++;
            }

            if (!IsLeadWord(lead[at0..end]))
            {
                return false;
            }

            at0 = end;
        }

        return true;
    }

    /// <summary>"Final Answer: The final answer is": a colon after the word begins a sentence.</summary>
    private static bool IsAnswerWord(ReadOnlySpan<char> text) =>
        text.TrimEnd('*').EndsWith("nswer", StringComparison.Ordinal);

    private static bool IsLeadWord(ReadOnlySpan<char> word)
    {
        foreach (var lead in (ReadOnlySpan<string>)["so", "thus", "hence", "therefore", "and", "then", "the", "final", "my", "our",
            "correct", "finally", "that", "means"])
        {
            if (word.Equals(lead, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Tags of thought, of the answer, and of the end of the text.</summary>
    private int Angle(int at, ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("<answer>", StringComparison.Ordinal))
        {
            Add(new AnswerMark(MarkKind.Tag, at, at + 8));
            return at + 8;
        }

        if (IsThought(rest, "</"))
        {
            // What was thought does not count, and what came before it neither.
            var close = rest[..Math.Min(rest.Length, MaxTag)].IndexOf('>');
            Begin = close < 0 ? End : at + close + 1;
            _count = 0;
            return Begin;
        }

        if (IsThought(rest, "<") || rest.StartsWith("<|begin_of_thought|>", StringComparison.Ordinal))
        {
            return Thought(at, rest);
        }

        if (rest.StartsWith("<|end_of_thought|>", StringComparison.Ordinal))
        {
            Begin = at + "<|end_of_thought|>".Length;
            _count = 0;
            return Begin;
        }

        var tag = rest[..Math.Min(rest.Length, MaxTag)].IndexOfAny('>', ']');
        if (tag < 2 || !IsEndOfText(rest[..(tag + 1)]))
        {
            return at + 1;
        }

        if (_text[Begin..at].Trim().IsEmpty)
        {
            Begin = at + tag + 1;
            return Begin;
        }

        End = at;
        return at;
    }

    /// <summary>Whether a tag of thought begins here: think, thinking, thought, reasoning, scratchpad.</summary>
    private static bool IsThought(ReadOnlySpan<char> rest, string open) => rest.StartsWith(open, StringComparison.Ordinal)
        && rest[open.Length..] is var name && (name.StartsWith("think", StringComparison.Ordinal)
            || name.StartsWith("thought", StringComparison.Ordinal) || name.StartsWith("reasoning", StringComparison.Ordinal)
            || name.StartsWith("scratchpad", StringComparison.Ordinal));

    /// <summary>Whether a tag is one that models end a text with, such as <c>&lt;/s&gt;</c> and <c>&lt;|im_end|&gt;</c>.</summary>
    private static bool IsEndOfText(ReadOnlySpan<char> tag) => tag is "</s>" or "<s>" or "<eos>" or "<EOS>" or "[EOS]" or "<pad>" or "[PAD]"
        or "<bos>" or "<unk>" or "<end_of_turn>" or "<start_of_turn>" or "<end_of_text>" or "<end_of_utterance>"
        || (tag.Length > 4 && tag[^2] == tag[1] && tag[1] is '|' or '｜' && tag[2..^2].IndexOfAny(_notInTag) < 0);

    /// <summary>Goes past a thought; one that never ends leaves no answer after it.</summary>
    private int Thought(int at, ReadOnlySpan<char> rest)
    {
        var name = rest.Slice(1, Math.Min(rest.Length - 1, MaxTag)).IndexOfAny('>', ' ');
        if (name < 0)
        {
            return at + 2;
        }

        var isMarker = rest[1] == '|';
        var end = isMarker ? rest.IndexOf("<|end_of_thought|>", StringComparison.Ordinal)
            : rest.IndexOf(string.Concat("</", rest.Slice(1, name), ">"), StringComparison.Ordinal);
        if (end < 0)
        {
            End = at;
            return at;
        }

        var close = rest[end..].IndexOf('>');
        Begin = at + end + close + 1;
        _count = 0;
        return Begin;
    }

    /// <summary>A line that begins another question ends the text, where an answer came before it.</summary>
    private int Question(int at, ReadOnlySpan<char> rest)
    {
        var start = rest[0] == '\n' ? at + 1 : rest[0] is 'H' or 'U' ? at : at - 1;
        if (start < 0 || (rest[0] is not ('\n' or 'H' or 'U') && !char.IsLetter(_text[start])))
        {
            return at + 2;
        }

        var word = start;
        while (char.IsLetter(Char(word)))
        {
            word++;
        }

        var after = word;
        while (Char(after) is ' ' or '*' || char.IsDigit(Char(after)))
        {
            after++;
        }

        var isHeading = _text[start..word] is "Question" or "Problem" or "Instruction" or "Q" or "Human" or "User"
            && Char(after) is ':' or '\n' or '\0' && IsLineStart(start) && start > 0 && _text[..start].Contains('\n');
        if (isHeading && _count > 0 && this[0].Kind is var kind && (kind != MarkKind.Hash || this[0].From < start - 1))
        {
            // "#### Question" is a heading, not a mark.
            var isOwn = kind == MarkKind.Hash && _text[this[0].From..start].Trim().IsEmpty;
            if (!isOwn || _count > 1)
            {
                End = isOwn ? this[0].Start : start;
                _count -= isOwn ? 1 : 0;
                return End;
            }
        }

        return Math.Max(word, at + 2);
    }

    private readonly bool IsLineStart(int at)
    {
        var from = Math.Max(Begin, at - MaxLead);
        var before = _text[from..at];
        var other = before.LastIndexOfAnyExcept(_lineStart);
        return other < 0 ? from == Begin : before[other] is '\n' or '\r';
    }

    private readonly char Char(int i) => i >= 0 && i < End ? _text[i] : '\0';

    private void Add(AnswerMark mark)
    {
        _marks[_count % Kept] = mark;
        _count++;
    }

    [InlineArray(Kept)]
    private struct MarkRing
    {
        private AnswerMark _first;
    }
}
