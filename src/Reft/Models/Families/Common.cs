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
            MaxPositions = config.Positive("max_position_embeddings"),
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

    /// <summary>Rotary settings in either spelling: <c>rope_theta</c> and <c>rope_scaling</c>, or <c>rope_parameters</c>.</summary>
    public static RotaryConfig Rotary(ConfigReader config, int headSize, double absentTheta, string thetaKey = "rope_theta",
        string partialKey = "partial_rotary_factor", double absentPartial = 1)
    {
        var parameters = config.Object("rope_parameters");
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

        var scaling = Scaling(parameters) ?? Scaling(config.Object("rope_scaling"));
        return new RotaryConfig((int)(headSize * partial), theta, Interleaved: false, scaling);
    }

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
                    "full_attention" => false,
                    "sliding_attention" => true,
                    _ => throw config.Unsupported("layer_types", $"'{types[i]}'", "full_attention and sliding_attention"),
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
        return name is null or "float32" or "bfloat16" or "float16"
            ? name
            : throw config.Unsupported(key, $"'{name}'", "float32, bfloat16 and float16");
    }

    private static RotaryScaling? Scaling(ConfigReader? scaling)
    {
        if (scaling is null)
        {
            return null;
        }

        // 'type' is the spelling of files before Transformers 4.43.
        var key = scaling.Has("rope_type") ? "rope_type" : "type";
        switch (scaling.OptionalText(key) ?? "default")
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
            case var other:
                throw scaling.Unsupported(key, $"'{other}'", "default, linear and llama3");
        }
    }

    private static double Factor(ConfigReader scaling) => Required(scaling, "factor");

    private static double Required(ConfigReader scaling, string key) => scaling.Has(key)
        ? scaling.PositiveNumber(key, 1)
        : throw scaling.Missing(key, "a number");
}
