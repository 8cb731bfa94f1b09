using Reft.Methods;

namespace Reft.Hosting;

/// <summary>
/// The program <c>reft</c>, for a program of one's own with what it brings along:
/// <c>return await ReftHost.RunAsync(args, new Brevity());</c> Give it the command line that the program was started with: <c>reproduce --jobs</c>
/// starts the same program again.
/// </summary>
public static class ReftHost
{
    /// <summary>Runs a command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="own">What configs can name besides what comes with Reft: see <see cref="Catalog.With"/>.</param>
    /// <returns>The exit code: 0 done, 1 failed, 2 wrong input.</returns>
    public static Task<int> RunAsync(string[] args, params IReadOnlyList<INamed> own) => RunAsync(args, Catalog.Default.With(own));

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
