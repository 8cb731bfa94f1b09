using Reft.Python.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Parses names, literals, displays, comprehensions, lambdas, and what follows them: calls and subscripts.</summary>
internal sealed class AtomParser(ParserState state, ExpressionParser expressions)
{
    private const int MaxPostfix = 60;

    public Expr Postfix()
    {
        var result = Atom();
        for (var count = 0; ; count++)
        {
            if (count > MaxPostfix)
            {
                throw new UnsupportedException("more than 60 calls or subscripts in a row");
            }

            switch (state.Kind)
            {
                case TokenKind.Dot:
                    state.Take();
                    result = new AttributeExpr(result, state.ExpectName());
                    break;
                case TokenKind.OpenParen:
                    result = Call(result);
                    break;
                case TokenKind.OpenBracket:
                    state.Take();
                    result = new SubscriptExpr(result, Subscript());
                    state.Expect(TokenKind.CloseBracket);
                    break;
                default:
                    return result;
            }
        }
    }

    public Expr Lambda()
    {
        state.Expect(TokenKind.Lambda);
        var (code, defaults) = Signature("<lambda>", TokenKind.Colon, null);
        state.Expect(TokenKind.Colon);
        var (outer, prefix) = (state.Scope, state.Prefix);
        state.Scope = code.Scope;
        state.Prefix = code.QualifiedName + ".<locals>.";
        var yields = state.Yields;
        code.Result = expressions.Expression();
        state.Prefix = prefix;
        if (state.Yields != yields)
        {
            throw new UnsupportedException("yield in a lambda");
        }

        state.Scope = outer;
        return new FunctionExpr(code, defaults, null);
    }

    /// <summary>
    /// Parameters up to a token, in a scope of their own; defaults belong to the scope around. Annotations are
    /// read and dropped where <paramref name="annotation"/> can read them.
    /// </summary>
    public (FunctionCode Code, List<Expr?> Defaults) Signature(string name, TokenKind end, Action? annotation)
    {
        var scope = new Scope(ScopeKind.Function, state.Scope);
        state.Scope.Children.Add(scope);
        var code = new FunctionCode(name, state.Prefix, scope);
        var defaults = new List<Expr?>();
        string? rest = null;
        string? mapping = null;
        var named = false;
        while (state.Kind != end)
        {
            if (state.TryTake(TokenKind.Slash))
            {
                if (named || code.PositionalOnlyCount > 0 || code.ParameterCount == 0)
                {
                    throw state.Error("/ must be ahead of *");
                }

                code.PositionalOnlyCount = code.ParameterCount;
            }
            else if (state.TryTake(TokenKind.DoubleStar))
            {
                mapping = state.ExpectName();
                Annotate(annotation);
                state.TryTake(TokenKind.Comma);
                break;
            }
            else if (state.TryTake(TokenKind.Star))
            {
                if (named)
                {
                    throw state.Error("* argument may appear only once");
                }

                named = true;
                if (state.Kind == TokenKind.Name)
                {
                    rest = state.ExpectName();
                    Annotate(annotation);
                }
                else if (state.Kind != TokenKind.Comma)
                {
                    throw state.Error("named arguments must follow bare *");
                }
            }
            else
            {
                Parameter(code, defaults, named, annotation);
            }

            if (!state.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        foreach (var extra in (string?[])[rest, mapping])
        {
            if (extra is not null)
            {
                Declare(scope, extra);
            }
        }

        code.HasRest = rest is not null;
        code.HasMapping = mapping is not null;
        return (code, defaults);
    }

    private void Parameter(FunctionCode code, List<Expr?> defaults, bool named, Action? annotation)
    {
        var name = state.ExpectName();
        Declare(code.Scope, name);
        code.Parameters.Add(name);
        code.PositionalCount += named ? 0 : 1;
        Annotate(annotation);
        if (state.TryTake(TokenKind.Equal))
        {
            defaults.Add(expressions.Expression());
        }
        else if (!named && defaults.Exists(d => d is not null))
        {
            throw state.Error("non-default argument follows default argument");
        }
        else
        {
            defaults.Add(null);
        }
    }

    private void Declare(Scope scope, string name)
    {
        if (scope.Binds(name))
        {
            throw state.Error($"duplicate argument '{name}' in function definition");
        }

        scope.Bind(name);
    }

    private void Annotate(Action? annotation)
    {
        if (annotation is not null && state.TryTake(TokenKind.Colon))
        {
            annotation();
        }
    }

    private Expr Atom()
    {
        var token = state.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                state.Take();
                return new NameExpr(state.Scope.Use((string)token.Value!)); // a name token holds its name
            case TokenKind.Number:
                state.Take();
                return new Constant(token.Value!); // a number token holds its number
            case TokenKind.Text or TokenKind.Format:
                return Texts();
            case TokenKind.True or TokenKind.False:
                state.Take();
                return new Constant(Bools.Of(token.Kind == TokenKind.True));
            case TokenKind.None:
                state.Take();
                return new Constant(PyNone.Value);
            case TokenKind.Ellipsis:
                state.Take();
                return new Constant(PyConstant.Ellipsis);
            case TokenKind.OpenParen:
                return Parentheses();
            case TokenKind.OpenBracket:
                return Bracket(token);
            case TokenKind.OpenBrace:
                return Brace(token);
            case TokenKind.Await or TokenKind.Async:
                throw new UnsupportedException("async and await");
            default:
                throw state.Error("invalid syntax");
        }
    }

    private Expr Texts()
    {
        var fields = new List<FormatField>();
        var plain = "";
        while (state.Kind is TokenKind.Text or TokenKind.Format)
        {
            var token = state.Take();
            if (token.Value is string text)
            {
                plain += text;
                continue;
            }

            foreach (var field in new FormatTextParser(state).Parse((FormatText)token.Value!)) // a format holds its body
            {
                plain += field.Before;
                if (field.Value is not null)
                {
                    fields.Add(field with { Before = plain });
                    plain = "";
                }
            }
        }

        if (fields.Count == 0)
        {
            return new Constant(plain);
        }

        fields.Add(new FormatField(plain, null, '\0', null));
        return new FormatExpr(fields);
    }

    private Expr Parentheses()
    {
        var open = state.Take();
        if (open.HoldsFor)
        {
            var generator = Generator();
            state.Expect(TokenKind.CloseParen);
            return generator;
        }

        if (state.TryTake(TokenKind.CloseParen))
        {
            return new Constant(PyTuple.Empty);
        }

        if (state.Kind == TokenKind.Yield)
        {
            var inner = Yield();
            state.Scope.NeedsCoroutine = true;
            state.Expect(TokenKind.CloseParen);
            return inner;
        }

        var result = expressions.Expressions();
        state.Expect(TokenKind.CloseParen);
        return result;
    }

    public YieldExpr Yield()
    {
        state.Expect(TokenKind.Yield);
        if (state.Scope.Kind != ScopeKind.Function)
        {
            throw state.Error("'yield' outside function");
        }

        state.Scope.HasYield = true;
        state.Yields++;
        if (state.TryTake(TokenKind.From))
        {
            return new YieldExpr(expressions.Expression(), true);
        }

        return new YieldExpr(expressions.StartsExpression() ? expressions.Expressions() : null, false);
    }

    private Expr Bracket(Token open)
    {
        state.Take();
        if (open.HoldsFor)
        {
            var comprehension = Comprehension(ComprehensionKind.List);
            state.Expect(TokenKind.CloseBracket);
            return comprehension;
        }

        var items = new List<Expr>();
        while (state.Kind != TokenKind.CloseBracket)
        {
            items.Add(expressions.StarOrExpression());
            if (!state.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        state.Expect(TokenKind.CloseBracket);
        return new SequenceExpr(false, items);
    }

    private Expr Brace(Token open)
    {
        state.Take();
        if (open.HoldsFor)
        {
            var comprehension = Comprehension(ComprehensionKind.Set);
            state.Expect(TokenKind.CloseBrace);
            return comprehension;
        }

        var items = new List<Expr>();
        var pairs = new List<(Expr?, Expr)>();
        while (state.Kind != TokenKind.CloseBrace)
        {
            if (state.TryTake(TokenKind.DoubleStar))
            {
                pairs.Add((null, expressions.Or()));
            }
            else
            {
                var item = expressions.StarOrExpression();
                if (item is not StarExpr && state.TryTake(TokenKind.Colon))
                {
                    pairs.Add((item, expressions.Expression()));
                }
                else
                {
                    items.Add(item);
                }
            }

            if (!state.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        state.Expect(TokenKind.CloseBrace);
        if (items.Count > 0 && pairs.Count > 0)
        {
            throw state.Error("':' expected after dictionary key");
        }

        return items.Count > 0 ? new SetExpr(items) : new DictExpr(pairs);
    }

    private ComprehensionExpr Comprehension(ComprehensionKind kind)
    {
        var scope = new Scope(ScopeKind.Comprehension, state.Scope);
        state.Scope.Children.Add(scope);
        var (outer, prefix) = (state.Scope, state.Prefix);
        state.Scope = scope;
        state.Prefix += kind == ComprehensionKind.List ? "<listcomp>.<locals>." : "<setcomp>.<locals>.";
        var yields = state.Yields;
        var element = expressions.NamedExpression();
        Expr? value = null;
        if (kind == ComprehensionKind.Set && state.TryTake(TokenKind.Colon))
        {
            kind = ComprehensionKind.Dict;
            state.Prefix = prefix + "<dictcomp>.<locals>.";
            value = expressions.Expression();
        }

        var clauses = Clauses(outer);
        state.Scope = outer;
        state.Prefix = prefix;
        if (state.Yields != yields)
        {
            throw state.Error("'yield' inside comprehension");
        }

        return new ComprehensionExpr(kind, element, value, clauses, scope);
    }

    private GeneratorExpr Generator()
    {
        var scope = new Scope(ScopeKind.Function, state.Scope);
        state.Scope.Children.Add(scope);
        var (outer, prefix) = (state.Scope, state.Prefix);
        state.Scope = scope;
        state.Prefix += "<genexpr>.<locals>.";
        var element = expressions.NamedExpression();
        var clauses = Clauses(outer);
        state.Scope = outer;
        state.Prefix = prefix;
        return new GeneratorExpr(element, clauses, scope);
    }

    /// <summary>The clauses of a comprehension; the first iterable belongs to the scope around it.</summary>
    private List<Clause> Clauses(Scope outer)
    {
        var inner = state.Scope;
        var clauses = new List<Clause>();
        if (state.Kind != TokenKind.For)
        {
            throw state.Kind == TokenKind.Async
                ? new UnsupportedException("async and await")
                : state.Error("invalid syntax");
        }

        state.Enter();
        while (state.TryTake(TokenKind.For))
        {
            if (clauses.Count > 20)
            {
                throw new UnsupportedException("more than 20 loops in a comprehension");
            }

            var target = expressions.Targets();
            state.Expect(TokenKind.In);
            state.Scope = clauses.Count == 0 ? outer : inner;
            var items = expressions.Or();
            state.Scope = inner;
            var conditions = new List<Expr>();
            while (state.TryTake(TokenKind.If))
            {
                conditions.Add(expressions.Or());
            }

            clauses.Add(new Clause(target, items, conditions));
        }

        state.Leave();
        return clauses;
    }

    private Expr Call(Expr function)
    {
        var open = state.Take();
        var positional = new List<Expr>();
        var named = new List<(string?, Expr)>();
        if (open.HoldsFor)
        {
            positional.Add(Generator());
            state.Expect(TokenKind.CloseParen);
            return new CallExpr(function, positional, named);
        }

        while (state.Kind != TokenKind.CloseParen)
        {
            Argument(positional, named);
            if (!state.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        state.Expect(TokenKind.CloseParen);
        return function is NameExpr { Name: "super" } && positional.Count == 0 && named.Count == 0
            ? new SuperExpr()
            : new CallExpr(function, positional, named);
    }

    private void Argument(List<Expr> positional, List<(string? Name, Expr)> named)
    {
        if (state.TryTake(TokenKind.DoubleStar))
        {
            named.Add((null, expressions.Expression()));
        }
        else if (state.TryTake(TokenKind.Star))
        {
            if (named.Count > 0)
            {
                throw new UnsupportedException("*arguments after named ones");
            }

            positional.Add(new StarExpr(expressions.Expression()));
        }
        else if (state.Kind == TokenKind.Name && state.Following == TokenKind.Equal)
        {
            var name = state.ExpectName();
            state.Take();
            if (named.Exists(n => n.Name == name))
            {
                throw state.Error($"keyword argument repeated: {name}");
            }

            named.Add((name, expressions.Expression()));
        }
        else if (named.Count > 0)
        {
            throw state.Error("positional argument follows keyword argument");
        }
        else
        {
            positional.Add(expressions.NamedExpression());
        }
    }

    private Expr Subscript()
    {
        var first = SubscriptItem();
        if (state.Kind != TokenKind.Comma)
        {
            return first;
        }

        var items = new List<Expr> { first };
        while (state.TryTake(TokenKind.Comma) && state.Kind != TokenKind.CloseBracket)
        {
            items.Add(SubscriptItem());
        }

        return new SequenceExpr(true, items);
    }

    private Expr SubscriptItem()
    {
        if (state.Kind == TokenKind.Star)
        {
            throw new UnsupportedException("* in a subscript");
        }

        var start = state.Kind == TokenKind.Colon ? null : expressions.NamedExpression();
        if (!state.TryTake(TokenKind.Colon))
        {
            return start ?? throw state.Error("invalid syntax");
        }

        var stop = EndsSlice() ? null : expressions.Expression();
        var step = state.TryTake(TokenKind.Colon) && !EndsSlice() ? expressions.Expression() : null;
        return new SliceExpr(start, stop, step);
    }

    private bool EndsSlice() => state.Kind is TokenKind.Colon or TokenKind.Comma or TokenKind.CloseBracket;
}
