using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Reft.Answers;

namespace Reft.Tests.Answers;

public sealed class ExactReadingTests
{
    private static readonly AnswerExtractor _exact = new(AnswerPolicy.Exact, AnswerStyle.Number);

    [Fact]
    public void Read_AnyWrittenDecimal_GivesItsValue() => Prop
        .ForAll<int, byte>((digits, places) =>
        {
            var value = digits / (decimal)Math.Pow(10, places % 8);
            var text = value.ToString("0.########", CultureInfo.InvariantCulture);
            return _exact.Read("So." + AnswerFormat.AnswerTrigger + text).Text == text;
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Read_AnyGroupedNumber_GivesItsValue() => Prop
        .ForAll<int>(value => _exact.Read($"#### {value.ToString("N0", CultureInfo.InvariantCulture)}").Text
            == value.ToString(CultureInfo.InvariantCulture))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Read_AnyText_Returns() => Prop
        .ForAll<string>(text => _exact.Read("x\nTherefore, the answer is: " + text).Reason is not null)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Read_SignsInAnyOrder_Returns()
    {
        // Every reader path: pieces that mean something, strung together by a fixed counter.
        string[] pieces = ["1", ",", ".", "-", "/", "\\frac{", "}", "$", "%", " ", "e", "^", "*", "\\boxed{", "x", "½",
            "=", "_", "<"];

        for (var seed = 0; seed < 50_000; seed++)
        {
            var text = string.Concat(Enumerable.Range(0, 8).Select(i =>
                pieces[(int)(Reft.Numerics.CounterRandom.Hash((ulong)seed, (ulong)i) % (ulong)pieces.Length)]));
            var reading = _exact.Read("So." + AnswerFormat.AnswerTrigger + text);
            Assert.True(reading.Text is null == reading.Reason.Length > 0, text);
        }
    }

    [Theory]
    [InlineData("Ann ate 3. She has 9 pears left.", "9")]
    [InlineData("3 * 4 = 12\nSo the final answer is 12 pears.", "12")]
    [InlineData("She has 9 or 10.", "{9, 10}")]
    [InlineData("She has 9 apples or 10.", null)]
    [InlineData("No number here.", null)]
    public void Read_Anywhere_TakesTheLastSentence(string completion, string? expected) =>
        Assert.Equal(expected,
            new AnswerExtractor(AnswerPolicy.Exact, AnswerStyle.Number) { Anywhere = true }.Read(completion).Text);

    [Fact]
    public void Read_MegabyteOfDigitsAndBraces_IsQuick()
    {
        var text = string.Concat(Enumerable.Repeat("\\boxed{{{{1,", 100_000)) + AnswerFormat.AnswerTrigger;

        // A scanner that went back over its text would need hours for this.
        Assert.Null(_exact.Read(text).Text);
    }
}
