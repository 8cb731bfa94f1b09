namespace Reft.Reporting;

/// <summary>The page of a comparison: its tables, learning curves and reliability plots, as one file like a run's.</summary>
internal static class MatrixPage
{
    private static readonly string[] _scripts = ["page.js", "format.js", "fixed.js", "matrix.js"];

    /// <summary>Renders the page.</summary>
    /// <param name="name">What the comparison is called.</param>
    /// <param name="data">What the script reads.</param>
    public static string Render<T>(string name, T data) => ReportPage.Render(name, _scripts, PageJson.Write(data));
}
