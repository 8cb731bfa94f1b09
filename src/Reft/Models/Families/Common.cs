namespace Reft.Models.Families;

/// <summary>What the configurations of several families share: rotary spellings, windows, sizes.</summary>
internal static class Common
{
    /// <summary>The names that Llama gave its parameters and that most later families kept.</summary>
    public static ParameterNames LlamaNames { get; } = new()
    {
        BasePrefix = "model.",
        Embedding = "model.embed_tokens",
        Layer = "model.layers.{0}.",
        AttentionNorm = "input_layernorm",
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        QueryNorm = "self_attn.q_norm",
        KeyNorm = "self_attn.k_norm",
        AttentionOutput = "self_attn.o_proj",
        FeedForwardNorm = "post_attention_layernorm",
        Gate = "mlp.gate_proj",
        Up = "mlp.up_proj",
        Down = "mlp.down_proj",
        FinalNorm = "model.norm",
        Head = "lm_head",
        Buffers = ["rotary_emb.inv_freq"],
    };

    private const string FullAttention = "full_attention";
    private const string SlidingAttention = "sliding_attention";

    /// <summary>A small model of Llama's shape, as <see cref="ModelFamily.Small"/>.</summary>
    public const string SmallShape = """
        "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "intermediate_size": 160, "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "tie_word_embeddings": false
        """;

    /// <summary>Llama's shape, which Mistral, Qwen2, Qwen3, OLMo 2 and Gemma 2 vary.</summary>
    public static DecoderConfig ReadLlamaShape(ConfigReader config)
    {
        var width = config.Positive("hidden_size");
        var heads = config.Positive("num_attention_heads");
        var layers = config.Positive("num_hidden_layers");
        var headSize = config.OptionalPositive("head_dim") ?? Divide(config, "hidden_size", width, heads);
        return new DecoderConfig
        {
            ModelType = config.OptionalText("model_type")!, // The family was found by it.
            VocabularySize = config.Positive("vocab_size"),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = config.OptionalPositive("num_key_value_heads") ?? heads,
            HeadSize = headSize,
            IntermediateSize = config.Positive("intermediate_size"),
            MaxPositions = OriginalContext(config) ?? config.Positive("max_position_embeddings"),
            InitializerRange = config.PositiveNumber("initializer_range", 0.02),
            TieEmbeddings = config.Flag("tie_word_embeddings", false),
            EosTokenIds = config.TokenIds("eos_token_id"),
            BosTokenId = config.OptionalTokenId("bos_token_id"),
            PadTokenId = config.OptionalTokenId("pad_token_id"),
            Dtype = Dtype(config),
            Dropout = new DropoutRates(0, 0, config.Share("attention_dropout", 0)),
            Activation = config.Activation("hidden_act", "silu"),
            Gated = true,
            Norm = NormKind.RootMeanSquare,
            NormEpsilon = config.PositiveNumber("rms_norm_eps", 1e-6),
            Rotary = Rotary(config, headSize, absentTheta: 10_000),
            EmbeddingWidth = width,
            AttentionScales = Repeat(1 / Math.Sqrt(headSize), layers),
            SlidingWindows = new int?[layers],
        };
    }

    /// <summary>
    /// Rotary settings in each spelling: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c>, for all layers or for each kind of
    /// layer; of the last, those of full attention.
    /// </summary>
    public static RotaryConfig Rotary(ConfigReader config, int headSize, double absentTheta, string thetaKey = "rope_theta",
        string partialKey = "partial_rotary_factor", double absentPartial = 1)
    {
        var parameters = config.Object("rope_parameters");
        if (parameters?.Holds(FullAttention) == true && parameters.Holds(SlidingAttention))
        {
            return OfKind(config, parameters, FullAttention, headSize, partialKey);
        }

        var theta = parameters?.Has("rope_theta") == true
            ? parameters.PositiveNumber("rope_theta", absentTheta)
            : config.PositiveNumber(thetaKey, absentTheta);
        var partial = parameters?.Has("partial_rotary_factor") == true
            ? parameters.PositiveNumber("partial_rotary_factor", absentPartial)
            : config.PositiveNumber(partialKey, absentPartial);
        if (partial > 1)
        {
            throw config.Unsupported(partialKey, $"{partial}", "a share of at most 1");
        }

        var scaling = Scaling(config, parameters, mayLackType: true) ?? Scaling(config, config.Object("rope_scaling"), mayLackType: false);
        return new RotaryConfig((int)(headSize * partial), theta, Interleaved: false, scaling);
    }

    /// <summary>Rotary settings of layers with a window, where the file has settings for each kind of layer; null where it has not.</summary>
    public static RotaryConfig? LocalRotary(ConfigReader config, int headSize) =>
        config.Object("rope_parameters") is { } parameters && parameters.Holds(FullAttention) && parameters.Holds(SlidingAttention)
            ? OfKind(config, parameters, SlidingAttention, headSize, "partial_rotary_factor")
            : null;

    /// <summary>For each layer its window, from <c>layer_types</c> where it is given.</summary>
    public static int?[] Windows(ConfigReader config, int layers, int? window, Func<int, bool> slides)
    {
        var types = config.OptionalTexts("layer_types");
        if (types is not null && types.Count != layers)
        {
            throw new InputException(
                $"{config.File}: 'layer_types' names {types.Count} layers, 'num_hidden_layers' is {layers}");
        }

        var windows = new int?[layers];
        for (var i = 0; i < layers; i++)
        {
            var sliding = types is null
                ? slides(i)
                : types[i] switch
                {
                    FullAttention => false,
                    SlidingAttention => true,
                    _ => throw config.Unsupported("layer_types", $"'{types[i]}'", $"{FullAttention} and {SlidingAttention}"),
                };
            windows[i] = sliding ? window : null;
        }

        return windows;
    }

    /// <summary>A width divided among heads; an error if it does not divide.</summary>
    public static int Divide(ConfigReader config, string key, int width, int heads) => width % heads == 0
        ? width / heads
        : throw new InputException($"{config.File}: '{key}' {width} is no multiple of {heads} attention heads");

    /// <summary>One value for every layer.</summary>
    public static double[] Repeat(double value, int layers) => [.. Enumerable.Repeat(value, layers)];

    /// <summary>The dtype in either spelling.</summary>
    public static string? Dtype(ConfigReader config)
    {
        var key = config.Has("dtype") ? "dtype" : "torch_dtype";
        var name = config.OptionalText(key);
        name = name == "auto" ? null : name?.Replace("torch.", "", StringComparison.Ordinal);
        return name is null or "float32" or "bfloat16" or "float16"
            ? name
            : throw config.Unsupported(key, $"'{name}'", "float32, bfloat16 and float16");
    }

    private static RotaryConfig OfKind(ConfigReader config, ConfigReader parameters, string kind, int headSize, string partialKey)
    {
        if (config.Object("rope_scaling") is not null)
        {
            throw config.Unsupported("rope_scaling", "an object", "it or rope_parameters, not both");
        }

        var own = parameters.Object(kind)!; // It is there.
        var partial = own.PositiveNumber(partialKey, 1);
        return partial > 1
            ? throw own.Unsupported(partialKey, $"{partial}", "a share of at most 1")
            : new RotaryConfig((int)(headSize * partial), Required(own, "rope_theta"), Interleaved: false, Scaling(config, own, mayLackType: false));
    }

    /// <summary>Scaling in either spelling.</summary>
    /// <param name="config">The file.</param>
    /// <param name="scaling">Its object of rotary settings; null if there is none.</param>
    /// <param name="mayLackType">Whether it may hold settings that are no scaling, as <c>rope_parameters</c> does.</param>
    private static RotaryScaling? Scaling(ConfigReader config, ConfigReader? scaling, bool mayLackType)
    {
        if (scaling is null)
        {
            return null;
        }

        // 'type' is the spelling of files before Transformers 4.43.
        var key = scaling.Has("rope_type") ? "rope_type" : "type";
        var type = scaling.OptionalText(key) ?? (mayLackType && !scaling.Has("factor") ? "default" : throw scaling.Missing(
            "rope_type", "default, linear, dynamic, llama3, yarn or longrope"));
        if (mayLackType && scaling.Holds(FullAttention, SlidingAttention))
        {
            throw scaling.Unsupported(FullAttention, "an object", $"rope_parameters of both kinds of layer, {FullAttention} and {SlidingAttention}, or of all layers at once");
        }

        switch (type)
        {
            case "default":
                return null;
            case "linear":
                return new RotaryScaling(Factor(scaling), null);
            case "llama3":
                return new RotaryScaling(Factor(scaling), new Llama3Scaling(
                    Required(scaling, "low_freq_factor"),
                    Required(scaling, "high_freq_factor"),
                    scaling.Positive("original_max_position_embeddings")));
            case "yarn":
                return Yarn(config, scaling);
            case "longrope" or "su":
                return LongRope(config, scaling);
            case "dynamic":
                // It stretches what is longer than the original context; that is the whole context of such files, and no sequence is longer.
                return scaling.OptionalPositive("original_max_position_embeddings") is { } original && original < config.Positive("max_position_embeddings")
                    ? throw scaling.Unsupported(key, "'dynamic'", "it up to the original context alone; set max_position_embeddings to that")
                    : null;
            case var other:
                throw scaling.Unsupported(key, $"'{other}'", "default, linear, dynamic, llama3, yarn and longrope");
        }
    }

    /// <summary>YaRN; <c>attn_factor</c> multiplies its own factor, as the serving programs have it that its files are written for.</summary>
    private static RotaryScaling Yarn(ConfigReader config, ConfigReader scaling)
    {
        var factor = Factor(scaling);
        var (scale, all) = (scaling.Number("mscale", 0), scaling.Number("mscale_all_dim", 0));
        var own = scale != 0 && all != 0 ? Magnitude(scale) / Magnitude(all) : Magnitude(1);
        return new RotaryScaling(factor, null)
        {
            Yarn = new YarnScaling(
                scaling.PositiveNumber("beta_fast", 32), scaling.PositiveNumber("beta_slow", 1),
                scaling.OptionalPositive("original_max_position_embeddings") ?? config.Positive("max_position_embeddings"),
                scaling.Flag("truncate", true)),
            AttentionFactor = scaling.PositiveNumber("attention_factor", own) * scaling.PositiveNumber("attn_factor", 1),
        };

        double Magnitude(double m) => factor <= 1 ? 1 : (0.1 * m * Math.Log(factor)) + 1;
    }

    /// <summary>
    /// LongRoPE (<see href="https://arxiv.org/abs/2402.13753"/>) within the original context, which its short factors are for: beyond it every
    /// key would have to be turned anew (<see cref="OriginalContext"/>).
    /// </summary>
    private static RotaryScaling LongRope(ConfigReader config, ConfigReader scaling)
    {
        var original = OriginalContext(config) ?? throw scaling.Missing("original_max_position_embeddings", "a positive whole number");
        var factor = scaling.Has("factor") ? Factor(scaling) : (double)config.Positive("max_position_embeddings") / original;
        scaling.Numbers("long_factor");
        return new RotaryScaling(factor, null)
        {
            Divisors = scaling.Numbers("short_factor") ?? throw scaling.Missing("short_factor", "a list of numbers"),
            AttentionFactor = scaling.PositiveNumber(
                "attention_factor", factor <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(original)))),
        };
    }

    /// <summary>The original context of a file with LongRoPE; null for other files.</summary>
    public static int? OriginalContext(ConfigReader config)
    {
        var scaling = config.Object("rope_parameters") is { } parameters && parameters.Has("short_factor") ? parameters : config.Object("rope_scaling");
        return scaling?.Has("short_factor") != true ? null
            : config.OptionalPositive("original_max_position_embeddings") ?? scaling.OptionalPositive("original_max_position_embeddings");
    }

    private static double Factor(ConfigReader scaling) => Required(scaling, "factor");

    private static double Required(ConfigReader scaling, string key) => scaling.Has(key)
        ? scaling.PositiveNumber(key, 1)
        : throw scaling.Missing(key, "a number");
}
