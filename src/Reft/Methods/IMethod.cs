using System.Collections.ObjectModel;
using Reft.Algorithms;
using Reft.Configuration;
using Reft.Generation;
using Reft.Inputs;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Text;
using Reft.Training.Runs;
using Reft.Verification;
using static TorchSharp.torch;

namespace Reft.Methods;

/// <summary>What a method is made from, and the parts that several methods make of it.</summary>
public sealed record MethodParts
{
    internal MethodParts(
        RunConfig config, IReadOnlyList<Problem> train, IReadOnlyList<Problem> dev, RunModel model, PromptTemplate template, IVerifier verifier,
        Heartbeat heartbeat)
    {
        (Config, Train, Dev, Model) = (config, train, dev, model);
        (Template, Verifier, Heartbeat) = (template, verifier, heartbeat);
    }

    /// <summary>The run's config.</summary>
    public RunConfig Config { get; }

    /// <summary>The training problems.</summary>
    public IReadOnlyList<Problem> Train { get; }

    /// <summary>The problems that checkpoints are chosen by.</summary>
    public IReadOnlyList<Problem> Dev { get; }

    /// <summary>Makes the texts.</summary>
    public PromptTemplate Template { get; }

    /// <summary>Judges answers.</summary>
    public IVerifier Verifier { get; }

    /// <summary>Told what is being done.</summary>
    public Heartbeat Heartbeat { get; }

    /// <summary>The model that is trained; the run owns it.</summary>
    public Decoder Decoder => Model.Model.Decoder;

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer => Model.Tokenizer;

    /// <summary>The token that ends a completion.</summary>
    public int StopToken => Model.StopToken;

    /// <summary>The model as the run holds it.</summary>
    internal RunModel Model { get; }

    /// <summary>Draws rollouts in another place; null for here.</summary>
    internal ICompletionSource? Elsewhere { get; init; }

    /// <summary>The policy over the model, at the temperature that rollouts are drawn at; without values.</summary>
    public Policy Policy() => new(Decoder) { Temperature = Config.Rollouts.Temperature };

    /// <summary>Rollouts of that policy, as <c>rollouts</c> and <c>reward</c> of the config ask for them.</summary>
    /// <exception cref="InputException">No prompt fits into the context.</exception>
    public PolicySource Rollouts() => PolicySource.Create(this);

    /// <summary>The model that the run starts from, to compare with: under adapters the base, else a frozen copy.</summary>
    /// <param name="policy">The policy that is trained.</param>
    /// <param name="owned">Gets what must live as long as the method (<see cref="MethodSetup.Owned"/>).</param>
    /// <param name="tokens">Tokens that a forward pass takes at a time.</param>
    /// <returns>Log-probabilities of responses [B][T].</returns>
    public Func<IReadOnlyList<PolicySequence>, float[][]> Reference(Policy policy, ICollection<IDisposable> owned, int tokens) =>
        ReferencePolicy.Create(this, policy, owned, tokens);

    /// <summary>Solutions as sequences to imitate, of the problems whose solution fits into <c>training.maxTokens</c>.</summary>
    public IReadOnlyList<ScoredRollout> Solutions(IEnumerable<Problem> problems) =>
    [
        .. GoldSolutions.Fitting(
            problems.Where(problem => problem.HasSolution), Template, Tokenizer, StopToken,
            Math.Min(Config.Training.MostLearned, Decoder.Config.MaxPositions)),
    ];
}

/// <summary>What an evaluation says besides, in words, and writes, given the path of the evaluation's own file.</summary>
public sealed record EvaluationAddition(string Summary, Action<string> Write);

/// <summary>A method, ready to train: where rollouts come from and what loss they get.</summary>
/// <param name="Policy">What is trained.</param>
/// <param name="Source">Where rollouts come from.</param>
/// <param name="Algorithm">What is made of them.</param>
public sealed record MethodSetup(Policy Policy, IRolloutSource Source, IAlgorithm Algorithm) : IDisposable
{
    /// <summary>Whether it keeps a copy of the model that the run starts from, to compare with.</summary>
    public bool HasReference { get; init; }

    /// <summary>The names of further copies of the model that it keeps, for the memory plan.</summary>
    public IReadOnlyList<string> Copies { get; init; } = [];

    /// <summary>Tensors of the method's own, by name, that every checkpoint keeps and that a resumed run gets back.</summary>
    internal IReadOnlyDictionary<string, Tensor> Kept { get; init; } = ReadOnlyDictionary<string, Tensor>.Empty;

    /// <summary>Optimizer steps of a training step.</summary>
    public required int UpdatesPerStep { get; init; }

    /// <summary>What the user should know before it starts, such as what was left out.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Models that belong to the method besides the policy's.</summary>
    public IReadOnlyList<IDisposable> Owned { get; init; } = [];

    /// <summary>How checkpoints are judged, given the step; null for the problems that the model solves greedily.</summary>
    public Func<long, DevEvaluation>? Evaluate { get; init; }

    /// <summary>What an evaluation on dev says besides, given the step; null for nothing.</summary>
    public Func<long, EvaluationAddition>? Adds { get; init; }

    /// <summary>How a problem is asked in evaluations; the problem itself where the method changes no question.</summary>
    public Func<Problem, Problem> Asks { get; init; } = problem => problem;

    /// <summary>Writes a checkpoint's model folder; null for the language model's.</summary>
    public Action<string>? Save { get; init; }

    /// <summary>The hash of what it reads besides problems and model; empty for nothing.</summary>
    public string Inputs { get; init; } = "";

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in Owned)
        {
            owned.Dispose();
        }
    }
}

/// <summary>
/// A training method: rollout source × algorithm, and all that the rest of Reft has to know of it. It is one entry of
/// <see cref="Catalog.Methods"/>, and nothing else knows its name.
/// </summary>
public interface IMethod : INamed
{
    /// <summary>Where it is from: a paper, with section or equation.</summary>
    string Citation { get; }

    /// <summary>A paragraph: what it is, when to use it, and when not; <c>reft methods NAME</c> shows it.</summary>
    string Guide => Summary;

    /// <summary>The text of a config that shows it; null for none. Of <c>configs/methods</c> and <c>configs/small</c> the one of this method.</summary>
    string? Example => MethodExamples.Find(Name);

    /// <summary>Its own section of a config.</summary>
    OptionsSection Options { get; }

    /// <summary>
    /// The keys and sections that it reads and not every method does. A config is refused that has another method's and not its own; what no
    /// method names, all of them read.
    /// </summary>
    IReadOnlyList<string> Reads { get; }

    /// <summary>
    /// The algorithm of a config with no model behind it, whose preparation can work stored steps out again
    /// (<see cref="Algorithms.Preparations.IPreparation.Again"/>); null where it cannot.
    /// </summary>
    ComposedAlgorithm? Again(RunConfig config) => null;

    /// <summary>What a replay leaves out, or why there is none, in a clause: what is in no file of a run. null for nothing.</summary>
    string? Unreplayed => null;

    /// <summary>Which of its options a replay can show the effect of, by their paths.</summary>
    IReadOnlyList<string> Replays => [];

    /// <summary>
    /// The figures that its algorithm writes; those of the trainer, of rollouts and verdicts are known. What is watched and what the doctor says
    /// follows from them.
    /// </summary>
    IReadOnlyList<Metric> Metrics => [];

    /// <summary>The formulas that its parts compute; what all methods share is in docs/algorithm.md.</summary>
    IReadOnlyList<Formula> Formulas => [];

    /// <summary>What its checkpoints are for, in words; null for a language model that answers.</summary>
    string? Use => null;

    /// <summary>What cannot be together in a config of this method.</summary>
    IEnumerable<Contradiction> Contradictions(RunConfig config);

    /// <summary>Puts it together.</summary>
    MethodSetup Create(MethodParts parts);
}
