using System.Text;
using System.Text.Json;
using Reft.Evaluation;
using Reft.Problems;
using Reft.Training.Runs;

namespace Reft.Sampling;

/// <summary>What became of a call of <see cref="SampleFile.Fill"/>.</summary>
/// <param name="Found">Problems that were in the file before.</param>
/// <param name="Problems">Problems that are in it now.</param>
/// <param name="Samples">Samples that are in it now.</param>
/// <param name="Correct">How many of them are verified correct.</param>
internal sealed record SampleSummary(int Found, int Problems, int Samples, int Correct);

/// <summary>
/// Samples of problems as JSON lines, written as they are drawn. A file that was cut off anywhere is gone on with, and ends in
/// the bytes of an unbroken one: the draws depend on the seed, the problem and the sample alone.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="settings">How its samples are made.</param>
/// <param name="given">What prompts hold of a problem's responses; a completion in the file is the whole response.</param>
internal sealed class SampleFile(string path, SampleSettings settings, Func<Problem, string> given)
{
    private string SettingsPath => path + ".settings.json";

    /// <summary>Draws what is missing.</summary>
    /// <param name="problems">The problems, in the order of the file.</param>
    /// <param name="draw">Draws the samples of some problems.</param>
    /// <param name="together">How many problems are drawn and written at a time.</param>
    /// <param name="onProblems">Told how many problems are done; null for nobody.</param>
    /// <param name="cancellation">Stops between two portions; what is written stays.</param>
    /// <exception cref="InputException">The file was made with other settings, or cannot be written.</exception>
    public SampleSummary Fill(
        IReadOnlyList<Problem> problems, Func<IReadOnlyList<Problem>, IReadOnlyList<EvaluationItem>> draw, int together,
        Action<int>? onProblems, CancellationToken cancellation)
    {
        CheckSettings();
        var (found, length, correct) = Found(problems);
        using var file = LineFile.Open(path, length);
        for (var first = found; first < problems.Count; first += together)
        {
            cancellation.ThrowIfCancellationRequested();
            var portion = problems.Skip(first).Take(together).ToArray();
            var byId = portion.ToDictionary(problem => problem.Id, StringComparer.Ordinal);
            foreach (var item in draw(portion))
            {
                file.Write(json => Write(json, byId[item.Problem], item));
                correct += item.IsCorrect ? 1 : 0;
            }

            onProblems?.Invoke(first + portion.Length);
        }

        file.Sync();
        return new SampleSummary(found, problems.Count, problems.Count * settings.Samples, correct);
    }

    private void Write(Utf8JsonWriter json, Problem problem, EvaluationItem item)
    {
        json.WriteStartObject();
        json.WriteString("id", problem.Id);
        json.WriteNumber("sample", item.Sample);
        json.WriteString("group", problem.GroupKey);
        json.WriteString("question", problem.Question);
        json.WriteString("answer", problem.Answer);
        json.WriteString("completion", given(problem) + item.Completion);
        json.WriteNumber("tokens", item.Tokens);
        json.WriteString("finish", JsonNamingPolicy.CamelCase.ConvertName($"{item.Finish}"));
        json.WriteString("outcome", JsonNamingPolicy.CamelCase.ConvertName($"{item.Outcome}"));
        json.WriteString("value", item.Answer);
        json.WriteString("detail", item.Detail);
        json.WriteEndObject();
    }

    private void CheckSettings()
    {
        if (!File.Exists(path))
        {
            AtomicFile.WriteAllText(SettingsPath, settings.ToJson());
            return;
        }

        if (!File.Exists(SettingsPath))
        {
            throw new InputException(
                $"{OneLine.Of(path)}: is there, and {OneLine.Of(SettingsPath)}, which says how it was made, is not; name another file");
        }

        if (settings.Difference(File.ReadAllText(SettingsPath)) is { } key)
        {
            throw new InputException(
                $"{OneLine.Of(path)}: was made with another '{key}' ({OneLine.Of(SettingsPath)}); go on with the same, or name another file");
        }
    }

    /// <summary>The leading problems that have all their samples, and where they end.</summary>
    private (int Problems, long Length, int Correct) Found(IReadOnlyList<Problem> problems)
    {
        if (!File.Exists(path))
        {
            return (0, 0, 0);
        }

        var (whole, length, correct) = (0, 0L, 0);
        var (samples, bytes, right) = (0, 0L, 0);
        foreach (var line in LineFile.Read(path))
        {
            using var document = JsonDocument.Parse(line);
            var (id, sample) = (document.RootElement.GetProperty("id").GetString(), document.RootElement.GetProperty("sample").GetInt32());
            if (whole == problems.Count || id != problems[whole].Id || sample != samples)
            {
                throw new InputException(
                    $"{OneLine.Of(path)}: sample {sample} of problem {OneLine.Quote(id ?? "")} is not where it belongs; restore the file, "
                    + "or name another one");
            }

            samples++;
            bytes += Encoding.UTF8.GetByteCount(line) + 1;
            right += document.RootElement.GetProperty("outcome").GetString() == "correct" ? 1 : 0;
            if (samples == settings.Samples)
            {
                (whole, length, correct) = (whole + 1, length + bytes, correct + right);
                (samples, bytes, right) = (0, 0, 0);
            }
        }

        return (whole, length, correct);
    }
}
