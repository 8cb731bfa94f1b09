using System.Reflection;
using Reft.Algorithms;
using Reft.Configuration;
using Reft.Configuration.Binding;
using Reft.Methods;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text;
using Reft.Verification.Rewards;

namespace Reft.Tests.Configuration;

/// <summary>Options of whatever the catalog holds are refused where they are made, as those of a config are.</summary>
public sealed class OptionRangeTests
{
    public static TheoryData<string, string, double> OutOfRange => [.. Records().SelectMany(record => Options(record.GetType())
        .SelectMany(pair => Bounds(pair.Property, pair.Option).Select(value => (record.GetType().FullName!, pair.Property.Name, value))))
        .Distinct().Select(row => new TheoryDataRow<string, string, double>(row.Item1, row.Name, row.value))];

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Made_OutOfRange_IsRefused(string type, string property, double value)
    {
        var record = Records().First(one => one.GetType().FullName == type);
        var key = record.GetType().GetProperty(property)!;

        var error = Assert.IsType<OptionException>(Assert.Throws<TargetInvocationException>(
            () => key.SetValue(record, Convert.ChangeType(value, Plain(key)))).InnerException);

        Assert.StartsWith($"{property} is ", error.Message, StringComparison.Ordinal);
        Assert.Equal($"{property} {error.Fault}", error.Message.Split(" (Parameter")[0]);
    }

    [Fact]
    public void Options_EveryNumber_HasARangeOrSaysThatItHasNone()
    {
        var bare = Records().SelectMany(record => record.GetType().GetProperties().Where(property => property.CanWrite))
            .Where(property => property.GetCustomAttribute<OptionAttribute>() is null)
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}").Distinct();

        Assert.Empty(bare);
        Assert.True(OutOfRange.Count > 100, $"only {OutOfRange.Count} values were tried");
    }

    [Fact]
    public void Options_AtTheirBounds_AreTaken()
    {
        var options = new PpoOptions { Discount = 0, Lambda = 1, MiniBatch = 0, ClipLow = 0.999, ValueClip = null };

        Assert.Equal((0, 1, 0), (options.Discount, options.Lambda, options.MiniBatch));
    }

    [Theory]
    [InlineData("ClipLow is -1: it must be above 0 and below 1", -1)]
    [InlineData("ClipLow is NaN: it must be above 0 and below 1", double.NaN)]
    public void Ppo_WrongClip_SaysWhatItMustBe(string expected, double clip) => Assert.StartsWith(
        expected, Assert.Throws<OptionException>(() => new PpoOptions { ClipLow = clip }).Message, StringComparison.Ordinal);

    [Fact]
    public void Pattern_ThatIsNone_IsRefused() => Assert.Contains(
        "without looking around", Assert.Throws<OptionException>(() => new FormatReward { Pattern = "(?<=a)b" }).Message, StringComparison.Ordinal);

    [Fact]
    public void Config_MadeInCSharp_IsRefusedWithEveryError()
    {
        var config = Configs.Read(Configs.Reft) with
        {
            Reward = [new RewardRule { Correct = 0.1, Partial = 0.5 }],
            MethodOptions = new PpoOptions { Kl = new KlOptions { Horizon = 5 } },
            Training = new() { Epochs = 1, BatchSize = 0 },
        };

        var lines = Assert.Throws<InputException>(() => new LoadedConfig(config)).Message.Split('\n');

        Assert.Equal(
            [
                "config: training.batchSize: is 0: it must be at least 1",
                "config: reward.correct: is 0.1, no more than partial, 0.5; being right must pay more",
                "config: ppo.kl.horizon: is how fast the coefficient adapts, but without a target it is fixed; give ppo.kl.target, or remove it",
            ],
            lines.Order(StringComparer.Ordinal).OrderByDescending(line => line.Contains("training", StringComparison.Ordinal)).ThenByDescending(line => line.Contains("reward", StringComparison.Ordinal)));
    }

    [Fact]
    public void Config_MadeInCSharpWithAnothersOptions_IsRefused() => Assert.Equal(
        "config: ppo: is a RlooOptions, but options of reft are a PpoOptions",
        Assert.Throws<InputException>(() => new LoadedConfig(Configs.Read(Configs.Reft) with { MethodOptions = new RlooOptions() })).Message);

    [Fact]
    public void Config_MadeInCSharp_IsTaken() => Assert.Equal(3ul, new LoadedConfig(Configs.Read(Configs.Reft) with { Seed = 3 }).Config.Seed);

    [Fact]
    public void Curriculum_WhoseBoundsAreCrossed_IsRefusedWhereItIsMade() => Assert.Equal(
        "high is 0.25: it must be at least low, 0.5",
        Assert.Throws<InputException>(() => new ScheduledHintsOptions { Low = 0.5, High = 0.25 }.Create(
            new CurriculumParts([], new PromptTemplate(), null!, 10, 1, 1))).Message); // Nobody reads the tokenizer.

    [Fact]
    public void Whole_RecordsInside_AreAskedToo() => Assert.Equal(
        "method.hints.high is 0.25: it must be at least low, 0.5",
        Assert.Throws<InputException>(() => Whole.Of(new UftOptions { Hints = new() { Low = 0.5, High = 0.25 } }, "method")).Message);

    /// <summary>Every options record of the catalog, and those within them.</summary>
    private static IEnumerable<object> Records()
    {
        var catalog = Catalog.Default;
        IEnumerable<object> all =
        [
            .. catalog.Sections.Select(section => section.Default), .. catalog.Answers, .. catalog.Rewards, .. catalog.Curricula, .. catalog.Schedules,
            .. catalog.Problems,
        ];
        return all.SelectMany(WithInner).Select(record => ConfigKey.Blank(record.GetType()));
    }

    private static IEnumerable<object> WithInner(object record) => ConfigKey.Of(record.GetType())
        .Where(key => key.Element is null && ConfigKey.IsRecord(key.Type)).Select(key => key.Get(record)).OfType<object>()
        .SelectMany(WithInner).Prepend(record);

    private static IEnumerable<(PropertyInfo Property, OptionAttribute Option)> Options(Type record) => record.GetProperties()
        .Select(property => (property, property.GetCustomAttribute<OptionAttribute>()!)).Where(pair => pair.Item2 is not null && IsNumber(pair.property));

    private static IEnumerable<double> Bounds(PropertyInfo property, OptionAttribute option)
    {
        var step = Plain(property) == typeof(double) ? 1e-9 : 1;
        double[] all =
        [
            option.AtLeast - step, option.AtMost + step, option.Above, option.Below,
            .. Plain(property) == typeof(double) ? [double.NaN] : Array.Empty<double>(),
        ];
        return all.Where(value => !double.IsInfinity(value));
    }

    private static bool IsNumber(PropertyInfo property) => Plain(property) is var type && (type == typeof(int) || type == typeof(long) || type == typeof(double));

    private static Type Plain(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
}
