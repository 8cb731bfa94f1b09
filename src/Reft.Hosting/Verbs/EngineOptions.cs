using System.CommandLine;
using Reft.Python;

namespace Reft.Hosting.Verbs;

/// <summary>The options by which a verb chooses what runs programs.</summary>
internal sealed class EngineOptions
{
    private readonly Option<string> _engine = AnswerOptions.Of(
        "--engine", "What runs programs: managed (the interpreter, safe by construction) or cpython (in a sandbox)",
        "managed");
    private readonly Option<bool> _unsafePrograms = AnswerOptions.Of<bool>(
        "--unsafe-programs", "With cpython: run programs even where they cannot be isolated");
    private readonly Option<string> _python = AnswerOptions.Of(
        "--python", "With cpython: the interpreter", new CPythonOptions().Python);

    public EngineOptions() => _engine.AcceptOnlyFromAmong("managed", "cpython");

    public void AddTo(Command command)
    {
        command.Options.Add(_engine);
        command.Options.Add(_unsafePrograms);
        command.Options.Add(_python);
    }

    /// <summary>The engine; dispose it where it can be. Its warning, if any, has then been written.</summary>
    public IProgramEngine Open(ParseResult parsed, int workers, TextWriter warnings)
    {
        if (parsed.GetValue(_engine) != "cpython")
        {
            return new ManagedEngine();
        }

        var engine = new CPythonEngine(new CPythonOptions
        {
            Python = parsed.GetValue(_python)!, // It has a default.
            Workers = workers,
            AllowUnsafe = parsed.GetValue(_unsafePrograms),
        });
        if (engine.Warning is { } warning)
        {
            warnings.WriteLine($"warning: {warning}");
        }

        return engine;
    }
}
