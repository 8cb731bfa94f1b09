using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>Reads the expressions of a template, from the loosest operator to the tightest.</summary>
internal sealed class TemplateExpressionParser(TemplateSource source, List<TemplateToken> tokens, int maxDepth)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private int _at;
    private int _depth;

    /// <summary>The names that expressions read so far; macros look for their special ones.</summary>
    public HashSet<string> Used { get; set; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Filters and tests that nobody knows. Under a condition they are errors only when they are reached, but not within a block that has
    /// names of its own.
    /// </summary>
    public List<JinjaException> Unknown { get; private set; } = [];

    /// <summary>Forgives what was found since there were so many: it stands under a condition.</summary>
    public void Forgive(int known) => Unknown.RemoveRange(known, Unknown.Count - known);

    /// <summary>Reads a block with names of its own; what nobody knows in it is an error.</summary>
    public T Own<T>(Func<T> read)
    {
        var outer = Unknown;
        Unknown = [];
        var result = read();
        if (Unknown.Count > 0)
        {
            throw Unknown[0];
        }

        Unknown = outer;
        return result;
    }

    public TemplateToken Current => tokens[_at];

    private TemplateToken Look => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public TemplateToken Next()
    {
        var token = tokens[_at];
        _at = Math.Min(_at + 1, tokens.Count - 1);
        return token;
    }

    public bool SkipName(string name)
    {
        var holds = Current.IsName(name);
        if (holds)
        {
            Next();
        }

        return holds;
    }

    public bool SkipOperator(string sign)
    {
        var holds = Current.IsOperator(sign);
        if (holds)
        {
            Next();
        }

        return holds;
    }

    public void Expect(TemplateTokenKind kind)
    {
        if (Current.Kind != kind)
        {
            throw Unexpected(new TemplateToken(kind, "", 0).Describe());
        }

        Next();
    }

    public void Expect(string sign)
    {
        if (!SkipOperator(sign))
        {
            throw Unexpected(sign);
        }
    }

    public void ExpectName(string name)
    {
        if (!SkipName(name))
        {
            throw Unexpected(name);
        }
    }

    /// <summary>Refuses a source that nests too deep; dispose of what comes back when leaving.</summary>
    public Nesting Nest() => ++_depth > maxDepth
        ? throw source.Fault(JinjaFault.Budget, FormattableString.Invariant($"nests deeper than {maxDepth}"), Current.At)
        : new Nesting(this);

    /// <summary>An expression, with a condition behind it where one may stand.</summary>
    public TemplateExpression Expression(bool withCondition = true)
    {
        using var _ = Nest();
        return withCondition ? Conditioned() : Or();
    }

    /// <summary>One expression, or several with commas between: a tuple.</summary>
    public TemplateExpression Tuple(bool withCondition = true, string? end = null, bool inParentheses = false)
    {
        var at = Current.At;
        var items = new List<TemplateExpression>();
        var isTuple = false;
        while (true)
        {
            if (items.Count > 0)
            {
                Expect(",");
            }

            if (IsTupleEnd(end))
            {
                break;
            }

            items.Add(Expression(withCondition));
            if (!Current.IsOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        if (!isTuple && items.Count == 1)
        {
            return items[0];
        }

        return isTuple || inParentheses
            ? new SequenceExpression(SequenceKind.Tuple, [.. items], at)
            : throw source.Syntax($"Expected an expression, got {Show.Quote(Current.Describe())}", Current.At);
    }

    /// <summary>What a value is assigned to: names, tuples of them, attributes of namespaces.</summary>
    public TemplateTarget Target(bool withNamespace, string? end = null)
    {
        var at = Current.At;
        var targets = new List<TemplateTarget>();
        var isTuple = false;
        while (targets.Count == 0 || Current.IsOperator(","))
        {
            if (targets.Count > 0)
            {
                Next();
                isTuple = true;
            }

            if (IsTupleEnd(end) || (targets.Count > 0 && Current.IsOperator("=")))
            {
                break;
            }

            targets.Add(SimpleTarget(withNamespace, end));
        }

        return targets.Count == 0 ? throw source.Syntax($"Expected an expression, got {Show.Quote(Current.Describe())}", at)
            : isTuple ? new TupleTarget([.. targets])
            : targets[0];
    }

    /// <summary>A name that a macro or a parameter gets.</summary>
    public string TargetName()
    {
        var token = Current;
        if (token.Kind != TemplateTokenKind.Name)
        {
            throw Unexpected("name");
        }

        RequireAssignable(token);
        return Next().Text;
    }

    /// <summary>The filters behind a value, or behind nothing.</summary>
    public FilterExpression? Filters(TemplateExpression? operand)
    {
        FilterExpression? filter = null;
        while (SkipOperator("|"))
        {
            filter = Filter(filter ?? operand);
        }

        return filter;
    }

    /// <summary>The filters of a filter block, which begins without a bar.</summary>
    public FilterExpression FirstFilter()
    {
        var filter = Filter(null);
        return Filters(filter) ?? filter;
    }

    private TemplateTarget SimpleTarget(bool withNamespace, string? end)
    {
        var token = Current;
        if (SkipOperator("("))
        {
            var inner = Target(withNamespace, end);
            Expect(")");
            return inner;
        }

        if (token.Kind != TemplateTokenKind.Name)
        {
            throw source.Syntax($"unexpected {Show.Quote(token.Describe())}", token.At);
        }

        Next();
        if (withNamespace && SkipOperator("."))
        {
            Used.Add(token.Text);
            return Current.Kind == TemplateTokenKind.Name
                ? new NamespaceTarget(token.Text, Next().Text, token.At)
                : throw Unexpected("name");
        }

        RequireAssignable(token);
        return new NameTarget(token.Text);
    }

    private void RequireAssignable(TemplateToken name)
    {
        if (name.Text is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw source.Syntax("can't assign to 'const'", name.At);
        }
    }

    private bool IsTupleEnd(string? end) =>
        Current.Kind is TemplateTokenKind.VariableEnd or TemplateTokenKind.BlockEnd || Current.IsOperator(")")
        || (end is not null && Current.IsName(end));

    private JinjaException Unexpected(string wanted) => source.Syntax(
        Current.Kind == TemplateTokenKind.End
            ? $"unexpected end of template, expected {Show.Quote(wanted)}."
            : $"expected token {Show.Quote(wanted)}, got {Show.Quote(Current.Describe())}",
        Current.At);

    private TemplateExpression Conditioned()
    {
        var at = Current.At;
        var known = Unknown.Count;
        var value = Or();
        while (SkipName("if"))
        {
            var test = Or();
            value = new ConditionalExpression(test, value, SkipName("else") ? Expression() : null, at);
            at = Current.At;
            Forgive(known);
        }

        return value;
    }

    private TemplateExpression Or()
    {
        var left = And();
        for (var at = Current.At; SkipName("or"); at = Current.At)
        {
            left = new LogicExpression(false, left, And(), at);
        }

        return left;
    }

    private TemplateExpression And()
    {
        var left = Not();
        for (var at = Current.At; SkipName("and"); at = Current.At)
        {
            left = new LogicExpression(true, left, Not(), at);
        }

        return left;
    }

    private TemplateExpression Not()
    {
        using var _ = Nest();
        var at = Current.At;
        return SkipName("not") ? new NotExpression(Not(), at) : Compare();
    }

    private TemplateExpression Compare()
    {
        var first = Sum();
        var at = Current.At;
        var rest = new List<(string, TemplateExpression)>();
        while (true)
        {
            if (Current.Kind == TemplateTokenKind.Operator && Comparisons.Contains(Current.Text))
            {
                rest.Add((Next().Text, Sum()));
            }
            else if (SkipName("in"))
            {
                rest.Add(("in", Sum()));
            }
            else if (Current.IsName("not") && Look.IsName("in"))
            {
                Next();
                Next();
                rest.Add(("not in", Sum()));
            }
            else
            {
                return rest.Count == 0 ? first : new CompareExpression(first, [.. rest], at);
            }
        }
    }

    private TemplateExpression Sum()
    {
        var left = Concat();
        while (Current.IsOperator("+") || Current.IsOperator("-"))
        {
            var sign = Next();
            left = new BinaryExpression(sign.Text == "+" ? BinaryOp.Add : BinaryOp.Subtract, left, Concat(), sign.At);
        }

        return left;
    }

    private TemplateExpression Concat()
    {
        var at = Current.At;
        var parts = new List<TemplateExpression> { Product() };
        while (SkipOperator("~"))
        {
            parts.Add(Product());
        }

        return parts.Count == 1 ? parts[0] : new ConcatExpression([.. parts], at);
    }

    private TemplateExpression Product()
    {
        var left = Power();
        while (Current.Kind == TemplateTokenKind.Operator && Current.Text is "*" or "/" or "//" or "%")
        {
            var sign = Next();
            left = new BinaryExpression(
                sign.Text switch { "*" => BinaryOp.Multiply, "/" => BinaryOp.Divide, "//" => BinaryOp.FloorDivide, _ => BinaryOp.Modulo },
                left, Power(), sign.At);
        }

        return left;
    }

    private TemplateExpression Power()
    {
        var left = Unary(true);
        while (Current.IsOperator("**"))
        {
            var sign = Next();
            left = new BinaryExpression(BinaryOp.Power, left, Unary(true), sign.At);
        }

        return left;
    }

    private TemplateExpression Unary(bool withFilters)
    {
        using var _ = Nest();
        var at = Current.At;
        var value = SkipOperator("-") ? new UnaryExpression(UnaryOp.Negate, Unary(false), at)
            : SkipOperator("+") ? new UnaryExpression(UnaryOp.Plus, Unary(false), at)
            : Primary();
        value = Postfix(value);
        while (withFilters)
        {
            if (Current.IsOperator("|"))
            {
                value = Filters(value)!; // A bar begins one at least.
            }
            else if (Current.IsName("is"))
            {
                value = Test(value);
            }
            else if (Current.IsOperator("("))
            {
                value = new CallExpression(value, Arguments(), at);
            }
            else
            {
                break;
            }
        }

        return value;
    }

    private TemplateExpression Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TemplateTokenKind.Name:
                Next();
                object? constant = token.Text switch
                {
                    "true" or "True" => Bools.True,
                    "false" or "False" => Bools.False,
                    "none" or "None" => PyNone.Value,
                    _ => null,
                };
                if (constant is not null)
                {
                    return new ConstantExpression(constant, token.At);
                }

                Used.Add(token.Text);
                return new NameExpression(token.Text, token.At);
            case TemplateTokenKind.Text:
                var text = "";
                while (Current.Kind == TemplateTokenKind.Text)
                {
                    text += (string)Next().Value!; // a literal has a value
                }

                return new ConstantExpression(text, token.At);
            case TemplateTokenKind.Number:
                return new ConstantExpression(Next().Value!, token.At); // a literal has a value
        }

        if (SkipOperator("("))
        {
            var inner = Tuple(inParentheses: true);
            Expect(")");
            return inner;
        }

        return token.IsOperator("[") ? List() : token.IsOperator("{") ? Dictionary()
            : throw source.Syntax($"unexpected {Show.Quote(token.Describe())}", token.At);
    }

    private SequenceExpression List()
    {
        var at = Next().At;
        var items = new List<TemplateExpression>();
        while (!Current.IsOperator("]"))
        {
            if (items.Count > 0)
            {
                Expect(",");
                if (Current.IsOperator("]"))
                {
                    break;
                }
            }

            items.Add(Expression());
        }

        Next();
        return new SequenceExpression(SequenceKind.List, [.. items], at);
    }

    private DictionaryExpression Dictionary()
    {
        var at = Next().At;
        var pairs = new List<(TemplateExpression, TemplateExpression)>();
        while (!Current.IsOperator("}"))
        {
            if (pairs.Count > 0)
            {
                Expect(",");
                if (Current.IsOperator("}"))
                {
                    break;
                }
            }

            var key = Expression();
            Expect(":");
            pairs.Add((key, Expression()));
        }

        Next();
        return new DictionaryExpression([.. pairs], at);
    }

    private TemplateExpression Postfix(TemplateExpression value)
    {
        while (true)
        {
            var token = Current;
            if (SkipOperator("."))
            {
                var name = Next();
                value = name switch
                {
                    { Kind: TemplateTokenKind.Name } => new AttributeExpression(value, name.Text, token.At),
                    { Kind: TemplateTokenKind.Number, Value: not double } =>
                        new SubscriptExpression(value, new ConstantExpression(name.Value!, name.At), token.At), // a literal has a value
                    _ => throw source.Syntax("expected name or number", name.At),
                };
            }
            else if (SkipOperator("["))
            {
                value = new SubscriptExpression(value, Key(token.At), token.At);
            }
            else if (token.IsOperator("("))
            {
                value = new CallExpression(value, Arguments(), token.At);
            }
            else
            {
                return value;
            }
        }
    }

    private TemplateExpression Key(int at)
    {
        var keys = new List<TemplateExpression>();
        while (!Current.IsOperator("]"))
        {
            if (keys.Count > 0)
            {
                Expect(",");
            }

            keys.Add(Slice());
        }

        Next();
        return keys.Count == 1 ? keys[0] : new SequenceExpression(SequenceKind.Tuple, [.. keys], at);
    }

    private TemplateExpression Slice()
    {
        var at = Current.At;
        var start = Current.IsOperator(":") ? null : Expression();
        if (!SkipOperator(":"))
        {
            return start!; // Without a colon there was an expression.
        }

        var stop = Current.IsOperator(":") || EndsPart() ? null : Expression();
        var step = SkipOperator(":") && !EndsPart() ? Expression() : null;
        return new SliceExpression(start, stop, step, at);
    }

    private bool EndsPart() => Current.IsOperator("]") || Current.IsOperator(",");

    private TemplateArguments Arguments()
    {
        var open = Current.At;
        Expect("(");
        var positional = new List<TemplateExpression>();
        var named = new List<(string, TemplateExpression)>();
        TemplateExpression? more = null;
        TemplateExpression? moreNamed = null;
        var isFirst = true;
        while (!Current.IsOperator(")"))
        {
            if (!isFirst)
            {
                Expect(",");
                if (Current.IsOperator(")"))
                {
                    break;
                }
            }

            isFirst = false;
            if (SkipOperator("*"))
            {
                Require(more is null && moreNamed is null);
                more = Expression();
            }
            else if (SkipOperator("**"))
            {
                Require(moreNamed is null);
                moreNamed = Expression();
            }
            else if (Current.Kind == TemplateTokenKind.Name && Look.IsOperator("="))
            {
                Require(moreNamed is null);
                var name = Next();
                if (named.Exists(n => n.Item1 == name.Text))
                {
                    throw source.Syntax($"keyword argument repeated: {name.Text}", name.At);
                }

                Next();
                named.Add((name.Text, Expression()));
            }
            else
            {
                Require(more is null && moreNamed is null && named.Count == 0);
                positional.Add(Expression());
            }
        }

        Next();
        return new TemplateArguments([.. positional], [.. named], more, moreNamed);

        void Require(bool holds)
        {
            if (!holds)
            {
                throw source.Syntax("invalid syntax for function call expression", open);
            }
        }
    }

    private (string Name, int At) DottedName()
    {
        var token = Current;
        var name = token.Kind == TemplateTokenKind.Name ? Next().Text : throw Unexpected("name");
        while (SkipOperator("."))
        {
            name += "." + (Current.Kind == TemplateTokenKind.Name ? Next().Text : throw Unexpected("name"));
        }

        return (name, token.At);
    }

    private FilterExpression Filter(TemplateExpression? operand)
    {
        var (name, at) = DottedName();
        var filter = TemplateFilters.Find(name);
        if (filter is null)
        {
            Unknown.Add(source.Syntax($"No filter named {Show.Quote(name)}.", at));
        }

        return new FilterExpression(operand, name, filter, Current.IsOperator("(") ? Arguments() : TemplateArguments.None, at);
    }

    private TemplateExpression Test(TemplateExpression operand)
    {
        var at = Next().At;
        var isNegated = SkipName("not");
        var (name, place) = DottedName();
        var test = TemplateTests.Find(name);
        if (test is null)
        {
            Unknown.Add(source.Syntax($"No test named {Show.Quote(name)}.", place));
        }

        var arguments = TemplateArguments.None;
        if (Current.IsOperator("("))
        {
            arguments = Arguments();
        }
        else if (StartsOperand())
        {
            if (Current.IsName("is"))
            {
                throw source.Syntax("You cannot chain multiple tests with is", Current.At);
            }

            arguments = TemplateArguments.None with { Positional = [Postfix(Primary())] };
        }

        TemplateExpression tested = new TestExpression(operand, name, test, arguments, at);
        return isNegated ? new NotExpression(tested, at) : tested;
    }

    /// <summary>Whether the next token is a test's one argument; Jinja2 takes any name but these three for one.</summary>
    private bool StartsOperand() =>
        Current.Kind is TemplateTokenKind.Text or TemplateTokenKind.Number
        || Current.IsOperator("(") || Current.IsOperator("[") || Current.IsOperator("{")
        || (Current.Kind == TemplateTokenKind.Name && Current.Text is not ("else" or "or" or "and"));

    /// <summary>One level of nesting.</summary>
    internal readonly ref struct Nesting(TemplateExpressionParser parser)
    {
        public void Dispose() => parser._depth--;
    }
}
