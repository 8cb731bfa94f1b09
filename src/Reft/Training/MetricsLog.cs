using System.Text.Json;
using Reft.Algorithms;
using TorchSharp;

namespace Reft.Training;

/// <summary>Writes every step's figures: one JSON line a step, and TensorBoard event files beside.</summary>
public sealed class MetricsLog : IDisposable
{
    private readonly FileStream _lines;
    private readonly TorchSharp.Modules.SummaryWriter? _board;

    /// <summary>Opens the files of a run; lines are appended.</summary>
    /// <param name="folder">The run's folder; made if it is not there.</param>
    /// <param name="tensorBoard">Whether event files are written to <c>tensorboard/</c> in it.</param>
    public MetricsLog(string folder, bool tensorBoard)
    {
        Directory.CreateDirectory(folder);
        _lines = new FileStream(Path.Combine(folder, "metrics.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read);
        _board = tensorBoard
            ? torch.utils.tensorboard.SummaryWriter(Path.Combine(folder, "tensorboard"), createRunName: false)
            : null;
    }

    /// <summary>Writes a step; the line is on its way to the disk when this returns.</summary>
    /// <param name="step">The training step, counted from 0.</param>
    /// <param name="metrics">Its figures; those that are not numbers are written as null.</param>
    public void Write(long step, StepMetrics metrics)
    {
        var values = metrics.All;
        using (var writer = new Utf8JsonWriter(_lines))
        {
            writer.WriteStartObject();
            writer.WriteNumber("step", step);
            foreach (var (name, value) in values)
            {
                if (double.IsFinite(value))
                {
                    writer.WriteNumber(name, value);
                }
                else
                {
                    writer.WriteNull(name);
                }
            }

            writer.WriteEndObject();
        }

        _lines.WriteByte((byte)'\n');
        _lines.Flush();
        foreach (var (name, value) in values.Where(pair => double.IsFinite(pair.Value)))
        {
            _board?.add_scalar(name, (float)value, checked((int)step));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lines.Dispose();
    }
}
