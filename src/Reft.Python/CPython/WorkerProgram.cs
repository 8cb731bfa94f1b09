namespace Reft.Python.CPython;

/// <summary>The Python program of a worker: three files in a row, so that it needs none on disk.</summary>
internal static class WorkerProgram
{
    private static readonly string[] _parts = ["sandbox.py", "child.py", "server.py"];

    public static byte[] Read()
    {
        using var text = new MemoryStream();
        foreach (var part in _parts)
        {
            using var stream = typeof(WorkerProgram).Assembly.GetManifestResourceStream($"Reft.CPython.{part}")
                ?? throw new InvalidOperationException($"the resource {part} is missing");
            stream.CopyTo(text);
        }

        return text.ToArray();
    }
}
