using Reft.Python.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Parses statements.</summary>
internal sealed class StatementParser
{
    private readonly ParserState _state;
    private readonly ExpressionParser _expressions;
    private readonly AtomParser _atoms;
    private int _loops;

    public StatementParser(ParserState state)
    {
        _state = state;
        _expressions = new ExpressionParser(state);
        _atoms = new AtomParser(state, _expressions);
    }

    public Block Module()
    {
        var statements = new List<Stmt>();
        while (_state.Kind != TokenKind.End)
        {
            if (_state.Kind == TokenKind.Indent)
            {
                throw new SyntaxException("unexpected indent", _state.Current.Line, "IndentationError");
            }

            Statement(statements);
        }

        return new Block(statements);
    }

    private void Statement(List<Stmt> statements)
    {
        _state.Enter();
        var yields = _state.Yields;
        var compound = Compound();
        if (compound is not null)
        {
            compound.HasYield = _state.Yields != yields;
            statements.Add(compound);
        }
        else
        {
            do
            {
                if (_state.Kind == TokenKind.Newline)
                {
                    break;
                }

                yields = _state.Yields;
                if (Simple() is { } simple)
                {
                    simple.HasYield = _state.Yields != yields;
                    statements.Add(simple);
                }
            }
            while (_state.TryTake(TokenKind.Semicolon));
            if (_state.Kind != TokenKind.End)
            {
                _state.Expect(TokenKind.Newline);
            }
        }

        _state.Leave();
    }

    private Stmt? Compound()
    {
        switch (_state.Kind)
        {
            case TokenKind.If:
                return If();
            case TokenKind.While:
                _state.Take();
                var condition = _expressions.NamedExpression();
                return new WhileStmt(condition, Loop(), Else());
            case TokenKind.For:
                _state.Take();
                var target = _expressions.Targets();
                _state.Expect(TokenKind.In);
                return new ForStmt(target, _expressions.Expressions(), Loop(), Else());
            case TokenKind.Try:
                return Try();
            case TokenKind.With:
                return With();
            case TokenKind.Def or TokenKind.Class or TokenKind.At:
                return Definition();
            case TokenKind.Async:
                throw new UnsupportedException("async and await");
            case TokenKind.Name when IsMatch():
                return Match();
            default:
                return null;
        }
    }

    private bool IsMatch()
    {
        if (_state.Current.Value is not "match"
            || _state.Following is TokenKind.Equal or TokenKind.Dot or TokenKind.Newline or TokenKind.Colon
                or TokenKind.Comma)
        {
            return false;
        }

        var end = _state.Position;
        while (_state.At(end).Kind is not (TokenKind.Newline or TokenKind.End))
        {
            end++;
        }

        return _state.At(end - 1).Kind == TokenKind.Colon;
    }

    private Block Suite()
    {
        _state.Expect(TokenKind.Colon);
        var statements = new List<Stmt>();
        var yields = _state.Yields;
        if (_state.TryTake(TokenKind.Newline))
        {
            if (!_state.TryTake(TokenKind.Indent))
            {
                throw new SyntaxException("expected an indented block", _state.Current.Line, "IndentationError");
            }

            while (!_state.TryTake(TokenKind.Dedent))
            {
                if (_state.Kind == TokenKind.Indent)
                {
                    throw new SyntaxException("unexpected indent", _state.Current.Line, "IndentationError");
                }

                Statement(statements);
            }
        }
        else if (Compound() is not null)
        {
            throw _state.Error("invalid syntax");
        }
        else
        {
            Statement(statements);
        }

        return new Block(statements) { HasYield = _state.Yields != yields };
    }

    private Block Loop()
    {
        _loops++;
        var body = Suite();
        _loops--;
        return body;
    }

    private Block? Else() => _state.TryTake(TokenKind.Else) ? Suite() : null;

    private IfStmt If()
    {
        var branches = new List<(Expr, Block)>();
        do
        {
            _state.Take();
            var condition = _expressions.NamedExpression();
            branches.Add((condition, Suite()));
        }
        while (_state.Kind == TokenKind.Elif);
        return new IfStmt(branches, Else());
    }

    private MatchStmt Match()
    {
        _state.Take();
        var subject = _expressions.Expressions();
        _state.Expect(TokenKind.Colon);
        _state.Expect(TokenKind.Newline);
        _state.Expect(TokenKind.Indent);
        var patterns = new PatternParser(_state, _expressions);
        var cases = new List<MatchCase>();
        while (!_state.TryTake(TokenKind.Dedent))
        {
            if (_state.Current.Value is not "case")
            {
                throw _state.Error("invalid syntax");
            }

            _state.Take();
            var pattern = patterns.Patterns();
            var guard = _state.TryTake(TokenKind.If) ? _expressions.NamedExpression() : null;
            cases.Add(new MatchCase(pattern, guard, Suite()));
        }

        return new MatchStmt(subject, cases);
    }

    private TryStmt Try()
    {
        _state.Take();
        var yields = _state.Yields;
        var body = Suite();
        var handlers = new List<Handler>();
        while (_state.TryTake(TokenKind.Except))
        {
            if (_state.Kind == TokenKind.Star)
            {
                throw new UnsupportedException("except*");
            }

            if (handlers.Count > 0 && handlers[^1].Types is null)
            {
                throw _state.Error("default 'except:' must be last");
            }

            var types = _state.Kind == TokenKind.Colon ? null : _expressions.Expression();
            Expr? name = null;
            if (types is not null && _state.TryTake(TokenKind.As))
            {
                name = new NameExpr(_state.Scope.Bind(_state.ExpectName()));
            }

            handlers.Add(new Handler(types, name, Suite()));
        }

        var otherwise = handlers.Count > 0 ? Else() : null;
        var final = _state.TryTake(TokenKind.Finally) ? Suite() : null;
        _state.Scope.NeedsCoroutine |= final is not null && _state.Yields != yields;
        return handlers.Count == 0 && final is null
            ? throw _state.Error("expected 'except' or 'finally' block")
            : new TryStmt(body, handlers, otherwise, final);
    }

    private Stmt With()
    {
        _state.Take();
        var items = new List<(Expr Context, Expr? Target)>();
        do
        {
            var context = _expressions.Expression();
            items.Add((context, _state.TryTake(TokenKind.As) ? _expressions.Checked(_atoms.Postfix()) : null));
        }
        while (_state.TryTake(TokenKind.Comma));
        var yields = _state.Yields;
        Stmt result = Suite();
        _state.Scope.NeedsCoroutine |= _state.Yields != yields;
        for (var i = items.Count - 1; i >= 0; i--)
        {
            result = new WithStmt(items[i].Context, items[i].Target, result);
        }

        return result;
    }

    private DefinitionStmt Definition()
    {
        var decorators = new List<Expr>();
        while (_state.TryTake(TokenKind.At))
        {
            decorators.Add(_expressions.NamedExpression());
            _state.Expect(TokenKind.Newline);
        }

        return _state.Take().Kind switch
        {
            TokenKind.Def => Function(decorators),
            TokenKind.Class => Class(decorators),
            TokenKind.Async => throw new UnsupportedException("async and await"),
            _ => throw _state.Error("invalid syntax"),
        };
    }

    private DefinitionStmt Function(List<Expr> decorators)
    {
        var name = _state.ExpectName();
        var target = new NameExpr(_state.Scope.Bind(name));
        _state.Expect(TokenKind.OpenParen);
        var (code, defaults) = _atoms.Signature(name, TokenKind.CloseParen, () => _expressions.Expression());
        _state.Expect(TokenKind.CloseParen);
        if (_state.TryTake(TokenKind.Arrow))
        {
            _expressions.Expression();
        }

        var doc = Docstring();
        var (outer, prefix) = (_state.Scope, _state.Prefix);
        var loops = _loops;
        var yields = _state.Yields;
        _state.Scope = code.Scope;
        _state.Prefix = code.QualifiedName + ".<locals>.";
        _loops = 0;
        code.Body = Suite();
        _state.Prefix = prefix;
        _state.Scope = outer;
        _loops = loops;
        _state.Yields = yields;
        return new DefinitionStmt(target, new FunctionExpr(code, defaults, doc), decorators);
    }

    private string? Docstring()
    {
        var at = _state.Position + 1;
        while (_state.At(at).Kind is TokenKind.Newline or TokenKind.Indent)
        {
            at++;
        }

        return _state.At(at).Kind == TokenKind.Text && _state.At(at + 1).Kind == TokenKind.Newline
            ? (string)_state.At(at).Value! // a text token holds its text
            : null;
    }

    private DefinitionStmt Class(List<Expr> decorators)
    {
        var name = _state.ExpectName();
        var target = new NameExpr(_state.Scope.Bind(name));
        var bases = new List<Expr>();
        Expr? metaclass = null;
        if (_state.TryTake(TokenKind.OpenParen))
        {
            while (_state.Kind != TokenKind.CloseParen)
            {
                if (_state.Current.Value is "metaclass" && _state.Following == TokenKind.Equal)
                {
                    _state.Take();
                    _state.Take();
                    metaclass = _expressions.Expression();
                }
                else if (_state.Following == TokenKind.Equal || _state.Kind is TokenKind.Star or TokenKind.DoubleStar)
                {
                    throw new UnsupportedException("arguments of a class");
                }
                else
                {
                    bases.Add(_expressions.Expression());
                }

                if (!_state.TryTake(TokenKind.Comma))
                {
                    break;
                }
            }

            _state.Expect(TokenKind.CloseParen);
        }

        var scope = new Scope(ScopeKind.Class, _state.Scope);
        _state.Scope.Children.Add(scope);
        var (outer, prefix) = (_state.Scope, _state.Prefix);
        var loops = _loops;
        _state.Scope = scope;
        _state.Prefix += name + ".";
        _loops = 0;
        var body = Suite();
        _state.Prefix = prefix;
        _state.Scope = outer;
        _loops = loops;
        return new DefinitionStmt(target, new ClassExpr(name, bases, metaclass, body, scope), decorators);
    }

    private Stmt? Simple()
    {
        switch (_state.Kind)
        {
            case TokenKind.Pass:
                _state.Take();
                return new JumpStmt(Signal.Next);
            case TokenKind.Break or TokenKind.Continue:
                if (_loops == 0)
                {
                    throw _state.Error($"'{_state.Kind.ToString().ToLowerInvariant()}' outside loop");
                }

                return new JumpStmt(_state.Take().Kind == TokenKind.Break ? Signal.Break : Signal.Continue);
            case TokenKind.Return:
                if (_state.Scope.Kind != ScopeKind.Function)
                {
                    throw _state.Error("'return' outside function");
                }

                _state.Take();
                return new ReturnStmt(_expressions.StartsExpression() ? _expressions.Expressions() : null);
            case TokenKind.Raise:
                _state.Take();
                var raised = _expressions.StartsExpression() ? _expressions.Expression() : null;
                return new RaiseStmt(
                    raised, raised is not null && _state.TryTake(TokenKind.From) ? _expressions.Expression() : null);
            case TokenKind.Global or TokenKind.Nonlocal:
                Declare();
                return null;
            case TokenKind.Del:
                _state.Take();
                return Delete();
            case TokenKind.Assert:
                _state.Take();
                var condition = _expressions.Expression();
                return new AssertStmt(
                    condition, _state.TryTake(TokenKind.Comma) ? _expressions.Expression() : null);
            case TokenKind.Import:
                return Import();
            case TokenKind.From:
                return FromImport();
            default:
                return ExpressionStatement();
        }
    }

    private DeleteStmt Delete()
    {
        var targets = new List<Expr>();
        do
        {
            if (_state.Kind is TokenKind.Newline or TokenKind.Semicolon)
            {
                break;
            }

            targets.Add(_expressions.Checked(_atoms.Postfix()));
        }
        while (_state.TryTake(TokenKind.Comma));
        return targets.Count == 0 ? throw _state.Error("invalid syntax") : new DeleteStmt(targets);
    }

    private void Declare()
    {
        var isGlobal = _state.Take().Kind == TokenKind.Global;
        do
        {
            var name = _state.ExpectName();
            var symbol = _state.Scope.Use(name);
            if (symbol.IsBound && _state.Scope.Kind != ScopeKind.Module)
            {
                throw _state.Error($"name '{name}' is assigned to before {(isGlobal ? "global" : "nonlocal")} declaration");
            }

            if (!isGlobal && _state.Scope.Kind == ScopeKind.Module)
            {
                throw _state.Error("nonlocal declaration not allowed at module level");
            }

            symbol.IsGlobal |= isGlobal && _state.Scope.Kind != ScopeKind.Module;
            symbol.IsNonlocal |= !isGlobal;
        }
        while (_state.TryTake(TokenKind.Comma));
    }

    private Stmt Import()
    {
        _state.Take();
        var imports = new List<Stmt>();
        do
        {
            var module = DottedName();
            var renamed = _state.TryTake(TokenKind.As);
            var name = renamed ? _state.ExpectName() : module.Split('.')[0];
            imports.Add(new ImportStmt(module, renamed, new NameExpr(_state.Scope.Bind(name))));
        }
        while (_state.TryTake(TokenKind.Comma));
        return imports.Count == 1 ? imports[0] : new Block(imports);
    }

    private Stmt FromImport()
    {
        _state.Take();
        if (_state.Kind is TokenKind.Dot or TokenKind.Ellipsis)
        {
            throw new UnsupportedException("relative import");
        }

        var module = DottedName();
        _state.Expect(TokenKind.Import);
        var names = new List<(string, Expr)>();
        if (_state.TryTake(TokenKind.Star))
        {
            if (_state.Scope.Kind != ScopeKind.Module)
            {
                throw _state.Error("import * only allowed at module level");
            }

            return new StarImportStmt(module, _state.Scope);
        }

        var inParentheses = _state.TryTake(TokenKind.OpenParen);
        do
        {
            if (inParentheses && _state.Kind == TokenKind.CloseParen)
            {
                break;
            }

            var name = _state.ExpectName();
            var alias = _state.TryTake(TokenKind.As) ? _state.ExpectName() : name;
            names.Add((name, new NameExpr(_state.Scope.Bind(alias))));
        }
        while (_state.TryTake(TokenKind.Comma));
        if (inParentheses)
        {
            _state.Expect(TokenKind.CloseParen);
        }

        return new FromImportStmt(module, names);
    }

    private string DottedName()
    {
        var name = _state.ExpectName();
        while (_state.TryTake(TokenKind.Dot))
        {
            name += "." + _state.ExpectName();
        }

        return name;
    }

    private Stmt ExpressionStatement()
    {
        var first = Value();
        if (_state.Kind == TokenKind.Equal)
        {
            var targets = new List<Expr>();
            var value = first;
            while (_state.TryTake(TokenKind.Equal))
            {
                targets.Add(_expressions.Checked(value is StarExpr ? throw _state.Error(
                    "starred assignment target must be in a list or tuple") : value));
                value = Value();
            }

            return new AssignStmt(targets, value);
        }

        if (_state.Kind is >= TokenKind.PlusEqual and <= TokenKind.DoubleStarEqual)
        {
            return Augmented(first);
        }

        if (_state.TryTake(TokenKind.Colon))
        {
            if (first is not (NameExpr or AttributeExpr or SubscriptExpr))
            {
                throw _state.Error("only single target (not tuple) can be annotated");
            }

            _expressions.Checked(first);
            _expressions.Expression();
            var value = _state.TryTake(TokenKind.Equal) ? Inner() : null;
            return new AnnotatedStmt(first, value, (first as NameExpr)?.Name);
        }

        return new ExprStmt(first);
    }

    /// <summary>A value of a statement that is not walked.</summary>
    private Expr Inner()
    {
        _state.Scope.NeedsCoroutine |= _state.Kind == TokenKind.Yield;
        return Value();
    }

    private Expr Value() => _state.Kind == TokenKind.Yield ? _atoms.Yield() : _expressions.Expressions();

    private AugmentedStmt Augmented(Expr target)
    {
        if (target is not (NameExpr or AttributeExpr or SubscriptExpr))
        {
            throw _state.Error("illegal expression for augmented assignment");
        }

        _expressions.Checked(target);
        var op = _state.Take().Kind switch
        {
            TokenKind.PlusEqual => BinaryOp.Add,
            TokenKind.MinusEqual => BinaryOp.Subtract,
            TokenKind.StarEqual => BinaryOp.Multiply,
            TokenKind.SlashEqual => BinaryOp.Divide,
            TokenKind.DoubleSlashEqual => BinaryOp.FloorDivide,
            TokenKind.PercentEqual => BinaryOp.Modulo,
            TokenKind.AtEqual => BinaryOp.MatrixMultiply,
            TokenKind.AmpersandEqual => BinaryOp.And,
            TokenKind.BarEqual => BinaryOp.Or,
            TokenKind.CaretEqual => BinaryOp.Xor,
            TokenKind.RightShiftEqual => BinaryOp.RightShift,
            TokenKind.LeftShiftEqual => BinaryOp.LeftShift,
            _ => BinaryOp.Power,
        };
        return new AugmentedStmt(target, op, Inner());
    }
}
