using System.Text;

namespace Reft.Methods;

/// <summary>docs/method-keys.md: the methods of a catalog as they describe themselves.</summary>
internal static class MethodTable
{
    /// <summary>The page.</summary>
    public static string Write(Catalog catalog)
    {
        var page = new StringBuilder("""
            # Methods and their keys

            What `method:` in a config can name. Every method reads the keys of [configuration.md](configuration.md) that no row names, its own section,
            and those of its row; a key of another row is refused. This page is written from `Methods/Catalog`.

            | method | what it learns | its section | reads besides | replays | from |
            |---|---|---|---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var method in catalog.Methods)
        {
            var reads = string.Join(", ", method.Reads.Select(path => $"`{path}`"));
            page.Append($"| `{method.Name}` | {method.Summary} | `{method.Options.Name}` | {reads} | {(method.Again(MethodMetrics.Least(method)) is not null ? "yes" : "no")} | {method.Citation} |\n");
        }

        return page.ToString();
    }
}
