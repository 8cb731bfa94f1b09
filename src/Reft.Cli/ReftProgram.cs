using Reft.Methods;

namespace Reft.Cli;

/// <summary>
/// The program <c>reft</c>, for a program of one's own with what it brings along:
/// <c>return await ReftProgram.RunAsync(args, Catalog.Default with { … });</c>
/// </summary>
public static class ReftProgram
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="catalog">What configs can name.</param>
    /// <returns>The exit code: 0 done, 1 failed, 2 wrong input.</returns>
    public static Task<int> RunAsync(string[] args, Catalog catalog)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(catalog);
        return App.RunAsync(args, Terminal.System() with { Catalog = catalog });
    }
}
