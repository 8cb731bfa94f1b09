using Reft.Answers;
using Reft.Configuration;
using Reft.Python;
using Reft.Verification;

namespace Reft.Inputs;

/// <summary>The verifier of a config.</summary>
internal static class RunVerifier
{
    /// <summary>Makes it; what it holds is released with it, if it is disposable.</summary>
    /// <param name="answers">What answers are.</param>
    /// <param name="heartbeat">Told which samples are running; null for nobody.</param>
    public static IVerifier Create(AnswersSection answers, Heartbeat? heartbeat = null) => answers.Form.Create(Plain(answers, heartbeat));

    private static IVerifier Plain(AnswersSection answers, Heartbeat? heartbeat)
    {
        if (answers.Style != AnswerStyle.Program)
        {
            return Verifiers.Create(answers.Style, answers.Policy, answers.Kinds);
        }

        var isManaged = answers.Engine == ProgramEngineKind.Managed;
        IProgramEngine engine = isManaged ? new ManagedEngine() : new CPythonEngine();
        return new ProgramVerifier(
            engine, answers.Policy, workers: isManaged ? Environment.ProcessorCount : new CPythonOptions().Workers,
            heartbeat: heartbeat);
    }
}
