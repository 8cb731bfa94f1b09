using System.Text.Json;

namespace Reft.Python.CPython;

/// <summary>One program for a worker.</summary>
internal sealed record PythonRequest(string Source, string? Entry, ProgramLimits Limits)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        source = Source,
        entry = Entry,
        deadline = Limits.Deadline.TotalSeconds,
        output = Limits.MaxOutputChars,
        recursion = Limits.MaxRecursion,
    });
}
