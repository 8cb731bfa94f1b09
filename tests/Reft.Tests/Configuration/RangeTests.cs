using System.Collections;
using System.Reflection;
using Reft.Configuration;
using Reft.Configuration.Binding;
using Reft.Methods;
using Reft.Problems.Generated;

namespace Reft.Tests.Configuration;

/// <summary>Values that are out of range by themselves.</summary>
public sealed class RangeTests
{
    /// <summary>Numbers that may be anything finite.</summary>
    private static readonly string[] _unbounded =
        ["reward.partial", "reward.noAnswer", "reward.timeout", "reward.error"];

    public static TheoryData<string> Numbers =>
    [
        .. NumberPaths(typeof(RunConfig), "")
            .Concat(Catalog.Default.Sections.SelectMany(section => NumberPaths(section.Type, section.Name))).Except(_unbounded)
            .Where(path => !path.EndsWith(".truncationReward", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Read_NumberFarBelowItsRange_IsAnErrorOfThatPath(string path)
    {
        // A method's own section is bound where the method is asked for.
        var method = Catalog.Default.Methods.FirstOrDefault(m => m.Options.Name == path.Split('.')[0])?.Name ?? "reft";

        var errors = Configs.Errors(Configs.Reft, $"method={method}", $"{path}=-1000000");

        Assert.Contains(errors, line => line.StartsWith($"--set {path}=-1000000: {path}: is ", StringComparison.Ordinal));
    }

    [Fact]
    public void Numbers_AreAllOfThem()
    {
        // Written by hand: a walk that misses a section would miss its errors too.
        Assert.Equal(64, NumberPaths(typeof(RunConfig), "").Count());
    }

    [Theory]
    [InlineData("training.batchSize", "0", "is 0: it must be at least 1")]
    [InlineData("training.maxTokens", "1", "is 1: it must be at least 2")]
    [InlineData("training.epochs", "0", "is 0: it must be at least 1")]
    [InlineData("training.gradientLeaves", "3", "is 3: it must be 0 or a power of two")]
    [InlineData("optimizer.learningRate", "0", "is 0: it must be above 0")]
    [InlineData("optimizer.warmupShare", "1", "is 1: it must be at least 0 and below 1")]
    [InlineData("optimizer.adam.beta2", "1", "is 1: it must be at least 0 and below 1")]
    [InlineData("optimizer.adam.epsilon", "0", "is 0: it must be above 0")]
    [InlineData("problems.devFraction", "1", "is 1: it must be at least 0 and below 1")]
    [InlineData("problems.train[1].generated.count", "0", "is 0: it must be at least 1")]
    [InlineData("problems.train[1].generated.mentalArithmeticRate", "1.5", "is 1.5: it must be between 0 and 1")]
    [InlineData("problems.train[1].generated.maxSteps", "9", "is 9: it must be between 1 and 8, or absent")]
    [InlineData("model.fresh.vocabulary", "256", "is 256: it must be at least 257")]
    [InlineData("model.fresh.layers", "0", "is 0: it must be at least 1")]
    [InlineData("model.lora.rank", "0", "is 0: it must be at least 1")]
    [InlineData("model.lora.alpha", "0", "is 0: it must be above 0")]
    [InlineData("ppo.epochs", "0", "is 0: it must be at least 1")]
    [InlineData("ppo.clipLow", "1", "is 1: it must be above 0 and below 1")]
    [InlineData("ppo.kl.coefficient", "-0.1", "is -0.1: it must be at least 0")]
    [InlineData("ppo.kl.target", "0", "is 0: it must be above 0, or absent")]
    [InlineData("ppo.kl.horizon", "0", "is 0: it must be above 0")]
    [InlineData("reward.correct", "0.1", "is 0.1, no more than partial, 0.1; being right must pay more")]
    [InlineData("rollouts.temperature", "0", "is 0: it must be at least 0.0001")]
    [InlineData("evaluation.temperature", "0", "is 0: it must be at least 0.0001; the greedy sample is there besides")]
    [InlineData("checkpoints.keep", "0", "is 0: it must be at least 1")]
    [InlineData("checkpoints.keepEpochs", "[0]", "is 0: it must be at least 1")]
    [InlineData("checkpoints.keepEpochs", "[1, 2, 1]", "is 1: it must be given once; it is there twice")]
    [InlineData("invariants.errorShare", "1.5", "is 1.5: it must be between 0 and 1")]
    public void Read_JustOutOfRange_SaysTheRange(string path, string value, string expected) =>
        Assert.Equal([$"--set {path}={value}: {path}: {expected}"], Configs.Errors(Configs.Reft, $"{path}={value}"));

    [Fact]
    public void Read_UnknownInvariant_IsRefused() => Assert.StartsWith(
        "--set invariants.off=[no-such]: invariants.off: names 'no-such', which is no invariant",
        Assert.Single(Configs.Errors(Configs.Reft, "invariants.off=[no-such]")),
        StringComparison.Ordinal);

    [Fact]
    public void Read_CrossEntropyOutOfRange_IsRefused() => Assert.Equal(
        ["--set crossEntropy={aggregation: sequenceSumConstant, constantLength: 0}: crossEntropy.constantLength: is 0: it must be "
            + "at least 1"],
        Configs.Errors(Configs.Least, "crossEntropy={aggregation: sequenceSumConstant, constantLength: 0}"));

    [Fact]
    public void Read_DefaultOutOfRange_IsPlacedAtItsSection()
    {
        var text = Configs.Least + "reward: { correct: 0.05 }\n";

        Assert.Contains(
            "a.yaml:16: reward.correct: is 0.05, no more than partial, 0.1; being right must pay more",
            Configs.Errors(text));
    }

    /// <summary>The paths of numbers in a record, the items of lists called by the places that the base config has.</summary>
    private static IEnumerable<string> NumberPaths(Type record, string path)
    {
        foreach (var property in record.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            type = type == typeof(IProblemGenerator) ? typeof(WordProblems) : type; // As the base config has it.
            var child = ConfigPath.Key(path, char.ToLowerInvariant(property.Name[0]) + property.Name[1..]);
            if (type == typeof(int) || type == typeof(long) || type == typeof(ulong) || type == typeof(double))
            {
                yield return child;
            }

            if (typeof(IEnumerable).IsAssignableFrom(type) && type != typeof(string))
            {
                (type, child) = (type.GetGenericArguments()[0], child + "[1]");
            }

            if (type.IsClass && type != typeof(string) && child is not ("problems.dev[1]" or "problems.test[1]"))
            {
                foreach (var inner in NumberPaths(type, child))
                {
                    yield return inner;
                }
            }
        }
    }
}
