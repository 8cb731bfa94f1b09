using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Reft.Checkpoints;

namespace Reft.Tests.Checkpoints;

/// <summary>Every damaged file is an <see cref="InputException"/>: one line that names file and fault.</summary>
public sealed class SafeTensorsCorruptionTests : IDisposable
{
    private const string Good =
        """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"""
        + """ "b":{"dtype":"I16","shape":[1,3],"data_offsets":[8,14]}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "does not begin with '{'")]
    [InlineData(" {}", "does not begin with '{'")]
    [InlineData("[]", "does not begin with '{'")]
    [InlineData("{", "not valid JSON")]
    [InlineData("{}}", "not valid JSON")]
    [InlineData("{}\0", "not valid JSON")]
    [InlineData("""{"a":}""", "not valid JSON")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},}""", "not valid JSON")]
    [InlineData("""{"a":[]}""", "'a' is a JSON list where an object with dtype, shape and data_offsets is needed")]
    [InlineData("""{"a":null}""", "'a' is a JSON null")]
    [InlineData("""{"a":true}""", "'a' is a JSON boolean")]
    [InlineData("""{"a":{"shape":[4],"data_offsets":[0,4]}}""", "'a' lacks 'dtype'")]
    [InlineData("""{"a":{"dtype":"U8","data_offsets":[0,4]}}""", "'a' lacks 'shape'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4]}}""", "'a' lacks 'data_offsets'")]
    [InlineData("""{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "'a' has two dtypes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"shape":[4],"data_offsets":[0,4]}}""", "'a' has two shapes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"data_offsets":[0,4]}}""", "'a' has two data_offsets")]
    [InlineData("""{"a":{"dtype":"F31","shape":[4],"data_offsets":[0,4]}}""", "the dtype of 'a' is 'F31'")]
    [InlineData("""{"a":{"dtype":"u8","shape":[4],"data_offsets":[0,4]}}""", "the dtype of 'a' is 'u8'")]
    [InlineData("""{"a":{"dtype":4,"shape":[4],"data_offsets":[0,4]}}""", "the dtype of 'a' is a JSON number")]
    [InlineData("""{"a":{"dtype":"U8","shape":4,"data_offsets":[0,4]}}""", "the shape of 'a' is a JSON number")]
    [InlineData("""{"a":{"dtype":"U8","shape":["4"],"data_offsets":[0,4]}}""", "the shape of 'a' holds a JSON string")]
    [InlineData("""{"a":{"dtype":"U8","shape":[[4]],"data_offsets":[0,4]}}""", "the shape of 'a' holds a JSON list")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", "the shape of 'a' holds -4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}""", "the shape of 'a' holds 4.0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,4]}}""", "the shape of 'a' holds 9223372036854775808")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4294967296,4294967297],"data_offsets":[0,4]}}""", "overflows")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}""", "overflows")]
    [InlineData("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,4]}}""", "not a whole number of bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", "holds 1 numbers where two are needed")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}}""", "holds 3 numbers where two are needed")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":{}}}""", "data_offsets of 'a' is a JSON object")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[-4,0]}}""", "data_offsets of 'a' holds -4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", "run backwards, from 4 to 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", "'a' ends at byte 5 of the data, but the file holds only 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""", "'a' ends at byte 9223372036854775807")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}}""", "'a' is U8 [3] and needs 3 bytes, but data_offsets 0 to 4 hold 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}""", "'a' is F32 [4] and needs 16 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "bytes 0 to 2 of the data, between the header and 'a', belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "between 'a' and 'b'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "the last 1 bytes, after 'a', belong to no tensor")]
    [InlineData("{}", "the last 4 bytes, after the header, belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", "'b' begins at byte 2 of the data and overlaps 'a', which ends at 3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "overlaps 'a'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}""", "'a' appears twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "'__metadata__' appears twice")]
    [InlineData("""{"__metadata__":[],"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "'__metadata__' is a JSON list")]
    [InlineData("""{"__metadata__":{"k":1},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "'k' of '__metadata__' is a JSON number")]
    [InlineData("""{"__metadata__":{"k":"","k":""},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "'k' of '__metadata__' appears twice")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "half of a surrogate pair")]
    [InlineData("""{"a":{"dtype":"\udc00","shape":[4],"data_offsets":[0,4]}}""", "half of a surrogate pair")]
    [InlineData("""{"two\nlines":{}}""", "'two\\u000Alines' lacks 'dtype'")]
    public void Open_WrongHeader_SaysWhatIsWrong(string header, string finding) =>
        AssertRefused(SafeTensorsBytes.File(header, 4), finding);

    [Fact]
    public void Open_InvalidUtf8_SaysSo() =>
        AssertRefused(
            SafeTensorsBytes.File([.. "{\""u8, 0xC3, 0x28, .. "\":{}}"u8], []), "its header is not valid UTF-8");

    [Fact]
    public void Open_NestingPastTheLimit_SaysSo() =>
        AssertRefused(
            SafeTensorsBytes.File($$"""{"a":{"x":{{new string('[', 100_000)}}""", 4), "not valid JSON");

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Open_ShorterThanTheLength_SaysSo(int bytes) =>
        AssertRefused(new byte[bytes], $"holds {bytes} bytes, too few");

    [Theory]
    [InlineData(new byte[] { 3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "claims a header of 3 bytes, but only 2 follow")]
    [InlineData(new byte[] { 0, 0xE1, 0xF5, 5, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "claims a header of 100000000 bytes, but only 2 follow")]
    [InlineData(new byte[] { 1, 0xE1, 0xF5, 5, 0, 0, 0, 0, (byte)'{', (byte)'}' }, "header of 100000001 bytes, more than")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, (byte)'{', (byte)'}' }, "header of 18446744073709551615 bytes, more than")]
    public void Open_LyingHeaderLength_SaysSo(byte[] file, string finding) => AssertRefused(file, finding);

    [Fact]
    public void Open_GitLfsPointer_SaysHowToFetchTheFile()
    {
        File.WriteAllText(_folder["t"], "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");

        var error = Assert.Throws<InputException>(() => SafeTensorsFile.Open(_folder["t"]));

        Assert.Contains("git lfs pull", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchFile_SaysSo()
    {
        var error = Assert.Throws<InputException>(() => SafeTensorsFile.Open(_folder["absent"]));

        Assert.Equal($"{_folder["absent"]}: no such file; check the path", error.Message);
    }

    [Fact]
    public void Open_Folder_SaysSo()
    {
        var error = Assert.Throws<InputException>(() => SafeTensorsFile.Open(_folder.Path));

        Assert.Contains("is a folder where a file is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EveryTruncation_IsRefused()
    {
        var bytes = SafeTensorsBytes.File(Good, 14);
        File.WriteAllBytes(_folder["t"], bytes);
        using (SafeTensorsFile.Open(_folder["t"]))
        {
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            AssertRefused(bytes[..length], "");
        }
    }

    [Fact]
    public void Open_ByteAppended_IsRefused() =>
        AssertRefused([.. SafeTensorsBytes.File(Good, 14), 0], "the last 1 bytes");

    [Fact]
    public void Open_EachHeaderByteReplaced_OpensOrIsRefused()
    {
        var bytes = SafeTensorsBytes.File(Good, 14);
        byte[] replacements = [0, .. "\",9-[}\\"u8, 0xC3, 0xFF];
        for (var place = 0; place < bytes.Length - 14; place++)
        {
            foreach (var replacement in replacements)
            {
                var mutant = (byte[])bytes.Clone();
                mutant[place] = replacement;
                OpensOrIsRefused(mutant);
            }
        }
    }

    [Fact]
    public void Open_RandomMutations_OpensOrIsRefused()
    {
        var edit = from place in Gen.Choose(0, Good.Length + 7)
                   from removed in Gen.Choose(0, 6)
                   from inserted in Gen.Elements(Good.ToCharArray()).ListOf()
                   select (place, removed, text: string.Concat(inserted));
        var edits = edit.NonEmptyListOf().ToArbitrary();

        Prop.ForAll(edits, list =>
        {
            var bytes = SafeTensorsBytes.File(Good, 14).ToList();
            foreach (var (place, removed, text) in list.Take(4))
            {
                var start = Math.Min(place, bytes.Count);
                bytes.RemoveRange(start, Math.Min(removed, bytes.Count - start));
                bytes.InsertRange(start, Encoding.UTF8.GetBytes(text));
            }

            OpensOrIsRefused([.. bytes]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Open_RandomHeaderText_OpensOrIsRefused()
    {
        var pieces = Gen.Elements(
            "{", "}", "[", "]", ":", ",", "\"a\"", "\"b\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"",
            "\"__metadata__\"", "\"F32\"", "\"U8\"", "0", "4", "8", "-1", "1e2", "null", "true", "\"\\ud800\"", " ")
            .ListOf();

        Prop.ForAll(pieces.ToArbitrary(), list =>
            OpensOrIsRefused(SafeTensorsBytes.File("{" + string.Concat(list), 4)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    private void OpensOrIsRefused(byte[] bytes)
    {
        File.WriteAllBytes(_folder["t"], bytes);
        try
        {
            using var file = SafeTensorsFile.Open(_folder["t"]);
            foreach (var entry in file.Entries.Values)
            {
                _ = file.Bytes(entry).ToArray();
            }
        }
        catch (InputException error)
        {
            AssertOneLine(error);
        }
    }

    private void AssertRefused(byte[] bytes, string finding)
    {
        File.WriteAllBytes(_folder["t"], bytes);

        var error = Assert.Throws<InputException>(() => SafeTensorsFile.Open(_folder["t"]));

        AssertOneLine(error);
        Assert.Contains(finding, error.Message, StringComparison.Ordinal);
    }

    private void AssertOneLine(InputException error)
    {
        Assert.StartsWith(_folder["t"] + ": ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }
}
