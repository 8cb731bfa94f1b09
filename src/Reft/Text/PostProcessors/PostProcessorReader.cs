namespace Reft.Text.PostProcessors;

/// <summary>Reads the post-processor that a tokenizer.json describes.</summary>
internal static class PostProcessorReader
{
    private const string Supported = "TemplateProcessing, ByteLevel, BertProcessing, RobertaProcessing, Sequence";

    public static SpecialTokenFrame Read(JsonPart part) => part.TextOrNull("type") switch
    {
        "TemplateProcessing" => Template(part),
        // It moves offsets, which Reft does not report.
        "ByteLevel" => SpecialTokenFrame.None,
        "BertProcessing" or "RobertaProcessing" => new SpecialTokenFrame(
            [TokenAndId(part.Get("cls"))], [TokenAndId(part.Get("sep"))]),
        "Sequence" => part.Get("processors").Items()
            .Aggregate(SpecialTokenFrame.None, (inner, step) => inner.Inside(Read(step))),
        _ => throw part.Unsupported("post-processor", Supported),
    };

    private static SpecialTokenFrame Template(JsonPart part)
    {
        var before = new List<int>();
        var after = new List<int>();
        var sequences = 0;
        foreach (var item in part.Get("single").Items())
        {
            if (item.Find("Sequence") is not null)
            {
                sequences++;
                continue;
            }

            var name = item.Get("SpecialToken").Get("id");
            var token = part.Get("special_tokens").Find(name.AsText())
                ?? throw name.Unexpected("a token that special_tokens describes");
            (sequences == 0 ? before : after).AddRange(token.Get("ids").Items().Select(id => id.AsInteger()));
        }

        return sequences == 1
            ? new SpecialTokenFrame([.. before], [.. after])
            : throw part.Get("single").Unexpected("a template that holds the text exactly once");
    }

    private static int TokenAndId(JsonPart part)
    {
        var items = part.Items();
        return items.Count == 2 ? items[1].AsInteger() : throw part.Unexpected("a token and its id");
    }
}
