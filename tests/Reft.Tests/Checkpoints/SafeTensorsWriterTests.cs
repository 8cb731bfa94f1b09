using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Reft.Checkpoints;

namespace Reft.Tests.Checkpoints;

public sealed class SafeTensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_TwoTensors_GivesTheseBytes()
    {
        SafeTensorsWriter.Write(_folder["t"],
        [
            TensorSource.FromMemory("b", SafeTensorsDtype.BF16, [3], new byte[] { 0x80, 0x3F, 0, 0xC0, 0x40, 0x40 }),
            TensorSource.FromMemory("a", SafeTensorsDtype.F32, [1, 2], new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0 }),
        ]);

        byte[] expected =
        [
            0x90, 0, 0, 0, 0, 0, 0, 0,
            .. "{\"__metadata__\":{\"format\":\"pt\"},"u8,
            .. "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"u8,
            .. "\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[8,14]}}"u8,
            .. "  "u8,
            0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0,
            0x80, 0x3F, 0, 0xC0, 0x40, 0x40,
        ];
        Assert.Equal(expected, File.ReadAllBytes(_folder["t"]));
        Assert.Equal(["t"], _folder.Files);
    }

    [Fact]
    public void Write_AnyOrder_GivesTheSameBytesWithTheWidestFirst()
    {
        TensorSource[] tensors =
        [
            TensorSource.FromMemory("z", SafeTensorsDtype.F64, [1], new byte[8]),
            TensorSource.FromMemory("B", SafeTensorsDtype.F32, [1], new byte[4]),
            TensorSource.FromMemory("a", SafeTensorsDtype.I32, [1], new byte[4]),
            TensorSource.FromMemory("c", SafeTensorsDtype.U8, [1], new byte[1]),
        ];

        SafeTensorsWriter.Write(_folder["1"], tensors);
        SafeTensorsWriter.Write(_folder["2"], tensors.Reverse());

        Assert.Equal(File.ReadAllBytes(_folder["1"]), File.ReadAllBytes(_folder["2"]));
        using var file = SafeTensorsFile.Open(_folder["1"]);
        Assert.Equal(["z", "B", "a", "c"], file.Entries.Keys);
    }

    [Fact]
    public void Write_NoTensors_CanBeRead()
    {
        SafeTensorsWriter.Write(_folder["t"], []);

        using var file = SafeTensorsFile.Open(_folder["t"]);

        Assert.Empty(file.Entries);
        Assert.Equal("pt", Assert.Single(file.Metadata).Value);
    }

    [Fact]
    public unsafe void FromAddress_UnmanagedMemory_IsWritten()
    {
        var address = NativeMemory.Alloc(3);
        try
        {
            new byte[] { 1, 2, 3 }.CopyTo(new Span<byte>(address, 3));

            SafeTensorsWriter.Write(
                _folder["t"], [TensorSource.FromAddress("x", SafeTensorsDtype.U8, [3], (nint)address, 3)]);
        }
        finally
        {
            NativeMemory.Free(address);
        }

        using var file = SafeTensorsFile.Open(_folder["t"]);
        Assert.Equal([1, 2, 3], file.Bytes(file.Entries["x"]).ToArray());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Write_CallbackOfAnotherLength_IsRefusedAndKeepsTheOldFile(int bytes)
    {
        File.WriteAllText(_folder["t"], "old");
        var tensor = new TensorSource("x", SafeTensorsDtype.F32, [1], stream => stream.Write(new byte[bytes]));

        Assert.Throws<InvalidOperationException>(() => SafeTensorsWriter.Write(_folder["t"], [tensor]));

        Assert.Equal("old", File.ReadAllText(_folder["t"]));
        Assert.Equal(["t"], _folder.Files);
    }

    [Theory]
    [InlineData("__metadata__", 1)]
    [InlineData("x", -1)]
    [InlineData("x", long.MaxValue)]
    public void TensorSource_WhatTheFormatCannotHold_IsRefused(string name, long extent) =>
        Assert.Throws<ArgumentException>(() => new TensorSource(name, SafeTensorsDtype.F32, [extent], _ => { }));

    [Fact]
    public void TensorSource_NameWithHalfASurrogatePair_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new TensorSource("\ud800", SafeTensorsDtype.F32, [1], _ => { }));

    [Fact]
    public void Write_NameGivenTwice_IsRefused()
    {
        var tensor = TensorSource.FromMemory("x", SafeTensorsDtype.U8, [1], new byte[1]);

        Assert.Throws<ArgumentException>(() => SafeTensorsWriter.Write(_folder["t"], [tensor, tensor]));

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Write_DeviceIsFull_NamesThePathAndKeepsNothing()
    {
        var tensor = new TensorSource("x", SafeTensorsDtype.U8, [1], _ => throw new IOException("No space left"));

        var error = Assert.Throws<InputException>(() => SafeTensorsWriter.Write(_folder["t"], [tensor]));

        Assert.Contains(
            $"{_folder["t"]}: cannot be written (No space left)", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void WriteThenOpen_RandomTensors_ComeBack()
    {
        var tensors =
            from name in ArbMap.Default.GeneratorFor<string>()
            from dtype in Gen.Elements(Enum.GetValues<SafeTensorsDtype>())
            from shape in Gen.Choose(0, 5).Select(extent => extent * 4L).ListOf()
            from seed in Gen.Choose(0, 1_000_000)
            select (Name: Unicode(name), Dtype: dtype, Shape: shape.Take(3).Append(4).ToArray(), Seed: seed);

        Prop.ForAll(tensors.ListOf().ToArbitrary(), list =>
        {
            var distinct = list.DistinctBy(tensor => tensor.Name).ToArray();
            var bytes = distinct.ToDictionary(tensor => tensor.Name, tensor =>
            {
                var content = new byte[tensor.Dtype.ByteLength(tensor.Shape)!.Value];
                new Random(tensor.Seed).NextBytes(content);
                return content;
            });

            SafeTensorsWriter.Write(_folder["t"], distinct.Select(tensor =>
                TensorSource.FromMemory(tensor.Name, tensor.Dtype, tensor.Shape, bytes[tensor.Name])));
            using var file = SafeTensorsFile.Open(_folder["t"]);

            Assert.Equal(distinct.Length, file.Entries.Count);
            Assert.All(distinct, tensor =>
            {
                var entry = file.Entries[tensor.Name];
                Assert.Equal(tensor.Dtype, entry.Dtype);
                Assert.Equal(tensor.Shape, entry.Shape);
                Assert.Equal(bytes[tensor.Name], file.Bytes(entry).ToArray());
            });
        }).Check(Config.QuickThrowOnFailure);
    }

    // Lone surrogates cannot be named in UTF-8; the reserved key cannot name a tensor.
    private static string Unicode(string? text) =>
        "n" + new string((text ?? "").Where(character => !char.IsSurrogate(character)).ToArray());
}
