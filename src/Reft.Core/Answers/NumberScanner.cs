namespace Reft.Answers;

/// <summary>Finds the numbers of a cleaned line, and reads the line's answer if there is exactly one in it.</summary>
internal ref struct NumberScanner(ReadOnlySpan<char> line, bool bare)
{
    private const int MaxUnitWords = 3;

    private readonly ReadOnlySpan<char> _line = line;
    private int _at;
    private Rational? _number;
    private int _wordsBefore;
    private int _wordsAfter;
    private bool _minusWord;
    private string? _doubt;

    /// <summary>The answer, or why there is none.</summary>
    public Reading Read()
    {
        while (_at < _line.Length && _doubt is null)
        {
            var c = _line[_at];
            if (char.IsLetter(c))
            {
                Word();
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && IsDigit(_at + 1) && IsPointOfNumber()))
            {
                Number();
            }
            else
            {
                _at++;
            }
        }

        if (_doubt is not null)
        {
            return Reading.None(_doubt);
        }

        if (_number is not { } number)
        {
            return Reading.None("no number in the answer");
        }

        return bare && (_wordsBefore > 0 || _wordsAfter > MaxUnitWords)
            ? Reading.None("words round the number, and no answer trigger before it")
            : Reading.Of(number);
    }

    private bool IsPointOfNumber() =>
        _at == 0 || !(char.IsLetterOrDigit(_line[_at - 1]) || _line[_at - 1] == '.');

    private void Word()
    {
        var start = _at;
        while (_at < _line.Length && char.IsLetter(_line[_at]))
        {
            _at++;
        }

        var word = _line[start.._at];
        if (IsDigit(_at) && !IsCurrencyCode(word))
        {
            // A name with digits in it, such as m2 or H2O: none of them is a number.
            while (_at < _line.Length && char.IsLetterOrDigit(_line[_at]))
            {
                _at++;
            }
        }
        else if (At(_at) == '-' && IsDigit(_at + 1))
        {
            // Hyphenated, such as type-2.
            _at++;
            while (_at < _line.Length && char.IsLetterOrDigit(_line[_at]))
            {
                _at++;
            }
        }

        _minusWord = Is(word, "minus") || Is(word, "negative");
        if (_number is not null)
        {
            _wordsAfter++;
        }
        else if (!_minusWord && !IsLeadIn(word) && !IsCurrencyCode(word))
        {
            _wordsBefore++;
        }
    }

    private void Number()
    {
        if (_number is not null)
        {
            _doubt = "more than one number in the answer";
            return;
        }

        var negative = _minusWord ^ HasMinus(_at);
        _minusWord = false;
        if (_doubt is null)
        {
            var literal = new NumberLiteral(_line, _at);
            var value = literal.Read();
            _at = literal.End;
            _doubt = literal.Doubt;
            _number = negative ? -value : value;
        }
    }

    private bool HasMinus(int start)
    {
        var i = start - 1;
        while (i >= 0 && _line[i] is ' ' or '$')
        {
            i--;
        }

        if (i < 0 || _line[i] != '-')
        {
            return false;
        }

        if (i > 0 && _line[i - 1] == '-')
        {
            _doubt = "two minus signs before the number";
        }

        return true;
    }

    private readonly char At(int i) => i >= 0 && i < _line.Length ? _line[i] : '\0';

    private readonly bool IsDigit(int i) => char.IsAsciiDigit(At(i));

    private static bool Is(ReadOnlySpan<char> word, string name) =>
        word.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool IsCurrencyCode(ReadOnlySpan<char> word) =>
        word is "USD" or "EUR" or "GBP" or "JPY" or "INR" or "CNY" or "CAD" or "AUD" or "Rs" or "rs" or "US";

    private static bool IsLeadIn(ReadOnlySpan<char> word) =>
        Is(word, "the") || Is(word, "answer") || Is(word, "is") || Is(word, "final") || Is(word, "result")
        || Is(word, "so") || Is(word, "therefore") || Is(word, "thus") || Is(word, "equals") || Is(word, "about")
        || Is(word, "approximately") || Is(word, "total");
}
