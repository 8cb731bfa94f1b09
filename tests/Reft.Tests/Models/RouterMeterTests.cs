using Reft.Models;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class RouterMeterTests
{
    [Fact]
    public void Take_IsSwitchsLossWithoutItsFactor()
    {
        var meter = new RouterMeter(layers: 2, experts: 2);
        meter.Add(1, [0, 0], [0.9f, 0.1f, 0.8f, 0.2f]);
        meter.Add(1, [1], [0.3f, 0.7f]);

        // f is (2/3, 1/3) and P is (2/3, 1/3): 2 (4/9 + 1/9).
        Assert.Equal(10 / 9.0, meter.Take(RankGroup.Alone)!.Value, 1e-7);
        Assert.Null(meter.Take(RankGroup.Alone));
    }

    [Theory]
    [InlineData("qwen2_moe")]
    [InlineData("qwen3_moe")]
    public void Hidden_WithGradients_MetersWhatTheRouterChose(string family)
    {
        using var model = SmallModels.Of(family);
        using var scope = NewDisposeScope();
        var batch = new TokenBatch([SmallModels.Ids(1, 23)]);

        using (no_grad())
        {
            model.Decoder.Hidden(batch);
        }

        Assert.Null(model.Decoder.Router!.Take(RankGroup.Alone));
        model.Decoder.Hidden(batch);
        var once = model.Decoder.Router.Take(RankGroup.Alone)!.Value;
        model.Decoder.Hidden(batch);
        model.Decoder.Hidden(batch);

        Assert.InRange(once, 0.5, 6);
        Assert.Equal(once, model.Decoder.Router.Take(RankGroup.Alone)!.Value, 1e-12);
    }
}
