using System.Text.Json;
using TorchSharp;

namespace Reft.Training.Runs;

/// <summary>Writes every step's figures: one JSON line a step, and TensorBoard event files beside.</summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly LineFile _metrics;
    private readonly LineFile _timings;
    private readonly TorchSharp.Modules.SummaryWriter _board;

    /// <summary>Opens the files of a run and cuts the metrics to a length; TensorBoard's are made anew from them.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="length">Bytes of metrics.jsonl that count.</param>
    /// <param name="steps">Steps that count.</param>
    public MetricsLog(RunFolder folder, long length, long steps)
    {
        _metrics = LineFile.Open(folder.Metrics, length);
        _timings = LineFile.Open(folder.Timings, TimingsLength(folder.Timings, steps));
        if (Directory.Exists(folder.TensorBoard))
        {
            Directory.Delete(folder.TensorBoard, recursive: true);
        }

        _board = torch.utils.tensorboard.SummaryWriter(folder.TensorBoard, createRunName: false);
        foreach (var line in LineFile.Read(folder.Metrics))
        {
            Replay(line);
        }
    }

    /// <summary>Bytes of metrics.jsonl.</summary>
    public long Length => _metrics.Length;

    /// <summary>Writes a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="epoch">Passes over the data after it.</param>
    /// <param name="rollouts">The hash of its rollouts; null where the policy drew none.</param>
    /// <param name="at">The time, for the timings.</param>
    public void Write(TrainingStep step, double epoch, string? rollouts, DateTimeOffset at)
    {
        var figures = step.Metrics.All;
        _metrics.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("step", step.Step);
            ExactText.Write(json, "epoch", epoch);
            if (rollouts is not null)
            {
                json.WriteString("rollouts", rollouts);
            }

            Write(json, figures);
            json.WriteEndObject();
        });
        _timings.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("step", step.Step);
            json.WriteString("at", at);
            Write(json, step.Timings.All);
            json.WriteEndObject();
        });
        Board(step.Step, figures);
        Board(step.Step, step.Timings.All);
    }

    /// <summary>Brings everything to the disk.</summary>
    public void Sync()
    {
        _metrics.Sync();
        _timings.Sync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _metrics.Dispose();
        _timings.Dispose();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, double> figures)
    {
        foreach (var (name, value) in figures)
        {
            ExactText.Write(json, name, value);
        }
    }

    /// <summary>Timings are cut by their step: their lengths differ from run to run, so no checkpoint records them.</summary>
    private static long TimingsLength(string path, long steps)
    {
        if (steps == 0 || !File.Exists(path))
        {
            return 0;
        }

        var length = 0L;
        foreach (var line in LineFile.Read(path))
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.GetProperty("step").GetInt64() >= steps)
            {
                break;
            }

            length += System.Text.Encoding.UTF8.GetByteCount(line) + 1;
        }

        return length;
    }

    private void Replay(string line)
    {
        using var document = JsonDocument.Parse(line);
        var figures = document.RootElement.EnumerateObject()
            .Where(p => p.Value.ValueKind == JsonValueKind.Number && p.Name != "step")
            .ToDictionary(p => p.Name, p => p.Value.GetDouble());
        Board(document.RootElement.GetProperty("step").GetInt64(), figures);
    }

    private void Board(long step, IReadOnlyDictionary<string, double> figures)
    {
        foreach (var (name, value) in figures.Where(pair => double.IsFinite(pair.Value)))
        {
            _board.add_scalar(name, (float)value, checked((int)step));
        }
    }
}
