namespace Reft.Training.Runs;

/// <summary>Where the files of a run lie; docs/decisions/0004 says what is in each.</summary>
internal sealed class RunFolder
{
    /// <summary>Names a run's folder; nothing is read or written.</summary>
    public RunFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The resolved config.</summary>
    public string Config => In("config.yaml");

    /// <summary>Facts about the run that need not be reproducible.</summary>
    public string Facts => In("run.json");

    /// <summary>How it stands.</summary>
    public string Status => In("status.json");

    /// <summary>Every problem once.</summary>
    public string Problems => In("problems.jsonl");

    /// <summary>Figures of every step.</summary>
    public string Metrics => In("metrics.jsonl");

    /// <summary>Times, rates and memory of every step.</summary>
    public string Timings => In("timings.jsonl");

    /// <summary>Every rollout.</summary>
    public string Rollouts => In("rollouts.jsonl");

    /// <summary>Every alarm.</summary>
    public string Alarms => In("alarms.jsonl");

    /// <summary>Which checkpoint is best on dev.</summary>
    public string Best => In("best.json");

    /// <summary>Looks at the test set.</summary>
    public string TestLooks => In("test-looks.jsonl");

    /// <summary>Evaluations.</summary>
    public string Evaluations => In("evaluations");

    /// <summary>Checkpoints.</summary>
    public string Checkpoints => In("checkpoints");

    /// <summary>TensorBoard's event files.</summary>
    public string TensorBoard => In("tensorboard");

    /// <summary>Held while a process trains.</summary>
    public string Lock => In(".lock");

    /// <summary>Whether a run has been started in it.</summary>
    public bool IsRun => File.Exists(Config);

    /// <summary>The file of an evaluation.</summary>
    public string Evaluation(long step, string set) =>
        System.IO.Path.Combine(Evaluations, FormattableString.Invariant($"step-{step:D6}.{set}.json"));

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
