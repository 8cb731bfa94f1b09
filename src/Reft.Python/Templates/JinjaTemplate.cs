using System.Text.Json.Nodes;
using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>How a template is read and rendered.</summary>
internal sealed record JinjaOptions
{
    /// <summary>What one rendering may use. Templates are strangers' code.</summary>
    public ProgramLimits Limits { get; init; } = new() { MaxMemoryBytes = 512L << 20, MaxOutputChars = 16 << 20, MaxRecursion = 500 };

    /// <summary>The clock that <c>strftime_now</c> reads.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What a template gave.</summary>
/// <param name="Text">The text.</param>
/// <param name="Generated">The places in it of <c>{% generation %}</c> blocks, in UTF-16 units: what a model is to have written.</param>
internal sealed record JinjaRendering(string Text, IReadOnlyList<Range> Generated);

/// <summary>
/// A Jinja template as Transformers renders chat templates: Jinja2's immutable sandbox with <c>trim_blocks</c>, <c>lstrip_blocks</c> and
/// loop controls, <c>raise_exception</c>, <c>strftime_now</c>, <c>tojson</c> with the layout of Python's <c>json</c>, and
/// <c>{% generation %}</c>. Nothing in it reaches a file, a process, the network or the host; what is not known is an error with its place.
/// An instance can be rendered by several threads at once.
/// </summary>
internal sealed class JinjaTemplate
{
    private readonly TemplateSource _source;
    private readonly TemplateStatement[] _body;
    private readonly JinjaOptions _options;

    private JinjaTemplate(TemplateSource source, TemplateStatement[] body, JinjaOptions options) =>
        (_source, _body, _options) = (source, body, options);

    /// <summary>Reads a template.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="options">How to render it.</param>
    /// <exception cref="JinjaException">The text is no template, or uses what is not supported.</exception>
    public static JinjaTemplate Parse(string text, JinjaOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new JinjaOptions();
        var source = new TemplateSource(text);
        if (text.Length > options.Limits.MaxSourceChars)
        {
            throw source.Fault(
                JinjaFault.Budget, FormattableString.Invariant($"source budget of {options.Limits.MaxSourceChars} characters exceeded"), 0);
        }

        var tokens = new TemplateLexer(source).Run();
        return new JinjaTemplate(source, new TemplateParser(source, tokens, 3 * options.Limits.MaxParseDepth).Run(), options);
    }

    /// <summary>Renders the template.</summary>
    /// <param name="variables">The values of its names. A text is read as Python's <c>str</c>, a number without point or exponent as <c>int</c>.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="JinjaException">The template refused, or did what it must not.</exception>
    public JinjaRendering Render(JsonObject variables, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var vm = new Vm(_options.Limits, cancellation);
        var scope = new TemplateScope(null);
        var frame = new TemplateFrame(vm, scope, _options.Clock);
        try
        {
            foreach (var (name, value) in variables)
            {
                scope.Set(name, TemplateJson.Read(vm, value));
            }

            TemplateStatement.RunAll(_body, frame);
            return new JinjaRendering(frame.Text, [.. frame.Generated]);
        }
        catch (TemplateFailure failure)
        {
            throw _source.Fault(failure.Fault, failure.Message, frame.At);
        }
        catch (PyError error)
        {
            throw _source.Fault(JinjaFault.Type, $"{error.Value.Type.Name}: {error.Value.Str(vm)}", frame.At);
        }
        catch (UnsupportedException error)
        {
            throw _source.Fault(JinjaFault.Unsupported, error.Message, frame.At);
        }
        catch (BudgetException error)
        {
            throw _source.Fault(JinjaFault.Budget, error.Message, frame.At);
        }
        catch (StackShortageException)
        {
            throw _source.Fault(JinjaFault.Budget, "recursion budget exceeded", frame.At);
        }
        finally
        {
            vm.Close();
        }
    }
}
