using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated;

/// <summary>A problem in the making: who has how many of what now, and the texts that led here.</summary>
internal sealed class Story(CounterRandom random, GeneratorOptions options)
{
    private readonly HashSet<string> _variables = new(StringComparer.Ordinal) { "result" };
    private readonly HashSet<string> _people = new(StringComparer.Ordinal);

    public CounterRandom Random { get; } = random;

    public GeneratorOptions Options { get; } = options;

    /// <summary>Whether a step draws from all that can be spelt, and is not taken where that is impossible: <see cref="StructureSpace"/>.</summary>
    public bool DrawsEvenly => Options.DistinctStructures;

    public List<string> Sentences { get; } = [];

    public List<string> Reasons { get; } = [];

    public List<Statement> Statements { get; } = [];

    public List<string> Structure { get; } = [];

    public int Steps { get; private set; }

    /// <summary>The holder of the current quantity: a name, or a phrase such as "each child".</summary>
    public string Who { get; set; } = "";

    public required Thing Thing { get; set; }

    public Rational Value { get; private set; }

    /// <summary>The variable that holds <see cref="Value"/>.</summary>
    public string Variable { get; private set; } = "";

    /// <summary>Who was compared with, and what they had; null unless the last step was a comparison.</summary>
    public (string Who, Rational Value, string Variable)? Compared { get; set; }

    public string? Question { get; set; }

    /// <summary>A person who has not occurred yet.</summary>
    public string NewPerson()
    {
        var names = Options.PlainWords ? Words.Names.Take(8).ToList() : Words.Names;
        string name;
        do
        {
            name = Random.Pick(names);
        }
        while (!_people.Add(name));
        return name;
    }

    public bool HasNewPerson => _people.Count < 6;

    /// <summary>One of several wordings; the first one where words are to be plain.</summary>
    public string Wording(params string[] wordings) => Options.PlainWords ? wordings[0] : Random.Pick(wordings);

    /// <summary>A whole number that a question may give, from 2 to <paramref name="most"/>.</summary>
    public int Operand(int most) => Random.Between(2, Math.Max(2, Math.Min(most, Options.MaxOperand)));

    /// <summary>A variable of this name, numbered where there is one already.</summary>
    public string NewVariable(string name)
    {
        name = Options.PlainPrograms ? Letter() : name.ToLowerInvariant().Replace(' ', '_');
        var free = name;
        for (var i = 2; !_variables.Add(free); i++)
        {
            free = $"{name}_{i}";
        }

        return free;
    }

    /// <summary>The next letter; a problem has fewer steps than there are letters, and further ones would get numbers.</summary>
    private string Letter() => ((char)('a' + ((_variables.Count - 1) % 26))).ToString();

    public string Given(string name, Rational value)
    {
        var variable = NewVariable(name);
        Statements.Add(new Statement(variable, $"{value}", value, IsComputed: false));
        return variable;
    }

    public void Start(Rational value, string variable)
    {
        Value = value;
        Variable = variable;
    }

    /// <summary>Adds a computation to the program.</summary>
    public void Compute(string variable, string expression, Rational value) =>
        Statements.Add(new Statement(variable, expression, value, IsComputed: true));

    /// <summary>Ends a step: the new quantity, its variable and the expression that computes it.</summary>
    public void Finish(string code, string sentence, string reason, string name, string expression, Rational value)
    {
        Sentences.Add(Capital(sentence));
        Reasons.Add(Capital(reason));
        Structure.Add(code);
        var variable = NewVariable(name);
        Compute(variable, expression, value);
        Start(value, variable);
        Steps++;
    }

    public static string Capital(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
