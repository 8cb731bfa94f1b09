using System.Text;
using Parquet.Serialization;
using Reft.Problems;
using Reft.Problems.Files;

namespace Reft.Tests.Problems;

public sealed class ProblemFileTests : IDisposable
{
    private const string PaperRow = """{"item_id":"x_1","question":"How many?","answer_cot":"One.","answer_value":"1.0"}""";
    private readonly string _folder = Directory.CreateTempSubdirectory("reft-problems-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_PaperJson_ReadsEveryField()
    {
        var problems = Load("a.json", $"[{PaperRow}]");

        Assert.Equal(new Problem("x_1", "How many?", "1.0", "One.") { Row = 1 }, Assert.Single(problems));
    }

    [Fact]
    public void Load_PaperJsonWithoutSolutions_HasNone() => Assert.False(
        Assert.Single(Load("a.json", """[{"item_id":"x_1","question":"How many?","answer_value":"1.0"}]""")).HasSolution);

    [Fact]
    public void Load_JsonLines_KeepsNumbersAsWritten()
    {
        var problems = Load("a.jsonl", "{\"id\":7,\"question\":\"Q\",\"answer\":1.50,\"solution\":null}\n\n{\"id\":8,\"question\":\"R\",\"answer\":\"2\"}\n");

        Assert.Equal(["7", "8"], problems.Select(problem => problem.Id));
        Assert.Equal(["1.50", "2"], problems.Select(problem => problem.Answer));
        Assert.Equal([1, 3], problems.Select(problem => problem.Row));
    }

    [Fact]
    public void Load_JsonLinesWithNamedColumns_UsesThem()
    {
        var columns = new ProblemColumns { Id = "k", Question = "q", Answer = "a", Solution = "s" };

        var problem = Assert.Single(Load("a.jsonl", """{"k":"1","q":"Q","a":"2","s":"S","question":"no"}""", new() { Columns = columns }));

        Assert.Equal(("1", "Q", "2", "S"), (problem.Id, problem.Question, problem.Answer, problem.Solution));
    }

    [Fact]
    public void Load_Groups_AreReadFromTheirColumn()
    {
        var rows = "{\"question\":\"Q\",\"answer\":1,\"group\":\"g\",\"article\":7}\n";

        Assert.Equal("g", Load("a.jsonl", rows)[0].Group);
        Assert.Equal("7", Load("b.jsonl", rows, new() { Columns = new() { Group = "article" } })[0].Group);
        Assert.Null(Load("c.jsonl", "{\"question\":\"Q\",\"answer\":1}\n")[0].Group);
    }

    [Fact]
    public void Load_Gsm8k_SplitsTheAnswerOffAndStripsAnnotations()
    {
        const string Line = """{"question":"Q?","answer":"He has 2*3=<<2*3=6>>6.\nSo 6*200=<<6*200=1200>>1,200.\n#### 1,200"}""";

        var words = Assert.Single(Load("a.jsonl", Line));
        var annotated = Assert.Single(Load("b.jsonl", Line, new() { Gsm8kSolution = Gsm8kSolution.Annotated }));
        var program = Assert.Single(Load("c.jsonl", Line, new() { Gsm8kSolution = Gsm8kSolution.Program }));

        Assert.Equal(new Problem("gsm8k_0", "Q?", "1200", "He has 2*3=6.\nSo 6*200=1,200.") { Row = 1 }, words);
        Assert.Contains("<<2*3=6>>", annotated.Solution, StringComparison.Ordinal);
        Assert.Equal(
            "def solution():\n    \"\"\"Q?\"\"\"\n    step_1 = 2*3\n    step_2 = step_1*200\n    result = step_2\n    return result",
            program.Solution);
    }

    [Fact]
    public void Load_Csv_ReadsQuotedFieldsAndLineBreaks()
    {
        var problems =
            Load("a.csv", "id,question,answer\n1,\"How many, \"\"all\"\" told?\nReally?\",\"1,000\"\n2,R,3\n");

        Assert.Equal(("How many, \"all\" told?\nReally?", "1,000", 2),
            (problems[0].Question, problems[0].Answer, problems[0].Row));
        Assert.Equal(("R", "3", 4), (problems[1].Question, problems[1].Answer, problems[1].Row));
    }

    [Fact]
    public void Load_TabSeparated_IsDetected() =>
        Assert.Equal("3", Assert.Single(Load("a.tsv", "question\tanswer\nQ, R\t3\n")).Answer);

    [Fact]
    public async Task Load_Parquet_ReadsTextAndNumbers()
    {
        var path = Path.Combine(_folder, "a.parquet");
        await using (var stream = File.Create(path))
        {
            ParquetRow[] rows =
                [new() { question = "Q", answer = 1.5, solution = "S" }, new() { question = "R", answer = 2 }];
            await ParquetSerializer.SerializeAsync(rows, stream,
                cancellationToken: TestContext.Current.CancellationToken);
        }

        var contents = new ProblemFile(path).Read();

        Assert.Equal("parquet", contents.Format.Name);
        Assert.Equal(
            [new Problem("a_0", "Q", "1.5", "S") { Row = 1 }, new Problem("a_1", "R", "2", null) { Row = 2 }], contents.Problems);
    }

    [Theory]
    [InlineData("a.json", "[" + PaperRow + "]", "paperJson")]
    [InlineData("a.txt", "  [" + PaperRow + "]", "paperJson")]
    [InlineData("a.json", "\uFEFF[" + PaperRow + "]", "paperJson")]
    [InlineData("a.json", PaperRow, "jsonLines")]
    [InlineData("a.txt", "{\"question\":\"Q\",\"answer\":\"x\\n#### 1\"}\n", "gsm8k")]
    [InlineData("a.json", "[{\"question\":\"Q\",\"answer\":\"x\\n#### 1\"}]", "gsm8k")]
    [InlineData("a.csv", "question,answer\nQ,\"x\n#### 1\"\n", "gsm8k")]
    [InlineData("a.tsv", "question\tanswer\nQ\t#### 1\n", "gsm8k")]
    [InlineData("a.csv", "question,answer\n[x],{y}\n", "csv")]
    public void Format_Auto_IsTold(string name, string content, string expected) =>
        Assert.Equal(expected, new ProblemFile(Write(name, content)).Read().Format.Name);

    [Fact]
    public void Format_Explicit_OverridesDetection()
    {
        var path = Write("a.json", "question,answer\nQ,#### 1\n");

        var contents = new ProblemFile(path, new() { Format = ProblemFormats.Of("csv") }).Read();

        Assert.Equal(("csv", "#### 1"), (contents.Format.Name, contents.Problems[0].Answer));
    }

    [Theory]
    [InlineData("a.json", "", "is empty")]
    [InlineData("a.json", " \n", "is empty")]
    [InlineData("a.json", "[]", "holds no problems")]
    [InlineData("a.json", "[{\"question\":\n oops}]", "line 2: malformed JSON")]
    [InlineData("a.json", "[" + PaperRow + "," + PaperRow + "]", "id 'x_1' stands in row 1 and again in row 2")]
    [InlineData("a.json", "[{\"question\":\"Q\"}]", "row 1: lacks the answer (answer_value or answer); it has 'question'")]
    [InlineData("a.json", "[{\"question\":\"Q\",\"answer\":[1]}]", "row 1: 'answer' is an array; it must be text or a number")]
    [InlineData("a.json", "[{\"question\":\"Q\",\"answer\":true}]", "row 1: 'answer' is true or false")]
    [InlineData("a.json", "[{\"question\":\"Q\",\"answer\":null}]", "row 1: 'answer' is null")]
    [InlineData("a.json", "[{\"question\":\" \",\"answer\":1}]", "row 1: the question is empty")]
    [InlineData("a.json", "[7]", "row 1: holds a number")]
    [InlineData("a.json", "[{\"question\":\"Q\",\"question\":\"R\",\"answer\":1}]", "malformed JSON")]
    [InlineData("a.jsonl", "{\"question\":\"Q\",\"answer\":1}\n{\"question\"\n", "line 2: malformed JSON")]
    [InlineData("a.jsonl", "{\"question\":\"Q\",\"answer\":\"#### 1\"}\n{\"question\":\"Q\",\"answer\":\"1\"}", "line 2: the answer lacks '####'")]
    [InlineData("a.csv", "question,answer\nQ\n", "line 2: malformed: 1 fields where the header has 2")]
    [InlineData("a.csv", "question,question\nQ,R\n", "the header names 'question' twice")]
    [InlineData("a.csv", "question,answer\n\"Q,1\n", "malformed")]
    [InlineData("a.parquet", "PAR1 but no more", "is not a Parquet file")]
    [InlineData("a.xyz", "hello", "is in no format that can be told")]
    public void Load_BadFile_SaysWhereAndWhat(string name, string content, string expected)
    {
        var path = Write(name, content);

        var message = Assert.Throws<InputException>(() => new ProblemFile(path).Load()).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Load_MissingNamedColumn_NamesTheOnesThere() => Assert.Contains(
        "lacks 'label'; it has 'question', 'answer'",
        Assert.Throws<InputException>(() =>
            Load("a.csv", "question,answer\nQ,1\n", new() { Columns = new() { Answer = "label" } })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Load_NotUtf8_SaysSo()
    {
        var path = Path.Combine(_folder, "a.json");
        File.WriteAllBytes(path, [(byte)'[', (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)']']);

        Assert.Contains("is not UTF-8", Assert.Throws<InputException>(() => new ProblemFile(path).Load()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoSuchFile_SaysSo()
    {
        Assert.EndsWith("does not exist", Assert.Throws<InputException>(() =>
            new ProblemFile(Path.Combine(_folder, "no.json")).Load()).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => new ProblemFile(_folder).Load()).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("svamp/svamp_nl.json", 3076, 3076)]
    [InlineData("svamp/svamp_python_sdp.json", 3043, 3043)]
    [InlineData("svamp/svamp_test_set.json", 1000, 0)]
    [InlineData("gsm8k/train.jsonl", 7473, 7473)]
    [InlineData("gsm8k/test.jsonl", 1319, 1319)]
    [InlineData("gsm8k/gsm8k_test_set.json", 1319, 0)]
    [InlineData("mathqa/mathqa_test_set.json", 1605, 0)]
    [InlineData("mathqa/mathqa-numeric_test_set.json", 1605, 0)]
    public void Load_PublishedFiles_HaveTheirCounts(string file, int problems, int solutions)
    {
        var loaded = new ProblemFile(SharedData.Require(Path.Combine("data", file))).Load();

        Assert.Equal(problems, loaded.Count);
        Assert.Equal(solutions, loaded.Count(problem => problem.HasSolution));
    }

    private IReadOnlyList<Problem> Load(string name, string content, ProblemFileOptions? options = null) =>
        new ProblemFile(Write(name, content), options).Load();

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return path;
    }

    private sealed class ParquetRow
    {
        public string? question { get; set; }

        public double answer { get; set; }

        public string? solution { get; set; }
    }
}
