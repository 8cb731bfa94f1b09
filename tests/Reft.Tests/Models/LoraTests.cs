using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

public sealed class LoraTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama", "q_proj")]
    [InlineData("gpt2", "c_attn")]
    public void Adapters_OnOffMergedAndSaved_AgreeWithEachOther(string name, string target)
    {
        using var golden = Golden.Open(name);
        using var again = Golden.Open(name);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var options = new LoraOptions { Rank = 4, Alpha = 8, Targets = [target] };
        var plain = Logits(golden);

        golden.Decoder.AddAdapters(options, seed: 1);
        var fresh = Logits(golden);
        foreach (var parameter in golden.Decoder.AdapterParameters.Where(p => p.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
        {
            parameter.Value.fill_(0.05);
        }

        var adapted = Logits(golden);
        PeftFolder.Save(golden.Decoder, options, "base", _folder.Path);
        PeftFolder.Load(again.Decoder, _folder.Path);
        var loaded = Logits(again);
        Tensor off;
        using (golden.Decoder.WithoutAdapters())
        {
            off = Logits(golden);
        }

        golden.Decoder.MergeAdapters();
        var merged = Logits(golden);

        Assert.Equal(0, Distance(plain, fresh));
        Assert.Equal(0, Distance(plain, off));
        Assert.Equal(0, Distance(adapted, loaded));
        Assert.InRange(Distance(plain, adapted), 1e-3, double.MaxValue);
        Assert.InRange(Distance(adapted, merged), 0, 1e-4);
        Assert.Empty(golden.Decoder.AdapterParameters);
    }

    private static Tensor Logits(Golden golden) =>
        golden.Decoder.Logits(golden.Decoder.Hidden(new TokenBatch([golden.Sequences[0]])));

    private static double Distance(Tensor a, Tensor b) => (a - b).abs().max().item<float>();
}
