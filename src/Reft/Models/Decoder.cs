using Reft.Models.Families;
using Reft.Numerics;
using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// A decoder-only language model of any supported family. Sequences go in end to end without padding
/// (<see cref="TokenBatch"/>); hidden states and logits come out the same way.
/// </summary>
public sealed class Decoder : IDisposable
{
    private readonly ParameterSet _parameters;
    private readonly Parameter _embedding;
    private readonly Parameter? _positions;
    private readonly Projection? _projectIn;
    private readonly Projection? _projectOut;
    private readonly DecoderLayer[] _layers;
    private readonly Norm? _finalNorm;
    private readonly Projection _head;
    private readonly RotaryTable?[] _rotary;
    private readonly double _embeddingScale;
    private readonly RouterMeter? _router;
    private readonly int _positionsInAll;

    private Decoder(ModelFamily family, DecoderConfig config, ComputeDevice device, ScalarType dtype, ulong? seed)
    {
        Config = config;
        _positionsInAll = config.MaxPositions;
        Names = family.Names;
        Device = device;
        Dtype = dtype;
        _parameters = new ParameterSet(device, dtype, config.InitializerRange, seed);
        var names = family.Names;
        var maker = new LayerMaker(config, _parameters);
        _embedding = _parameters.Normal(names.Embedding + ".weight", config.VocabularySize, config.EmbeddingWidth);
        if (config.LearnedPositionOffset is { } offset)
        {
            _positions = _parameters.Normal(names.Positions + ".weight", config.MaxPositions + offset, config.Width);
        }

        if (config.EmbeddingWidth != config.Width)
        {
            _projectIn = maker.Projection(names.ProjectIn, config.EmbeddingWidth, config.Width, bias: false);
        }

        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new DecoderLayer(family, config, i, _parameters))];
        _finalNorm = config.FinalNorm ? maker.Norm(names.FinalNorm, config.Width) : null;
        if (config.EmbeddingWidth != config.Width)
        {
            _projectOut = maker.Projection(names.ProjectOut, config.Width, config.EmbeddingWidth, bias: false);
        }

        var head = config.TieEmbeddings
            ? _embedding
            : _parameters.Normal(names.Head + ".weight", config.VocabularySize, config.EmbeddingWidth);
        var headBias = config.HeadBias ? _parameters.Zeros(names.Head + ".bias", config.VocabularySize) : null;
        _head = new Projection(head, headBias, transposed: false, device.Numerics);
        // The factor is a number of the model's dtype, as Transformers has it.
        _embeddingScale = dtype == ScalarType.BFloat16 ? Brain16.Get(Brain16.Make((float)config.EmbeddingScale)) : (float)config.EmbeddingScale;
        _router = config.Experts is null ? null : new RouterMeter(config.Layers, config.Experts.Count);
        var rotary = config.Rotary is null ? null : new RotaryTable(config.Rotary, config.MaxPositions, device);
        var local = config.LocalRotary is null ? rotary : new RotaryTable(config.LocalRotary, config.MaxPositions, device);
        _rotary =
        [
            .. Enumerable.Range(0, config.Layers).Select(layer => config.UnrotatedLayers.Contains(layer) ? null
                : config.SlidingWindows[layer] is null ? rotary : local),
        ];
        if (config.LatentSlot)
        {
            AddSlot(seed);
        }
    }

    /// <summary>What the model computes; a latent slot has taken its place from the context.</summary>
    public DecoderConfig Config { get; private set; }

    /// <summary>Where the parameters are.</summary>
    public ComputeDevice Device { get; }

    /// <summary>The dtype of parameters and activations: float32 or bfloat16.</summary>
    public ScalarType Dtype { get; }

    /// <summary>The parameters under their Hugging Face names, in a fixed order; tied ones once.</summary>
    internal IReadOnlyList<Parameter> Parameters => _parameters.All;

    /// <summary>Those that compute with copies of this model; what they share out, they share out by it.</summary>
    internal RankGroup Ranks { get; set; } = RankGroup.Alone;

    /// <summary>How evenly its routers use their experts; null where it has none.</summary>
    internal RouterMeter? Router => _router;

    /// <summary>What it thinks between prompt and response; null for nothing.</summary>
    internal LatentSlot? Slot { get; private set; }

    /// <summary>The operations that it is made of.</summary>
    internal INumericBackend Numerics => Device.Numerics;

    /// <summary>The family's names.</summary>
    internal ParameterNames Names { get; }

    /// <summary>A model with fresh weights, or with none yet.</summary>
    /// <param name="family">The family.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="device">Where to put it.</param>
    /// <param name="dtype">float32 or bfloat16.</param>
    /// <param name="seed">The seed of the weights; null where all of them are read from files.</param>
    internal static Decoder Create(
        ModelFamily family, DecoderConfig config, ComputeDevice device, ScalarType dtype, ulong? seed) =>
        new(family, config, device, dtype, seed);

    /// <summary>Final hidden states, after the last norm.</summary>
    /// <param name="batch">The sequences, N tokens in all.</param>
    /// <returns>Hidden states [N, D].</returns>
    /// <exception cref="InputException">A sequence is longer than the context, or a token outside the vocabulary.</exception>
    internal Tensor Hidden(TokenBatch batch) => Hidden(batch, ForwardMode.Plain);

    /// <summary>Final hidden states, after the last norm.</summary>
    /// <param name="batch">The sequences, N tokens in all.</param>
    /// <param name="mode">What the pass does besides computing.</param>
    /// <returns>Hidden states [N, D].</returns>
    /// <exception cref="InputException">A sequence is longer than the context, or a token outside the vocabulary.</exception>
    internal Tensor Hidden(TokenBatch batch, ForwardMode mode) => Hidden(batch, mode, read: null);

    /// <summary>Final hidden states of some tokens: those of all, but the last layer's products are saved for the others.</summary>
    /// <param name="batch">The sequences, N tokens in all.</param>
    /// <param name="mode">What the pass does besides computing.</param>
    /// <param name="read">The tokens whose states are returned [M], each in [0, N); null for all.</param>
    /// <returns>Hidden states [M, D].</returns>
    /// <exception cref="InputException">A sequence is longer than the context, or a token outside the vocabulary.</exception>
    internal Tensor Hidden(TokenBatch batch, ForwardMode mode, long[]? read)
    {
        var dropout = DropoutOf(batch, mode);
        var attention = new FullAttention(Numerics, dropout);
        if (dropout is null || read is null)
        {
            return Hidden(new LayerPass(Numerics, batch, _rotary, attention, dropout, read) { Router = _router }, mode.RecomputesLayers);
        }

        // What is dropped is drawn by a token's place among all.
        using var all = Hidden(new LayerPass(Numerics, batch, _rotary, attention, dropout, read: null) { Router = _router }, mode.RecomputesLayers);
        return Numerics.Rows(all, new IndexList(read));
    }

    /// <summary>What follows the last layer: the last norm, where there is one.</summary>
    /// <param name="x">States behind the layers [N, D].</param>
    /// <returns>Hidden states [N, D].</returns>
    internal Tensor LastNorm(Tensor x) => _finalNorm?.Forward(x) ?? x;

    /// <summary>Logits in float32.</summary>
    /// <param name="hidden">Hidden states [N, D].</param>
    /// <returns>Logits [N, V].</returns>
    public Tensor Logits(Tensor hidden)
    {
        if (_projectOut is null && Config.LogitCap is null && Config.LogitDivisor == 1)
        {
            return _head.Forward(hidden, single: true);
        }

        using var scope = NewDisposeScope();
        return _head.Forward(Projected(hidden), single: true).Capped(Config.LogitCap).MoveToOuterDisposeScope();
    }

    /// <summary>Log-probabilities of tokens, without ever holding all logits; with gradients.</summary>
    /// <param name="hidden">States [N, D] that predict the tokens.</param>
    /// <param name="targets">The tokens [N], int64.</param>
    /// <returns>Log-probabilities [N], float32.</returns>
    public Tensor LogProbs(Tensor hidden, Tensor targets) => LogProbs(hidden, targets, entropy: null, temperature: 1);

    /// <summary>Log-probabilities of tokens with gradients, and entropies without, from one pass over the head.</summary>
    /// <param name="hidden">States [N, D] that predict the tokens.</param>
    /// <param name="targets">The tokens [N], int64.</param>
    /// <param name="entropy">Gets the entropies of the distributions [N] in nats, float32; null for nobody.</param>
    /// <param name="temperature">Divides the logits, above 0.</param>
    /// <returns>Log-probabilities [N], float32.</returns>
    public Tensor LogProbs(Tensor hidden, Tensor targets, Tensor? entropy, double temperature) => WrappedTensorDisposeScope(() =>
    {
        var scale = (float)(1 / temperature); // As the sampler has it, to the bit.
        var states = Projected(hidden);
        return Numerics.LogProbs(states, _head, targets, entropy, scale, Config.LogitCap);
    });

    /// <summary>Which products the projections compute with on the CPU; the head's are always Reft's own.</summary>
    public ProductChoice Products
    {
        get => _head.Products;
        set
        {
            foreach (var projection in AllProjections())
            {
                projection.Products = value;
            }
        }
    }

    /// <summary>
    /// Lets the CPU kernels keep the weights packed until the result is disposed. A weight is packed when it is first
    /// used, and again after an optimizer, a merge or a load has changed it. Scopes may be nested: the longest one
    /// counts, so a model that never changes is packed once a run. On other devices it does nothing.
    /// </summary>
    public IDisposable Prepare() => new Preparation(AllProjections());

    /// <summary>The adapters' parameters; empty if there are none.</summary>
    internal IReadOnlyList<Parameter> AdapterParameters => [.. Adapters.SelectMany(a => new[] { a.Down, a.Up })];

    /// <summary>What is trained: the adapters, and a slot, if there are any adapters, else everything.</summary>
    internal IReadOnlyList<Parameter> TrainedParameters => Adapters.Any() ? [.. AdapterParameters, .. Slot?.Parameters ?? []] : Parameters;

    /// <summary>Everything but a language head of its own.</summary>
    internal IReadOnlyList<Parameter> TrunkParameters => [.. Parameters.Where(p => !IsOfHead(p.Name))];

    /// <summary>Whether a parameter is a language head's own.</summary>
    internal bool IsOfHead(string name) => name == Names.Head + ".weight" || name == Names.Head + ".bias";

    /// <summary>Whether the CPU's kernels compute every layer's scores.</summary>
    internal bool KernelsTakeScores => Enumerable.Range(0, Config.Layers).All(layer => AttentionShape.Takes(Config.Scores(layer)));

    /// <summary>
    /// Whether a sequence's log-probabilities have the same bits whatever the batch: on the CPU, where kernels compute everything that sums.
    /// </summary>
    internal bool IsExact => Device.HasKernels && KernelsTakeScores && Config.LogitCap is null
        && Config.Experts?.SharedWidth is null; // libtorch's sigmoid of a column rounds its last elements otherwise: a shared expert's gate hangs on the batch.

    internal IEnumerable<LoraAdapter> Adapters => LayerProjections().Select(p => p.Adapter).OfType<LoraAdapter>();

    /// <summary>Gives the layers' projections low-rank adapters; the base is frozen from then on.</summary>
    /// <param name="options">Rank, α and which projections.</param>
    /// <param name="seed">The seed of the adapters' start.</param>
    /// <exception cref="InputException">A target names no projection.</exception>
    public void AddAdapters(LoraOptions options, ulong seed)
    {
        Whole.Of(options, "lora");
        var known = LayerProjections().Select(p => LastPart(p.Name)).Distinct().ToArray();
        var unknown = options.Targets.Where(t => !known.Contains(t)).ToArray();
        if (unknown.Length > 0)
        {
            throw new InputException(
                $"no projection of {Config.ModelType} is called '{unknown[0]}': adapters can go to {string.Join(", ", known)}");
        }

        RequireGradients(false);
        foreach (var projection in LayerProjections())
        {
            if (options.Targets.Count == 0 || options.Targets.Contains(LastPart(projection.Name)))
            {
                projection.Adapt(options, seed);
            }
        }
    }

    /// <summary>
    /// The weights that may be kept in few bits: the layers' projections, but for what chooses experts, whose rounding would change the choice.
    /// </summary>
    internal IReadOnlyList<Parameter> QuantizableWeights =>
        [.. LayerProjections().Where(p => LastPart(p.Name) is not ("gate" or "shared_expert_gate")).Select(p => p.Weight)];

    /// <summary>Keeps the layers' weights in few bits; only adapters can be trained from then on.</summary>
    internal void QuantizeBase(WeightQuantization kind)
    {
        foreach (var weight in QuantizableWeights)
        {
            weight.Quantize(kind);
        }
    }

    /// <summary>Gives the model a latent slot; one position of the context is its own from then on.</summary>
    /// <param name="seed">The seed of its start; null where its weights are read from files.</param>
    internal void AddSlot(ulong? seed)
    {
        if (Slot is not null)
        {
            return;
        }

        var fresh = new ParameterSet(Device, Dtype, Config.InitializerRange, seed);
        Slot = new LatentSlot(Config, fresh);
        _parameters.Take(fresh);
        Config = Config with { MaxPositions = Config.MaxPositions - 1 };
        foreach (var projection in Slot.Projections)
        {
            projection.Products = Products;
        }
    }

    /// <summary>Final hidden states behind whose prompts a latent slot stands, which is made from the prompts' own states.</summary>
    /// <param name="sequences">Each prompt with what follows it, which may be nothing; the prompt has at least one token.</param>
    /// <param name="noise">What is added to each slot; null for nothing.</param>
    /// <param name="mode">What the pass does besides computing.</param>
    /// <param name="read">The states that are returned [M], counted with the slots; null for all.</param>
    /// <returns>Hidden states [M, D].</returns>
    internal Tensor HiddenBehindSlots(
        IReadOnlyList<(int[] Prompt, int[] Behind, ulong Key)> sequences, IReadOnlyList<SlotNoise?> noise, ForwardMode mode, long[]? read)
    {
        using var scope = NewDisposeScope();
        ulong[] keys = [.. sequences.Select(s => s.Key)];
        var prompts = new TokenBatch([.. sequences.Select(s => s.Prompt)]) { Keys = keys };
        var made = Noised(Slots(prompts, mode), noise);
        var batch = new TokenBatch([.. sequences.Select(s => (int[])[.. s.Prompt, 0, .. s.Behind])]) { Keys = keys };
        var (places, at) = (new long[sequences.Count], 0L);
        for (var b = 0; b < places.Length; b++)
        {
            places[b] = at + sequences[b].Prompt.Length;
            at += batch.Lengths[b];
        }

        batch.Latents = new LatentTokens(places, made);
        return Hidden(batch, mode, read).MoveToOuterDisposeScope();
    }

    /// <summary>The latent slots of prompts [B, D], without noise.</summary>
    /// <param name="prompts">The prompts, whole.</param>
    /// <param name="mode">What the pass does besides computing.</param>
    internal Tensor Slots(TokenBatch prompts, ForwardMode mode) => WrappedTensorDisposeScope(
        () => (Slot ?? throw new InvalidOperationException("the model has no latent slot")).Forward(Hidden(prompts, mode), prompts, Numerics));

    private Tensor Noised(Tensor made, IReadOnlyList<SlotNoise?> noise)
    {
        if (noise.All(one => one is null))
        {
            return made;
        }

        var width = Config.Width;
        var drawn = noise.SelectMany(one => one?.Draw(width) ?? new float[width]).ToArray();
        return made.Plus(tensor(drawn, [noise.Count, width], device: made.device).to(made.dtype));
    }

    /// <summary>Adds the adapters to the weights, and removes them.</summary>
    public void MergeAdapters()
    {
        foreach (var projection in LayerProjections())
        {
            projection.Merge();
        }
    }

    /// <summary>Every parameter's name and value, with the adapters added; the model stays as it is.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Merged()
    {
        var adapted = LayerProjections().Where(p => p.Adapter is not null).ToDictionary(p => p.Weight.Name);
        return Parameters.Select(p => KeyValuePair.Create(
            p.Name, adapted.TryGetValue(p.Name, out var projection) ? projection.Merged() : p.Value));
    }

    /// <summary>Makes the model its base, without adapters, until the result is disposed.</summary>
    public IDisposable WithoutAdapters() => new AdaptersOff([.. Adapters]);

    /// <summary>Turns gradients of all parameters on or off.</summary>
    public void RequireGradients(bool required)
    {
        foreach (var parameter in Parameters.Where(parameter => !parameter.IsQuantized))
        {
            parameter.Value.requires_grad_(required);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var projection in AllProjections())
        {
            projection.Dispose();
        }

        foreach (var parameter in Parameters)
        {
            parameter.Dispose();
        }

        foreach (var table in Tables)
        {
            table.Dispose();
        }

        Slot?.Dispose();
    }

    internal Tensor Hidden(TokenBatch batch, IAttention attention, long[]? read = null) =>
        Hidden(new LayerPass(Numerics, batch, _rotary, attention, dropout: null, read), recomputes: false);

    private Dropout? DropoutOf(TokenBatch batch, ForwardMode mode) =>
        mode.DropoutKey is not { } key ? null
        : Config.Dropout.Layers == 0 ? new Dropout(Config.Dropout, key, batch)
        : throw new InputException(
            $"'layerdrop' of config.json is {Config.Dropout.Layers}: Reft drops elements, not layers; set it to 0, or train without dropout");

    private Tensor Hidden(LayerPass pass, bool recomputes)
    {
        var batch = pass.Batch;
        if (batch.MaxPosition > _positionsInAll)
        {
            throw new InputException(
                $"a sequence of {batch.MaxPosition} tokens is longer than the model's context of {_positionsInAll}");
        }

        // The kernels copy rows of the embedding by address: an id outside it must not get that far.
        var outside = Array.FindIndex(batch.Tokens, id => id < 0 || id >= Config.VocabularySize);
        if (outside >= 0)
        {
            throw new InputException(
                $"token {batch.Tokens[outside]} is outside the model's vocabulary of {Config.VocabularySize}: " +
                $"ids go from 0 to {Config.VocabularySize - 1}");
        }

        foreach (var table in Tables)
        {
            table.Reach(batch.MaxPosition);
        }

        using var scope = NewDisposeScope();
        if (!Device.HasKernels && !batch.PositionList.IsFixed)
        {
            // Here, in the scope of the whole pass: once for all layers.
            batch.PositionList.On(Device.Torch);
            batch.Layout.Bounds(Device.Torch);
            foreach (var table in Tables)
            {
                table.Prepare(batch.PositionList);
            }
        }

        var x = Numerics.Rows(_embedding.Value, batch.TokenList); // [N, D]
        if (Config.EmbeddingScale != 1)
        {
            x = x.Times(_embeddingScale);
        }

        if (_projectIn is not null)
        {
            x = _projectIn.Forward(x);
        }

        if (batch.Latents is { } latents)
        {
            x = x.index_copy(0, tensor(latents.Places, device: x.device), latents.Embeddings);
        }

        if (_positions is not null)
        {
            var offset = Config.LearnedPositionOffset!.Value; // The table is there because of it.
            x = Numerics.Sum(x, Numerics.Rows(_positions.Value, batch.PositionList.Plus(offset)));
        }

        x = pass.Dropout?.Embedding(x) ?? x;
        foreach (var layer in _layers)
        {
            x = recomputes && is_grad_enabled()
                ? RecomputedLayer.Forward(layer, x, pass)
                : layer.Forward(x, pass);
        }

        x = LastNorm(x);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states [N, D] as heads read them [N, E].</summary>
    internal Tensor Projected(Tensor hidden)
    {
        var states = _projectOut is null ? hidden : _projectOut.Forward(hidden);
        // The head is linear: its input divided is its output divided.
        return Config.LogitDivisor == 1 ? states : states.Times(1 / Config.LogitDivisor);
    }

    private IEnumerable<RotaryTable> Tables => _rotary.OfType<RotaryTable>().Distinct();

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

    private IEnumerable<Projection> LayerProjections() => _layers.SelectMany(l => l.Projections);

    private IEnumerable<Projection> AllProjections() =>
        LayerProjections().Append(_projectIn).Append(_projectOut).Append(_head).Concat(Slot?.Projections ?? []).OfType<Projection>();

    private sealed class AdaptersOff : IDisposable
    {
        private readonly LoraAdapter[] _adapters;

        public AdaptersOff(LoraAdapter[] adapters)
        {
            _adapters = adapters;
            Turn(on: false);
        }

        public void Dispose() => Turn(on: true);

        private void Turn(bool on)
        {
            foreach (var adapter in _adapters)
            {
                adapter.IsOn = on;
            }
        }
    }

    private sealed class Preparation : IDisposable
    {
        private Projection[] _projections;

        public Preparation(IEnumerable<Projection> projections)
        {
            _projections = [.. projections];
            foreach (var projection in _projections)
            {
                projection.Hold();
            }
        }

        public void Dispose()
        {
            foreach (var projection in _projections)
            {
                projection.Release();
            }

            _projections = [];
        }
    }
}
