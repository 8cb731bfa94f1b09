using System.Collections.Frozen;

namespace Reft.Answers.Grammar;

/// <summary>What a word may be in an answer; it may be several of these.</summary>
[Flags]
internal enum WordRole
{
    /// <summary>Nothing that the lexicon knows: in the place of a unit it is one.</summary>
    None = 0,

    /// <summary>Leads up to the answer, as in "so the answer is".</summary>
    LeadIn = 1,

    /// <summary>Parts what the answer is about from the answer, as in "Ann has 12".</summary>
    Link = 2,

    /// <summary>Would change or take back a number beside it, as in "squared", "dozens of", "not".</summary>
    Stop = 4,

    /// <summary>Begins an aside, as in "since the rate is 8".</summary>
    Aside = 8,

    /// <summary>A number from 0 to 19.</summary>
    Small = 16,

    /// <summary>A number of tens from 20 to 90.</summary>
    Tens = 32,

    /// <summary>Multiplies what stands before it, as in "million".</summary>
    Scale = 64,

    /// <summary>Names a part, as in "thirds".</summary>
    Part = 128,

    /// <summary>A function of what follows, or a constant.</summary>
    Function = 256,

    /// <summary>A currency's code or name.</summary>
    Currency = 512,

    /// <summary>A unit that is known, so that two different ones are told apart.</summary>
    Unit = 1024,

    /// <summary>A sign, "minus" or "negative".</summary>
    Minus = 2048,
}

/// <summary>The words that the answer grammar knows, in any case.</summary>
internal static class Lexicon
{
    private static readonly FrozenDictionary<string, WordEntry> _words = Build();
    private static readonly FrozenDictionary<string, WordEntry>.AlternateLookup<ReadOnlySpan<char>> _lookup =
        _words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>What the lexicon knows of a word.</summary>
    public static WordEntry Of(ReadOnlySpan<char> word) => _lookup.TryGetValue(word, out var entry) ? entry : WordEntry.Unknown;

    /// <summary>The single letters that are units where they follow a number and end the answer.</summary>
    public static bool IsUnitLetter(char letter) => letter is 'm' or 'g' or 's' or 'h' or 'L' or 'l' or 'V' or 'W' or 'J' or 'N';

    /// <summary>What a letter or two right after an amount of money multiply it by; 1 where they do not.</summary>
    public static Rational MoneyScale(ReadOnlySpan<char> word) => word switch
    {
        "k" or "K" => 1000,
        "m" or "M" => 1_000_000,
        "b" or "B" => 1_000_000_000,
        "t" or "T" => new Rational(1_000_000_000_000, 1),
        _ => 1,
    };

    /// <summary>What a letter glued to a number multiplies it by; 1 where it does not.</summary>
    public static Rational GluedScale(ReadOnlySpan<char> word) => word switch
    {
        "k" or "K" => 1000,
        "M" => 1_000_000,
        _ => 1,
    };

    /// <summary>What a sign of East Asian numbers multiplies by; 0 where it is none.</summary>
    public static Rational EastAsianScale(char c) => c switch
    {
        '百' or '백' => 100,
        '千' or '천' => 1000,
        '万' or '萬' or '만' => 10_000,
        '亿' or '億' or '억' => 100_000_000,
        '兆' or '조' => new Rational(1_000_000_000_000, 1),
        _ => 0,
    };

    private static FrozenDictionary<string, WordEntry> Build()
    {
        var words = new Dictionary<string, WordEntry>(StringComparer.OrdinalIgnoreCase);
        Add(WordRole.LeadIn, "the answer is final result so therefore thus hence equals equal total value solution it which we get "
            + "obtain be exactly just sum about approximately approx roughly around that's it's correct my our");
        Add(WordRole.Link, "is are was were has have had equals equal costs takes needs earns pays makes gets be");
        Add(WordRole.Stop, "not no never wrong incorrect wait or and but than less fewer below under plus times squared cubed "
            + "square cube root roots factorial power twice double doubled triple tripled thrice quadruple halved point over divided "
            + "multiplied to between least most repeating recurring score gross tens mil short debt loss deficit if "
            + "unless except maybe perhaps possibly either neither another actually instead retract correction sorry none nothing "
            + "reciprocal inverse modulo mod choose infinity inf infinite nan ish rather either before after until without");
        Add(WordRole.Aside, "with since because as where given when rounded");
        string[] small =
        [
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
            "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
        ];
        for (var i = 0; i < small.Length; i++)
        {
            Add(WordRole.Small, small[i], i);
        }

        string[] tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
        for (var i = 0; i < tens.Length; i++)
        {
            Add(WordRole.Tens, tens[i], (i + 2) * 10);
        }

        Add(WordRole.Scale, "hundred hundreds", 100);
        Add(WordRole.Scale, "thousand thousands", 1000);
        Add(WordRole.Scale, "million millions mn mio", 1_000_000);
        Add(WordRole.Scale, "billion billions bn", 1_000_000_000);
        Add(WordRole.Scale, "trillion trillions tn", new Rational(1_000_000_000_000, 1));
        Add(WordRole.Scale, "quadrillion quadrillions", new Rational(1_000_000_000_000_000, 1));
        Add(WordRole.Scale, "quintillion quintillions", new Rational(1_000_000_000_000_000_000, 1));
        Add(WordRole.Scale, "lakh lakhs lac lacs", 100_000);
        Add(WordRole.Scale, "crore crores", 10_000_000);
        Add(WordRole.Scale, "dozen dozens", 12);
        string[] parts =
        [
            "half halves", "third thirds", "quarter quarters fourth fourths", "fifth fifths", "sixth sixths",
            "seventh sevenths", "eighth eighths", "ninth ninths", "tenth tenths", "eleventh elevenths", "twelfth twelfths",
        ];
        for (var i = 0; i < parts.Length; i++)
        {
            Add(WordRole.Part, parts[i], i + 2);
        }

        Add(WordRole.Part, "sixteenth sixteenths", 16);
        Add(WordRole.Part, "twentieth twentieths", 20);
        Add(WordRole.Part, "hundredth hundredths", 100);
        Add(WordRole.Part, "thousandth thousandths", 1000);
        Add(WordRole.Part, "millionth millionths", 1_000_000);
        Add(WordRole.Function, "sqrt pi π ln log sin cos tan cot sec csc arcsin arccos arctan exp abs tau phi cbrt lg sinh cosh tanh");
        Add(WordRole.Minus, "minus negative");
        AddUnits(WordRole.Currency, "$ dollar dollars usd us bucks", "€ euro euros eur", "£ pound pounds gbp", "¥ yen jpy",
            "₹ rupee rupees inr rs", "cny rmb yuan 元", "won krw 원", "cad", "aud", "nzd", "chf", "sek", "nok", "dkk", "kr", "zar",
            "rm myr", "sgd", "hkd", "mxn", "brl", "try", "rub", "pln", "thb", "idr", "php", "vnd", "aed", "sar", "ngn", "kes");
        AddUnits(WordRole.Unit, "% percent pct", "cent cents ¢", "mm millimeter millimeters", "cm centimeter centimeters",
            "m meter meters metre metres", "km kilometer kilometers", "in inch inches", "ft foot feet", "yd yard yards",
            "mi mile miles", "mg", "g gram grams", "kg kilogram kilograms", "lb lbs", "oz ounce ounces", "ml", "l liter liters litre litres",
            "s sec second seconds", "min minute minutes", "h hr hour hours", "day days", "week weeks", "month months",
            "year years", "degree degrees °", "radian radians rad", "mph", "kmh", "kph");
        return words.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

        void Add(WordRole role, string names, Rational value = default)
        {
            foreach (var name in names.Split(' '))
            {
                var known = words.GetValueOrDefault(name, WordEntry.Unknown);
                words[name] = known with { Role = known.Role | role, Value = value };
            }
        }

        void AddUnits(WordRole role, params string[] groups)
        {
            foreach (var names in groups.Select(group => group.Split(' ')))
            {
                foreach (var name in names)
                {
                    var known = words.GetValueOrDefault(name, WordEntry.Unknown);
                    words[name] = known with { Role = known.Role | role, Unit = names[0] };
                }
            }
        }
    }
}

/// <summary>What the lexicon knows of a word.</summary>
/// <param name="Role">What it may be.</param>
/// <param name="Value">Its number, where it has one.</param>
/// <param name="Unit">The standard spelling of its unit; null where it is none.</param>
internal readonly record struct WordEntry(WordRole Role, Rational Value, string? Unit)
{
    /// <summary>A word that the lexicon does not know.</summary>
    public static WordEntry Unknown { get; } = new(WordRole.None, default, null);

    /// <summary>Whether it may be any of these.</summary>
    public bool Is(WordRole role) => (Role & role) != 0;
}
