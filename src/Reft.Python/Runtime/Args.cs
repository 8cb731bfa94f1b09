namespace Reft.Python.Runtime;

/// <summary>The arguments of one call: the positional ones, then the named ones.</summary>
internal readonly struct Args(object[] values, string[]? names = null)
{
    public static readonly Args None = new([]);

    public object[] Values { get; } = values;

    public string[]? Names { get; } = names;

    public int Count => Values.Length - (Names?.Length ?? 0);

    public object this[int index] => Values[index];

    public bool HasNames => Names is { Length: > 0 };

    public object? Named(string name)
    {
        if (Names is not null)
        {
            var index = Array.IndexOf(Names, name);
            if (index >= 0)
            {
                return Values[Count + index];
            }
        }

        return null;
    }

    /// <summary>The argument at a position or under a name, or null when it is absent.</summary>
    public object? At(int index, string name) => index < Count ? Values[index] : Named(name);

    public object? At(int index) => index < Count ? Values[index] : null;

    public object[] Positional => Names is null ? Values : Values[..Count];

    public Args Prepend(object first)
    {
        var values = new object[Values.Length + 1];
        values[0] = first;
        Values.CopyTo(values, 1);
        return new Args(values, Names);
    }

    public Args Skip(int count) => new(Values[count..], Names);
}
