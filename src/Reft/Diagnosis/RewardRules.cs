using static System.FormattableString;

namespace Reft.Diagnosis;

/// <summary>Red flags of rewards and verdicts (docs/operating.md).</summary>
internal static class RewardRules
{
    private const string Correct = "verdict/correct_share";
    private const string Terminal = "reward/terminal";
    private const double LeastChange = 0.03;
    private const double LateFall = 0.1;
    private const double NearNothing = 0.02;
    private const double NearAll = 0.95;
    private const int FewestSteps = 24;
    private const int WindowSteps = 10;
    private const double ShortHints = 0.7;

    /// <summary>The findings.</summary>
    public static IEnumerable<DoctorFinding> Of(RunFigures run)
    {
        DoctorFinding?[] found = [Reward(run), Farming(run), Ratchet(run), Share(run, NoAnswer), Share(run, Error), Dev(run)];
        return found.OfType<DoctorFinding>();
    }

    private static ShareRule NoAnswer { get; } = new(
        "no-answer-rising", "verdict/no_answer_share", Witness.NoAnswer, "the answer's format is being forgotten",
        "[raise {kl.coefficient}, or ]lower optimizer.learningRate");

    private static ShareRule Error { get; } = new(
        "errors-rising", "verdict/error_share", Witness.Error, "more and more programs cannot run",
        "look at their details in rollouts.jsonl; then [raise {kl.coefficient}, ]lower optimizer.learningRate or warm up longer");

    private static DoctorFinding? Reward(RunFigures run)
    {
        if (run.Trend(Terminal) is not { } trend || run.Steps.Count < FewestSteps)
        {
            return null;
        }

        var figures = Invariant($"reward/terminal went from {trend.First:F3} to {trend.Last:F3} (change {trend.Change:+0.000;-0.000}, ")
            + Invariant($"95% {trend.Low:+0.000;-0.000} to {trend.High:+0.000;-0.000})");
        if ((trend.Falls && trend.Change < -LeastChange) || trend.Last < trend.First - LateFall)
        {
            return Whole(run, new DoctorFinding(
                "reward-falling", Severity.Warning, figures, "the policy gets worse at what it is rewarded for",
                "lower optimizer.learningRate[, or raise {kl.coefficient}]; look at the completions, and at value/explained_variance where there is one"));
        }

        if (trend.Last < NearNothing)
        {
            return Whole(run, new DoctorFinding(
                "reward-nothing", Severity.Warning, figures, "there is next to nothing to learn from",
                "warm up longer by method sft; look at prompts, answers.style and the verifier")) with
            { Witness = Witness.Any };
        }

        return trend.Rises || trend.First > NearAll
            ? null
            : Whole(run, new DoctorFinding(
                "reward-flat", Severity.Notice, figures, "the reward did not rise beyond chance",
                "train for longer, or raise optimizer.learningRate or rollouts.samplesPerProblem a little"));
    }

    private static DoctorFinding? Farming(RunFigures run) =>
        run.Trend(Terminal) is { Rises: true } reward && run.Trend(Correct) is { Rises: false } correct
        && run.Trend("verdict/incorrect_share") is { Rises: true } wrong && reward.Change > NearNothing / 2
            ? Whole(run, new DoctorFinding(
                "partial-farming", Severity.Warning,
                Invariant($"reward/terminal {reward.First:F3} to {reward.Last:F3}, correct share {correct.First:F3} to ")
                    + Invariant($"{correct.Last:F3}, incorrect share {wrong.First:F3} to {wrong.Last:F3}"),
                "the partial reward is farmed: the policy learns to answer at all, and not to answer well",
                "try reft replay RUN --set reward.partial=0, then train with a smaller reward.partial")) with
            {
                Witness = Witness.Incorrect,
            }
            : null;

    /// <summary>The upper ends of hints only ever fall, so luck is never taken back: short hints, and little that is solved behind them.</summary>
    private static DoctorFinding? Ratchet(RunFigures run)
    {
        const string High = "hints/high_mean";
        var shares = run.Of(Correct);
        var best = Enumerable.Range(0, Math.Max(0, shares.Length - WindowSteps)).Select(i => shares[i..(i + WindowSteps)].Average()).DefaultIfEmpty(0).Max();
        return run.Of(High).Length > 0 && run.Late(High) < ShortHints && run.Late(Correct) < LateFall
            ? Whole(run, new DoctorFinding(
                "hints-ratchet", Severity.Warning,
                Invariant($"{High} went from {run.Of(High)[0]:F2} to {run.Late(High):F2}, and {Correct} from {best:F3} at best to {run.Late(Correct):F3}"),
                "hints shrank by luck, and what cannot be solved behind them is never given more of",
                "set rollouts.curriculum.threshold above what guessing the last step earns, or rollouts.curriculum.widensBelow above 0"))
            : null;
    }

    private static DoctorFinding? Share(RunFigures run, ShareRule rule) =>
        run.Trend(rule.Figure) is { Rises: true } trend && trend.Change > LeastChange
            ? Whole(run, new DoctorFinding(
                rule.Id, Severity.Warning, Invariant($"{rule.Figure} went from {trend.First:F3} to {trend.Last:F3}"),
                rule.Meaning, rule.Remedy)) with
            {
                Witness = rule.Witness,
            }
            : null;

    private static DoctorFinding? Dev(RunFigures run)
    {
        if (run.Dev.Count < 3)
        {
            return null;
        }

        var best = run.Dev.MaxBy(d => d.Value);
        var last = run.Dev[^1];
        var learns = run.Trend(Correct) is { Rises: true } || run.Trend("loss/nll") is { Falls: true };
        return learns && best.Value - last.Value > LeastChange
            ? new DoctorFinding(
                "dev-falling", Severity.Warning,
                Invariant($"dev accuracy fell from {best.Value:P1} at step {best.Key} to {last.Value:P1} at step {last.Key}, ")
                    + "while training got better",
                "the training questions are being learned by heart",
                Invariant($"use checkpoints/step-{best.Key:D6}, train for fewer epochs, or on more problems"))
            {
                From = best.Key,
                To = last.Key,
            }
            : null;
    }

    private static DoctorFinding Whole(RunFigures run, DoctorFinding finding) =>
        finding with { From = run.Steps[0], To = run.Steps[^1] };

    private sealed record ShareRule(string Id, string Figure, Witness Witness, string Meaning, string Remedy);
}
