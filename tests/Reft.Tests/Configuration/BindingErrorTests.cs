using Reft.Hosting;
using Reft.Methods;

namespace Reft.Tests.Configuration;

/// <summary>Values that cannot be what their keys ask for.</summary>
public sealed class BindingErrorTests
{
    private static string TopKeys => "method, run, seed, model, problems, answers, training, optimizer, rollouts, reward, "
        + $"{string.Join(", ", Catalog.Default.Sections.Select(section => section.Name))}, evaluation, checkpoints, invariants";

    [Fact]
    public async Task Read_ManyMistakes_ReportsALineForEachWithExitCodeTwo()
    {
        var text = Configs.Least
            .Replace("method: sft", "method: stf", StringComparison.Ordinal)
            .Replace("style: program", "style: programme", StringComparison.Ordinal)
            .Replace("batchSize: 8", "batchSize: 0", StringComparison.Ordinal)
            .Replace("learningRate: 1e-5", "learningrate: 1e-5", StringComparison.Ordinal)
            .Replace("  schedule: linear\n", "evaluation: { everyEpochs: 1 }\n", StringComparison.Ordinal);
        var error = new StringWriter { NewLine = "\n" };

        var code = await App.GuardAsync(
            () => Task.FromResult(Configs.Read(text).Training.BatchSize), new Terminal(TextWriter.Null, error, TextReader.Null));

        Assert.Equal(2, code);
        Assert.Equal(
            $"""
            error: a.yaml:9: answers.style: is 'programme': it must be one of number, choice, program; did you mean 'program'?
            error: a.yaml:12: training.batchSize: is 0: it must be at least 1
            error: a.yaml:14: optimizer.learningrate: is not a key here; did you mean 'learningRate'?
            error: a.yaml:14: optimizer.schedule: is missing
            error: a.yaml:1: method: is 'stf': it must be one of {string.Join(", ", Catalog.Default.MethodNames)}; did you mean 'sft'?
            error: a.yaml:15: evaluation.everyEpochs: asks for evaluations, but there is no dev; give problems.dev or problems.devFraction

            """,
            error.ToString());
    }

    [Theory]
    [InlineData("training.epoch=3", "training.epoch: is not a key here; did you mean 'epochs'?")]
    [InlineData("training.batch_size=3", "training.batch_size: is not a key here; did you mean 'batchSize'?")]
    [InlineData("training.Epochs=3", "training.Epochs: is not a key here; did you mean 'epochs'?")]
    [InlineData("training.mxaTokens=3", "training.mxaTokens: is not a key here; did you mean 'maxTokens'?")]
    [InlineData("learningRate=3", "learningRate: is not a key here; it belongs under optimizer")]
    [InlineData("model.lambda=1", "model.lambda: is not a key here; it belongs under abc.ppo or ppo")]
    [InlineData("model.method=1", "model.method: is not a key here; it belongs to the outermost level")]
    [InlineData("model.constantLength=1",
        "model.constantLength: is not a key here; it belongs under abc.ppo or crossEntropy or dft or drGrpo or ppo")]
    [InlineData("model.slots=1", "model.slots: is not a key here; it belongs under evaluation or rollouts")]
    [InlineData("model.profile=1", "model.profile: is not a key here; it belongs under problems.dev.generated or "
        + "problems.test.generated or problems.train.generated")]
    [InlineData("answers.x=1",
        "answers.x: is not a key here; the keys here are style, policy, giveProgramHeader, engine, kinds, form, prompt")]
    public void Read_UnknownKey_GuessesWhatWasMeant(string set, string expected) =>
        Assert.Equal([$"--set {set}: {expected}"], Configs.Errors(Configs.Least, set));

    [Fact]
    public void Read_KeyLikeNoOther_IsToldAllThereAre() => Assert.Equal(
        [$"--set xyzzy=1: xyzzy: is not a key here; the keys here are {TopKeys}"], Configs.Errors(Configs.Least, "xyzzy=1"));

    [Theory]
    [InlineData("method", "run", "model", "problems: is missing; it needs train", "answers: is missing; it needs style",
        "training: is missing; it needs batchSize", "optimizer: is missing; it needs learningRate, schedule")]
    public void Read_EmptyMapping_MissesWhatIsRequired(params string[] expected) => Assert.Equal(
        expected.Select(line => $"a.yaml:1: {(line.Contains(':', StringComparison.Ordinal) ? line : line + ": is missing")}"),
        Configs.Errors("{}"));

    [Theory]
    [InlineData("model.fresh={layers: 1}", "model.fresh.width: is missing", "model.fresh.heads: is missing",
        "model.fresh.feedForward: is missing", "model.fresh.context: is missing", "model.fresh.vocabulary: is missing",
        "model: has both path and fresh; give one of the two")]
    [InlineData("model.lora={rank: 1}", "model.lora.alpha: is missing")]
    [InlineData("problems.dev={generated: {split: dev}}", "problems.dev[0].generated.count: is missing")]
    public void Read_SectionWithoutRequiredKeys_NamesThem(string set, params string[] expected)
    {
        var errors = Configs.Errors(Configs.Least, set);

        Assert.Equal(expected, errors.Select(line => line[(line.IndexOf(": ", line.IndexOf('}', StringComparison.Ordinal)
            is var brace and > 0 ? brace : 0, StringComparison.Ordinal) + 2)..]));
    }

    [Theory]
    // Whole numbers.
    [InlineData("training.epochs=two", "is 'two': it must be a whole number, written in digits alone")]
    [InlineData("training.epochs=2.0", "is '2.0': it must be a whole number, written in digits alone")]
    [InlineData("training.epochs=1e3", "is '1e3': it must be a whole number, written in digits alone")]
    [InlineData("training.epochs=1_000", "is '1_000': it must be a whole number, written in digits alone")]
    [InlineData("training.epochs=0x10", "is '0x10': it must be a whole number, written in digits alone")]
    [InlineData("training.epochs='2'", "is '2': it must be a whole number, without quotes")]
    [InlineData("training.epochs=true", "is 'true': it must be a whole number, written in digits alone")]
    [InlineData("training.epochs=[2]", "is a list: it must be a whole number")]
    [InlineData("training.epochs={a: 1}", "is a section: it must be a whole number")]
    [InlineData("training.epochs=2147483648", "is '2147483648': it must lie between -2147483648 and 2147483647")]
    [InlineData("training.steps=9223372036854775808",
        "is '9223372036854775808': it must lie between -9223372036854775808 and 9223372036854775807")]
    [InlineData("seed=18446744073709551616",
        "is '18446744073709551616': it must lie between 0 and 18446744073709551615")]
    [InlineData("seed=-1", "is '-1': it must lie between 0 and 18446744073709551615")]
    [InlineData("seed=999999999999999999999999999999999999999999",
        "is '999999999999999999999999999999999999999999': it must lie between 0 and 18446744073709551615")]
    // Numbers.
    [InlineData("optimizer.learningRate=fast", "is 'fast': it must be a number, such as 0.5 or 3e-7")]
    [InlineData("optimizer.learningRate=1,5", "is '1,5': it must be a number, such as 0.5 or 3e-7")]
    [InlineData("optimizer.learningRate=1e", "is '1e': it must be a number, such as 0.5 or 3e-7")]
    [InlineData("optimizer.learningRate=NaN", "is 'NaN': it must be a number, such as 0.5 or 3e-7")]
    [InlineData("optimizer.learningRate=.nan", "is '.nan': it must be a finite number")]
    [InlineData("optimizer.learningRate=-.inf", "is '-.inf': it must be a finite number")]
    [InlineData("optimizer.learningRate=1e999", "is '1e999': it is too large")]
    [InlineData("optimizer.learningRate=1e-999", "is '1e-999': it is too small to differ from 0")]
    [InlineData("optimizer.learningRate='1'", "is '1': it must be a number, without quotes")]
    [InlineData("optimizer.learningRate=", "has no value; give one, or leave the key out")]
    // Truth values.
    [InlineData("model.dropout=yes", "is 'yes': it must be true or false")]
    [InlineData("model.dropout=1", "is '1': it must be true or false")]
    [InlineData("model.dropout='true'", "is 'true': it must be true or false, without quotes")]
    [InlineData("model.dropout=null", "has no value; give one, or leave the key out")]
    // Words.
    [InlineData("model.dtype=bf61", "is 'bf61': it must be one of fp32, bf16; did you mean 'bf16'?")]
    [InlineData("answers.engine=cPython", "is 'cPython': it must be one of managed, cpython; did you mean 'cpython'?")]
    [InlineData("optimizer.schedule=Linear",
        "is 'Linear': it must be one of constant, linear, cosine, stable; did you mean 'linear'?")]
    [InlineData("optimizer.schedule=0", "is '0': it must be one of constant, linear, cosine, stable")]
    [InlineData("optimizer.schedule=[linear]", "is a list: it must be one of constant, linear, cosine, stable")]
    // Text.
    [InlineData("run=5", "is '5': it must be text; put it in quotes")]
    [InlineData("run=1e-5", "is '1e-5': it must be text; put it in quotes")]
    [InlineData("run=false", "is 'false': it must be text; put it in quotes")]
    [InlineData("run=~", "has no value; give one, or leave the key out")]
    [InlineData("run=''", "is '': it must not be empty")]
    [InlineData("run=' '", "is ' ': it must not be empty")]
    [InlineData("run=\"a\\nb\"", "is 'a\\u000Ab': it must be one line without control characters")]
    [InlineData("run=\"a\\0b\"", "is 'a\\u0000b': it must be one line without control characters")]
    [InlineData("run=[a]", "is a list: it must be text")]
    // Sections and lists.
    [InlineData("answers=program",
        "is 'program': it must be a section with the keys style, policy, giveProgramHeader, engine, kinds, form, prompt")]
    [InlineData("answers=[program]",
        "is a list: it must be a section with the keys style, policy, giveProgramHeader, engine, kinds, form, prompt")]
    [InlineData("problems.train=a.json", "is 'a.json': it must be a list, such as [a, b]")]
    [InlineData("problems.train=[]", "is empty: it must hold at least one set of problems")]
    [InlineData("checkpoints.keepEpochs=1", "is '1': it must be a list, such as [a, b]")]
    [InlineData("checkpoints.keepEpochs={a: 1}", "is a section: it must be a list, such as [a, b]")]
    [InlineData("invariants.off=", "has no value; give one, or leave the key out")]
    public void Read_WrongValue_SaysWhatItMustBe(string set, string expected)
    {
        var path = set.Split('=')[0];
        var text = path == "training.steps"
            ? Configs.Least.Replace("epochs: 2", "steps: 2", StringComparison.Ordinal)
            : Configs.Least;

        Assert.Equal([$"--set {set}: {path}: {expected}"], Configs.Errors(text, set));
    }

    [Theory]
    [InlineData("checkpoints.keepEpochs=[1, x]",
        "checkpoints.keepEpochs[1]: is 'x': it must be a whole number, written in "
        + "digits alone")]
    [InlineData("invariants.off=[reward-stuck, ~]", "invariants.off[1]: has no value; give one, or remove the item")]
    [InlineData("problems.train=[a.json]",
        "problems.train[0]: is 'a.json': it must be a section with the keys file, format, "
        + "columns, gsm8kSolution, generated")]
    [InlineData("problems.train=[{file: a}, {fil: b}]",
        "problems.train[1].fil: is not a key here; did you mean 'file'?")]
    public void Read_WrongItem_NamesItsPlace(string set, string expected) =>
        Assert.Equal([$"--set {set}: {expected}"], Configs.Errors(Configs.Least, set));

    [Fact]
    public void Read_HalfASurrogatePair_CannotBeWritten()
    {
        // YAML's \u escapes do not make pairs; a whole character has \U.
        Assert.Single(Configs.Errors(Configs.Least, "run=\"\\udc00\""));
        Assert.Equal("😀", Configs.Read(Configs.Least, "run=\"\\U0001F600\"").Run);
    }

    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("+7.", 7.0)]
    [InlineData(".5", 0.5)]
    [InlineData("3e-7", 3e-7)]
    [InlineData("3.0E+2", 300.0)]
    [InlineData("0.1", 0.1)]
    public void Read_Number_HasItsValue(string text, double expected) =>
        Assert.Equal(expected, Configs.Read(Configs.Least, $"optimizer.learningRate={text}").Optimizer.LearningRate);

    [Theory]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("-0", 0ul)]
    [InlineData("+007", 7ul)]
    public void Read_WholeNumber_HasItsValue(string text, ulong expected) =>
        Assert.Equal(expected, Configs.Read(Configs.Least, $"seed={text}").Seed);

    [Theory]
    [InlineData("yes")]
    [InlineData("0x10")]
    [InlineData("'5'")]
    [InlineData("\"null\"")]
    [InlineData("a b # c", "a b")]
    [InlineData("größe/日本")]
    public void Read_Text_IsItsText(string text, string? expected = null) =>
        Assert.Equal(expected ?? text.Trim('\'', '"'), Configs.Read(Configs.Least, $"run={text}").Run);
}
