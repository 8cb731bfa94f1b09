using FsCheck;
using FsCheck.Fluent;
using Reft.Configuration;
using Reft.Numerics;

namespace Reft.Tests.Configuration;

/// <summary>What holds of every config.</summary>
public sealed class ConfigPropertyTests
{
    private static readonly string[] _required =
    [
        "method", "run", "model", "problems", "problems.train", "answers", "answers.style", "training", "training.batchSize",
        "optimizer", "optimizer.learningRate", "optimizer.schedule", "model.fresh.layers", "model.fresh.width",
        "model.fresh.heads", "model.fresh.feedForward", "model.fresh.context", "model.fresh.vocabulary",
    ];

    [Fact]
    public void RandomConfig_WrittenAndRead_IsTheSame() => Prop
        .ForAll<int>(seed =>
        {
            var config = new RandomConfig((ulong)seed).Make();

            var again = Configs.Read(ConfigText.Write(config, Provenance.None));

            Assert.Null(Configs.Difference(config, again));
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void PresetWithAKeyMisspelt_IsAnErrorOfThatPath() => ForAllKeys((random, text, key) =>
    {
        var wrong = Misspell(random, key.Name);
        if (wrong == key.Name)
        {
            return;
        }

        var lines = text.Split('\n');
        lines[key.Line] = lines[key.Line].Replace(key.Name + ":", wrong + ":", StringComparison.Ordinal);

        var errors = Configs.Errors(string.Join('\n', lines));

        var path = key.Path[..^key.Name.Length] + wrong;
        var expected = $"a.yaml:{key.Line + 1}: {path}: is not a key here";
        Assert.Contains(errors, line => line.StartsWith(expected, StringComparison.Ordinal));
    });

    [Fact]
    public void PresetWithAKeyTwice_IsAnErrorOfThatPath() => ForAllKeys((_, text, key) =>
    {
        var lines = text.Split('\n').ToList();
        var copy = lines[key.Line..key.End];
        copy[0] = copy[0].Replace("- ", "  ", StringComparison.Ordinal);
        lines.InsertRange(key.End, copy);

        var errors = Configs.Errors(string.Join('\n', lines));

        // A set of problems without a dash is not known to be a list of one while its keys are read.
        string[] paths = [key.Path, key.Path.Replace("[0]", "", StringComparison.Ordinal)];
        var expected = paths.Select(path =>
            $"a.yaml:{key.End + 1}: {path}: is given twice; it is already there in a.yaml:{key.Line + 1}");
        Assert.NotEmpty(expected.Intersect(errors));
    });

    [Fact]
    public void PresetWithoutARequiredKey_IsAnErrorOfThatPath() => ForAllKeys((_, text, key) =>
    {
        var lines = text.Split('\n').ToList();
        lines.RemoveRange(key.Line, key.End - key.Line);

        var errors = Configs.Errors(string.Join('\n', lines));

        Assert.Contains(errors, line => line.Contains($": {key.Path}: is missing", StringComparison.Ordinal)
            || line.Contains($": {key.Path[..Math.Max(0, key.Path.LastIndexOf('.'))]}: has no value", StringComparison.Ordinal));
    }, key => _required.Contains(key.Path));

    [Fact]
    public void AnyText_IsReadOrRefusedWithLinesThatNameTheFile() => Prop
        .ForAll(Soup().ToArbitrary(), text =>
        {
            try
            {
                Configs.Read(text);
            }
            catch (InputException error)
            {
                Assert.All(error.Message.Split('\n'), line => Assert.StartsWith("a.yaml:", line, StringComparison.Ordinal));
            }
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static Gen<string> Soup() => Gen.Elements(
            "a", "method", "model", ":", ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", ",", "'", "\"", "#", "&a ", "*a", "!!str ", "? ",
            "| ", "> ", "%", "@", "\t", "---\n", "...\n", "\\", "\0", "\u0085", "\uD800", "1", "~", "<<", "path", "problems", "train")
        .ListOf().Select(pieces => string.Concat(pieces));

    private static void ForAllKeys(Action<CounterRandom, string, Key> check, Func<Key, bool>? isMeant = null) => Prop
        .ForAll<int>(seed =>
        {
            var random = new CounterRandom((ulong)seed);
            var text = Configs.TextOf(random.Pick(Configs.Presets)).TrimEnd('\n');
            check(random, text, random.Pick(Keys(text).Where(isMeant ?? (_ => true)).ToArray()));
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    /// <summary>The keys of a preset, found by the indentation of its lines.</summary>
    private static Key[] Keys(string text)
    {
        var lines = text.Split('\n');
        var open = new List<(int Indent, string Path)>();
        var keys = new List<Key>();
        var items = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length; i++)
        {
            var content = lines[i].TrimStart(' ', '-');
            if (content.Length == 0 || content[0] == '#')
            {
                continue;
            }

            var indent = lines[i].Length - content.Length;
            open.RemoveAll(parent => parent.Indent >= indent);
            var parent = open.LastOrDefault().Path ?? "";
            if (parent is "problems.train" or "problems.dev" or "problems.test")
            {
                items.TryAdd(parent, -1);
                items[parent] += lines[i].Contains("- ", StringComparison.Ordinal) || items[parent] < 0 ? 1 : 0;
                parent += $"[{items[parent]}]";
            }

            var name = content.Split(':')[0];
            var path = parent.Length == 0 ? name : $"{parent}.{name}";
            open.Add((indent, path));
            var end = i + 1;
            while (end < lines.Length && lines[end].TakeWhile(c => c is ' ').Count() > lines[i].TakeWhile(c => c is ' ').Count()
                && lines[end].Length - lines[end].TrimStart(' ', '-').Length > indent)
            {
                end++;
            }

            keys.Add(new Key(name, path, i, end));
        }

        return [.. keys];
    }

    private static string Misspell(CounterRandom random, string name)
    {
        var at = random.Below(name.Length);
        var letter = (char)('a' + random.Below(26));
        return random.Below(3) switch
        {
            0 => name[..at] + letter + name[at..],
            1 => name.Length > 1 ? name.Remove(at, 1) : name + letter,
            _ => name[..at] + letter + name[(at + 1)..],
        };
    }

    private sealed record Key(string Name, string Path, int Line, int End);
}
