namespace Reft.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WriteAllText_FolderAbsent_CreatesItAndLeavesOnlyTheFile()
    {
        var path = Path.Combine(_folder["a"], "b", "c.txt");

        AtomicFile.WriteAllText(path, "naïve\n");

        Assert.Equal("na\u00efve\n"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void RemoveLeftovers_OfDeadWriters_LeavesEverythingElse()
    {
        var inner = Directory.CreateDirectory(Path.Combine(_folder["run"], "evaluations")).FullName;
        string[] kept = [Path.Combine(inner, ".notes.tmp"), Path.Combine(inner, "a.json"), Path.Combine(inner, "a.tmp")];
        foreach (var path in (string[])[.. kept, Path.Combine(inner, $".a.json.{Guid.NewGuid():N}.tmp"),
            Path.Combine(_folder["run"], $".config.yaml.{Guid.NewGuid():N}.tmp")])
        {
            File.WriteAllText(path, "x");
        }

        StagedFile.RemoveLeftovers(_folder["run"]);

        Assert.Equal(kept, Directory.GetFiles(_folder["run"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_FileExists_ReplacesIt()
    {
        File.WriteAllText(_folder["a"], "a much longer old text");

        AtomicFile.WriteAllText(_folder["a"], "short");

        Assert.Equal("short", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Files);
    }

    [Fact]
    public void Write_DiskFull_NamesThePathAndKeepsTheOldFile()
    {
        File.WriteAllText(_folder["a"], "old");

        var error = Assert.Throws<InputException>(() => AtomicFile.Write(_folder["a"], stream =>
        {
            stream.Write("half"u8);
            throw new IOException("No space left on device");
        }));

        Assert.StartsWith(
            _folder["a"] + ": cannot be written (No space left on device); ", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Files);
    }

    [Fact]
    public void Write_CallbackFails_PassesItsErrorAndLeavesNothing()
    {
        Assert.Throws<InvalidTimeZoneException>(() =>
            AtomicFile.Write(_folder["a"], _ => throw new InvalidTimeZoneException()));

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Write_PlaceIsAFolder_NamesIt()
    {
        Directory.CreateDirectory(_folder["a"]);

        var error = Assert.Throws<InputException>(() => AtomicFile.WriteAllText(_folder["a"], "x"));

        Assert.Contains(_folder["a"], error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Write_FolderIsAFile_NamesThePath()
    {
        File.WriteAllText(_folder["a"], "x");
        var path = Path.Combine(_folder["a"], "b");

        var error = Assert.Throws<InputException>(() => AtomicFile.WriteAllText(path, "x"));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("/")]
    public void Write_NotAFilePath_IsAnInputError(string path)
    {
        var error = Assert.Throws<InputException>(() => AtomicFile.WriteAllText(path, "x"));

        Assert.DoesNotContain('\0', error.Message);
    }

    [Fact]
    public void Write_OntoADevice_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no device files");

        // The name is not a real device's, so that a failure of this test harms nothing.
        var error = Assert.Throws<InputException>(() => AtomicFile.WriteAllText("/dev/reft-test-absent", "x"));

        Assert.StartsWith("/dev/reft-test-absent: is a device", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StagedFile_DisposedWithoutCommit_LeavesTheOldFileAlone()
    {
        File.WriteAllText(_folder["a"], "old");

        StagedFile.Write(_folder["a"], stream => stream.Write("new"u8)).Dispose();

        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Files);
    }

    [Fact]
    public void Copy_SourceAbsent_NamesIt()
    {
        var error = Assert.Throws<InputException>(() => AtomicFile.Copy(_folder["a"], _folder["b"]));

        Assert.Equal($"{_folder["a"]}: no such file; check the path", error.Message);
    }

    [Fact]
    public void InputFile_PathIsAFolder_SaysSo()
    {
        var error = Assert.Throws<InputException>(() => InputFile.OpenRead(_folder.Path));

        Assert.StartsWith($"{_folder.Path}: is a folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InputFile_NoPermission_SaysSo()
    {
        // Thrown by hand: a test that runs as root may read every file.
        var error = Assert.Throws<InputException>(() =>
            InputFile.Guarded<int>("a/b", () => throw new UnauthorizedAccessException("x\ny")));

        Assert.Equal("a/b: no permission to read it; give yourself read access", error.Message);
    }

    [Fact]
    public void InputFile_LargerThanItsLimit_SaysBoth()
    {
        File.WriteAllText(_folder["a"], "12345");

        var error = Assert.Throws<InputException>(() => InputFile.ReadAllBytes(_folder["a"], 4));

        Assert.Contains("5 bytes, more than the 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneLine_LongListOfOddNames_StaysOneLineAndCountsTheRest()
    {
        var names = Enumerable.Range(0, 23).Select(i => $"n\n{i}").ToArray();

        var line = OneLine.List(names);

        Assert.StartsWith("'n\\u000A0', 'n\\u000A1', ", line, StringComparison.Ordinal);
        Assert.EndsWith(" and 3 more", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }
}
