using Reft.Hub;

namespace Reft.Tests.Hub;

public sealed class HubAddressTests
{
    [Theory]
    [InlineData("Qwen/Qwen2.5-0.5B", "Model Qwen/Qwen2.5-0.5B main ")]
    [InlineData("hf://gpt2", "Model gpt2 main ")]
    [InlineData("hf://org/name@v1.0", "Model org/name v1.0 ")]
    [InlineData("hf://org/name@feature%2Fx", "Model org/name feature/x ")]
    [InlineData("hf://datasets/openai/gsm8k", "Dataset openai/gsm8k main ")]
    [InlineData("datasets/openai/gsm8k@main/main/test", "Dataset openai/gsm8k main main/test")]
    [InlineData("hf://datasets/a/b@refs/convert/parquet/default/train/", "Dataset a/b refs/convert/parquet default/train")]
    public void Parse_Addresses_AreRead(string text, string expected)
    {
        var address = HubAddress.Parse(text);

        Assert.Equal(expected, $"{address.Kind} {address.Repository} {address.Revision} {address.Path}");
    }

    [Theory]
    [InlineData("hf://")]
    [InlineData("hf://org/name/config.json")]
    [InlineData("hf://../name")]
    [InlineData("hf://org/..")]
    [InlineData("hf://org/name@../../x")]
    [InlineData("hf://org/name@refs/pr/..")]
    [InlineData("hf://a--b/c")]
    [InlineData("hf://datasets/gsm8k")]
    [InlineData("hf://org/na me")]
    public void Parse_Others_AreRefused(string text) => Assert.Throws<InputException>(() => HubAddress.Parse(text));

    [Theory]
    [InlineData("", "", "/home/.cache/huggingface/hub")]
    [InlineData("HF_HOME=/a", "", "/a/hub")]
    [InlineData("HF_HOME=/a HF_HUB_CACHE=/b", "", "/b")]
    [InlineData("XDG_CACHE_HOME=/c", "", "/c/huggingface/hub")]
    [InlineData("HF_HOME=/a HF_TOKEN=hf_x", "hf_x", "/a/hub")]
    public void Settings_Variables_AreThoseOfHuggingFace(string variables, string token, string cache)
    {
        var all = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(one => one.Split('=')[0], one => one.Split('=')[1]);

        var settings = HubSettings.From(all.GetValueOrDefault);

        Assert.Equal(token, settings.Token ?? "");
        Assert.Equal(cache.Replace("/home", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), StringComparison.Ordinal), settings.Cache);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public void Settings_Offline_IsRead(string value, bool expected) =>
        Assert.Equal(expected, HubSettings.From(name => name == "HF_HUB_OFFLINE" ? value : name == "HF_HOME" ? "/nowhere" : null).IsOffline);

    [Theory]
    [InlineData("HF_ENDPOINT", "ftp://x")]
    [InlineData("HF_ENDPOINT", "hub")]
    [InlineData("HF_TOKEN", "hf_ü")]
    [InlineData("HF_TOKEN", "hf_a\nb")]
    public void Settings_ThatCannotBe_AreRefused(string name, string value)
    {
        var error = Assert.Throws<InputException>(() => HubSettings.From(asked => asked == name ? value : asked == "HF_HOME" ? "/nowhere" : null));

        Assert.StartsWith(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.2-1B", true)]
    [InlineData("meta-llama/Llama-3.2-1B@v1", true)]
    [InlineData("./base", false)]
    [InlineData("../base", false)]
    [InlineData("/abs/base", false)]
    [InlineData("a/b/c", false)]
    [InlineData("gpt2", false)]
    [InlineData("", false)]
    public void IsModel_BasesOfAdapters_AreToldFromPaths(string text, bool expected) => Assert.Equal(expected, HubAddress.IsModel(text));

    [Theory]
    [InlineData("", "train", "main/train-00000-of-00001.parquet")]
    [InlineData("", "test", "main/test-00000-of-00001.parquet")]
    [InlineData("main/test", "train", "main/test-00000-of-00001.parquet")]
    [InlineData("socratic", "test", "socratic/test-00000-of-00001.parquet")]
    [InlineData("socratic/train-00000-of-00001.parquet", "test", "socratic/train-00000-of-00001.parquet")]
    public void Data_OfGsm8k_IsFound(string path, string split, string expected) => Assert.Equal(
        [expected],
        HubDataFiles.Select(
            [
                "README.md", "main/test-00000-of-00001.parquet", "main/train-00000-of-00001.parquet",
                "socratic/test-00000-of-00001.parquet", "socratic/train-00000-of-00001.parquet",
            ],
            new HubAddress(HubKind.Dataset, "openai/gsm8k", "main", path), split));

    [Theory]
    [InlineData("a.jsonl", "test", "a.jsonl")]
    [InlineData("data/train-00000-of-00002.parquet data/train-00001-of-00002.parquet data/test-00000-of-00001.parquet", "train", "data/train-00000-of-00002.parquet data/train-00001-of-00002.parquet")]
    [InlineData("train.csv train.jsonl dev.jsonl", "train", "train.jsonl")]
    [InlineData("train.csv dev.jsonl", "validation", "dev.jsonl")]
    [InlineData("default/train/0000.parquet default/train/0001.parquet default/test/0000.parquet", "train", "default/train/0000.parquet default/train/0001.parquet")]
    [InlineData("trainer.jsonl test.jsonl", "test", "test.jsonl")]
    public void Data_OfOthers_IsFound(string paths, string split, string expected) => Assert.Equal(
        expected.Split(' '), HubDataFiles.Select(paths.Split(' '), new HubAddress(HubKind.Dataset, "a/b", "main", ""), split));

    [Theory]
    [InlineData("model.bin", "", "no data")]
    [InlineData("en/train.csv fr/train.csv", "", "several subsets, 'en', 'fr'")]
    [InlineData("train.csv test.csv", "", "no split validation, but test, train")]
    [InlineData("train-00000-of-00002.csv", "", "1 of the 2 files")]
    [InlineData("train.csv", "de", "nothing lies there")]
    public void Data_ThatIsNotClear_IsRefused(string paths, string path, string expected)
    {
        var error = Assert.Throws<InputException>(
            () => HubDataFiles.Select(paths.Split(' '), new HubAddress(HubKind.Dataset, "a/b", "main", path), "validation"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
