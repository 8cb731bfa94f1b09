using Reft.Training.Runs;
using static System.FormattableString;

namespace Reft.Diagnosis;

/// <summary>How a run stands or ended, and whether one can go on from its checkpoints.</summary>
internal sealed record RunStanding(string State, string Words, string? Checkpoint, IReadOnlyList<DoctorFinding> Findings)
{
    /// <summary>Reads status, lock and checkpoints.</summary>
    public static RunStanding Read(RunFolder folder, long lastStep)
    {
        var findings = new List<DoctorFinding>();
        var status = Status(folder, findings);
        var isHeld = RunLock.IsHeld(folder);
        var state = isHeld ? "running" : status?.State is null or "running" ? "crashed" : status.State;
        var checkpoint = NewestWhole(folder, findings);
        var owner = File.Exists(folder.Lock + ".owner") ? OneLine.Of(File.ReadAllText(folder.Lock + ".owner").Trim()) : "unknown";
        var progress = status is null ? "" : Invariant($" after {Math.Max(status.Step, lastStep + 1)} of {status.Of} steps");
        var words = state switch
        {
            "running" => $"is running{progress}; {owner} holds it",
            "crashed" => $"ended without a last word{progress}: nobody holds it ({owner} did), so the process was killed or the machine went down",
            "failed" => $"failed{progress}: {OneLine.Of(status!.Reason)}", // A state was read, so there is one.
            "stopped" => $"was stopped{progress}, and can go on",
            _ => $"{OneLine.Of(state)}{progress}",
        };
        if (state == "crashed")
        {
            findings.Add(new DoctorFinding(
                "crashed", Severity.Fault, words, "what was done after the newest whole checkpoint will be done again",
                "look for the kernel's out-of-memory killer (dmesg) and a full disk (df), then go on with --resume"));
        }
        else if (state == "failed")
        {
            findings.Add(new DoctorFinding(
                "failed", Severity.Fault, $"at step {status!.Step}: {OneLine.Of(status.Reason)}", // As above.
                "the run ended by an error or by an invariant that stops it",
                "do what the reason says; a run that is resumed unchanged comes to the same step by the same bytes"));
        }

        return new RunStanding(state, words, checkpoint, findings);
    }

    private static RunStatus? Status(RunFolder folder, List<DoctorFinding> findings)
    {
        try
        {
            return RunStatus.Read(folder);
        }
        catch (InputException error)
        {
            findings.Add(new DoctorFinding(
                "status", Severity.Fault, OneLine.Of(error.Message), "how the run ended is not known",
                "go on with --resume, which writes it anew"));
            return null;
        }
    }

    /// <summary>Damaged ones that are older than a whole one harm nothing, but something damaged them.</summary>
    private static string? NewestWhole(RunFolder folder, List<DoctorFinding> findings)
    {
        var store = new CheckpointStore(folder);
        string? newest = null;
        foreach (var step in store.Steps())
        {
            try
            {
                store.Verify(step);
                newest ??= store.PathOf(step);
            }
            catch (InputException damage)
            {
                findings.Add(new DoctorFinding(
                    "checkpoint-damaged", Severity.Fault, OneLine.Of(damage.Message), "the disk or somebody changed its files",
                    newest is null ? "resuming takes the one before it; check the disk" : "delete it, and check the disk"));
            }
        }

        return newest;
    }
}
