using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Evaluation;
using Reft.Hub;
using Reft.Inputs;
using Reft.Leases;
using Reft.Methods;
using Reft.Models;
using Reft.Numerics;
using Reft.Planning;
using Reft.Problems;
using Reft.Ranks;
using Reft.Runtime;
using Reft.Text;
using Reft.Training;
using Reft.Training.Runs;
using Reft.Verification;

namespace Reft.Runs;

/// <summary>
/// A config made into what it describes: problems read and audited, model loaded, method put together. Nothing is written
/// before <see cref="Run"/>.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    private const int AdapterSeedSalt = 7;

    private readonly ComputeDevice _device;
    private readonly LoadedConfig _loaded;
    private readonly string? _chosen;
    private readonly Relay _observer;
    private readonly TimeProvider _clock;
    private readonly Heartbeat _heartbeat = new();
    private readonly PromptTemplate _template;
    private readonly IVerifier _verifier;
    private readonly RunProblems _problems;
    private readonly RankGroup _ranks;
    private readonly RunModel _model;
    private readonly MethodSetup _method;
    private readonly LeaseCarrierMaker? _carriers;
    private readonly LeasedCompletions? _leased;

    private TrainingRun(LoadedConfig loaded, ITrainingObserver? observer, TimeProvider clock, RankGroup ranks, LeaseCarrierMaker? carriers = null)
    {
        _ranks = ranks;
        _carriers = carriers;
        _device = DeviceChoice.Find(loaded.Config.Model.Device, "model.device", ranks.LocalRank);
        _loaded = Choose(loaded, _device);
        _chosen = loaded.Config.Model.Device != ComputeDevice.Automatic ? null : $"model.device is auto: computes on {_device}";
        _observer = new Relay(ranks.IsFirst ? observer : null);
        _clock = clock;
        var config = Config;
        _observer.Preparing("reading the problems");
        var verifier = RunVerifier.Create(config.Answers, _heartbeat);
        _verifier = ranks.IsAlone ? verifier : new SharedVerifier(verifier, ranks);
        _problems = RunProblems.Load(config, verifier);
        if (_problems.Train.Count == 0)
        {
            throw new InputException("problems.train: there is no problem to train on");
        }

        _observer.Preparing(config.Model.Path is { } from ? $"loading {from}" : "making a fresh model");
        _model = RunModel.Open(config.Model, _problems.Train, config.Answers.Template, config.Seed);
        _template = _model.Template;
        _model.Ranks = ranks;
        try
        {
            if (config.Model.Lora is { } lora)
            {
                _model.Model.Decoder.AddAdapters(lora, CounterRandom.Hash(config.Seed, AdapterSeedSalt));
            }

            _leased = config.Rollouts.Workers is { } workers ? Leased(workers) : null;
            _observer.Preparing($"making {config.Method} ready");
            _method = config.Catalog.Of(config.Method).Create(
                new MethodParts(config, _problems.Train, _problems.Dev, _model, _template, _verifier, _heartbeat) { Elsewhere = _leased });
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    /// <summary>The config.</summary>
    public RunConfig Config => _loaded.Config;

    /// <summary>What the run is doing at this moment.</summary>
    public Heartbeat Heartbeat => _heartbeat;

    /// <summary>Steps of the run.</summary>
    public long Steps => Schedule().Stop;

    /// <summary>Trained parameters.</summary>
    public long TrainedParameters => _method.Policy.Parameters.Sum(p => p.Count);

    /// <summary>How prompts are made and what ends completions, in words.</summary>
    public string Prompt => _model.Ends.Describe(_template, _model.Tokenizer);

    /// <summary>What the user should know before it starts.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. _chosen is null ? Array.Empty<string>() : [_chosen],
        .. Config.Model.Path is { } path && !_template.Form.IsChat && FolderPrompt.Of(new HubPaths().Model(path), Config.Catalog.Prompts).Form.IsChat
            ? new[] { "the model answers in a chat template, and is asked between marks: answers.prompt: chat asks it in its own way" }
            : [],
        .. Config.Model.Path is { } named && HubAddress.Is(named) ? new[] { $"{named} is at commit {Path.GetFileName(_model.Model.Folder)}" } : [],
        .. _model.Unnamed is > 0 and var unnamed
            ? new[] { $"{unnamed} ids of the model's vocabulary are no tokens of its tokenizer; they can be drawn, and are no text" }
            : [],
        .. _method.Notes,
        .. !_ranks.IsAlone && !(_model.Model.Decoder.IsExact && Config.Model.Products == ProductChoice.Exact)
            ? new[] { "what this model computes depends in its last digits on what is computed beside it: another number of ranks gives others" }
            : [],
        .. _problems.Shared.Count == 0
            ? Array.Empty<string>()
            : [$"{_problems.Shared.Count} training questions are in dev or test too and are left out of training"],
        .. _problems.Notes.Values.SelectMany(notes => notes).Select(note => note.Detail),
    ];

    /// <summary>Makes a run ready.</summary>
    /// <exception cref="InputException">The config names what is not there, or does not fit together.</exception>
    public static TrainingRun Prepare(LoadedConfig config, ITrainingObserver observer, TimeProvider clock) =>
        new(config, observer, clock, RankGroup.Alone);

    /// <summary>Makes a run ready that several ranks compute together, each of which calls it with the same config.</summary>
    /// <param name="config">The config.</param>
    /// <param name="observer">Told how it gets on.</param>
    /// <param name="clock">Tells the time.</param>
    /// <param name="ranks">The ranks; one where there are no others.</param>
    /// <param name="carriers">Brings workers' leases; null for a program that cannot.</param>
    internal static TrainingRun Prepare(
        LoadedConfig config, ITrainingObserver observer, TimeProvider clock, RankGroup ranks, LeaseCarrierMaker? carriers = null) =>
        new(config, observer, clock, ranks, carriers);

    /// <summary>Makes a run ready whose config was made in C#; it is checked as a file is.</summary>
    /// <param name="config">The config.</param>
    /// <param name="observer">Told how it gets on; null for nobody.</param>
    /// <exception cref="InputException">The config is wrong, names what is not there, or does not fit together.</exception>
    public static TrainingRun Prepare(RunConfig config, ITrainingObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        NativeRuntime.Ensure();
        return new(new LoadedConfig(config), observer, TimeProvider.System, RankGroup.Alone);
    }

    /// <summary>Trains in the background, and gives each step when it was done. It is at most 64 steps ahead of who listens.</summary>
    /// <param name="resume">Whether to go on with a run that is in the folder.</param>
    /// <param name="cancellation">Finishes the step, saves, and ends.</param>
    /// <exception cref="InputException">The folder holds a run and resume is false, or the other way round.</exception>
    /// <exception cref="AlarmException">An invariant of the run is broken.</exception>
    public async IAsyncEnumerable<TrainingStep> StepsAsync(
        bool resume = false, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var steps = BackgroundSequence.Of<TrainingStep>(
            (give, left) =>
            {
                _observer.Give = give;
                Run(resume, Environment.CommandLine, left);
            },
            cancellation);
        try
        {
            await foreach (var step in steps.ConfigureAwait(false))
            {
                yield return step;
            }
        }
        finally
        {
            _observer.Give = null;
        }
    }

    /// <summary>Trains; then looks at the test set once, with the best checkpoint, if the config names one.</summary>
    /// <param name="resume">Whether to go on with a run that is in the folder.</param>
    /// <param name="commandLine">For the record.</param>
    /// <param name="cancellation">Finishes the step, saves, and ends.</param>
    /// <exception cref="InputException">The folder holds a run and resume is false, or the other way round.</exception>
    public RunOutcome Run(bool resume, string commandLine, CancellationToken cancellation)
    {
        var folder = new RunFolder(Config.Run);
        using var held = _ranks.IsFirst ? RunLock.Take(folder) : null;
        using var leased = Serve(folder); // Before anything is written: there may be no server.
        Begin(folder, resume, commandLine);
        using var watchdog = new Watchdog(_heartbeat, Config.Invariants, _observer);
        using var optimizer = Optimizer();
        _heartbeat.Beat("starting", "packing weights, and looking for a checkpoint to go on from");
        using var prepared = _method.Policy.Prepare(); // What does not change, as a base under adapters, is packed once.
        var outcome = Train(optimizer, folder, cancellation);
        if (outcome.End == RunEnd.Finished && _problems.Test.Count > 0)
        {
            EvaluateTest(folder, outcome, _ranks.IsAlone ? cancellation : CancellationToken.None);
        }

        return outcome;
    }

    /// <summary>What draws rollouts where workers do too.</summary>
    /// <exception cref="InputException">Their bytes would not be the run's.</exception>
    private LeasedCompletions Leased(WorkersSection workers)
    {
        var why = !_device.HasKernels ? $"model.device is {_device}, whose last bits depend on what is drawn together"
            : Config.Model.Products == ProductChoice.Fastest ? "model.products: fastest gives other bits on every processor"
            : Config.Model.Quantization != WeightQuantization.None ? "weights in few bits are not written for workers yet"
            : !_model.Model.Decoder.IsExact ? $"completions of {_model.Model.Decoder.Config.ModelType} depend on what is drawn together"
            : null;
        if (why is not null)
        {
            throw new InputException($"rollouts.workers: {why}; leave workers out");
        }

        var terms = new LeaseTerms(workers.Problems, workers.CheckedShare, TimeSpan.FromSeconds(workers.WaitSeconds), Config.Rollouts.Slots);
        return new LeasedCompletions(_model.Model.Decoder, terms, _observer.Noted, _heartbeat, _clock);
    }

    /// <summary>From now on workers are asked.</summary>
    private LeasedCompletions? Serve(RunFolder folder)
    {
        if (_leased is null || Config.Rollouts.Workers is not { } workers)
        {
            return null;
        }

        if (_carriers is null)
        {
            throw new InputException("rollouts.workers: workers are asked by the program reft (or by one that runs ReftHost); leave workers out");
        }

        var path = Path.GetFullPath(folder.Path);
        var id = FromFirst(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Environment.MachineName}:{path}")))[..8]);
        var start = FromFirst($"{Guid.NewGuid():N}"[..8]);
        var weights = Path.GetFullPath(workers.Weights ?? Path.Combine(path, "weights"));
        var run = new LeasedRun(id, start, Path.GetFileName(path), Path.Combine(weights, $"{id}-{start}"), _ranks.Rank);
        var carrier = _ranks.IsFirst ? _carriers(workers, run) : null;
        _ranks.Meet(); // The first one makes what the others use.
        _leased.Open(carrier ?? _carriers(workers, run), _ranks.IsFirst ? new WeightFolder(run, _model.Model, Config.Model.Lora) : null);
        return _leased;

        string FromFirst(string own) => Encoding.UTF8.GetString(_ranks.FromFirst(Encoding.UTF8.GetBytes(own)));
    }

    private RunOutcome Train(AdamW optimizer, RunFolder folder, CancellationToken cancellation)
    {
        try
        {
            return new TrainingLoop(Plan(), Trainer(optimizer), optimizer, folder, _observer, _clock).Run(cancellation);
        }
        catch (Exception error) when (OutOfMemory.Is(error))
        {
            var plan = new Forecaster(_method, _model, _template, Config).Memory();
            throw new InputException(OutOfMemory.Explain(error, _device, Config, plan), error);
        }
    }

    /// <summary>Says what the run would do; two steps are tried, so nothing else can be done with this afterwards.</summary>
    internal RunForecast Forecast()
    {
        using var optimizer = Optimizer();
        var (total, stop) = Schedule();
        var plan = Plan();
        var forecaster = new Forecaster(_method, _model, _template, Config);
        var (seconds, step) = StepProbe.Try(Trainer(optimizer), plan.StepsPerEpoch, Config, _method.Policy);
        return new RunForecast
        {
            Problems = [_problems.Train.Count, _problems.Dev.Count, _problems.Test.Count],
            Lengths = forecaster.Lengths(_problems.Train),
            Steps = stop,
            Updates = stop * _method.UpdatesPerStep,
            ScheduledSteps = total,
            StepsPerEpoch = plan.StepsPerEpoch,
            Memory = forecaster.Memory(),
            SecondsPerStep = seconds,
            Step = step,
            Evaluations = plan.Evaluate is null || plan.EvaluateEvery is null ? 0 : (int)(1 + ((stop + plan.EvaluateEvery.Value - 1) / plan.EvaluateEvery.Value)),
            Prompt = Prompt,
            Notes = Notes,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _method.Dispose();
        _model.Dispose();
        (_verifier as IDisposable)?.Dispose();
    }

    private void Begin(RunFolder folder, bool resume, string commandLine)
    {
        // All look before the first one writes; and what they begin with must be the same.
        _ranks.Agree("the version of Reft, or what the run starts from", $"{typeof(TrainingRun).Assembly.GetName().Version}, {Origin()}");
        _ranks.Agree("whether the folder holds a run: is it the same folder everywhere?", $"{folder.IsRun}");
        if (folder.IsRun && !resume)
        {
            throw new InputException(
                $"{folder.Path}: holds a run already; go on with it by --resume, or name another folder with --set run=…");
        }

        if (folder.IsRun)
        {
            RefuseAnotherDevice(folder);
        }

        if (!_ranks.IsFirst)
        {
            _ranks.Meet();
            return;
        }

        StagedFile.RemoveLeftovers(folder.Path);
        Directory.CreateDirectory(folder.Evaluations);
        Directory.CreateDirectory(folder.Checkpoints);
        _problems.Write(folder);
        var facts = new
        {
            Format = 1,
            Config.Method,
            Version = typeof(TrainingRun).Assembly.GetName().Version?.ToString(3),
            CommandLine = commandLine,
            Machine = $"{System.Runtime.InteropServices.RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores",
            Device = _device.Name,
            Start = _clock.GetUtcNow(),
            Config.Seed,
            Prompt,
            Model = ModelHash.Of(_model.Model.Decoder, _model.Tokenizer),
            Parameters = _model.Model.Decoder.Parameters.Sum(p => p.Count),
            TrainedParameters,
            Train = _problems.Train.Count,
            Dev = _problems.Dev.Count,
            Test = _problems.Test.Count,
        };
        AtomicFile.WriteAllText(folder.Facts, JsonSerializer.Serialize(facts, RunJson.Indented) + "\n");
        // Last: a folder with a config is a run.
        AtomicFile.WriteAllText(folder.Config, ConfigText.Write(Config, _loaded.Provenance));
        new RunStatus("running", 0, Steps, "", _clock.GetUtcNow()).Write(folder);
        _ranks.Meet();
    }

    /// <summary>A name that leaves the choice open becomes what was chosen, which is what the run's folder remembers.</summary>
    private static LoadedConfig Choose(LoadedConfig loaded, ComputeDevice device) =>
        loaded.Config.Model.Device != ComputeDevice.Automatic && ComputeDevice.TryParse(loaded.Config.Model.Device, out var named) && named == device
            ? loaded
            : loaded with { Config = loaded.Config with { Model = loaded.Config.Model with { Device = device.Name } } };

    /// <summary>The hash of a run's start would refuse it too, but not say why.</summary>
    private void RefuseAnotherDevice(RunFolder folder)
    {
        var before = ConfigFile.Load(folder.Config, [], Config.Catalog, isOfRun: true).Config.Model.Device;
        if (ComputeDevice.TryParse(before, out var device) && device is not null && device.Kind != _device.Kind)
        {
            throw new InputException(
                $"{folder.Path}: was started on {before} and would go on on {_device}, whose last bits are others: name the device that it "
                + $"was started on (model.device={before}), or start a run in another folder");
        }
    }

    private AdamW Optimizer()
    {
        _method.Policy.RequireGradients(true);
        return new AdamW(_method.Policy.Parameters, Config.Optimizer.Adam, _device, _ranks, Config.Training.GradientLeaves);
    }

    private Trainer Trainer(AdamW optimizer)
    {
        var updates = Schedule().Total * _method.UpdatesPerStep;
        var options = new TrainerOptions
        {
            Schedule = new LearningRateSchedule
            {
                Peak = Config.Optimizer.LearningRate,
                Shape = Config.Optimizer.Schedule,
                WarmupSteps = (long)(Config.Optimizer.WarmupShare * updates),
                TotalSteps = updates,
            },
            MicroBatchTokens = Config.Training.MicroBatchTokens,
            MicroBatchesAtOnce = ActivationMemory.AtOnce(Config, _model.Model.Decoder.Config),
            Seed = Config.Seed,
            RecomputesLayers = Config.Model.ActivationCheckpointing,
            UsesDropout = Config.Model.Dropout,
        };
        return new Trainer(_method.Policy, _method.Source, _method.Algorithm, optimizer, options, _heartbeat);
    }

    private (long Total, long Stop) Schedule()
    {
        var perEpoch = _method.Source.StepsPerEpoch;
        var training = Config.Training;
        var total = training.Steps ?? (training.Epochs!.Value * perEpoch); // One of the two is given: the config was validated.
        var stop = training.StopAfterSteps ?? (training.StopAfterEpochs * perEpoch) ?? total;
        return (total, Math.Min(total, stop));
    }

    private TrainingPlan Plan()
    {
        var perEpoch = _method.Source.StepsPerEpoch;
        var evaluation = Config.Evaluation;
        return new TrainingPlan
        {
            Steps = Schedule().Stop,
            StepsPerEpoch = perEpoch,
            EvaluateEvery = evaluation.EverySteps ?? (evaluation.EveryEpochs * perEpoch),
            Evaluate = _method.Evaluate is { } judge ? (step, _) => judge(step) : _problems.Dev.Count == 0 ? null : EvaluateDev,
            CheckpointEvery = Config.Checkpoints.EverySteps,
            Keep = Config.Checkpoints.Keep,
            KeepEpochs = Config.Checkpoints.KeepEpochs,
            SaveModel = SaveModel,
            Origin = Origin(),
            Kept = _method.Kept,
            Invariants = Config.Invariants,
            Knob = Config.Knob,
        };
    }

    private DevEvaluation EvaluateDev(long step, CancellationToken cancellation)
    {
        var result = Evaluate(_model.Model, _problems.Dev, "dev", step, cancellation);
        var besides = _method.Adds?.Invoke(step);
        return new DevEvaluation(
            result.Greedy.Accuracy.Value,
            besides is null ? Summary("dev", result) : $"{Summary("dev", result)}; {besides.Summary}",
            path =>
            {
                EvaluationFile.Write(path, result);
                besides?.Write(path);
            });
    }

    /// <summary>Nothing is chosen by the test set: the checkpoint is the best on dev, or the last where there is no dev.</summary>
    private void EvaluateTest(RunFolder folder, RunOutcome outcome, CancellationToken cancellation)
    {
        var step = outcome.Best?.Step ?? outcome.Step;
        var file = folder.Evaluation(step, "test");
        if (_ranks.FromFirst([File.Exists(file) ? (byte)1 : (byte)0])[0] != 0)
        {
            return;
        }

        using var best = RunModel.LoadModel(Config.Model, new CheckpointStore(folder).PathOf(step));
        best.Decoder.Ranks = _ranks;
        var result = Evaluate(best, _problems.Test, "test", step, cancellation);
        if (!_ranks.IsFirst)
        {
            return;
        }

        // The look first: it was taken, even if the file never gets written.
        var looks = new TestLedger(folder.TestLooks, _clock).Record(result, ProblemsHash.Of(_problems.Test));
        EvaluationFile.Write(file, result);
        _observer.Noted($"{Summary("test", result)}; look {looks} at this test set", isWarning: looks > 1);
    }

    private EvaluationResult Evaluate(
        PretrainedModel model, IReadOnlyList<Problem> problems, string set, long step, CancellationToken cancellation)
    {
        var options = Config.Evaluation;
        var evaluator = new Evaluator(model.Decoder, _model.Tokenizer, _template, _verifier, Config.VerdictReward, new EvaluationOptions
        {
            MaxTokens = options.MaxTokens,
            StopTokens = _model.Ends.All,
            Slots = options.Slots,
            Samples = options.Samples,
            Temperature = options.Temperature,
            Seed = Config.Seed,
        });
        return evaluator.Evaluate(
            [.. problems.Select(_method.Asks)], new EvaluationLabel(set, Config.Answers.Policy, step),
            progress => _heartbeat.Beat("evaluation", string.Create(CultureInfo.InvariantCulture, $"{set}, {progress.Done} of {progress.Total} completions, {progress.Tokens:N0} tokens")), cancellation);
    }

    private static string Summary(string set, EvaluationResult result)
    {
        var accuracy = result.Greedy.Accuracy;
        return FormattableString.Invariant(
            $"{set} accuracy {accuracy.Value:P1} (95% {accuracy.Low:P1} to {accuracy.High:P1}, {accuracy.N} problems)");
    }

    private void SaveModel(string path, long step, BestSoFar? best)
    {
        _heartbeat.Beat("checkpoint", $"step {step}");
        (_method.Save ?? _model.Save)(path);
        if (Config.Model.Lora is { } lora)
        {
            PeftFolder.Save(_model.Model.Decoder, lora, Config.Model.Path ?? "", Path.Combine(path, "adapter"));
        }

        FolderPrompt.Write(path, _template.Form);
        AtomicFile.WriteAllText(Path.Combine(path, "README.md"), ModelCard.Write(Config, step, best));
    }

    /// <summary>
    /// The hash of all that decides what the run computes: the settings but those that change nothing, the problems, the
    /// weights.
    /// </summary>
    private string Origin()
    {
        var text = string.Join('\n',
            ConfigIdentity.Of(Config), ProblemsHash.Of(_problems.Train), ProblemsHash.Of(_problems.Dev),
            ModelHash.Of(_model.Model.Decoder, _model.Tokenizer)) + _method.Inputs
            + _model.Ends.Identity(_template, _model.Tokenizer, _problems.Train[0].Question);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }

    /// <summary>Tells whoever observes, and whoever waits for steps.</summary>
    private sealed class Relay(ITrainingObserver? observer) : ITrainingObserver
    {
        public Action<TrainingStep>? Give { get; set; }

        public void Stepped(TrainingStep step, long of)
        {
            observer?.Stepped(step, of);
            Give?.Invoke(step);
        }

        public void Preparing(string what) => observer?.Preparing(what);

        public void Noted(string note, bool isWarning) => observer?.Noted(note, isWarning);
    }
}
