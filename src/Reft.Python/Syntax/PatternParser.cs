using Reft.Python.Nodes;

namespace Reft.Python.Syntax;

/// <summary>Parses the patterns of <c>match</c>.</summary>
internal sealed class PatternParser(ParserState state, ExpressionParser expressions)
{
    /// <summary>What stands after <c>case</c>: one pattern, or several with commas, which are a sequence.</summary>
    public Pattern Patterns()
    {
        if (state.Kind != TokenKind.Star)
        {
            var first = Named();
            if (state.Kind != TokenKind.Comma)
            {
                return first;
            }

            return Sequence(first, TokenKind.Colon, TokenKind.If);
        }

        return Sequence(null, TokenKind.Colon, TokenKind.If);
    }

    private Pattern Named()
    {
        state.Enter();
        var pattern = Either();
        if (state.TryTake(TokenKind.As))
        {
            pattern = new NamedPattern(pattern, new NameExpr(state.Scope.Bind(state.ExpectName())));
        }

        state.Leave();
        return pattern;
    }

    private Pattern Either()
    {
        var first = Closed();
        if (state.Kind != TokenKind.Bar)
        {
            return first;
        }

        var alternatives = new List<Pattern> { first };
        while (state.TryTake(TokenKind.Bar))
        {
            alternatives.Add(Closed());
        }

        return new EitherPattern(alternatives);
    }

    private Pattern Closed()
    {
        switch (state.Kind)
        {
            case TokenKind.OpenBracket:
                state.Take();
                var list = Sequence(null, TokenKind.CloseBracket, TokenKind.CloseBracket);
                state.Expect(TokenKind.CloseBracket);
                return list;
            case TokenKind.OpenParen:
                return Parentheses();
            case TokenKind.OpenBrace:
                return Mapping();
            case TokenKind.Name:
                return Name();
            case TokenKind.Number or TokenKind.Minus or TokenKind.Text or TokenKind.True or TokenKind.False or TokenKind.None:
                // A literal is read as the expression it looks like; | would be the pattern's.
                return new ValuePattern(expressions.Sum());
            default:
                throw state.Error("invalid syntax");
        }
    }

    private Pattern Parentheses()
    {
        state.Take();
        if (state.TryTake(TokenKind.CloseParen))
        {
            return new SequencePattern([], -1, null);
        }

        if (state.Kind != TokenKind.Star)
        {
            var first = Named();
            if (state.TryTake(TokenKind.CloseParen))
            {
                return first;
            }

            var rest = Sequence(first, TokenKind.CloseParen, TokenKind.CloseParen);
            state.Expect(TokenKind.CloseParen);
            return rest;
        }

        var sequence = Sequence(null, TokenKind.CloseParen, TokenKind.CloseParen);
        state.Expect(TokenKind.CloseParen);
        return sequence;
    }

    private SequencePattern Sequence(Pattern? first, TokenKind end, TokenKind otherEnd)
    {
        var items = new List<Pattern>();
        var star = -1;
        NameExpr? rest = null;
        if (first is not null)
        {
            items.Add(first);
            state.Expect(TokenKind.Comma);
        }

        while (state.Kind != end && state.Kind != otherEnd)
        {
            if (state.TryTake(TokenKind.Star))
            {
                if (star >= 0)
                {
                    throw state.Error("multiple starred expressions in sequence pattern");
                }

                star = items.Count;
                rest = Target(state.ExpectName());
            }
            else
            {
                items.Add(Named());
            }

            if (!state.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        return new SequencePattern(items, star, rest);
    }

    private MappingPattern Mapping()
    {
        state.Take();
        var pairs = new List<(Expr, Pattern)>();
        NameExpr? rest = null;
        while (state.Kind != TokenKind.CloseBrace)
        {
            if (state.TryTake(TokenKind.DoubleStar))
            {
                rest = Target(state.ExpectName());
            }
            else
            {
                var key = expressions.Sum();
                state.Expect(TokenKind.Colon);
                pairs.Add((key, Named()));
            }

            if (!state.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        state.Expect(TokenKind.CloseBrace);
        return new MappingPattern(pairs, rest);
    }

    private Pattern Name()
    {
        var name = state.ExpectName();
        if (state.Kind is not (TokenKind.Dot or TokenKind.OpenParen))
        {
            return new CapturePattern(Target(name));
        }

        Expr value = new NameExpr(state.Scope.Use(name));
        while (state.TryTake(TokenKind.Dot))
        {
            value = new AttributeExpr(value, state.ExpectName());
        }

        if (!state.TryTake(TokenKind.OpenParen))
        {
            return new ValuePattern(value);
        }

        var positional = new List<Pattern>();
        var named = new List<(string, Pattern)>();
        while (state.Kind != TokenKind.CloseParen)
        {
            if (state.Kind == TokenKind.Name && state.Following == TokenKind.Equal)
            {
                var attribute = state.ExpectName();
                state.Take();
                named.Add((attribute, Named()));
            }
            else
            {
                positional.Add(Named());
            }

            if (!state.TryTake(TokenKind.Comma))
            {
                break;
            }
        }

        state.Expect(TokenKind.CloseParen);
        return new ClassPattern(value, positional, named);
    }

    /// <summary>The name that a pattern binds; null for <c>_</c>.</summary>
    private NameExpr? Target(string name) => name == "_" ? null : new NameExpr(state.Scope.Bind(name));
}
