using Reft.Checkpoints;

namespace Reft.Tests.Checkpoints;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private readonly TemporaryFolder _from = new();
    private readonly TemporaryFolder _to = new();

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
    }

    [Fact]
    public void CopyCompanions_MixedFolder_TakesTheCompanionsAlone()
    {
        string[] others = ["config.json", "model.safetensors", "README.md", "optimizer.pt"];
        foreach (var name in HuggingFaceFolder.Companions.Concat(others))
        {
            File.WriteAllText(_from[name], name);
        }

        var copied = HuggingFaceFolder.CopyCompanions(_from.Path, _to["new"]);

        Assert.Equal(HuggingFaceFolder.Companions, copied);
        Assert.Equal(
            copied.Order(StringComparer.Ordinal),
            Directory.GetFiles(_to["new"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        Assert.All(copied, name => Assert.Equal(name, File.ReadAllText(Path.Combine(_to["new"], name))));
    }

    [Fact]
    public void CopyCompanions_SomeAbsent_CopiesTheRest()
    {
        File.WriteAllText(_from["tokenizer.json"], "{}");

        Assert.Equal(["tokenizer.json"], HuggingFaceFolder.CopyCompanions(_from.Path, _to.Path));
        Assert.Equal(["tokenizer.json"], _to.Files);
    }

    [Fact]
    public void CopyCompanions_OntoItself_ChangesNothing()
    {
        File.WriteAllText(_from["tokenizer.json"], "{}");

        HuggingFaceFolder.CopyCompanions(_from.Path, _from.Path + Path.DirectorySeparatorChar);

        Assert.Equal("{}", File.ReadAllText(_from["tokenizer.json"]));
    }

    [Fact]
    public void CopyCompanions_SourceAbsent_SaysSo()
    {
        var error = Assert.Throws<InputException>(() => HuggingFaceFolder.CopyCompanions(_from["absent"], _to.Path));

        Assert.Equal($"{_from["absent"]}: no such folder; check the path", error.Message);
    }
}
