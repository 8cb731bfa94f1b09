using System.Text;
using Reft.Checkpoints;

namespace Reft.Tests.Checkpoints;

public sealed class SafeTensorsFileTests : IDisposable
{
    private const string OneByte = """{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_LiteralBytes_GivesTheirTensors()
    {
        byte[] bytes =
        [
            0x80, 0, 0, 0, 0, 0, 0, 0,
            .. "{\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[8,14]},"u8,
            .. "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}"u8,
            .. "                 "u8,
            0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, // 1, -2 in binary32
            0x80, 0x3F, 0x00, 0xC0, 0x40, 0x40, // 1, -2, 3 in bfloat16
        ];
        File.WriteAllBytes(_folder["t"], bytes);

        using var file = SafeTensorsFile.Open(_folder["t"]);

        Assert.Equal(["a", "b"], file.Entries.Keys);
        Assert.Equal(SafeTensorsDtype.F32, file.Entries["a"].Dtype);
        Assert.Equal([1L, 2L], file.Entries["a"].Shape);
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], file.Bytes(file.Entries["a"]).ToArray());
        Assert.Equal(SafeTensorsDtype.BF16, file.Entries["b"].Dtype);
        Assert.Equal([3L], file.Entries["b"].Shape);
        Assert.Equal([0x80, 0x3F, 0x00, 0xC0, 0x40, 0x40], file.Bytes(file.Entries["b"]).ToArray());
        Assert.Empty(file.Metadata);
    }

    [Theory]
    [InlineData("{}", 0, 0)]
    [InlineData("{\"__metadata__\":null}", 0, 0)]
    [InlineData("{\"__metadata__\":{}} \n\t ", 0, 0)]
    [InlineData("""{"scalar":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}""", 8, 1)]
    [InlineData("""{"e":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}}""", 0, 1)]
    [InlineData("""{"e":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, 2)]
    [InlineData("""{"x":{"extra":[{"y":1}],"dtype":"I8","shape":[1],"data_offsets":[0,1]}}""", 1, 1)]
    [InlineData("""{"odd":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}""", 5, 2)]
    [InlineData("""{"four":{"dtype":"F4","shape":[6],"data_offsets":[0,3]},"six":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[3,6]}}""", 6, 2)]
    public void Open_UnusualButValid_IsAccepted(string header, int dataBytes, int tensors)
    {
        File.WriteAllBytes(_folder["t"], SafeTensorsBytes.File(header, dataBytes));

        using var file = SafeTensorsFile.Open(_folder["t"]);

        Assert.Equal(tensors, file.Entries.Count);
        Assert.All(file.Entries.Values, entry => Assert.Equal(entry.Length, file.Bytes(entry).Length));
    }

    [Theory]
    [InlineData("BOOL", 1)]
    [InlineData("U8", 1)]
    [InlineData("I8", 1)]
    [InlineData("F8_E5M2", 1)]
    [InlineData("F8_E4M3", 1)]
    [InlineData("F8_E8M0", 1)]
    [InlineData("F8_E4M3FNUZ", 1)]
    [InlineData("F8_E5M2FNUZ", 1)]
    [InlineData("I16", 2)]
    [InlineData("U16", 2)]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    [InlineData("I32", 4)]
    [InlineData("U32", 4)]
    [InlineData("F32", 4)]
    [InlineData("I64", 8)]
    [InlineData("U64", 8)]
    [InlineData("F64", 8)]
    [InlineData("C64", 8)]
    public void Open_EachDtype_HasItsSize(string dtype, int bytes)
    {
        var header = $$$"""{"x":{"dtype":"{{{dtype}}}","shape":[3],"data_offsets":[0,{{{3 * bytes}}}]}}""";
        File.WriteAllBytes(_folder["t"], SafeTensorsBytes.File(header, 3 * bytes));

        using var file = SafeTensorsFile.Open(_folder["t"]);

        Assert.Equal(dtype, file.Entries["x"].Dtype.Name());
        Assert.Equal(3 * bytes, file.Entries["x"].Length);
    }

    [Fact]
    public void Metadata_Notes_AreRead()
    {
        const string Header = """{"__metadata__":{"format":"pt","\u00e9":"\ud83d\ude00"}}""";
        File.WriteAllBytes(_folder["t"], SafeTensorsBytes.File(Header, 0));

        using var file = SafeTensorsFile.Open(_folder["t"]);

        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal("😀", file.Metadata["é"]);
    }

    [Fact]
    public void Pointer_ForeignEntry_IsRefused()
    {
        File.WriteAllBytes(_folder["t"], SafeTensorsBytes.File(OneByte, 1));
        using var file = SafeTensorsFile.Open(_folder["t"]);

        var stranger = new SafeTensorsEntry("x", SafeTensorsDtype.U8, [100], 0, 100);

        Assert.Throws<ArgumentException>(() => file.Bytes(stranger).Length);
    }

    [Fact]
    public void Pointer_AfterDispose_IsRefused()
    {
        File.WriteAllBytes(_folder["t"], SafeTensorsBytes.File(OneByte, 1));
        var file = SafeTensorsFile.Open(_folder["t"]);

        file.Dispose();
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.Bytes(file.Entries["x"]).Length);
    }

    [Fact]
    public void Open_FileReplacedWhileOpen_KeepsTheOldBytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace a mapped file");
        File.WriteAllBytes(_folder["t"], SafeTensorsBytes.File(Encoding.UTF8.GetBytes(OneByte), [7]));
        using var file = SafeTensorsFile.Open(_folder["t"]);

        AtomicFile.WriteAllText(_folder["t"], "");

        Assert.Equal([7], file.Bytes(file.Entries["x"]).ToArray());
    }

    [Fact]
    public unsafe void Pointer_TensorPastTwoGibibytes_ReachesItsLastByte()
    {
        // A sparse file: the hole costs no disk space.
        const long Length = (1L << 31) + 3;
        var header = $$$"""{"x":{"dtype":"U8","shape":[{{{Length}}}],"data_offsets":[0,{{{Length}}}]}}""";
        using (var stream = File.Create(_folder["t"]))
        {
            stream.Write(SafeTensorsBytes.File(header, 0));
            stream.Position += Length - 1;
            stream.WriteByte(42);
        }

        using var file = SafeTensorsFile.Open(_folder["t"]);
        var entry = file.Entries["x"];

        Assert.Equal(42, file.Pointer(entry)[entry.Length - 1]);
        Assert.Throws<OverflowException>(() => file.Bytes(entry).Length);
    }
}
