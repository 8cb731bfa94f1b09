using System.Globalization;
using Reft.Numerics;

namespace Reft.Tests.Reporting;

/// <summary>The figures of a made run: a model that learns, with noise.</summary>
internal static class RunFixtureFigures
{
    private const ulong Seed = 23;

    /// <summary>The share of problems that are solved after a step.</summary>
    public static double Skill(int step, RunFixtureOptions options) =>
        0.08 + (0.6 / (1 + Math.Exp(-7 * (((double)step / Math.Max(1, options.Steps)) - 0.4))));

    public static object Metrics(int step, RunFixtureOptions options)
    {
        var random = new CounterRandom(CounterRandom.Hash(Seed, (ulong)step));
        var figures = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        var warm = Math.Min(1, (step + 1) / (0.1 * options.Steps));
        figures["epoch"] = step * 12 / 64.0;
        figures["optimizer/learning_rate"] = 1e-5 * warm;
        figures["optimizer/gradient_norm"] = step % 37 == 36 ? null : 0.4 + Noise(0.3);
        figures["optimizer/update_norm"] = 0.01 * warm;
        figures["optimizer/changed_share"] = Math.Min(1, 0.3 + (0.6 * warm) + Noise(0.02));
        figures["optimizer/skipped"] = 0;
        figures["rollout/sequences"] = 12;
        figures["rollout/length_mean"] = 62 + Noise(8);
        figures["rollout/length_max"] = 120 + Noise(30);
        figures["rollout/prompt_mean"] = 55 + Noise(2);
        figures["rollout/tokens"] = figures["mask/sampled_tokens"] = figures["mask/loss_tokens"] = Math.Round(744 + Noise(90));
        if (options.Method == "reft")
        {
            AddPpo(figures, Skill(step, options), step / (double)options.Steps, Noise);
        }
        else
        {
            figures["loss/nll"] = 0.35 + (1.4 * Math.Exp(-5.0 * step / options.Steps)) + Noise(0.06);
            figures["tokens/learned"] = Math.Round(744 + Noise(90));
        }

        return With(step, $"{CounterRandom.Hash((ulong)step):x16}", figures);

        double Noise(double size) => size * (random.NextDouble() + random.NextDouble() - 1);
    }

    public static object Timings(int step)
    {
        var random = new CounterRandom(CounterRandom.Hash(Seed, (ulong)step, 1));
        var rollout = 0.8 + (0.2 * random.NextDouble());
        return With(step, null, new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["at"] = new DateTimeOffset(2026, 11, 22, 20, 45, 6, TimeSpan.Zero).AddSeconds(2.1 * step)
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["time/rollout_s"] = rollout,
            ["time/prepare_s"] = 0.25 + (0.05 * random.NextDouble()),
            ["time/update_s"] = 0.9 + (0.1 * random.NextDouble()),
            ["memory/resident_bytes"] = 1_400_000_000L + (step * 10_000L),
            ["memory/peak_resident_bytes"] = 1_900_000_000L,
            ["memory/live_tensors"] = 188,
            ["memory/tensor_growth"] = 0,
        });
    }

    /// <summary>Log-probabilities, the reference's, values, rewards, advantages and returns of a response.</summary>
    public static double[][] Columns(int length, double reward, int step, CounterRandom random)
    {
        var own = Draw(() => Math.Round(-2.5 * Math.Pow(random.NextDouble(), 3), 6));
        var far = 0.004 * Math.Min(step, 60);
        var reference = own.Select(p => Math.Min(0, Math.Round(p - (far * (random.NextDouble() - 0.3)), 6))).ToArray();
        var values = own
            .Select((_, t) => Math.Round(0.3 + (0.4 * reward * t / length) + (0.1 * random.NextDouble()), 6)).ToArray();
        var rewards = own.Select((p, t) => (-0.05 * (p - reference[t])) + (t == length - 1 ? reward : 0)).ToArray();
        var advantages = values.Select(v => Math.Round((2 * (reward - v)) + random.NextDouble() - 0.5, 6)).ToArray();
        return [own, reference, values, rewards, advantages, [.. values.Zip(advantages, (v, a) => v + a)]];

        double[] Draw(Func<double> draw) => [.. Enumerable.Range(0, length).Select(_ => draw())];
    }

    private static void AddPpo(
        SortedDictionary<string, object?> figures, double skill, double progress, Func<double, double> noise)
    {
        var correct = Math.Clamp(skill + noise(0.12), 0, 1);
        var kl = (2.4 * progress) + noise(0.15);
        figures["verdict/correct_share"] = correct;
        figures["verdict/incorrect_share"] = 0.84 - correct;
        figures["verdict/no_answer_share"] = 0.12;
        figures["verdict/timeout_share"] = 0.03;
        figures["verdict/error_share"] = 0.01;
        figures["reward/verdict_mean"] = correct + (0.1 * (0.84 - correct));
        figures["reward/terminal"] = correct + (0.1 * (0.84 - correct));
        figures["reward/kl"] = -0.05 * kl;
        figures["reward/total"] = correct + (0.1 * (0.84 - correct)) - (0.05 * kl);
        figures["kl/k1_sequence"] = kl;
        figures["kl/k1_sequence_se"] = 0.12;
        figures["kl/k1_token"] = kl / 60;
        figures["kl/k3_token"] = (kl / 55) + 0.002;
        figures["kl/coefficient"] = 0.05;
        figures["policy/entropy"] = 0.62 - (0.35 * progress) + noise(0.05);
        figures["rollout/truncated_share"] = Math.Max(0, 0.16 - (0.1 * progress) + noise(0.03));
        figures["value/explained_variance"] = progress < 0.02 ? null : 0.75 - Math.Exp(-6 * progress) + noise(0.08);
        figures["value/mean"] = skill + noise(0.03);
        figures["value/return_mean"] = skill + noise(0.05);
        figures["advantage/mean"] = noise(0.02);
        figures["advantage/std"] = 0.4 + noise(0.05);
        figures["advantage/min"] = -0.9 + noise(0.1);
        figures["advantage/max"] = 0.9 + noise(0.1);
        figures["reward/terminal_std"] = 0.45 + noise(0.03);
        figures["ppo/ratio_mean"] = 1 + noise(0.004);
        figures["ppo/ratio_min"] = 0.7 + noise(0.1);
        figures["ppo/ratio_max"] = 1.4 + noise(0.2);
        figures["ppo/clip_fraction"] = 0.03 + noise(0.02);
        figures["ppo/approx_kl"] = 0.004 + noise(0.002);
        figures["ppo/first_ratio_p99"] = 2e-6;
        figures["loss/policy"] = -0.01 + noise(0.02);
        figures["loss/value"] = 0.2 + (0.3 * Math.Exp(-5 * progress)) + noise(0.03);
        figures["mine/unheard_of"] = 3 + noise(1);
    }

    private static Dictionary<string, object?> With(int step, string? hash, SortedDictionary<string, object?> figures)
    {
        var line = new Dictionary<string, object?> { ["step"] = step };
        if (hash is not null)
        {
            line["rollouts"] = hash;
        }

        foreach (var (name, value) in figures)
        {
            line[name] = value;
        }

        return line;
    }
}
