namespace Reft.Tests.Text;

/// <summary>A temporary folder with a tokenizer's files, removed at the end.</summary>
internal sealed class TokenizerFolder : IDisposable
{
    public TokenizerFolder()
    {
        Path = Directory.CreateTempSubdirectory("reft-tokenizer-").FullName;
    }

    public string Path { get; }

    /// <summary>A folder whose tokenizer.json has a small SentencePiece-style model; each part can be another.</summary>
    public static TokenizerFolder WithJson(
        string vocabulary = """{"<unk>":0,"▁":1,"a":2,"b":3,"ab":4,"▁a":5,"<0x21>":6}""",
        string merges = """["▁ a","a b"]""",
        string options = """ "unk_token":"<unk>","fuse_unk":true,"byte_fallback":true """,
        string added = "[]",
        string stages = """ "normalizer":null """)
    {
        var folder = new TokenizerFolder();
        folder.Write("tokenizer.json", $$"""
            {"added_tokens":{{added}},{{stages}},
             "model":{"type":"BPE",{{options}},"vocab":{{vocabulary}},"merges":{{merges}}} }
            """);
        return folder;
    }

    public TokenizerFolder Write(string name, string content)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, name), content);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
