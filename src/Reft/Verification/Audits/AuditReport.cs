namespace Reft.Verification.Audits;

/// <summary>A row that an audit has something to say about.</summary>
/// <param name="Row">The row or line in the file, from 1.</param>
/// <param name="Id">The problem.</param>
/// <param name="Answer">Its known answer, as written.</param>
/// <param name="Detail">What was found.</param>
internal sealed record AuditRow(int Row, string Id, string Answer, string Detail);

/// <summary>One check of an audit.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Checked">How many times.</param>
/// <param name="Found">How many times the check found what it looks for.</param>
/// <param name="Limit">The largest share of findings that passes; null where the check only reports.</param>
/// <param name="Rows">The first rows found.</param>
internal sealed record AuditCheck(string Name, int Checked, int Found, double? Limit, IReadOnlyList<AuditRow> Rows)
{
    /// <summary>Findings by checks made; 0 where none was made.</summary>
    public double Share => Checked == 0 ? 0 : (double)Found / Checked;

    /// <summary>Whether the findings stay within the limit.</summary>
    public bool Passed => Limit is not { } limit || Share <= limit;
}

/// <summary>What an audit of a verifier on a set of problems found.</summary>
/// <param name="Problems">How many problems there are.</param>
/// <param name="WithSolution">How many of them have a solution.</param>
/// <param name="Checks">Every check, in the order they were made.</param>
/// <param name="Verdicts">How many verdicts were asked for.</param>
/// <param name="Seconds">The time they took.</param>
internal sealed record AuditReport(
    int Problems, int WithSolution, IReadOnlyList<AuditCheck> Checks, long Verdicts, double Seconds)
{
    /// <summary>Whether every check passed.</summary>
    public bool Passed => Checks.All(check => check.Passed);

    /// <summary>Verdicts a second; 0 where no time was measured.</summary>
    public double VerdictsPerSecond => Seconds > 0 ? Verdicts / Seconds : 0;
}
