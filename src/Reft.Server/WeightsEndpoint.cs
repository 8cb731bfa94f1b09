using System.Text.Json.Nodes;
using Reft.Serving;

namespace Reft.Server;

/// <summary>
/// <c>/update_weights_from_disk</c>, in SGLang's shape: puts weights in from a folder. Only from within one folder, which whoever started the
/// server named: a request must not read what else lies on the machine.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="root">The folder that holds the folders of weights.</param>
internal sealed class WeightsEndpoint(ServedModel model, string root)
{
    /// <summary>Where it is.</summary>
    public const string Route = "/update_weights_from_disk";

    /// <summary>What weights are called that nobody has named, as in SGLang and vLLM.</summary>
    public const string FirstVersion = "default";

    private const int LongestVersion = 128;

    /// <summary>Puts the weights in that a request names, once what is being answered is answered.</summary>
    /// <returns>What they are called.</returns>
    /// <exception cref="ApiException">A field is wrong, or the folder is not within the one that weights may come from.</exception>
    public async Task<string> ReplaceAsync(ApiReader reader)
    {
        const string Path = "model_path";
        var path = reader.Text(Path) ?? throw new ApiException(400, $"there is no {Path}", Path, "missing_required_parameter");
        var version = reader.Text("weight_version") ?? FirstVersion;
        reader.Unsupported("load_format", value => value.ValueKind == System.Text.Json.JsonValueKind.String && value.GetString() is "auto" or "safetensors");
        // No answer outlives its weights, and no cache an answer: there is nothing to abort or to flush.
        reader.Ignore("abort_all_requests", "flush_cache", "is_async", "torch_empty_cache", "keep_pause", "recapture_cuda_graph", "token_step");
        reader.Finish();
        if (version.Length is 0 or > LongestVersion || version.Any(char.IsControl))
        {
            throw new ApiException(400, $"'weight_version' must have 1 to {LongestVersion} characters, and no control characters", "weight_version", "invalid_value");
        }

        await model.ReplaceWeightsAsync(Within(path), version);
        return version;
    }

    /// <summary>The answer to a change.</summary>
    public static JsonObject Done(string version) => new()
    {
        ["success"] = true,
        ["message"] = $"the weights are {version} now",
        ["weight_version"] = version,
    };

    private string Within(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new ApiException(400, $"{OneLine.Quote(path)} is no folder on the server's machine", "model_path", "invalid_value");
        }

        // Links count as what they lead to.
        var (inner, outer) = (Real(path), Real(root));
        return inner.StartsWith(outer + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal) ? inner : throw new ApiException(
            403, $"{OneLine.Quote(path)} is not within the folder that this server takes weights from", "model_path", "forbidden");
    }

    private static string Real(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (System.IO.Path.GetDirectoryName(full) is not { } parent)
        {
            return full;
        }

        var above = System.IO.Path.Combine(Real(parent), System.IO.Path.GetFileName(full));
        return Directory.ResolveLinkTarget(above, returnFinalTarget: true)?.FullName is { } target ? Real(target) : above;
    }
}
