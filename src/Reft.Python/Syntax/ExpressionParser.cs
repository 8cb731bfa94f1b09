using Reft.Python.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Parses operators, from the conditional expression down to unary ones; atoms are elsewhere.</summary>
internal sealed class ExpressionParser
{
    private const int ShortChain = 8;

    private readonly ParserState _state;
    private readonly AtomParser _atoms;

    public ExpressionParser(ParserState state)
    {
        _state = state;
        _atoms = new AtomParser(state, this);
    }

    /// <summary>One expression or a tuple without parentheses, with stars: what may be assigned or returned.</summary>
    public Expr Expressions()
    {
        var first = StarOrExpression();
        if (_state.Kind != TokenKind.Comma)
        {
            return first is StarExpr ? throw _state.Error("can't use starred expression here") : first;
        }

        var items = new List<Expr> { first };
        while (_state.TryTake(TokenKind.Comma))
        {
            if (!StartsExpression())
            {
                break;
            }

            items.Add(StarOrExpression());
        }

        return new SequenceExpr(true, items);
    }

    public Expr StarOrExpression()
    {
        if (!_state.TryTake(TokenKind.Star))
        {
            return NamedExpression();
        }

        return new StarExpr(Binary(1));
    }

    /// <summary>An expression that may be <c>name := value</c>.</summary>
    public Expr NamedExpression()
    {
        if (_state.Kind != TokenKind.Name || _state.Following != TokenKind.ColonEqual)
        {
            return Expression();
        }

        var name = _state.ExpectName();
        _state.Take();
        var holder = _state.Scope;
        while (holder.Kind == ScopeKind.Comprehension)
        {
            holder = holder.Parent!; // a comprehension has a parent
        }

        holder.Bind(name);
        return new WalrusExpr(new NameExpr(_state.Scope.Use(name)), Expression());
    }

    public Expr Expression()
    {
        _state.Enter();
        Expr result;
        if (_state.Kind == TokenKind.Lambda)
        {
            result = _atoms.Lambda();
        }
        else
        {
            result = Or();
            if (_state.TryTake(TokenKind.If))
            {
                var condition = Or();
                _state.Expect(TokenKind.Else);
                result = new ConditionalExpr(condition, result, Expression());
            }
        }

        _state.Leave();
        return result;
    }

    public Expr Or()
    {
        var first = And();
        if (_state.Kind != TokenKind.Or)
        {
            return first;
        }

        var operands = new List<Expr> { first };
        while (_state.TryTake(TokenKind.Or))
        {
            operands.Add(And());
        }

        return new LogicExpr(true, operands);
    }

    /// <summary>An expression of sums and above, such as a literal with its sign.</summary>
    public Expr Sum() => Binary(5);

    /// <summary>A target of <c>for</c> or <c>del</c>: names, attributes, items, or tuples of these.</summary>
    public Expr Targets()
    {
        var first = Target();
        if (_state.Kind != TokenKind.Comma)
        {
            return Checked(first);
        }

        var items = new List<Expr> { first };
        while (_state.TryTake(TokenKind.Comma) && _state.Kind is not (TokenKind.In or TokenKind.Equal))
        {
            items.Add(Target());
        }

        return Checked(new SequenceExpr(true, items));
    }

    /// <summary>Takes an expression as a target: binds its names.</summary>
    public Expr Checked(Expr target)
    {
        if (!target.IsTarget)
        {
            throw _state.Error("cannot assign to expression here");
        }

        BindNames(target);
        return target;
    }

    public bool StartsExpression() => _state.Kind is not (
        TokenKind.Newline or TokenKind.CloseParen or TokenKind.CloseBracket or TokenKind.CloseBrace or TokenKind.Equal
        or TokenKind.Colon or TokenKind.Semicolon or TokenKind.End or TokenKind.In or TokenKind.ColonEqual
        or (>= TokenKind.PlusEqual and <= TokenKind.DoubleStarEqual));

    private void BindNames(Expr target)
    {
        switch (target)
        {
            case NameExpr name:
                _state.Scope.Bind(name.Name);
                break;
            case StarExpr star:
                BindNames(star.Value);
                break;
            case SequenceExpr sequence:
                sequence.Items.ForEach(BindNames);
                break;
        }
    }

    private Expr Target() => _state.TryTake(TokenKind.Star)
        ? new StarExpr(_atoms.Postfix())
        : _atoms.Postfix();

    private Expr And()
    {
        var first = Not();
        if (_state.Kind != TokenKind.And)
        {
            return first;
        }

        var operands = new List<Expr> { first };
        while (_state.TryTake(TokenKind.And))
        {
            operands.Add(Not());
        }

        return new LogicExpr(false, operands);
    }

    private Expr Not()
    {
        if (_state.Kind != TokenKind.Not)
        {
            return Comparison();
        }

        _state.Take();
        _state.Enter();
        var operand = Not();
        _state.Leave();
        return new NotExpr(operand);
    }

    private Expr Comparison()
    {
        var first = Binary(1);
        List<(Relation, Expr)>? rest = null;
        while (TakeRelation() is { } relation)
        {
            (rest ??= []).Add((relation, Binary(1)));
        }

        return rest is null ? first : new CompareExpr(first, rest);
    }

    private Relation? TakeRelation()
    {
        Relation? relation = _state.Kind switch
        {
            TokenKind.Less => Relation.Less,
            TokenKind.LessEqual => Relation.LessEqual,
            TokenKind.Greater => Relation.Greater,
            TokenKind.GreaterEqual => Relation.GreaterEqual,
            TokenKind.EqualEqual => Relation.Equal,
            TokenKind.NotEqual => Relation.NotEqual,
            TokenKind.In => Relation.In,
            TokenKind.Is => Relation.Is,
            TokenKind.Not when _state.Following == TokenKind.In => Relation.NotIn,
            _ => null,
        };
        if (relation is null)
        {
            return null;
        }

        _state.Take();
        if (relation == Relation.NotIn)
        {
            _state.Take();
        }

        return relation == Relation.Is && _state.TryTake(TokenKind.Not) ? Relation.IsNot : relation;
    }

    /// <summary>Operators of a precedence and above: 1 <c>|</c>, <c>^</c>, <c>&amp;</c>, shifts, sums, 6 products.</summary>
    private Expr Binary(int lowest)
    {
        if (lowest > 6)
        {
            return Unary();
        }

        // Climb straight to the operand: the levels between exist only where an operator of theirs follows.
        var left = Unary();
        for (var level = 6; level >= lowest; level--)
        {
            left = Level(level, left);
        }

        return left;
    }

    private Expr Level(int level, Expr left)
    {
        List<(BinaryOp Op, Expr Operand)>? rest = null;
        while (Operator(_state.Kind) is var (op, found) && found == level)
        {
            _state.Take();
            (rest ??= []).Add((op, Binary(level + 1)));
        }

        if (rest is null)
        {
            return left;
        }

        if (rest.Count > ShortChain)
        {
            return new ChainExpr(left, rest);
        }

        foreach (var (op, operand) in rest)
        {
            left = new BinaryExpr(op, left, operand);
        }

        return left;
    }

    private static (BinaryOp Op, int Level) Operator(TokenKind kind) => kind switch
    {
        TokenKind.Bar => (BinaryOp.Or, 1),
        TokenKind.Caret => (BinaryOp.Xor, 2),
        TokenKind.Ampersand => (BinaryOp.And, 3),
        TokenKind.LeftShift => (BinaryOp.LeftShift, 4),
        TokenKind.RightShift => (BinaryOp.RightShift, 4),
        TokenKind.Plus => (BinaryOp.Add, 5),
        TokenKind.Minus => (BinaryOp.Subtract, 5),
        TokenKind.Star => (BinaryOp.Multiply, 6),
        TokenKind.Slash => (BinaryOp.Divide, 6),
        TokenKind.DoubleSlash => (BinaryOp.FloorDivide, 6),
        TokenKind.Percent => (BinaryOp.Modulo, 6),
        TokenKind.At => (BinaryOp.MatrixMultiply, 6),
        _ => (BinaryOp.Add, 0),
    };

    private Expr Unary()
    {
        UnaryOp? op = _state.Kind switch
        {
            TokenKind.Minus => UnaryOp.Negate,
            TokenKind.Plus => UnaryOp.Plus,
            TokenKind.Tilde => UnaryOp.Invert,
            _ => null,
        };
        if (op is { } sign)
        {
            _state.Take();
            _state.Enter();
            var operand = Unary();
            _state.Leave();
            return new UnaryExpr(sign, operand);
        }

        var power = _atoms.Postfix();
        if (!_state.TryTake(TokenKind.DoubleStar))
        {
            return power;
        }

        _state.Enter();
        var exponent = Unary();
        _state.Leave();
        return new BinaryExpr(BinaryOp.Power, power, exponent);
    }
}
