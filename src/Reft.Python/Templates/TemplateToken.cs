namespace Reft.Python.Templates;

internal enum TemplateTokenKind
{
    Data, VariableBegin, VariableEnd, BlockBegin, BlockEnd, Name, Text, Number, Operator, End,
}

/// <summary>A token of a template.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">A name, an operator, or the data between tags.</param>
/// <param name="At">Where it begins in the source.</param>
/// <param name="Value">What a literal stands for.</param>
internal sealed record TemplateToken(TemplateTokenKind Kind, string Text, int At, object? Value = null)
{
    public bool IsName(string name) => Kind == TemplateTokenKind.Name && Text == name;

    public bool IsOperator(string sign) => Kind == TemplateTokenKind.Operator && Text == sign;

    /// <summary>How messages call it.</summary>
    public string Describe() => Kind switch
    {
        TemplateTokenKind.Data => "template data / text",
        TemplateTokenKind.VariableBegin => "begin of print statement",
        TemplateTokenKind.VariableEnd => "end of print statement",
        TemplateTokenKind.BlockBegin => "begin of statement block",
        TemplateTokenKind.BlockEnd => "end of statement block",
        TemplateTokenKind.End => "end of template",
        _ => Text,
    };
}

/// <summary>The source text with its line breaks made equal, and where its lines begin.</summary>
internal sealed class TemplateSource
{
    private readonly List<int> _starts = [0];

    public TemplateSource(string source)
    {
        Text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        for (var i = 0; i < Text.Length; i++)
        {
            if (Text[i] == '\n')
            {
                _starts.Add(i + 1);
            }
        }

        // The last line break belongs to the file, not to the text.
        if (Text.EndsWith('\n'))
        {
            Text = Text[..^1];
        }
    }

    public string Text { get; }

    public JinjaException Fault(JinjaFault fault, string message, int at)
    {
        var line = _starts.BinarySearch(at);
        line = line < 0 ? ~line - 1 : line;
        return new JinjaException(fault, message, line + 1, at - _starts[line] + 1);
    }

    public JinjaException Syntax(string message, int at) => Fault(JinjaFault.Syntax, message, at);
}
