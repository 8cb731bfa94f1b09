using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Decides for every name of every scope where its value lies: a slot, a cell, a global.</summary>
internal sealed class Resolver(Scope module)
{
    private int _globals;

    /// <summary>Resolves all scopes and returns how many globals there are.</summary>
    public int Run()
    {
        Visit(module);
        Settle(module);
        return _globals;
    }

    private void Visit(Scope scope)
    {
        foreach (var symbol in scope.Symbols.ToArray())
        {
            Find(scope, symbol.Name);
        }

        foreach (var child in scope.Children)
        {
            Visit(child);
        }
    }

    /// <summary>Copies the place of outer symbols to the comprehension symbols that stand for them.</summary>
    private static void Settle(Scope scope)
    {
        foreach (var symbol in scope.Symbols)
        {
            if (symbol.Target is { } target)
            {
                while (target.Target is { } further)
                {
                    target = further;
                }

                symbol.Kind = target.Kind;
                symbol.Index = target.Index;
                symbol.Builtin = target.Builtin;
                symbol.IsFree = target.IsFree;
            }
        }

        foreach (var child in scope.Children)
        {
            Settle(child);
        }
    }

    private Symbol Find(Scope scope, string name)
    {
        var symbol = scope.Use(name);
        if (symbol.IsResolved)
        {
            return symbol;
        }

        symbol.IsResolved = true;
        if (scope.Kind == ScopeKind.Module)
        {
            symbol.Kind = SymbolKind.Global;
            symbol.Index = _globals++;
            symbol.Builtin = Builtins.Find(name);
        }
        else if (symbol.IsGlobal)
        {
            symbol.Target = Find(module, name);
        }
        else if (symbol.IsBound && !symbol.IsNonlocal)
        {
            symbol.Kind = scope.Kind == ScopeKind.Class ? SymbolKind.Class : SymbolKind.Local;
            symbol.Index = scope.Host.LocalCount++;
        }
        else
        {
            Outer(scope, symbol);
        }

        return symbol;
    }

    private void Outer(Scope scope, Symbol symbol)
    {
        for (var outer = scope.Parent; outer is not null && outer.Kind != ScopeKind.Module; outer = outer.Parent)
        {
            if (outer.Kind == ScopeKind.Class && outer != scope.Parent)
            {
                continue;
            }

            if (outer.Kind == ScopeKind.Class)
            {
                if (scope.Kind == ScopeKind.Comprehension && outer.Binds(symbol.Name))
                {
                    throw new UnsupportedException("names of a class body inside its comprehensions");
                }

                continue;
            }

            if (outer.Binds(symbol.Name))
            {
                Capture(scope, symbol.Name, outer);
                return;
            }
        }

        if (symbol.IsNonlocal)
        {
            throw new SyntaxException($"no binding for nonlocal '{symbol.Name}' found", 0);
        }

        symbol.Target = Find(module, symbol.Name);
    }

    /// <summary>Makes the owner's name a cell where a function lies between, and hands it down to the scope.</summary>
    private Symbol Capture(Scope scope, string name, Scope owner)
    {
        var symbol = scope.Use(name);
        if (scope == owner)
        {
            return Find(scope, name);
        }

        if (symbol.IsResolved && (symbol.IsFree || symbol.Target is not null))
        {
            return symbol;
        }

        symbol.IsResolved = true;
        var outer = Capture(scope.Parent!, name, owner); // the owner lies further out, so there is a parent
        if (scope.Kind == ScopeKind.Comprehension)
        {
            symbol.Target = outer;
            return symbol;
        }

        MakeCell(owner, name);
        symbol.IsFree = true;
        symbol.Kind = SymbolKind.Cell;
        symbol.Index = scope.LocalCount++;
        scope.Captured.Add((outer, symbol));
        return symbol;
    }

    private void MakeCell(Scope owner, string name)
    {
        var root = Find(owner, name);
        if (root.Kind == SymbolKind.Local)
        {
            root.Kind = SymbolKind.Cell;
            owner.Cells.Add(root);
        }
    }
}
