using System.Text.Json.Nodes;
using Reft.Configuration.Binding;
using Reft.Reproduction;

namespace Reft.Tests.Reproduction;

public sealed class ReproductionTests : IDisposable
{
    private readonly ToyComparison _toy = new();

    public void Dispose() => _toy.Dispose();

    [Fact]
    public void Run_StoppedAgainAndAgain_EndsInTheSameFigures()
    {
        var whole = _toy.Plan("whole");
        using var unbroken = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(whole, unbroken));
        var broken = _toy.Plan("broken");
        // Each time it gets a little farther: it stops inside of runs, of samplings and of tests, and between stages.
        var stops = 0;
        while (true)
        {
            using var observer = new ToyComparison.Observer(stopAt: 1 + (unbroken.Moments * (1 + (stops % 3)) / 25));
            if (ToyComparison.Run(broken, observer))
            {
                break;
            }

            Assert.True(++stops < 200, "it gets no farther");
        }

        Assert.True(stops > 8, $"it was stopped {stops} times");
        AssertSame(whole, broken);
        using var again = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(broken, again));
        Assert.Empty(again.Stages);
    }

    [Fact]
    public async Task Run_ThreeAtOnce_ShareTheStagesAndEndInTheSameFigures()
    {
        var whole = _toy.Plan("whole");
        using var alone = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(whole, alone));
        var shared = _toy.Plan("shared");
        // The third comes first, so that the first stage is its own however slow it is, and is stopped in the middle of it: another one goes on with it.
        ToyComparison.Observer[] observers = [new(), new(), new(stopAt: ToyComparison.BaseSteps / 2)];
        var third = Start(observers[2]);
        await Task.WhenAny(observers[2].Begins, third);

        var ended = await Task.WhenAll(Start(observers[0]), Start(observers[1]), third);

        Assert.Equal([true, true, false], ended);
        Assert.All(observers, observer => Assert.NotEmpty(observer.Stages));
        Assert.Equal(alone.Stages.Order(), observers.SelectMany(observer => observer.Stages).Distinct().Order());
        Assert.InRange(observers.Sum(observer => observer.Stages.Count), alone.Stages.Count, alone.Stages.Count + 1);
        AssertSame(whole, shared);
        Array.ForEach(observers, observer => observer.Dispose());

        Task<bool> Start(ToyComparison.Observer observer) => Task.Factory.StartNew(
            () => ToyComparison.Run(shared, observer), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    [Fact]
    public async Task Run_ThoseWhoDidItKilled_GoesOn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "kills by signal");
        var whole = _toy.Plan("whole");
        using var alone = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(whole, alone));
        var files = new ReproductionFiles(_toy.Plan("jobs").Config.Folder);
        using (var team = _toy.Start("--jobs", "2"))
        {
            while (!team.HasExited && !(File.Exists(files.Stages) && File.ReadLines(files.Stages).Count() > 3))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.False(team.HasExited);
            team.Kill(); // It, and not its two processes: they end by themselves.
            await team.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        // They record what they were at as not done, and say so before they end.
        while (File.ReadLines(files.Stages).Count(line => line.Contains("false", StringComparison.Ordinal)) < 2)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        using var again = _toy.Start("--jobs", "2");
        var (output, error) = (again.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), again.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await again.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(again.ExitCode == 0, await error);
        Assert.Contains("2| [", await error, StringComparison.Ordinal);
        Assert.Contains("| ReFT + rerank@4 |", await output, StringComparison.Ordinal);
        AssertSame(whole, _toy.Plan("jobs"));
    }

    [Fact]
    public async Task Run_SharedAndOneFails_AllEndWithItsError()
    {
        var plan = _toy.Plan("jobs");
        // What the second stage of all would write is a folder.
        Directory.CreateDirectory(Path.Combine(plan.Config.Folder, "Sums", "seed-1", "warmup-samples.jsonl"));

        using var team = _toy.Start("--jobs", "2");
        var error = team.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await team.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, team.ExitCode);
        Assert.Contains("warmup-samples.jsonl", await error, StringComparison.Ordinal);
        Assert.Contains("Go on with the same command", await error, StringComparison.Ordinal);
        Assert.False(File.Exists(new ReproductionFiles(plan.Config.Folder).Tables));
    }

    [Fact]
    public void Read_Table_IsMadeOfTheTestFiles()
    {
        var plan = _toy.Plan("a", "seeds=[1]");
        using var observer = new ToyComparison.Observer();
        ToyComparison.Run(plan, observer);

        var result = new ReproductionReader(plan).Read();

        Assert.Equal(4, result.Arms.Count);
        Assert.Equal(["greedy", "maj@2", "rerank@2", "weighted@2", "pass@2", "maj@4", "rerank@4", "weighted@4", "pass@4"], result.Arms[0].Decodings.Select(d => d.Name));
        foreach (var arm in result.Arms)
        {
            var name = arm.Arm;
            var folder = Path.Combine(_toy["a"], "Sums", "seed-1");
            var greedy = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, $"{name}.test.json")))!["greedy"]!["items"]!.AsArray();
            double[] right = [.. greedy.Select(item => (string?)item!["outcome"] == "correct" ? 1.0 : 0)];
            var lines = File.ReadLines(Path.Combine(folder, $"{name}.test-samples.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
            var scores = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, $"{name}.test-scores.json")))!.AsArray().Select(s => (double)s!).ToArray();
            double[] best = [.. lines.Select((line, i) => (Line: line, Score: scores[i])).GroupBy(pair => (string)pair.Line["id"]!)
                .Select(group => (string?)group.Where(pair => pair.Line["value"] is not null).OrderByDescending(pair => pair.Score).FirstOrDefault().Line?["outcome"] == "correct" ? 1.0 : 0)];

            Assert.Equal(right, arm.Decodings[0].Figures);
            Assert.Equal(best, arm.Decodings.Single(d => d.Name == "rerank@4").Figures);
            Assert.Equal(lines.Average(line => (string?)line["outcome"] == "correct" ? 1.0 : 0), arm.Facts.SampleAccuracy, 1e-12);
            Assert.Equal(4 * ToyComparison.TestProblems, lines.Length);
            Assert.Equal(right.Average(), result.Cells.Single(c => c.Arm == arm.Arm && c.Decoding == "greedy").Spread.Mean, 1e-12);
        }

        // Figures of nothing but zeros would agree whatever is counted.
        Assert.All(result.Arms, arm => Assert.InRange(arm.Facts.SampleAccuracy, 0.01, 0.99));
        // SFT: 4 epochs of 6 batches; offline self-training: 2 epochs of its set; the other two: 2 steps with 2 passes each.
        Assert.Equal(24, result.Arms[0].Facts.GradientSteps);
        Assert.Equal([0, 3 * ToyComparison.Train, 8, 8], result.Arms.Select(arm => arm.Facts.SamplesDrawn));
        Assert.Equal([4, 4], result.Arms.Skip(2).Select(arm => arm.Facts.GradientSteps));
        var difference = result.Differences.Single(d => d.Arm == "reft" && d.Decoding == "pass@4").Value;
        Assert.Equal(
            result.Arms[3].Decodings[^1].Figures.Average() - result.Arms[0].Decodings[^1].Figures.Average(), difference.Value, 1e-12);
    }

    [Fact]
    public void Read_TwoSeeds_DifferencesHaveAnIntervalOverSeeds()
    {
        var plan = _toy.Plan("two", ["sft", "offline"], []);
        using var observer = new ToyComparison.Observer();
        ToyComparison.Run(plan, observer);
        // Of 4 samples with w wrong ones, w (w - 1) of the 12 pairs have none that is right.
        double PassAt2(int seed, string method) => File.ReadLines(Path.Combine(_toy["two"], "Sums", $"seed-{seed}", $"{method}.test-samples.jsonl"))
            .Select(line => JsonNode.Parse(line)!).GroupBy(line => (string)line["id"]!)
            .Select(group => group.Count(line => (string?)line["outcome"] != "correct")).Average(wrong => 1 - (wrong * (wrong - 1) / 12.0));
        var (first, second) = (PassAt2(1, "offline") - PassAt2(1, "sft"), PassAt2(2, "offline") - PassAt2(2, "sft"));
        // The 97.5% quantile of Student's t with one degree of freedom, over √2, by the deviation |a - b|/√2.
        var half = 12.706204736 * Math.Abs(first - second) / 2;

        var result = new ReproductionReader(plan).Read();

        var difference = result.Differences.Single(d => d.Decoding == "pass@2");
        Assert.NotEqual(first, second);
        Assert.Equal(first, difference.Seeds[0], 1e-12);
        Assert.Equal(second, difference.Seeds[1], 1e-12);
        Assert.Equal(difference.Value.Value, difference.Spread.Mean, 1e-12);
        Assert.Equal(difference.Value.Value - half, difference.Spread.Low!.Value, 1e-8);
        Assert.Equal(difference.Value.Value + half, difference.Spread.High!.Value, 1e-8);
        Assert.Contains("; after the semicolon Student's", ReproductionTables.Markdown(result), StringComparison.Ordinal);
        string Seed(ulong seed) => result.Arms.Single(arm => arm.Arm == "offline" && arm.Seed == seed).Decodings[0].Accuracy is var a
            ? FormattableString.Invariant($"{100 * a.Value:F1} ({100 * a.Low:F1} to {100 * a.High:F1})") : "";
        Assert.Contains($"| Sums | Offline self-training | {Seed(1)} | {Seed(2)} | ", ReproductionTables.Markdown(result), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Output_IsThreeFiles()
    {
        var plan = _toy.Plan("a", "seeds=[1]");
        using var observer = new ToyComparison.Observer();
        ToyComparison.Run(plan, observer);
        var files = new ReproductionFiles(plan.Config.Folder);

        ReproductionOutput.Write(files, new ReproductionReader(plan).Read(), "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"2\"/>");

        var tables = File.ReadAllText(files.Tables);
        Assert.Contains("| Method | Sums |", tables, StringComparison.Ordinal);
        Assert.Contains("| ReFT + rerank@4 |", tables, StringComparison.Ordinal);
        Assert.Contains("| Online self-training + maj@4 |", tables, StringComparison.Ordinal);
        Assert.Equal(4, JsonNode.Parse(File.ReadAllText(files.Results))!["arms"]!.AsArray().Count);
        Assert.Contains("\"testProblems\":{\"Sums\":10}", File.ReadAllText(files.Report), StringComparison.Ordinal);
        Assert.Equal(4, File.ReadLines(files.TestLooks).Count());
    }

    [Trait("Category", "Slow")]
    [Fact]
    public void Run_MethodsAddedLater_GivesTheFiguresOfAllAtOnce()
    {
        using var first = new ToyComparison.Observer();
        using var second = new ToyComparison.Observer();
        using var all = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(
            _toy.Plan("grown", ["sft", "reft"], ["seeds=[2]"]), first));
        var grown = _toy.Plan("grown");
        Assert.True(ToyComparison.Run(grown, second));
        var whole = _toy.Plan("whole");
        Assert.True(ToyComparison.Run(whole, all));

        Assert.Equal(Json(whole), Json(grown));
        Assert.Equal(all.Stages.Order(), first.Stages.Concat(second.Stages).Order());
        Assert.Contains("Sums/seed-2/reft", first.Stages);
    }

    [Fact]
    public void Run_MethodTakenAway_IsRefused()
    {
        using var first = new ToyComparison.Observer(stopAt: 3);
        Assert.False(ToyComparison.Run(_toy.Plan("a"), first));
        using var second = new ToyComparison.Observer();

        var error = Assert.Throws<InputException>(() => ToyComparison.Run(_toy.Plan("a", ["sft", "offline", "reft"], [], hasRewardModel: true), second));

        Assert.Contains("'Sums online: from WarmUp, learns Same' then, 'nothing' now", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OtherSettings_AreRefusedByName()
    {
        using var first = new ToyComparison.Observer(stopAt: 3);
        Assert.False(ToyComparison.Run(_toy.Plan("a"), first));
        using var second = new ToyComparison.Observer();

        var error = Assert.Throws<InputException>(() => ToyComparison.Run(_toy.Plan("a", "samples.keep=1"), second));

        Assert.Contains("was begun with other settings", error.Message, StringComparison.Ordinal);
        Assert.Contains("keep 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ManyMistakes_AreAllTold()
    {
        var error = Assert.Throws<InputException>(() => _toy.Plan("a", "seeds=[1,1]", "k=[9]", "samples.pick=best", "model=there", "fromats=[]"));
        var configs = Assert.Throws<InputException>(() => _toy.Plan(
            "a", $"formats[0].arms[2].config={_toy["reward.yaml"]}", "formats[0].arms[3].set=[answers.giveProgramHeader=true, \"problems.train={generated: {split: train, count: 12}}\"]", "formats[0].arms[0].set=[seeed=1]"));

        Assert.Contains("fromats: is not a key here; did you mean 'formats'?", error.Message, StringComparison.Ordinal);
        Assert.Contains("samples.pick: is 'best'", error.Message, StringComparison.Ordinal);
        Assert.Contains("method outcome-reward is no arm", configs.Message, StringComparison.Ordinal);
        Assert.Contains("seeed: is not a key here", configs.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seeds=[1,1]", "seeds: has 1 twice")]
    [InlineData("k=[9]", "k: has 9: it must be at most samples.test, 4")]
    [InlineData("model=there", "base: is given, and model too; give one of the two")]
    [InlineData("base=null", "formats Sums: offline begins from a base model; give base or model, or its config model.fresh")]
    [InlineData("samples.temperatures=[1,0]", "samples.temperatures: is 0: it must be at least 0.0001")]
    [InlineData("formats[0].name=a/b", "it names a folder and must be letters, digits, - and _")]
    [InlineData("formats[0].arms[1].name=sft", "formats[0].arms[1].name: is 'sft', as another arm's; give each its own")]
    [InlineData("formats[0].arms[0].from=warmUp", "formats[0].arms[0].from: is what others may begin from or learn")]
    [InlineData("formats[0].warmUpEpoch=null", "formats[0].warmUpEpoch: is absent, and arms begin from an epoch of sft")]
    [InlineData("formats[0].arms=[]", "formats[0].arms: is empty, and there are no arms for all formats")]
    [InlineData("formats[0].arms[0].set=[training.epochs=null, training.steps=4, evaluation.everyEpochs=null]", "formats Sums: others begin from an epoch of sft, whose config counts steps")]
    [InlineData("against=[rft]", "against: has 'rft', which no format has as an arm")]
    [InlineData("seeds=[]", "seeds: is empty: it must hold at least one seed")]
    [InlineData("formats[0].arms[3].set=[\"problems.train={generated: {split: train, count: 12}}\"]", "problems or answers are not those of the format's first arm, sft")]
    public void Load_Contradiction_IsRefused(string set, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => _toy.Plan("a", set)).Message, StringComparison.Ordinal);

    [Fact]
    public void Document_EveryKey_IsExplained()
    {
        var page = File.ReadAllText(Path.Combine(ArchitectureTests.Repository(), "docs", "reproduce.md"));
        var table = page[page.IndexOf("| key |", StringComparison.Ordinal)..];
        string[] keys =
        [
            .. ConfigKey.Of(typeof(ReproduceConfig)).Where(key => !ConfigKey.IsRecord(key.Element ?? key.Type) || key.Name == "base").Select(key => key.Name),
            .. ConfigKey.Of(typeof(SamplesSection)).Select(key => $"samples.{key.Name}"),
            .. ConfigKey.Of(typeof(FormatSection)).Select(key => $"formats[].{key.Name}"),
            .. ConfigKey.Of(typeof(ArmSection)).Select(key => $"arms[].{key.Name}"),
        ];

        Assert.Equal(8 + 7 + 5 + 6, keys.Length);
        Assert.All(keys, key => Assert.True(table.Contains($"`{key}`", StringComparison.Ordinal), key));
    }

    [Trait("Category", "Slow")]
    [Fact]
    public void Run_UnitsThatAreKept_AreGoneOnFromInAnotherFolder()
    {
        var units = $"units={_toy["units"]}";
        var first = _toy.Plan("first", units, "seeds=[1]");
        using var one = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(first, one));
        var expected = Json(_toy.Plan("first", "seeds=[1]"));

        // Seed 1 is there: only seed 2 is run.
        using var two = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(_toy.Plan("second", units), two));
        using var none = new ToyComparison.Observer();
        var third = _toy.Plan("third", units, "seeds=[1]");
        Assert.True(ToyComparison.Run(third, none));

        Assert.DoesNotContain(two.Stages, stage => stage.Contains("seed-1", StringComparison.Ordinal));
        Assert.Contains("Sums/seed-2/reft", two.Stages);
        Assert.Empty(none.Stages);
        Assert.Equal(expected, Json(third));
        Assert.False(Directory.Exists(Path.Combine(_toy["third"], "Sums", "seed-1")));
    }

    [Trait("Category", "Slow")]
    [Theory]
    [InlineData("formats[0].arms[0].set=[optimizer.learningRate=1e-3]")]
    [InlineData("samples.keep=1")]
    public void Run_UnitsOfOtherSettings_AreNotTaken(string set)
    {
        var units = $"units={_toy["units"]}";
        string[] arms = ["sft", "reft"];
        string[] less = ["seeds=[1]", units];
        using var first = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(_toy.Plan("first", arms, less), first));

        using var second = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(_toy.Plan("second", arms, [.. less, set]), second));

        Assert.Equal(first.Stages, second.Stages);
    }

    [Fact]
    public void Read_SomeUnitsAlone_NamesWhatIsNotRun()
    {
        using var first = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(_toy.Plan("a", ["sft", "reft"], ["seeds=[2]"]), first));
        var plan = _toy.Plan("a", ["sft", "reft", "online"], ["seeds=[1, 2, 3]"]);

        var tables = ReproductionTables.Markdown(new ReproductionReader(plan).Read());

        Assert.Contains("Not run yet: Sums (seeds 1, 3); Sums, Online self-training (seed 2).", tables, StringComparison.Ordinal);
        Assert.Contains("| ReFT | ", tables, StringComparison.Ordinal);
        Assert.Contains("one seed says nothing of other seeds", tables, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Temperatures_DevChooses()
    {
        var plan = _toy.Plan("a", ["sft", "reft"], ["seeds=[1]", "samples.temperatures=[1.5, 0.5, 1]", "samples.test=1", "k=[]"]);
        using var observer = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(plan, observer));
        // With one sample the majority is that sample.
        double Right(string method, string temperature) => File.ReadLines(Path.Combine(_toy["a"], "Sums", "seed-1", $"{method}.dev-samples-{temperature}.jsonl"))
            .Average(line => (string?)JsonNode.Parse(line)!["outcome"] == "correct" ? 1.0 : 0);

        var result = new ReproductionReader(plan).Read();

        foreach (var (method, name) in new[] { (result.Arms[0].Facts, "sft"), (result.Arms[1].Facts, "reft") })
        {
            var best = new[] { "1.5", "0.5", "1" }.MaxBy(temperature => Right(name, temperature))!; // There are three.
            Assert.Equal(double.Parse(best, System.Globalization.CultureInfo.InvariantCulture), method.Temperature);
            var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(_toy["a"], "Sums", "seed-1", $"{name}.test-samples.jsonl.settings.json")))!;
            Assert.Equal(method.Temperature, (double)settings["temperature"]!);
        }
    }

    [Fact]
    public void Run_NoBaseAndMoreAnswers_BeginsFreshAndLearnsThem()
    {
        var more = $"{{ name: reftAnswers, learns: more, config: {_toy["reft.yaml"]}, set: [\"problems.train={{file: {_toy["more.jsonl"]}}}\", training.batchSize=28] }}";
        string[] sets =
        [
            "seeds=[1]", "base=null", "formats[0].arms[0].set=[\"model={fresh: {layers: 1, width: 32, heads: 2, feedForward: 48, context: 96, vocabulary: 300}}\"]",
        ];
        var plan = _toy.Plan("a", ["sft", "reft", "more"], sets, more: more);
        using var observer = new ToyComparison.Observer();
        Assert.True(ToyComparison.Run(plan, observer));

        var result = new ReproductionReader(plan).Read();

        Assert.Equal(["sft", "reft", "reftAnswers"], result.Arms.Select(arm => arm.Arm));
        Assert.DoesNotContain("base", observer.Stages);
        string[] Learned(string run) => [.. File.ReadLines(Path.Combine(_toy["a"], "Sums", "seed-1", run, "rollouts.jsonl")).Select(line => (string)JsonNode.Parse(line)!["problem"]!).Distinct()];
        Assert.Equal(ToyComparison.More, Learned("reftAnswers").Count(id => id.StartsWith('m')));
        Assert.DoesNotContain(Learned("reft"), id => id.StartsWith('m'));
        Assert.Contains("the problems.train of reftAnswers must begin with those of sft", Assert.Throws<InputException>(() => ToyComparison.Run(
            _toy.Plan(
                "b", ["sft", "reft", "more"], [.. sets, "formats[0].set=[\"problems.dev=[]\", evaluation.everySteps=null, evaluation.everyEpochs=null]"],
                more: more.Replace("more.jsonl", "dev.jsonl", StringComparison.Ordinal)), observer)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 0 1 1 0 0 0 0 1", "bits b080")]
    [InlineData("0.25 1 0", "0.25 1 0")]
    public void UnitFigures_Text_IsReadBack(string figures, string expected)
    {
        double[] values = [.. figures.Split(' ').Select(figure => double.Parse(figure, System.Globalization.CultureInfo.InvariantCulture))];

        var text = UnitFigures.Write(values);

        Assert.Equal(expected, text);
        Assert.Equal(values, UnitFigures.Read(text, values.Length));
        Assert.Throws<FormatException>(() => UnitFigures.Read(text, values.Length + 8));
    }

    /// <summary>All that two comparisons wrote is the same but for times.</summary>
    private static void AssertSame(ReproducePlan expected, ReproducePlan actual)
    {
        Assert.Equal(Json(expected), Json(actual));
        var (whole, other) = (expected.Config.Folder, actual.Config.Folder);
        foreach (var file in Directory.GetFiles(whole, "*.jsonl", SearchOption.AllDirectories)
            .Concat(Directory.GetFiles(whole, "*.safetensors", SearchOption.AllDirectories))
            .Where(file => Path.GetFileName(file) is not ("stages.jsonl" or "test-looks.jsonl" or "timings.jsonl" or "alarms.jsonl")))
        {
            var same = Path.Combine(other, Path.GetRelativePath(whole, file));
            Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(same)), same);
        }
    }

    private static string Json(ReproducePlan plan) => ReproductionOutput.ToJson(new ReproductionReader(plan).Read());
}
