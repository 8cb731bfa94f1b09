using System.Text.RegularExpressions;
using Reft.Generation;
using Reft.Serving;
using Reft.Text;

namespace Reft.Tests.Serving;

/// <summary>Completions as text: what is cut, held back and asked.</summary>
public sealed class ServedModelTests
{
    private static readonly SamplingOptions Options = new()
    {
        Temperature = 1,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 60,
        StopTokens = [],
        Seed = 11,
    };

    [Theory]
    [InlineData("one two END three", "END", "one two ")]
    [InlineData("aab aaab", "aaab", "aab ")]
    [InlineData("no such text E", "END", "no such text E")]
    [InlineData("xENDy", "y|END", "x")]
    [InlineData("END", "END", "")]
    [InlineData("", "END", "")]
    public void Append_InPiecesOfAnySize_EndsBeforeTheFirstStop(string text, string stops, string expected)
    {
        for (var size = 1; size <= text.Length + 1; size++)
        {
            var cutter = new StopTexts(stops.Split('|'));
            var given = "";
            foreach (var piece in text.Chunk(size))
            {
                given += cutter.Append(new string(piece));
                Assert.StartsWith(given, expected, StringComparison.Ordinal);
            }

            Assert.Equal(expected, given + cutter.Finish());
            Assert.Equal(expected != text, cutter.IsStopped);
        }
    }

    [Fact]
    public async Task Begin_WithAStopText_EndsBeforeItAndCountsItsTokens()
    {
        using var folder = new ChatFolder();
        await using var model = ServedModel.Load(folder.Path);
        // Read piece by piece, as one is with stop texts: bytes that are no UTF-8 read otherwise together.
        var ask = new CompletionAsk(model.TextTokens("How many"), Options) { Stops = ["in no text"] };
        var whole = await model.Begin([ask])[0].ReadToEndAsync();
        var stop = Regex.Match(whole.Text[10..], "[A-Za-z]{2,}").Value;
        var place = whole.Text.IndexOf(stop, StringComparison.Ordinal);

        var cut = await model.Begin([ask with { Stops = [stop] }])[0].ReadToEndAsync();

        Assert.Equal(whole.Text[..place], cut.Text);
        Assert.Equal(FinishReason.Stop, cut.Finish);
        Assert.Equal(whole.Ids[..cut.Ids.Length], cut.Ids);
        Assert.Contains(stop, model.Tokenizer.DecodeResponse(ask.Prompt, cut.Ids), StringComparison.Ordinal);
        Assert.DoesNotContain(stop, model.Tokenizer.DecodeResponse(ask.Prompt, cut.Ids.AsSpan(..^1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begin_SilentStop_LeavesItsTextOut()
    {
        using var folder = new ChatFolder();
        await using var model = ServedModel.Load(folder.Path);
        var ask = new CompletionAsk(model.TextTokens("How many"), Options);
        var whole = await model.Begin([ask])[0].ReadToEndAsync();
        var at = Array.FindIndex(whole.Ids, 10, id => !model.Tokenizer.IsSpecial(id));
        var id = whole.Ids[at];
        at = Array.IndexOf(whole.Ids, id);

        var cut = await model.Begin(
            [ask with { SilentStops = [id], Sampling = Options with { StopTokens = [id] } }])[0].ReadToEndAsync();

        Assert.Equal(whole.Ids[..(at + 1)], cut.Ids);
        Assert.Equal(FinishReason.Stop, cut.Finish);
        Assert.StartsWith(cut.Text, whole.Text, StringComparison.Ordinal);
        Assert.Equal(model.Tokenizer.DecodeResponse(ask.Prompt, whole.Ids.AsSpan(..at)), cut.Text);
    }

    [Fact]
    public async Task ChatTokens_Conversation_IsTheTemplates()
    {
        using var folder = new ChatFolder();
        await using var model = ServedModel.Load(folder.Path);

        var ids = model.ChatTokens([new("system", "Be kind."), new("user", " How many? "), new("assistant", "one"), new("user", "two")]);

        Assert.Equal(
            "<s><u>system\nBe kind.<e>\n<u>user\nHow many?<e>\n<u>assistant\none<e>\n<u>user\ntwo<e>\n<u>assistant\n",
            model.Tokenizer.Decode(ids, skipSpecialTokens: false));
        Assert.Equal([1, 3], model.TurnStops.Order());
        Assert.Equal([1], model.StopTokens);
    }

    [Fact]
    public async Task ChatTokens_ModelWithoutTemplate_AsksAsInTrainingAndRefusesMore()
    {
        using var folder = new ChatFolder(isChat: false);
        await using var model = ServedModel.Load(folder.Path);

        Assert.Equal(new PromptTemplate().PromptTokens(model.Tokenizer, "How many?"), model.ChatTokens([new("user", "How many?")]));
        Assert.Contains("was not taught conversations", Assert.Throws<InputException>(
            () => model.ChatTokens([new("system", "Be kind."), new("user", "How many?")])).Message);
    }
}
