namespace Reft.Samplers;

/// <summary>In which shape a server is asked for tokens and gives them.</summary>
public enum SamplerDialect
{
    /// <summary><c>/v1/completions</c> with token ids (<c>reft serve</c>, vLLM).</summary>
    Completions,

    /// <summary><c>/inference/v1/generate</c> (vLLM).</summary>
    VllmGenerate,

    /// <summary><c>/generate</c> (SGLang).</summary>
    SglangGenerate,
}

/// <summary>How a server is told of new weights.</summary>
public enum WeightRoute
{
    /// <summary>It is not: it draws with the weights that it has.</summary>
    None,

    /// <summary><c>/update_weights_from_disk</c> (<c>reft serve --weights-from</c>, SGLang).</summary>
    Sglang,

    /// <summary><c>/pause</c>, <c>/start_weight_update</c>, <c>/update_weights</c>, <c>/finish_weight_update</c>, <c>/resume</c> (vLLM, its disk backend).</summary>
    Vllm,
}

/// <summary>What makes up for a sampler that is not quite the policy.</summary>
public enum ImportanceCorrection
{
    /// <summary>Nothing: the bias stays.</summary>
    None,

    /// <summary>A weight for each token.</summary>
    Token,

    /// <summary>One weight for each sequence, the product of its tokens'.</summary>
    Sequence,
}

/// <summary>A server that draws the rollouts.</summary>
public sealed record SamplingServer
{
    /// <summary>Where it is, without the endpoint's path.</summary>
    [Option("where the server is, as `http://127.0.0.1:8000`", Note = "required")]
    public required string Url { get; init; }

    /// <summary>What it calls the model.</summary>
    [Option("what the server calls the model", Note = "required")]
    public required string Model { get; init; }

    /// <summary>How it is told of new weights.</summary>
    [Option("how the server is told of new weights: by SGLang's endpoint, which `reft serve --weights-from` has too, by vLLM's, or not at all", Note = "required")]
    public required WeightRoute Publish { get; init; }

    /// <summary>Where weights are written for it, a folder of this run's own; whatever version is there and older goes.</summary>
    [Option("where weights are written for the server, a folder of this run's own", Note = "required but with publish none")]
    public string? Folder { get; init; }

    /// <summary>What that folder is called on the server's machine; absent for the same.</summary>
    [Option("what that folder is called on the server's machine; absent for the same")]
    public string? FolderThere { get; init; }

    /// <summary>Whether the weights that the server has may be older than the policy's.</summary>
    [Option("whether the server's weights may be older than the policy's: needed with publish none")]
    public bool AcceptsStale { get; init; }

    /// <summary>How it is asked.</summary>
    [Option("the shape in which it is asked")]
    public SamplerDialect Dialect { get; init; }

    /// <summary>The environment variable that holds its API key; absent for none.</summary>
    [Option("the environment variable that holds the API key; absent for none")]
    public string? KeyVariable { get; init; }

    /// <summary>
    /// What makes up for the difference: advantages are weighed by <c>min(π_trainer / π_sampler, C)</c> (Yao 2025, truncated importance sampling).
    /// </summary>
    [Option("what advantages are weighed by: min(π_trainer/π_sampler, C) of each token, of the whole sequence, or nothing")]
    public ImportanceCorrection Correction { get; init; } = ImportanceCorrection.Token;

    /// <summary>C. 2 is verl's default for tokens, whose guide has 1.5 to 5 for tokens and 2 to 10 for sequences.</summary>
    [Option("C, the most that a weight may be: 1.5 to 5 for tokens and 2 to 10 for sequences are usual", Above = 0)]
    public double Truncation { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>Seconds that a completion may take.</summary>
    [Option("seconds that a completion may take", AtLeast = 1)]
    public int TimeoutSeconds { get; init => field = InRange.Of(this, value); } = 600;

    /// <summary>Seconds that it may take to put weights in.</summary>
    [Option("seconds that putting weights in may take", AtLeast = 1)]
    public int WeightSeconds { get; init => field = InRange.Of(this, value); } = 600;

    /// <summary>How often a request is asked again that was not answered: nobody there, cut off, too slow, 429, 5xx.</summary>
    [Option("how often a request is asked again where nobody answers, the answer is cut off or too slow, or is 408, 429 or 5xx", AtLeast = 0)]
    public int Retries { get; init => field = InRange.Of(this, value); } = 5;

    /// <summary>Completions that are asked for at once.</summary>
    [Option("completions that are asked for at once", AtLeast = 1)]
    public int RequestsAtOnce { get; init => field = InRange.Of(this, value); } = 16;

    /// <summary>What is wrong with its values, each in a line that begins with its path.</summary>
    public IEnumerable<string> Validate(string path)
    {
        // Blank until it is read.
        if (Url is { Length: > 0 } && (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Query.Length > 0
            || url.UserInfo.Length > 0))
        {
            yield return $"{path}.url is {OneLine.Quote(Url)}: it must be an address as http://127.0.0.1:8000, without a query, a name or a password";
        }

        if (Publish == WeightRoute.None && !AcceptsStale)
        {
            yield return $"{path}.publish is none: the server would draw with older and older weights; name the endpoint that takes new ones "
                + "(sglang, vllm), or say that this is wanted by acceptsStale: true";
        }

        if (Publish != WeightRoute.None && AcceptsStale)
        {
            yield return $"{path}.acceptsStale is true: it is read only with publish none; remove it";
        }

        if (Publish == WeightRoute.None != Folder is null)
        {
            yield return Folder is null
                ? $"{path}.folder is missing: name a folder that this machine and the server see"
                : $"{path}.folder is {OneLine.Quote(Folder)}: with publish none nothing is written there; remove it";
        }

        if (FolderThere is not null && Folder is null)
        {
            yield return $"{path}.folderThere is {OneLine.Quote(FolderThere)}: it is read only with a folder; remove it";
        }

        if (Correction == ImportanceCorrection.None && Truncation != 2)
        {
            yield return FormattableString.Invariant($"{path}.truncation is {Truncation}: it is read only with a correction; remove it");
        }
    }
}
