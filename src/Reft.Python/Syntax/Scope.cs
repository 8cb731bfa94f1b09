namespace Reft.Python.Syntax;

internal enum SymbolKind : byte
{
    Local, Cell, Global, Class,
}

/// <summary>A name in one scope, and where its value lies once the scopes are resolved.</summary>
internal sealed class Symbol(string name)
{
    public string Name { get; } = name;

    public SymbolKind Kind { get; set; }

    public int Index { get; set; } = -1;

    public bool IsBound { get; set; }

    public bool IsGlobal { get; set; }

    public bool IsNonlocal { get; set; }

    public bool IsResolved { get; set; }

    /// <summary>The cell belongs to an outer function.</summary>
    public bool IsFree { get; set; }

    /// <summary>The symbol of an outer scope in the same frame that this one stands for.</summary>
    public Symbol? Target { get; set; }

    /// <summary>The built-in value of a global name, when there is one.</summary>
    public object? Builtin { get; set; }
}

internal enum ScopeKind : byte
{
    Module, Function, Class, Comprehension,
}

/// <summary>The names of a module, function, class or comprehension.</summary>
internal sealed class Scope(ScopeKind kind, Scope? parent)
{
    private readonly Dictionary<string, Symbol> _symbols = new(StringComparer.Ordinal);

    public ScopeKind Kind => kind;

    public Scope? Parent => parent;

    public List<Scope> Children { get; } = [];

    /// <summary>Slots of the frame: of a comprehension, those of the function around it.</summary>
    public int LocalCount { get; set; }

    /// <summary>Cells to copy from the frame that makes the function: outer slot, own slot.</summary>
    public List<(Symbol Outer, Symbol Own)> Captured { get; } = [];

    /// <summary>Own names that inner functions use.</summary>
    public List<Symbol> Cells { get; } = [];

    public bool HasYield { get; set; }

    /// <summary>A <c>yield</c> stands where statements cannot be walked: the generator runs as a coroutine.</summary>
    public bool NeedsCoroutine { get; set; }

    public IReadOnlyCollection<Symbol> Symbols => _symbols.Values;

    /// <summary>The nearest scope that has a frame of its own.</summary>
    public Scope Host => kind == ScopeKind.Comprehension ? parent!.Host : this; // a comprehension has a parent

    public Symbol Use(string name)
    {
        if (!_symbols.TryGetValue(name, out var symbol))
        {
            symbol = new Symbol(name);
            _symbols.Add(name, symbol);
        }

        return symbol;
    }

    public Symbol Bind(string name)
    {
        var symbol = Use(name);
        symbol.IsBound = true;
        return symbol;
    }

    public bool Binds(string name) =>
        _symbols.TryGetValue(name, out var symbol) && symbol.IsBound && !symbol.IsGlobal && !symbol.IsNonlocal;
}
