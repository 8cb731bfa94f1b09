using System.Text;
using System.Text.RegularExpressions;
using Parquet.Serialization;
using Reft.Hosting;

namespace Reft.Tests.Cli;

/// <summary>What <c>reft verify</c> says of files that would train on something else than was meant.</summary>
public sealed class DatasetTests : IDisposable
{
    private const string Passes = "^PASSED$";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("windows-1252", "a.csv", "question,answer\nHow cold?,−10\n")] // A minus sign that the code page lacks becomes '?', an en dash is a byte.
    [InlineData("latin1", "a.csv", "question,answer\nHow many?,1½\n")]
    [InlineData("latin1", "a.tsv", "question\tanswer\nHow much?\t£5\n")]
    [InlineData("latin1", "a.csv", "question,answer\nWie groß?,7\n")]
    [InlineData("latin1", "a.csv", "question,answer,solution\nHow warm?,7,7° it is\n")]
    [InlineData("latin1", "a.json", "[{\"question\":\"How much is 2×3?\",\"answer\":\"6\"}]")]
    [InlineData("latin1", "a.jsonl", "{\"question\":\"How much is 2×3?\",\"answer\":\"6\"}\n")]
    [InlineData("utf-16BE", "a.jsonl", "{\"question\":\"Q\",\"answer\":\"6\"}\n")]
    [InlineData("utf-16 without mark", "a.csv", "question,answer\nHow many?,7\n")]
    [InlineData("cut", "a.csv", "question,answer\nHow many?,7€")]
    [InlineData("cut", "a.tsv", "question\tanswer\nHow many?\t7€")]
    [InlineData("latin1", "a.csv", "question,answer\nCan a café hold 7?,7\n", "--format", "csv")]
    public async Task Verify_OtherEncoding_IsRefused(string encoding, string name, string content, params string[] more)
    {
        var bytes = encoding switch
        {
            "utf-16BE" => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(content)],
            "utf-16 without mark" => Encoding.Unicode.GetBytes(content),
            "cut" => Encoding.UTF8.GetBytes(content)[..^1],
            "windows-1252" => Encoding.Latin1.GetBytes(content.Replace('−', '\u0096')), // Where that code page has its dash.
            _ => Encoding.Latin1.GetBytes(content),
        };

        var (code, output) = await Verify(name, bytes, more);

        Assert.Equal(2, code);
        Assert.Matches("^error: [^\n]* is not UTF-8 text", output);
    }

    [Theory]
    [InlineData("utf-8", "a.csv")]
    [InlineData("utf-8 with mark", "a.csv")]
    [InlineData("utf-16 with mark", "a.csv")]
    [InlineData("utf-16BE with mark", "a.csv")]
    [InlineData("utf-16 with mark", "a.tsv")]
    public async Task Verify_EncodingThatIsSaid_IsRead(string encoding, string name)
    {
        var content = "question,answer\nWie groß ist 3 − 10?,−7\n".Replace(',', name.EndsWith("tsv", StringComparison.Ordinal) ? '\t' : ',');
        Encoding writer = encoding switch
        {
            "utf-16 with mark" => new UnicodeEncoding(bigEndian: false, byteOrderMark: true),
            "utf-16BE with mark" => new UnicodeEncoding(bigEndian: true, byteOrderMark: true),
            _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: encoding == "utf-8 with mark"),
        };

        var (code, output) = await Verify(name, [.. writer.GetPreamble(), .. writer.GetBytes(content)]);

        Assert.Equal(0, code);
        Assert.Matches(new Regex(Passes, RegexOptions.Multiline), output);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"question\":\"What is 3 \uFFFD 10?\",\"answer\":\"7\"}", "in the question")]
    [InlineData("a.jsonl", "{\"question\":\"Q\",\"answer\":\"\uFFFD10\"}", "in the answer")]
    [InlineData("a.jsonl", "{\"question\":\"Q\",\"answer\":\"10\uFFFD\"}", "in the answer")]
    [InlineData("a.jsonl", "{\"question\":\"Q\",\"answer\":\"1\\ufffd\"}", "in the answer")]
    [InlineData("a.csv", "question,answer\nHow \uFFFD?,10\n", "in the question")]
    [InlineData("a.csv", "question,answer,solution\nQ?,10,It is \uFFFD10 or 10\n", "in the solution")]
    [InlineData("a.json", "[{\"question\":\"Q \uFFFD\",\"answer\":\"\uFFFD10\"}]", "in the question, answer")]
    [InlineData("a.tsv", "question\tanswer\nCaf\uFFFD?\t10\n", "in the question")]
    [InlineData("a.jsonl", "{\"question\":\"Q\uFFFD?\",\"answer\":\"So 10.\\n#### 10\"}", "in the question")]
    public async Task Verify_LostCharacter_IsListed(string name, string content, string where) =>
        await Fails(name, content, $"FAIL  lost characters [(]U[+]FFFD[)]: 1 of 1[^\n]*\n +row [0-9]+ [^\n]*: {where}\n");

    [Theory]
    [InlineData("{\"Body\":\"There are 4 red cups.\",\"Question\":\"How many?\",\"Answer\":4}", "Body", "--question-column", "Question", "--answer-column", "Answer")]
    [InlineData("{\"passage\":\"In 1900 there were 4.\",\"question\":\"How many?\",\"answer\":4}", "passage")]
    [InlineData("{\"table\":\"a|b\\n1|2\",\"question\":\"What is b?\",\"answer\":2}", "table")]
    [InlineData("{\"scene\":\"Lee has 12 stamps and gives 3 away.\",\"question\":\"How many are left?\",\"answer\":9}", "scene")]
    [InlineData("{\"intro_text\":\"A pen costs 4 dollars.\",\"question\":\"How much do 3 cost?\",\"answer\":12}", "intro_text")]
    [InlineData("{\"premise\":\"x=4\",\"question\":\"What is x?\",\"answer\":4}", "premise")]
    [InlineData("{\"sentences\":[\"Lee has 12.\",\"He gives 3 away.\"],\"question\":\"How many are left?\",\"answer\":9}", "sentences")]
    [InlineData("{\"input\":\"4 5 6\",\"question\":\"What is the sum?\",\"answer\":15}", "input")]
    [InlineData("{\"context\":{\"title\":\"Cups\",\"text\":\"4 red\"},\"question\":\"How many?\",\"answer\":4}", "context")]
    [InlineData("{\"context\":\"4 red\",\"question\":\"How many?\",\"answer\":\"So 4.\\n#### 4\"}", "context")]
    public async Task Verify_SecondTextColumn_IsNamed(string row, string column, params string[] more) =>
        await Fails("a.jsonl", row, $"FAIL  columns [^\n]*\n +row 1 [(]{column}[)]: '{column}' is in no prompt [^\n]*question template", more);

    [Theory]
    [InlineData("{\"id\":\"1\",\"question\":\"Q\",\"answer\":4,\"source\":\"a very long name of it\",\"level\":\"Level 5 of them\"}")]
    [InlineData("{\"question\":\"Q\",\"answer\":4,\"rationale\":\"It is two and two.\",\"extracted_answer\":\"the answer is four\"}")]
    [InlineData("{\"question\":\"Q\",\"answer\":4,\"equation\":\"( 2.0 + 2.0 )\",\"grade\":3}")]
    [InlineData("{\"question\":\"Q\",\"answer\":4,\"body\":null,\"context\":\" \"}")]
    [InlineData("{\"question\":\"Q\",\"answer\":4,\"problemType\":\"a problem of addition\",\"sourceUrl\":\"of the first page\"}")]
    [InlineData("{\"question\":\"Q\",\"answer\":4,\"body\":\"Two and two.\"}", "--ignore-columns", "table, body")]
    [InlineData("{\"question\":\"Q\",\"answer\":4,\"body\":\"Two and two.\"}", "--question-template", "{body} {question}")]
    public async Task Verify_ColumnsThatNoQuestionNeeds_Pass(string row, params string[] more)
    {
        var (code, output) = await Verify("a.jsonl", Encoding.UTF8.GetBytes(row), more);

        Assert.Equal((0, ""), (code, code == 0 ? "" : output));
    }

    [Theory]
    [InlineData("{\"question\":\"3+4?\",\"options\":[\"5\",\"7\"],\"answer\":\"B\"}", "'options' is in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"choices\":[5,7],\"answer\":\"B\"}", "'choices' is in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"choices\":{\"label\":[\"A\",\"B\"],\"text\":[\"5\",\"7\"]},\"answer\":\"B\"}", "'choices' is in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"options\":\"a ) 5 , b ) 7\",\"answer\":\"b\"}", "'options' is in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"A\":\"5\",\"B\":\"7\",\"answer\":\"B\"}", "the options in 'A', 'B' are in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"opa\":\"5\",\"opb\":\"7\",\"answer\":\"B\"}", "the options in 'opa', 'opb' are in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"option_1\":5,\"option_2\":7,\"answer\":\"B\"}", "the options in 'option_1', 'option_2' are in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"Choice A\":5,\"Choice B\":7,\"answer\":\"B\"}", "the options in 'Choice A', 'Choice B' are in no prompt")]
    [InlineData("{\"question\":\"3+4?\",\"alternatives\":[\"5\",\"7\"],\"answer\":\"7\"}", "'alternatives' is in no prompt")]
    public async Task Verify_OptionsBesideTheQuestion_AreNamed(string row, string expected) =>
        await Fails("a.jsonl", row, $"FAIL  columns [^\n]*\n +row 1 [^\n]*{expected}[^\n]*question template");

    [Theory]
    [InlineData("from 0", "{\"question\":\"3+4?\",\"choices\":[\"5\",\"7\"],\"answer\":1}", "{\"question\":\"1+4?\",\"choices\":[\"5\",\"7\"],\"answer\":0}")]
    [InlineData("from 1", "{\"question\":\"3+4?\",\"choices\":[\"5\",\"7\"],\"answer\":2}", "{\"question\":\"1+4?\",\"choices\":[\"5\",\"7\"],\"answer\":1}")]
    [InlineData("from 0 or 1", "{\"question\":\"3+4?\",\"choices\":[\"5\",\"7\",\"8\"],\"answer\":1}")]
    [InlineData("from 0", "{\"question\":\"3+4?\",\"options\":[5,7],\"answer\":\"0\"}")]
    [InlineData("from 1", "{\"question\":\"3+4?\",\"A\":\"5\",\"B\":\"7\",\"answer\":\"2\"}")]
    [InlineData("from 0", "{\"question\":\"3+4?\",\"opa\":5,\"opb\":7,\"cop\":0}", "--answer-column", "cop")]
    [InlineData("from 1", "{\"question\":\"3+4?\",\"choices\":[\"5\",\"7\"],\"answer\":2}", "--question-template", "{question} {choices}")]
    [InlineData("from 0", "{\"question\":\"3+4?\",\"choices\":[\"5\",\"7\"],\"answer\":0}", "--ignore-columns", "choices")]
    public async Task Verify_AnswerThatIsAChoicesNumber_IsSaid(string from, string row, params string[] more)
    {
        var rows = new[] { row }.Concat(more.TakeWhile(text => text[0] == '{')).ToArray();
        await Fails(
            "a.jsonl", string.Join('\n', rows), $"every answer is the number of a choice, counted {from},", more[(rows.Length - 1)..]);
    }

    [Theory]
    [InlineData("{\"question\":\"3+4? 5 or 7\",\"choices\":[\"5\",\"7\"],\"answer\":\"7\"}")] // A value.
    [InlineData("{\"question\":\"1+1? 1 or 2\",\"choices\":[\"1\",\"2\"],\"answer\":\"2\"}")] // A value, though it could be a number too.
    public async Task Verify_AnswerThatIsAChoicesValue_IsNotCalledItsNumber(string row)
    {
        var (_, output) = await Verify("a.jsonl", Encoding.UTF8.GetBytes(row), "--ignore-columns", "choices");

        Assert.DoesNotContain("number of a choice", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,5", null)]
    [InlineData("1,2", null)]
    [InlineData("12,50", null)]
    [InlineData("0,75", null)]
    [InlineData("1,2,3", null)]
    [InlineData("1,00", null)]
    [InlineData("12,3456", null)]
    [InlineData("1,234,5", null)]
    [InlineData("1,250", "1250")]
    [InlineData("12,345,678", "12345678")]
    [InlineData("-1,250", "-1250")]
    [InlineData("$1,250.50", "$1250.50")]
    public async Task Verify_CommaInGsm8ksAnswer_IsAThousandsOrUnread(string answer, string? read)
    {
        var row = $$"""{"question":"How much is it?","answer":"It is so.\n#### {{answer}}"}""";
        var (code, output) = await Verify("a.jsonl", Encoding.UTF8.GetBytes(row), "--unstated-limit", "1");

        Assert.Equal(read is null ? 1 : 0, code);
        Assert.Matches(read is null ? $"FAIL  known answers that cannot be read: 1 of 1[^\n]*\n[^\n]*answer {answer}:" : "ok +known answers that cannot be read: 0 of 1", output);
        Assert.Equal(read ?? answer, new Reft.Problems.Files.ProblemFile(_folder["a.jsonl"]).Load()[0].Answer);
    }

    [Theory]
    [InlineData("a.csv", "question,answer\nHow many?,\"3+4=<<3+4=7>>7\n#### 7\"\n")]
    [InlineData("a.tsv", "question\tanswer\nHow many?\t\"3+4=<<3+4=7>>7\n#### 7\"\n")]
    [InlineData("a.json", "[{\"question\":\"How many?\",\"answer\":\"3+4=<<3+4=7>>7\\n#### 7\"}]")]
    [InlineData("a.json", "{\"answer\":\"3+4=<<3+4=7>>7\\n#### 7\",\"question\":\"How many?\"}")]
    [InlineData("a.ndjson", "{\"question\":\"How many?\",\"answer\":\"3+4=<<3+4=7>>7\\n #### 7\"}")]
    [InlineData("a.jsonl", "{\"id\":\"x\",\"question\":\"How many?\",\"answer\":\"3+4=<<3+4=7>>7\\n####7\"}")]
    [InlineData("a.csv", "problem,answer\nHow many?,\"3+4=<<3+4=7>>7\n#### 7\"\n")]
    [InlineData("a.csv", "q,a\nHow many?,\"3+4=<<3+4=7>>7\n#### 7\"\n", "--question-column", "q", "--answer-column", "a")]
    [InlineData("a.txt", "question,answer\nHow many?,\"3+4=<<3+4=7>>7\n#### 7\"\n", "--format", "csv", "--answer-column", "answer")]
    [InlineData("parquet", "")]
    public async Task Verify_Gsm8kInAnyFile_IsRecognised(string name, string content, params string[] more)
    {
        var bytes = Encoding.UTF8.GetBytes(content);
        if (name == "parquet")
        {
            (name, bytes) = ("a.parquet", await Parquet(new Gsm8kRow { question = "How many?", answer = "3+4=<<3+4=7>>7\n#### 7" }));
        }

        if (more is ["--format", ..])
        {
            // An explicit format is taken at its word: the rows are plain ones, and their answers no numbers.
            Assert.Equal(1, (await Verify(name, bytes, more)).Code);
            return;
        }

        var (code, output) = await Verify(name, bytes, more);

        Assert.Equal((0, ""), (code, code == 0 ? "" : output));
        Assert.Contains("1 problems, 1 with a solution", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"question\":\"Q\",\"answer\":\"-10\"}\n{\"question\":\"R\",\"answer\":\"So 7.\\n#### 7\"}", "line 1: the answer lacks '####'")]
    [InlineData("a.csv", "question,answer\nQ,#### 7\nR,8\n", "line 3: the answer lacks '####'")]
    public async Task Verify_Gsm8kWithRowsOfAnotherKind_NamesTheRow(string name, string content, string expected) =>
        Assert.Contains(expected, (await Verify(name, Encoding.UTF8.GetBytes(content))).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"data\":[{\"question\":\"Q\",\"answer\":\"7\"}]}", "it has 'data'")]
    [InlineData("{\"examples\":[{\"input\":\"Q\",\"target\":\"7\"}]}", "it has 'examples'")]
    [InlineData("{\"train\":[{\"question\":\"Q\",\"answer\":\"7\"}]}", "it has 'train'")]
    [InlineData("{\"question\":[\"Q\",\"R\"],\"answer\":[\"7\",\"8\"]}", "'question' is an array")]
    [InlineData("{\"question\":{\"0\":\"Q\"},\"answer\":{\"0\":\"7\"}}", "'question' is an object")]
    [InlineData("[[\"Q\",\"7\"]]", "row 1: holds an array; a problem is a JSON object")]
    [InlineData("[{\"question\":\"Q\",\"answer\":{\"value\":7}}]", "'answer' is an object")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"Q\"}]}", "it has 'messages'")]
    [InlineData("\"Q\"", "told from its content")]
    public async Task Verify_NestedJson_IsRefusedByWhatIsThere(string content, string expected)
    {
        var (code, output) = await Verify(content[0] == '"' ? "a.dat" : "a.json", Encoding.UTF8.GetBytes(content));

        Assert.Equal((2, 1), (code, output.Trim().Split('\n').Length));
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("question", "row 2: 'question' is null")]
    [InlineData("answer", "row 2: 'answer' is null")]
    [InlineData("both", "row 2: 'question' is null")]
    [InlineData("every answer", "row 1: 'answer' is null")]
    [InlineData("number", "row 2: 'answer' is null")]
    [InlineData("solution", null)]
    [InlineData("id", null)]
    [InlineData("context", null)]
    [InlineData("no column", "row 1: lacks the answer")]
    public async Task Verify_NullInParquet_IsCalledNull(string column, string? expected)
    {
        NullableRow[] rows = [new() { question = "Q", answer = "7" }, new() { question = "R", answer = "8" }];
        rows[1] = column switch
        {
            "question" => rows[1] with { question = null },
            "answer" => rows[1] with { answer = null },
            "both" => rows[1] with { question = null, answer = null },
            "solution" => rows[1] with { solution = null },
            _ => rows[1],
        };
        var bytes = column switch
        {
            "every answer" => await Parquet([.. rows.Select(row => row with { answer = null })]),
            "number" => await Parquet(new NumberRow { question = "Q", answer = 7 }, new NumberRow { question = "R" }),
            "no column" => await Parquet(new QuestionRow { question = "Q" }),
            _ => await Parquet(rows),
        };

        var (code, output) = await Verify("a.parquet", bytes);

        Assert.Equal(expected is null ? 0 : 2, code);
        Assert.Contains(expected ?? "PASSED", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OptionsOfParquet_AreNamedOrJoined()
    {
        var bytes = await Parquet(
            new ChoiceRow { question = "3+4?", choices = ["5", "7"], answer = "b" }, new ChoiceRow { question = "1+4?", choices = ["5", "7"], answer = "a" });

        await Fails("a.parquet", bytes, "'choices' is in no prompt");
        await File.WriteAllBytesAsync(_folder["b.parquet"], bytes, TestContext.Current.CancellationToken);
        var problem = new Reft.Problems.Files.ProblemFile(
            _folder["b.parquet"], new() { Columns = new() { QuestionTemplate = "{question}\n{choices}" } }).Load()[0];

        Assert.Equal("3+4?\na ) 5\nb ) 7", problem.Question);
    }

    private async Task Fails(string name, string content, string pattern, params string[] more) =>
        await Fails(name, Encoding.UTF8.GetBytes(content), pattern, more);

    private async Task Fails(string name, byte[] content, string pattern, params string[] more)
    {
        var (code, output) = await Verify(name, content, more);

        Assert.Matches(pattern, output);
        Assert.Equal(1, code);
        Assert.DoesNotMatch(new Regex(Passes, RegexOptions.Multiline), output);
    }

    private async Task<(int Code, string Output)> Verify(string name, byte[] content, params string[] more)
    {
        await File.WriteAllBytesAsync(_folder[name], content, TestContext.Current.CancellationToken);
        using var output = new StringWriter();
        var code = await App.RunAsync(
            ["verify", _folder[name], .. more], new Terminal(output, output, TextReader.Null), TestContext.Current.CancellationToken);
        return (code, output.ToString().ReplaceLineEndings("\n"));
    }

    private static async Task<byte[]> Parquet<T>(params T[] rows)
        where T : class, new()
    {
        using var stream = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, stream, cancellationToken: TestContext.Current.CancellationToken);
        return stream.ToArray();
    }

    private sealed record Gsm8kRow
    {
        public string? question { get; set; }

        public string? answer { get; set; }
    }

    private sealed record NullableRow
    {
        public string? question { get; set; }

        public string? answer { get; set; }

        public string? solution { get; set; } = "So it is 7 or 8.";

        public string? context { get; set; }
    }

    private sealed record NumberRow
    {
        public string? question { get; set; }

        public double? answer { get; set; }
    }

    private sealed record QuestionRow
    {
        public string? question { get; set; }
    }

    private sealed record ChoiceRow
    {
        public string? question { get; set; }

        public List<string>? choices { get; set; }

        public string? answer { get; set; }
    }
}
