using System.Text;
using Reft.Python.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Parses the body of a formatted string by the rules of CPython 3.11.</summary>
internal sealed class FormatTextParser(ParserState state)
{
    public List<FormatField> Parse(FormatText text) => Fields(text, text.Body, 0, false);

    private List<FormatField> Fields(FormatText text, string body, int level, bool isSpec)
    {
        if (level >= 2)
        {
            throw new SyntaxException("f-string: expressions nested too deeply", text.Line);
        }

        var fields = new List<FormatField>();
        var literal = new StringBuilder();
        var i = 0;
        while (i < body.Length)
        {
            var c = body[i];
            if (c is not ('{' or '}'))
            {
                if (c == '\\' && !text.Raw && i + 1 < body.Length)
                {
                    if (body[i + 1] == 'N')
                    {
                        throw new UnsupportedException("\\N escapes");
                    }

                    if (body[i + 1] is not ('{' or '}'))
                    {
                        literal.Append(c);
                        i++;
                    }
                }

                literal.Append(body[i++]);
                continue;
            }

            if (!isSpec && i + 1 < body.Length && body[i + 1] == c)
            {
                literal.Append(c);
                i += 2;
                continue;
            }

            if (c == '}')
            {
                throw new SyntaxException("f-string: single '}' is not allowed", text.Line);
            }

            i++;
            var (value, conversion, spec, shown) = Field(text, body, ref i, level);
            var before = Decode(text, literal) + shown;
            literal.Clear();
            fields.Add(new FormatField(before, value, conversion, spec));
        }

        fields.Add(new FormatField(Decode(text, literal), null, '\0', null));
        return fields;
    }

    private static string Decode(FormatText text, StringBuilder literal) =>
        text.Raw ? literal.ToString() : Escapes.Decode(literal.ToString(), text.Line);

    private (Expr Value, char Conversion, FormatExpr? Spec, string Shown) Field(
        FormatText text, string body, ref int i, int level)
    {
        var start = i;
        i = EndOfExpression(text, body, i);
        var source = body[start..i];
        if (string.IsNullOrWhiteSpace(source))
        {
            throw new SyntaxException("f-string: empty expression not allowed", text.Line);
        }

        var value = Expression(text, source);
        var shown = "";
        if (At(body, i) == '=')
        {
            i++;
            while (At(body, i) is ' ' or '\t' or '\n')
            {
                i++;
            }

            shown = body[start..i];
        }

        var conversion = '\0';
        if (At(body, i) == '!')
        {
            conversion = At(body, i + 1);
            if (conversion is not ('r' or 's' or 'a'))
            {
                throw new SyntaxException("f-string: invalid conversion character", text.Line);
            }

            if (conversion == 'a')
            {
                throw new UnsupportedException("!a in a formatted string");
            }

            i += 2;
        }

        FormatExpr? spec = null;
        if (At(body, i) == ':')
        {
            var from = ++i;
            var depth = 0;
            while (i < body.Length && (depth > 0 || body[i] != '}'))
            {
                depth += body[i] == '{' ? 1 : body[i] == '}' ? -1 : 0;
                i++;
            }

            spec = new FormatExpr(Fields(text, body[from..i], level + 1, true));
        }

        if (At(body, i) != '}')
        {
            throw new SyntaxException("f-string: expecting '}'", text.Line);
        }

        i++;
        if (shown.Length > 0 && conversion == 0 && spec is null)
        {
            conversion = 'r';
        }

        return (value, conversion, spec, shown);
    }

    private static char At(string body, int index) => index < body.Length ? body[index] : '\0';

    private static int EndOfExpression(FormatText text, string body, int i)
    {
        var depth = 0;
        var quote = "";
        for (; i < body.Length; i++)
        {
            var c = body[i];
            if (c == '\\')
            {
                throw new SyntaxException("f-string expression part cannot include a backslash", text.Line);
            }

            if (quote.Length > 0)
            {
                if (string.CompareOrdinal(body, i, quote, 0, quote.Length) == 0)
                {
                    i += quote.Length - 1;
                    quote = "";
                }

                continue;
            }

            switch (c)
            {
                case '\'' or '"':
                    quote = At(body, i + 1) == c && At(body, i + 2) == c ? new string(c, 3) : c.ToString();
                    i += quote.Length - 1;
                    continue;
                case '#':
                    throw new SyntaxException("f-string expression part cannot include '#'", text.Line);
                case '(' or '[' or '{':
                    depth++;
                    continue;
            }

            if (depth > 0)
            {
                depth -= c is ')' or ']' or '}' ? 1 : 0;
                continue;
            }

            if (c is ':' or '}' || (c == '!' && At(body, i + 1) != '='))
            {
                return i;
            }

            if (c is ')' or ']')
            {
                throw new SyntaxException($"f-string: unmatched '{c}'", text.Line);
            }

            if (c is '=' or '!' or '<' or '>')
            {
                if (At(body, i + 1) == '=')
                {
                    i++;
                }
                else if (c == '=')
                {
                    return i;
                }
            }
        }

        throw new SyntaxException(quote.Length > 0 ? "f-string: unterminated string" : "f-string: expecting '}'", text.Line);
    }

    private Expr Expression(FormatText text, string source)
    {
        var inner = new ParserState(new Lexer(source, state.Vm, text.Line).Expression(), source, state.Vm, state.Scope)
        {
            Depth = state.Depth,
            Yields = state.Yields,
            Prefix = state.Prefix,
        };
        inner.Enter();
        var value = new ExpressionParser(inner).Expressions();
        if (inner.Yields != state.Yields)
        {
            throw new UnsupportedException("yield in a formatted string");
        }

        return inner.Kind == TokenKind.End ? value : throw inner.Error("f-string: invalid syntax");
    }
}
