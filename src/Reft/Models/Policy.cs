using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A sequence to evaluate: a prompt and a response.</summary>
/// <param name="Tokens">Prompt and response.</param>
/// <param name="PromptLength">How many of them are the prompt, at least 1.</param>
public sealed record PolicySequence(int[] Tokens, int PromptLength)
{
    /// <summary>Tells its draws of dropout from those of other sequences (<see cref="TokenBatch.Keys"/>).</summary>
    public ulong Key { get; init; }

    /// <summary>What is added to its latent slot, of a model that has one; null for nothing.</summary>
    public SlotNoise? Noise { get; init; }
}

/// <summary>What a policy says of the response tokens of several sequences, laid end to end: M tokens in all.</summary>
/// <param name="LogProbs">log π of every response token [M], float32.</param>
/// <param name="Values">The value of the state before every response token [M], float32; null if not asked for.</param>
/// <param name="Entropy">The entropy of every state's distribution [M] in nats, without gradients; null if not asked for.</param>
public sealed record PolicyOutputs(Tensor LogProbs, Tensor? Values, Tensor? Entropy)
{
    /// <summary>The log-probabilities of all tokens in every state [M, V], float32, with gradients; null if not asked for.</summary>
    public Tensor? Distribution { get; init; }

    /// <summary>The sequences' latent slots without noise [B, D], with gradients; null if not asked for.</summary>
    public Tensor? Slots { get; init; }
}

/// <summary>What to evaluate.</summary>
[Flags]
public enum PolicyQuestions
{
    /// <summary>Log-probabilities only.</summary>
    None = 0,

    /// <summary>Values too.</summary>
    Values = 1,

    /// <summary>Entropies too.</summary>
    Entropy = 2,

    /// <summary>Values whose gradient does not enter the policy's trunk.</summary>
    DetachedValues = 4 | Values,

    /// <summary>The whole distributions too, with gradients; they take M × V floats.</summary>
    Distribution = 8,

    /// <summary>The latent slots too, of a model that has one; one more pass over the prompts.</summary>
    Slots = 16,
}

/// <summary>
/// The policy and what estimates its values: a head on the shared trunk (ReFT), a network of its own (the paper's
/// ablation), or nothing. The alignment of tokens and states is fixed here and nowhere else: response token t is predicted
/// by, and its value is that of, the state one token earlier.
/// </summary>
public sealed class Policy : IDisposable
{
    private readonly Decoder? _valueTrunk;
    private readonly ClassHead? _classes;

    /// <summary>Makes a policy without values.</summary>
    /// <param name="decoder">The language model.</param>
    public Policy(Decoder decoder)
        : this(decoder, valueHead: null)
    {
    }

    /// <summary>Makes a policy.</summary>
    /// <param name="decoder">The language model.</param>
    /// <param name="valueHead">Estimates values; null for none.</param>
    /// <param name="valueTrunk">The value head's own network; null to share the policy's trunk.</param>
    internal Policy(Decoder decoder, ValueHead? valueHead, Decoder? valueTrunk = null)
    {
        Decoder = decoder;
        ValueHead = valueHead;
        _valueTrunk = valueTrunk;
        foreach (var parameter in valueTrunk?.Parameters ?? [])
        {
            parameter.Owner = "value_network.";
        }
    }

    /// <summary>
    /// Makes a classifier: a policy whose response is one token, and whose vocabulary is the head's classes. What goes before it is
    /// the prompt; the class is read from the state of the prompt's last token.
    /// </summary>
    /// <param name="decoder">The trunk; its language head is not used.</param>
    /// <param name="classes">Tells the classes.</param>
    internal Policy(Decoder decoder, ClassHead classes)
        : this(decoder)
    {
        _classes = classes;
    }

    /// <summary>The language model.</summary>
    public Decoder Decoder { get; }

    /// <summary>
    /// Divides the logits of whatever is evaluated, above 0. The policy is the distribution that tokens are drawn from: where they
    /// are drawn at a temperature, ratios, KL and entropy are those of the tempered distribution.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>The value head; null if there is none.</summary>
    internal ValueHead? ValueHead { get; }

    /// <summary>Whether the model's latent slot is trained, and nothing else.</summary>
    internal bool TrainsSlotAlone { get; init; }

    /// <summary>Everything that is trained, in a fixed order.</summary>
    internal IReadOnlyList<Parameter> Parameters => _classes is not null
        ? [.. Decoder.TrunkParameters, _classes.Weight]
        : TrainsSlotAlone ? Decoder.Slot!.Parameters // Whoever says so has given it one.
        : [.. Decoder.TrainedParameters, .. ValueParameters];

    /// <summary>What estimates values and nothing else: the head, and its own network if it has one.</summary>
    internal IReadOnlyList<Parameter> ValueParameters => [.. _valueTrunk?.TrainedParameters ?? [], .. ValueHead?.Parameters ?? []];

    /// <summary>Turns gradients of everything on or off.</summary>
    public void RequireGradients(bool required)
    {
        foreach (var parameter in Parameters)
        {
            parameter.Value.requires_grad_(required);
        }
    }

    /// <summary>Lets the CPU kernels keep the weights of all its networks packed (<see cref="Decoder.Prepare"/>).</summary>
    public IDisposable Prepare() => new Preparation(Decoder.Prepare(), _valueTrunk?.Prepare());

    /// <summary>Evaluates the responses.</summary>
    /// <param name="sequences">The sequences; each needs a prompt and a response.</param>
    /// <param name="questions">What to evaluate besides log-probabilities.</param>
    public PolicyOutputs Evaluate(IReadOnlyList<PolicySequence> sequences, PolicyQuestions questions) =>
        Evaluate(sequences, questions, ForwardMode.Plain);

    /// <summary>Evaluates the responses.</summary>
    /// <param name="sequences">The sequences; each needs a prompt and a response.</param>
    /// <param name="questions">What to evaluate besides log-probabilities.</param>
    /// <param name="mode">What the pass does besides computing.</param>
    internal PolicyOutputs Evaluate(
        IReadOnlyList<PolicySequence> sequences, PolicyQuestions questions, ForwardMode mode)
    {
        using var scope = NewDisposeScope();
        var chosen = States(Decoder, sequences, mode);
        var targets = tensor(Targets(sequences), device: Decoder.Device.Torch);
        var entropy = questions.HasFlag(PolicyQuestions.Entropy) ? empty(targets.shape, device: Decoder.Device.Torch) : null;
        var logProbs = _classes?.LogProbs(Decoder.Projected(chosen), targets) ?? Decoder.LogProbs(chosen, targets, entropy, Temperature);
        Tensor? values = null;
        if (questions.HasFlag(PolicyQuestions.Values))
        {
            var shared = questions.HasFlag(PolicyQuestions.DetachedValues) ? chosen.detach() : chosen;
            values = Head.Forward(_valueTrunk is null ? shared : States(_valueTrunk, sequences, mode));
        }

        var distribution = questions.HasFlag(PolicyQuestions.Distribution)
            ? nn.functional.log_softmax(Decoder.Logits(chosen).Times(1 / Temperature), 1)
            : null;
        var slots = questions.HasFlag(PolicyQuestions.Slots)
            ? Decoder.Slots(new TokenBatch([.. sequences.Select(s => s.Tokens[..s.PromptLength])]) { Keys = [.. sequences.Select(s => s.Key)] }, mode)
            : null;
        return new PolicyOutputs(
            logProbs.MoveToOuterDisposeScope(), values?.MoveToOuterDisposeScope(), entropy?.MoveToOuterDisposeScope())
        {
            Distribution = distribution?.MoveToOuterDisposeScope(),
            Slots = slots?.MoveToOuterDisposeScope(),
        };
    }

    /// <summary>The values of the states before every response token [M], float32, and nothing else.</summary>
    /// <param name="sequences">The sequences; each needs a prompt and a response.</param>
    public Tensor Values(IReadOnlyList<PolicySequence> sequences) => WrappedTensorDisposeScope(() =>
        Head.Forward(States(_valueTrunk ?? Decoder, sequences, ForwardMode.Plain)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _classes?.Dispose();
        ValueHead?.Dispose();
        _valueTrunk?.Dispose();
        Decoder.Dispose();
    }

    private ValueHead Head => ValueHead ?? throw new InvalidOperationException("the policy has no value head");

    /// <summary>
    /// The states before every response token [M, D]. The last token predicts nothing that is asked for; of a model with a latent slot the slot, not
    /// the prompt's last token, predicts the first.
    /// </summary>
    private static Tensor States(Decoder decoder, IReadOnlyList<PolicySequence> sequences, ForwardMode mode)
    {
        var states = StateIndices(sequences, decoder.Slot is null ? 0 : 1);
        return decoder.Slot is null
            ? decoder.Hidden(new TokenBatch([.. sequences.Select(s => s.Tokens[..^1])]) { Keys = [.. sequences.Select(s => s.Key)] }, mode, states)
            : decoder.HiddenBehindSlots(
                [.. sequences.Select(s => (s.Tokens[..s.PromptLength], s.Tokens[s.PromptLength..^1], s.Key))],
                [.. sequences.Select(s => s.Noise)], mode, states);
    }

    private sealed class Preparation(IDisposable policy, IDisposable? valueTrunk) : IDisposable
    {
        public void Dispose()
        {
            policy.Dispose();
            valueTrunk?.Dispose();
        }
    }

    private static long[] Targets(IReadOnlyList<PolicySequence> sequences) =>
        [.. sequences.SelectMany(s => s.Tokens.Skip(s.PromptLength)).Select(t => (long)t)];

    private static long[] StateIndices(IReadOnlyList<PolicySequence> sequences, int slots)
    {
        var indices = new List<long>();
        var offset = 0L;
        foreach (var sequence in sequences)
        {
            if (sequence.PromptLength < 1 || sequence.PromptLength >= sequence.Tokens.Length)
            {
                throw new ArgumentException("a sequence needs a prompt and a response", nameof(sequences));
            }

            for (var t = sequence.PromptLength; t < sequence.Tokens.Length; t++)
            {
                indices.Add(offset + slots + t - 1);
            }

            offset += slots + sequence.Tokens.Length - 1;
        }

        return [.. indices];
    }
}
