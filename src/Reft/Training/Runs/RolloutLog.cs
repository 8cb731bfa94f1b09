using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reft.Algorithms;
using Reft.Generation;
using Reft.Rollouts;

namespace Reft.Training.Runs;

/// <summary>Writes every rollout that the policy drew, with what its loss was made of.</summary>
internal sealed class RolloutLog(RunFolder folder, long length) : IDisposable
{
    private readonly LineFile _file = LineFile.Open(folder.Rollouts, length);

    /// <summary>Bytes of rollouts.jsonl.</summary>
    public long Length => _file.Length;

    /// <summary>The hash of a batch: ids and the bits of the log-probabilities; null where the policy drew nothing.</summary>
    public static string? Hash(IReadOnlyList<Trajectory> trajectories)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var any = false;
        foreach (var rollout in trajectories.Select(t => t.Rollout).Where(r => r.LogProbs.Length > 0))
        {
            any = true;
            hash.AppendData(Encoding.UTF8.GetBytes(rollout.SampleId));
            hash.AppendData(MemoryMarshal.AsBytes(rollout.Tokens.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(rollout.LogProbs.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(rollout.SamplerLogProbs.AsSpan()));
        }

        return any ? Convert.ToHexStringLower(hash.GetHashAndReset())[..16] : null;
    }

    /// <summary>Writes a step's rollouts.</summary>
    public void Write(TrainingStep step)
    {
        foreach (var trajectory in step.Trajectories.Where(t => t.Rollout.LogProbs.Length > 0))
        {
            _file.Write(json => Write(json, step.Step, trajectory));
        }
    }

    /// <summary>Brings everything to the disk.</summary>
    public void Sync() => _file.Sync();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static void Write(Utf8JsonWriter json, long step, Trajectory trajectory)
    {
        var rollout = trajectory.Rollout;
        json.WriteStartObject();
        json.WriteNumber("step", step);
        json.WriteString("sample", rollout.SampleId);
        json.WriteString("problem", rollout.Problem.Id);
        json.WriteNumber("policyStep", rollout.PolicyStep);
        json.WriteNumber("promptLength", rollout.PromptLength);
        json.WriteStartArray("ids");
        foreach (var id in rollout.Tokens)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
        json.WriteString("roles", string.Concat(rollout.Roles.Select(Letter)));
        json.WriteString("text", rollout.Text);
        json.WriteString("finish", rollout.FinishReason == FinishReason.Stop ? "stop" : "length");
        if (rollout.Verdict is { } verdict)
        {
            json.WriteString("outcome", JsonNamingPolicy.CamelCase.ConvertName($"{verdict.Outcome}"));
            json.WriteString("answer", verdict.Answer);
            json.WriteString("detail", verdict.Detail);
        }

        ExactText.Write(json, "reward", rollout.Reward);
        if (rollout.Turn > 0)
        {
            json.WriteNumber("turn", rollout.Turn);
            ExactText.Write(json, "weight", rollout.Weight);
        }

        if (rollout.Baseline is { } baseline)
        {
            ExactText.Write(json, "baseline", baseline);
        }

        if (rollout.KnownLikelihood is { } known)
        {
            ExactText.Write(json, "knownLikelihood", known);
        }

        if (rollout.RewardParts.Count > 0)
        {
            json.WriteStartObject("rewardParts");
            foreach (var part in rollout.RewardParts)
            {
                ExactText.Write(json, part.Name, part.Worth);
            }

            json.WriteEndObject();
        }

        Floats(json, "logProbs", rollout.LogProbs);
        Floats(json, "samplerLogProbs", rollout.SamplerLogProbs);
        Floats(json, "importanceWeights", rollout.ImportanceWeights);
        Floats(json, "referenceLogProbs", trajectory.ReferenceLogProbs);
        Floats(json, "values", trajectory.OldValues);
        Doubles(json, "rewards", trajectory.Rewards);
        Floats(json, "advantages", trajectory.Advantages);
        Floats(json, "returns", trajectory.Returns);
        json.WriteEndObject();
    }

    private static char Letter(TokenRole role) => role switch
    {
        TokenRole.Hint => 'H',
        TokenRole.Sampled => 'S',
        TokenRole.Feedback => 'F',
        _ => throw new InvalidOperationException($"a response has a token of role {role}"),
    };

    private static void Floats(Utf8JsonWriter json, string name, float[] values)
    {
        if (values.Length > 0)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                if (float.IsFinite(value))
                {
                    json.WriteNumberValue(value);
                }
                else
                {
                    json.WriteNullValue();
                }
            }

            json.WriteEndArray();
        }
    }

    private static void Doubles(Utf8JsonWriter json, string name, double[] values)
    {
        if (values.Length > 0)
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                ExactText.Write(json, value);
            }

            json.WriteEndArray();
        }
    }
}
