namespace Reft.Training;

/// <summary>The figures that the trainer writes, whatever the method.</summary>
internal static class TrainerMetrics
{
    /// <summary>Those of <c>metrics.jsonl</c>.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new("mask/sampled_tokens", "sampled tokens of the sequences that are learned"), new("mask/loss_tokens", "tokens with a weight in the loss"),
        new("optimizer/learning_rate", "the learning rate of the last update"),
        new("optimizer/gradient_norm", "L2 norm of the gradient over all parameters, before the clip"),
        new("optimizer/update_norm", "L2 norm of the update over all parameters"),
        new("optimizer/changed_share", "share of computing weights that are not bit for bit what they were"),
        new("optimizer/skipped", "share of optimizer steps left out since the gradient was not finite"),
        new("router/balance", "of a mixture of experts, N Σ_e f_e P_e with f the share of tokens and P the mean probability of an expert: 1 where all are used alike") { IsSometimes = true },
    ];

    /// <summary>Those of <c>timings.jsonl</c>, which differ from run to run.</summary>
    public static IReadOnlyList<Metric> OfTheProcess { get; } =
    [
        new("time/rollout_s", "seconds of the rollouts"), new("time/prepare_s", "seconds of the preparation"),
        new("time/update_s", "seconds of losses, gradients and optimizer steps"), new("time/optimizer_s", "seconds of the optimizer, part of the update"),
        new("time/exchange_s", "seconds of messages between ranks, and of waiting for them") { IsSometimes = true },
        new("ranks/sent_bytes", "bytes that this rank sent to the others") { IsSometimes = true },
        new("speed/rollout_tokens_per_s", "drawn tokens over the seconds of the rollouts") { IsSometimes = true },
        new("speed/new_tokens_per_s", "drawn tokens over the seconds of the whole step") { IsSometimes = true },
        new("speed/trained_tokens_per_s", "tokens, prompts included, that went forwards and backwards, once an epoch, over the seconds of the update"),
        new("memory/resident_bytes", "physical memory of the process at the end of the step"),
        new("memory/peak_resident_bytes", "the most of it since the process started"),
        new("memory/native_bytes", "what native code has allocated and not freed, libtorch's CPU tensors above all (glibc only)") { IsSometimes = true },
    ];
}
