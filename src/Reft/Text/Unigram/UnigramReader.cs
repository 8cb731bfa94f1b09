using System.Text.Json;
using Reft.Text.Bpe;

namespace Reft.Text.Unigram;

/// <summary>Reads the Unigram model of a tokenizer.json.</summary>
internal static class UnigramReader
{
    /// <summary>The value of the model's <c>type</c>.</summary>
    public const string Name = "Unigram";

    public static UnigramModel Read(JsonPart part)
    {
        var list = part.Get("vocab");
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var scores = new List<double>();
        foreach (var entry in list.Items())
        {
            if (entry.Element.ValueKind != JsonValueKind.Array || entry.Element.GetArrayLength() != 2
                || entry.Element[0].ValueKind != JsonValueKind.String || entry.Element[1].ValueKind != JsonValueKind.Number)
            {
                throw entry.Unexpected("a token and its log-probability");
            }

            var token = new JsonPart(part.File, $"{entry.Path}[0]", entry.Element[0]).AsText();
            if (!ids.TryAdd(token, scores.Count))
            {
                throw new InputException($"{part.File}: {list.Path} has the token {OneLine.Quote(token)} twice; take the file from the model's source again");
            }

            scores.Add(entry.Element[1].GetDouble());
        }

        if (scores.Count == 0)
        {
            throw list.Unexpected("tokens and their log-probabilities");
        }

        var unknown = part.Find("unk_id")?.AsInteger();
        return unknown is { } id && (uint)id >= (uint)scores.Count
            ? throw part.Get("unk_id").Unexpected($"an id below {scores.Count}")
            : new UnigramModel(new BpeVocabulary(ids), [.. scores], unknown, part.Flag("byte_fallback", false));
    }
}
