using System.Text;
using Parquet.Serialization;
using Reft.Problems;
using Reft.Problems.Files;

namespace Reft.Tests.Problems;

/// <summary>What every format of problem files keeps: it knows its own files and no others, and reads what they say.</summary>
public sealed class FormatContractTests : IDisposable
{
    private static readonly Example[] _examples =
    [
        new("paperJson", "a.json", """[{"item_id": "p1", "question": "Q [x]", "answer_value": "1.0", "answer_cot": "S"}]""", new("p1", "Q [x]", "1.0", "S") { Row = 1 }),
        new("jsonLines", "a.jsonl", "{\"id\": \"p1\", \"question\": \"Q\", \"answer\": 1.50, \"solution\": \"S\"}\n", new("p1", "Q", "1.50", "S") { Row = 1 }),
        new("csv", "a.csv", "id,question,answer,solution\np1,\"[Q, {Q}\",1,S\n", new("p1", "[Q, {Q}", "1", "S") { Row = 2 }),
        new("csv", "a.tsv", "id\tquestion\tanswer\np1\tQ, Q\t1\n", new("p1", "Q, Q", "1") { Row = 2 }),
        new("parquet", "a.parquet", null, new("p1", "Q", "1.5", "S") { Row = 1 }),
        new("gsm8k", "a.jsonl", """{"question": "Q", "answer": "Two is 1+1=<<1+1=2>>2.\n#### 1,200"}""", new("gsm8k_0", "Q", "1200", "Two is 1+1=2.") { Row = 1 }),
        new("gsm8k", "a.csv", "question,answer\nQ,\"S\n#### 3\"\n", new("gsm8k_0", "Q", "3", "S") { Row = 2 }),
        new("math", "a.jsonl", """{"problem": "Q", "level": "Level 1", "type": "Algebra", "solution": "So $x = \\boxed{\\frac{1}{2}}$."}""", new("a_0", "Q", "\\frac{1}{2}", "So $x = \\boxed{\\frac{1}{2}}$.") { Row = 1 }),
        new("math", "a.json", """[{"problem": "Q", "solution": "Not \\boxed{1} but $\\boxed{\\{1, 2\\}}$"}]""", new("a_0", "Q", "\\{1, 2\\}", "Not \\boxed{1} but $\\boxed{\\{1, 2\\}}$") { Row = 1 }),
        new("math", "b.jsonl", """{"problem": "Q", "solution": "$\\boxed 7$ of them"}""", new("b_0", "Q", "7", "$\\boxed 7$ of them") { Row = 1 }),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("reft-formats-").FullName;

    public static TheoryData<int> Examples => [.. Enumerable.Range(0, _examples.Length)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Formats_EveryOne_HasExamplesAndAnotherName()
    {
        var names = ProblemFormats.All.Select(format => format.Name).ToArray();

        Assert.Equal(names.Order(StringComparer.Ordinal), _examples.Select(example => example.Format).Distinct().Order(StringComparer.Ordinal));
        Assert.Distinct(names.Select(name => name.ToLowerInvariant()).Append(ProblemFormats.Auto));
        Assert.All(ProblemFormats.All, format => Assert.False(string.IsNullOrWhiteSpace(format.Summary)));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Read_Example_IsTheFormatsAndSaysWhatItHolds(int index)
    {
        var example = _examples[index];
        var path = await Write(example);

        var detected = new ProblemFile(path).Read();
        var named = new ProblemFile(path, new() { Format = ProblemFormats.Of(example.Format) }).Read();

        Assert.Equal(example.Format, detected.Format.Name);
        Assert.Equal(example.Problem, Assert.Single(detected.Problems));
        Assert.Equal(detected.Problems, named.Problems);
        Assert.Empty(detected.Notes);
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Read_CutShort_IsAnErrorThatNamesTheFile(int index)
    {
        var path = await Write(_examples[index]);
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 3)], TestContext.Current.CancellationToken);

        Assert.StartsWith(path, Assert.Throws<InputException>(() => new ProblemFile(path).Read()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"problem": "Q", "solution": "x"}""", "line 1: the solution has no \\boxed{…}")]
    [InlineData("""{"problem": "Q", "solution": "\\boxed{1"}""", "line 1: the solution has no \\boxed{…}")]
    [InlineData("""{"problem": "Q"}""", "line 1: has no solution")]
    public void Read_MathWithoutABox_NamesTheRow(string line, string expected)
    {
        var path = Path.Combine(_folder, "a.jsonl");
        File.WriteAllText(path, line);

        var error = Assert.Throws<InputException>(() => new ProblemFile(path, new() { Format = ProblemFormats.Of("math") }).Read());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_UnknownName_NamesThoseThereAre() => Assert.Equal(
        $"there is no format 'xml' of problem files: Reft knows {string.Join(", ", ProblemFormats.NamesOf(ProblemFormats.All))}",
        Assert.Throws<InputException>(() => ProblemFormats.Of("xml")).Message);

    private async Task<string> Write(Example example)
    {
        var path = Path.Combine(_folder, example.File);
        if (example.Content is { } content)
        {
            await File.WriteAllTextAsync(path, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), TestContext.Current.CancellationToken);
            return path;
        }

        await using var stream = File.Create(path);
        Row[] rows = [new() { id = "p1", question = "Q", answer = 1.5, solution = "S" }];
        await ParquetSerializer.SerializeAsync(rows, stream, cancellationToken: TestContext.Current.CancellationToken);
        return path;
    }

    /// <param name="Format">Whose example it is.</param>
    /// <param name="File">The file's name.</param>
    /// <param name="Content">What it holds; null for Parquet, which its library writes.</param>
    /// <param name="Problem">What it says.</param>
    private sealed record Example(string Format, string File, string? Content, Problem Problem);

    private sealed class Row
    {
        public string? id { get; set; }

        public string? question { get; set; }

        public double answer { get; set; }

        public string? solution { get; set; }
    }
}
