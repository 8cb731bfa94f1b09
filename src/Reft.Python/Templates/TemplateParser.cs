using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>Reads the statements of a template; expressions are read by <see cref="TemplateExpressionParser"/>.</summary>
internal sealed class TemplateParser(TemplateSource source, List<TemplateToken> tokens, int maxDepth)
{
    private static readonly string[] NeedLoader = ["extends", "include", "import", "from", "block"];

    private readonly TemplateExpressionParser _expressions = new(source, tokens, maxDepth);
    private readonly Stack<string> _tags = [];
    private int _loops;

    /// <summary>The whole template.</summary>
    public TemplateStatement[] Run()
    {
        var body = Body([]);
        return _expressions.Unknown.Count == 0 ? body : throw _expressions.Unknown[0];
    }

    private TemplateToken Current => _expressions.Current;

    private TemplateToken Next() => _expressions.Next();

    private bool Skip(string name) => _expressions.SkipName(name);

    /// <summary>Statements up to one of the tags that may end them, which is left to be read.</summary>
    private TemplateStatement[] Body(string[] ends)
    {
        var body = new List<TemplateStatement>();
        using var _ = _expressions.Nest();
        while (true)
        {
            var token = Current;
            switch (token.Kind)
            {
                case TemplateTokenKind.Data:
                    body.Add(new DataStatement(Next().Text));
                    break;
                case TemplateTokenKind.VariableBegin:
                    Next();
                    body.Add(new OutputStatement(_expressions.Tuple()));
                    _expressions.Expect(TemplateTokenKind.VariableEnd);
                    break;
                case TemplateTokenKind.BlockBegin:
                    Next();
                    if (Current.Kind == TemplateTokenKind.Name && ends.Contains(Current.Text))
                    {
                        return [.. body];
                    }

                    body.AddRange(Statement(ends));
                    _expressions.Expect(TemplateTokenKind.BlockEnd);
                    break;
                default:
                    return ends.Length == 0 ? [.. body] : throw Unclosed(null, ends, token.At);
            }
        }
    }

    /// <summary>The body of a tag whose head has been read, with the tag that ends it, whose name is left to be read.</summary>
    private TemplateStatement[] Inner(params string[] ends)
    {
        _expressions.SkipOperator(":");
        _expressions.Expect(TemplateTokenKind.BlockEnd);
        return Body(ends);
    }

    /// <summary>The body of a tag that has names of its own, with the tag that ends it.</summary>
    private TemplateStatement[] Whole(string end) => _expressions.Own(() => Ended(end));

    private TemplateStatement[] Ended(string end)
    {
        var body = Inner(end);
        Next();
        return body;
    }

    private JinjaException Unclosed(string? name, string[] ends, int at)
    {
        var message = name is null ? "Unexpected end of template." : $"Encountered unknown tag {Show.Quote(name)}.";
        if (ends.Length > 0)
        {
            message += $" Jinja was looking for the following tags: {string.Join(" or ", ends.Select(Show.Quote))}.";
        }

        if (_tags.Count > 0)
        {
            message += $" The innermost block that needs to be closed is {Show.Quote(_tags.Peek())}.";
        }

        return source.Syntax(message, at);
    }

    private TemplateStatement[] Statement(string[] ends)
    {
        var tag = Current;
        if (tag.Kind != TemplateTokenKind.Name)
        {
            throw source.Syntax("tag name expected", tag.At);
        }

        _tags.Push(tag.Text);
        TemplateStatement[] statements = tag.Text switch
        {
            "for" => [For()],
            "if" => [If()],
            "set" => [Set()],
            "with" => [With()],
            "macro" => [Macro()],
            "call" => [Call()],
            "filter" => [Filter()],
            "print" => Print(),
            "generation" => [Generation()],
            "break" or "continue" => [Jump()],
            "autoescape" => throw source.Fault(JinjaFault.Unsupported, "autoescape: a prompt is not HTML", tag.At),
            _ when NeedLoader.Contains(tag.Text) => throw source.Fault(
                JinjaFault.Unsupported, $"'{tag.Text}': a chat template stands alone, there is no other to take from", tag.At),
            _ => throw Unknown(),
        };
        _tags.Pop();
        return statements;

        JinjaException Unknown()
        {
            _tags.Pop();
            return Unclosed(tag.Text, ends, tag.At);
        }
    }

    private ForStatement For()
    {
        Next();
        var target = _expressions.Target(false, "in");
        _expressions.ExpectName("in");
        var items = _expressions.Tuple(false, "recursive");
        var filter = Skip("if") ? _expressions.Expression() : null;
        var isRecursive = Skip("recursive");
        _loops++;
        var body = _expressions.Own(() => Inner("endfor", "else"));
        _loops--;
        return new ForStatement(target, items, filter, isRecursive, body, Next().Text == "else" ? Whole("endfor") : []);
    }

    private IfStatement If()
    {
        var known = _expressions.Unknown.Count;
        var branches = new List<(TemplateExpression, TemplateStatement[])>();
        TemplateStatement[] otherwise = [];
        string end;
        do
        {
            Next();
            var test = _expressions.Tuple(false);
            branches.Add((test, Inner("elif", "else", "endif")));
            end = Current.Text;
        }
        while (end == "elif");
        Next();
        if (end == "else")
        {
            otherwise = Ended("endif");
        }

        _expressions.Forgive(known);
        return new IfStatement([.. branches], otherwise);
    }

    private TemplateStatement Set()
    {
        Next();
        var target = _expressions.Target(true);
        if (_expressions.SkipOperator("="))
        {
            return new SetStatement(target, _expressions.Tuple());
        }

        var filter = _expressions.Filters(null);
        return new SetBlockStatement(target, filter, Whole("endset"));
    }

    private WithStatement With()
    {
        Next();
        var values = new List<(TemplateTarget, TemplateExpression)>();
        while (Current.Kind != TemplateTokenKind.BlockEnd)
        {
            if (values.Count > 0)
            {
                _expressions.Expect(",");
            }

            var target = _expressions.Target(false);
            _expressions.Expect("=");
            values.Add((target, _expressions.Expression()));
        }

        return new WithStatement([.. values], Whole("endwith"));
    }

    private MacroStatement Macro()
    {
        Next();
        var name = _expressions.TargetName();
        return new MacroStatement(name, Signed("endmacro", Parameters()));
    }

    private CallStatement Call()
    {
        var tag = Next();
        var parameters = Current.IsOperator("(") ? Parameters() : [];
        return _expressions.Expression() is CallExpression call
            ? new CallStatement(call, Signed("endcall", parameters))
            : throw source.Syntax("expected call", tag.At);
    }

    private List<MacroParameter> Parameters()
    {
        var parameters = new List<MacroParameter>();
        _expressions.Expect("(");
        while (!Current.IsOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _expressions.Expect(",");
            }

            var at = Current.At;
            var name = _expressions.TargetName();
            var fallback = _expressions.SkipOperator("=") ? _expressions.Expression() : null;
            if (fallback is null && parameters.Any(p => p.Default is not null))
            {
                throw source.Syntax("non-default argument follows default argument", at);
            }

            parameters.Add(new(name, fallback));
        }

        Next();
        return parameters;
    }

    private MacroBody Signed(string end, List<MacroParameter> parameters)
    {
        var outer = _expressions.Used;
        _expressions.Used = [];
        var loops = _loops;
        _loops = 0;
        var body = Whole(end);
        _loops = loops;
        var used = _expressions.Used;
        _expressions.Used = outer;
        outer.UnionWith(used);
        return new MacroBody(parameters, body, used.Contains("varargs"), used.Contains("kwargs"), used.Contains("caller"));
    }

    private FilterStatement Filter()
    {
        Next();
        var filter = _expressions.FirstFilter();
        return new FilterStatement(filter, Whole("endfilter"));
    }

    private TemplateStatement[] Print()
    {
        Next();
        var outputs = new List<TemplateStatement>();
        while (Current.Kind != TemplateTokenKind.BlockEnd)
        {
            if (outputs.Count > 0)
            {
                _expressions.Expect(",");
            }

            outputs.Add(new OutputStatement(_expressions.Expression()));
        }

        return [.. outputs];
    }

    private GenerationStatement Generation()
    {
        Next();
        return new GenerationStatement(Whole("endgeneration"));
    }

    private JumpStatement Jump()
    {
        var tag = Next();
        return _loops == 0
            ? throw source.Syntax($"'{tag.Text}' outside loop", tag.At)
            : new JumpStatement(tag.Text == "break" ? Flow.Break : Flow.Continue);
    }
}
