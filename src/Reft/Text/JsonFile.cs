using System.Text.Json;

namespace Reft.Text;

/// <summary>Reads the JSON files of a tokenizer folder.</summary>
internal static class JsonFile
{
    /// <summary>Parses the file. The document must be disposed after its last part was read.</summary>
    public static JsonDocument Open(string path)
    {
        try
        {
            using var stream = InputFile.OpenRead(path);
            return InputFile.Guarded(path, () => JsonDocument.Parse(stream));
        }
        catch (JsonException error)
        {
            if (InputFile.Guarded(path, () => File.ReadLines(path).FirstOrDefault())?.StartsWith("version https://git-lfs", StringComparison.Ordinal) == true)
            {
                throw new InputException(
                    $"{OneLine.Of(path)}: is a pointer of Git LFS, not the file itself; fetch it with 'git lfs pull' in the folder it was cloned to", error);
            }

            throw new InputException(
                $"{OneLine.Of(path)}: not valid JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}; "
                + "the file is cut off or damaged, take it from the model's source again", error);
        }
    }

    /// <summary>The root of the document, which must be an object.</summary>
    public static JsonPart Root(JsonDocument document, string path)
    {
        var root = new JsonPart(OneLine.Of(path), "", document.RootElement);
        return document.RootElement.ValueKind == JsonValueKind.Object ? root : throw root.Unexpected("an object");
    }
}
