using Reft.Configuration;
using Reft.Configuration.Binding;
using Reft.Configuration.Checks;
using Reft.Methods;

namespace Reft.Tests.Configuration;

/// <summary>Every method × every key: a key that is not read is an error, one that is read is none.</summary>
public sealed class UnreadKeyTests
{
    // Written by hand: what a method could forget to name, or name by mistake.
    private static readonly string[] _byMethod =
    [
        "rollouts", "reward", "model.lora", "model.separateValueNetwork", "model.zeroValueHead", "model.dropout", "problems.test",
        "evaluation.maxTokens", "evaluation.samples", "evaluation.temperature", "evaluation.slots", "invariants.rewardStuckSteps",
        "invariants.errorShare", "invariants.klLimit", "invariants.rewardCollapse", "invariants.entropyFloor", "invariants.negativeKlErrors",
        "rollouts.server", "invariants.samplerKl",
    ];

    public static TheoryData<string> Methods => [.. Catalog.Default.MethodNames];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Key_ThatTheMethodDoesNotRead_IsRefused_AndAnyOtherIsNot(string name)
    {
        var method = Catalog.Default.Of(name);
        var keys = Keys().ToArray();

        var refused = keys.Where(key => IsRefused(name, key)).Select(key => key.Path).ToArray();

        var unread = UnreadKeys.All(Catalog.Default).Except([.. method.Reads, method.Options.Name])
            .SelectMany(path => keys.Where(key => ConfigPath.IsWithin(key.Path, path))).Select(key => key.Path).Distinct();
        Assert.Equal(unread.Order(StringComparer.Ordinal), refused.Order(StringComparer.Ordinal));
        Assert.True(keys.Length > 90, $"only {keys.Length} keys were seen");
    }

    [Fact]
    public void Keys_NotEveryMethodReads_AreThese() => Assert.Equal(
        _byMethod.Order(StringComparer.Ordinal),
        UnreadKeys.All(Catalog.Default).Except(Catalog.Default.Sections.Select(s => s.Name)).Order(StringComparer.Ordinal));

    [Fact]
    public void Load_BegunRun_MayHoldKeysThatItsMethodDoesNotRead()
    {
        var text = Configs.Least + "invariants: { klLimit: 5 }\n";

        Assert.Contains(
            "invariants.klLimit: is not read by method sft, only by reft, grpo",
            Assert.Single(Configs.Errors(text)), StringComparison.Ordinal);
        Assert.Equal(5, ConfigFile.Parse(text, "a.yaml", [], isOfRun: true).Config.Invariants.KlLimit);
    }

    private static bool IsRefused(string method, (string Path, string Value) key)
    {
        try
        {
            Configs.Read(Configs.Least, $"method={method}", $"{key.Path}={key.Value}");
            return false;
        }
        catch (InputException error)
        {
            return error.Message.Split('\n').Any(line => line.Contains(": is not read by method ", StringComparison.Ordinal)
                && (line.Contains($": {key.Path}: ", StringComparison.Ordinal) || line.Contains($": {key.Path.Split('.')[0]}: ", StringComparison.Ordinal)));
        }
    }

    /// <summary>Every key with a value that is not its default; of lists and absent sections the whole.</summary>
    private static IEnumerable<(string Path, string Value)> Keys()
    {
        return Of(typeof(RunConfig), "").Where(key => key.Path != "method");

        static IEnumerable<(string Path, string Value)> Of(Type record, string path) => ConfigKey.Of(record, Catalog.Default).SelectMany(key =>
        {
            var child = ConfigPath.Key(path, key.Name);
            return ConfigKey.IsRecord(key.Type) && key.Element is null && !key.IsNullable
                ? Of(key.Type, child)
                : [(child, Other(key, key.GetDefault(ConfigKey.Blank(record))))];
        });
    }

    private static string Other(ConfigKey key, object? value) =>
        key.Name == "lora" ? "{rank: 2, alpha: 4}"
        : key.Name is "train" or "dev" or "test" ? "{file: other.json}"
        : ConfigKey.IsNamed(key.Element ?? key.Type) ? $"{(key.Element is null ? "" : "[")}{Catalog.Default.Of(key.Element ?? key.Type)[1].Name}{(key.Element is null ? "" : "]")}"
        : key.Element is not null ? "[1]"
        : key.Type == typeof(string) ? "other"
        : key.Type == typeof(bool) ? value is true ? "false" : "true"
        : key.Type.IsEnum ? EnumNames.Of(key.Type)[value is null || Convert.ToInt32(value, null) == 0 ? 1 : 0]
        : key.Type == typeof(double) ? value is null or 0.0 ? "0.5" : ConfigText.Scalar((double)value / 2)
        : ConfigKey.IsRecord(key.Type) ? "{}"
        : value is null ? "3" : ConfigText.Scalar(Convert.ToInt64(value, null) + 1);
}
