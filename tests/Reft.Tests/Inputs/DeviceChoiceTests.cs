using Reft.Inputs;
using Reft.Numerics;
using Reft.Runtime;

namespace Reft.Tests.Inputs;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("cpu", 0, "cpu")]
    [InlineData("cpu", 2, "cpu")]
    [InlineData("cuda", 1, "cuda:0")]
    [InlineData("cuda:0", 1, "cuda:0")]
    [InlineData("cuda:1", 2, "cuda:1")]
    [InlineData("auto", 2, "cuda:0")]
    [InlineData("auto", 0, "cpu")]
    public void Find_DeviceThatIsThere_IsFound(string name, int gpus, string expected) =>
        Assert.Equal(expected, DeviceChoice.Find(name, "--device", Report(hasCuda: true), gpus).Name);

    [Theory]
    [InlineData("tpu", "'tpu': it must be cpu, cuda, cuda:0, cuda:1, …, or auto")]
    [InlineData("cuda:", "it must be")]
    [InlineData("cuda:-1", "it must be")]
    [InlineData("cuda:+1", "it must be")]
    [InlineData("cuda:1x", "it must be")]
    [InlineData("CUDA", "it must be")]
    [InlineData("cuda:2", "libtorch sees 2 GPUs, counted from 0")]
    [InlineData("cuda:99999999999", "it must be")]
    public void Find_NoSuchDevice_IsSaid(string name, string expected) => Assert.Contains(
        expected,
        Assert.Throws<InputException>(() => DeviceChoice.Find(name, "--device", Report(hasCuda: true), 2)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Find_NoGpuOrNoCuda_SaysWhich()
    {
        var none = Assert.Throws<InputException>(() => DeviceChoice.Find("cuda", "model.device", Report(hasCuda: true), 0));
        var never = Assert.Throws<InputException>(() => DeviceChoice.Find("cuda", "model.device", Report(hasCuda: false), 0));

        Assert.StartsWith("model.device is cuda: libtorch sees no GPU", none.Message, StringComparison.Ordinal);
        Assert.Contains("computes on CPUs only; set REFT_TORCH_HOME=auto", never.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Name_EveryDevice_IsReadBack()
    {
        foreach (var device in new[] { ComputeDevice.Cpu, ComputeDevice.Cuda(0), ComputeDevice.Cuda(11) })
        {
            Assert.True(ComputeDevice.TryParse(device.Name, out var read));
            Assert.Equal(device, read);
            Assert.Equal(device, ComputeDevice.FromDevice(device.Torch));
        }
    }

    private static NativeReport Report(bool hasCuda) => new("2.10.0", "NuGet package", "lib", "libLibTorchSharp.so", null, hasCuda, hasCuda);
}
