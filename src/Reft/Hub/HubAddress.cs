using System.Text.RegularExpressions;

namespace Reft.Hub;

/// <summary>What a repository of the hub holds.</summary>
internal enum HubKind
{
    /// <summary>A model.</summary>
    Model,

    /// <summary>Rows to train on or to evaluate by.</summary>
    Dataset,
}

/// <summary>A place in the hub: <c>org/name[@revision]</c>, or <c>datasets/org/name[@revision][/path]</c>, behind <c>hf://</c> in configs.</summary>
/// <param name="Kind">What the repository holds.</param>
/// <param name="Repository">Its name, <c>org/name</c>; a few old models have no org.</param>
/// <param name="Revision">A branch, a tag or a commit.</param>
/// <param name="Path">A file of the repository, or what the paths of several begin with; empty for all. Data sets alone.</param>
internal sealed partial record HubAddress(HubKind Kind, string Repository, string Revision, string Path)
{
    /// <summary>What addresses begin with where a path could stand too.</summary>
    public const string Scheme = "hf://";

    /// <summary>The revision where none is named.</summary>
    public const string Main = "main";

    private const string Datasets = "datasets/";
    private const int LongestName = 96;

    /// <summary>Whether the revision is a commit, whose files never change.</summary>
    public bool IsCommit => Commit().IsMatch(Revision);

    /// <summary>Whether a text of a config is an address, and not a path.</summary>
    public static bool Is(string text) => text.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>Whether a text that is no path here can be the name of a model: <c>org/name</c>, perhaps with a revision.</summary>
    public static bool IsModel(string text) => text.Split('/').Length == 2 && !text.StartsWith('.') && Form().Match(text) is { Success: true } match
        && match.Groups[3].Value.Length == 0 && !IsTricky(match.Groups[1].Value);

    /// <summary>Reads an address, with the scheme or without.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static HubAddress Parse(string text)
    {
        var rest = Is(text) ? text[Scheme.Length..] : text;
        var kind = rest.StartsWith(Datasets, StringComparison.Ordinal) ? HubKind.Dataset : HubKind.Model;
        rest = kind == HubKind.Dataset ? rest[Datasets.Length..] : rest;
        var match = Form().Match(rest);
        var (repository, revision, path) = (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value.Trim('/'));
        if (!match.Success || (kind == HubKind.Dataset && !repository.Contains('/', StringComparison.Ordinal)))
        {
            throw Wrong("an address looks like hf://org/name, hf://org/name@revision or hf://datasets/org/name/path");
        }

        if (repository.Length > LongestName || repository.Contains("--", StringComparison.Ordinal) || IsTricky(repository))
        {
            throw Wrong("that is no name of a repository");
        }

        revision = revision.Length == 0 ? Main : Uri.UnescapeDataString(revision);
        return IsTricky(revision) ? throw Wrong($"{OneLine.Quote(revision)} is no revision")
            : kind == HubKind.Model && path.Length > 0 ? throw Wrong("a model is a whole repository: leave out what stands behind its name")
            : new HubAddress(kind, repository, revision, path);

        InputException Wrong(string why) => new($"{OneLine.Quote(text)}: {why}");
    }

    /// <summary>As a config names it.</summary>
    public override string ToString() =>
        $"{Scheme}{(Kind == HubKind.Dataset ? Datasets : "")}{Repository}{(Revision == Main ? "" : "@" + Revision)}{(Path.Length == 0 ? "" : "/" + Path)}";

    /// <summary>Whether a path would leave the folder that it is joined to.</summary>
    internal static bool IsTricky(string path) => path.Length == 0 || path.StartsWith('/')
        || path.IndexOfAny(['\\', ':', '\0']) >= 0 || path.Any(char.IsControl) || path.Split('/').Any(part => part is "" or "." or "..");

    // The revisions with slashes that the hub itself makes may be written as they are.
    [GeneratedRegex(@"^([\w.-]+(?:/[\w.-]+)?)(?:@(refs/(?:convert|pr)/[\w.-]+|[^/]+))?((?:/.*)?)$")]
    private static partial Regex Form();

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Commit();
}
