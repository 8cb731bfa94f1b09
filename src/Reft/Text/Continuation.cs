namespace Reft.Text;

/// <summary>
/// Texts that go on where a prompt's tokens end. Tokenizers of the SentencePiece kind treat the start of a text otherwise than its
/// middle: they put a space before it, and their decoders drop one. So a response decoded by itself can lack the first space of
/// its first line, which in a program is a part of its indentation.
/// </summary>
internal static class Continuation
{
    /// <summary>
    /// What the response adds to the text of the prompt, so that both together are the text of all the tokens. Where the response's
    /// bytes make the prompt's last ones invalid, as a run of byte tokens that is no UTF-8 does, those of the prompt are left out
    /// of the decoding: they are not the response's.
    /// </summary>
    public static string Decode(Pipeline pipeline, ReadOnlySpan<int> prompt, ReadOnlySpan<int> response, bool skipSpecialTokens)
    {
        int[] all = [.. prompt, .. response];
        for (var end = prompt.Length; end > 0; end--)
        {
            var before = pipeline.Decode(prompt[..end], skipSpecialTokens);
            response.CopyTo(all.AsSpan(end));
            var text = pipeline.Decode(all.AsSpan(0, end + response.Length), skipSpecialTokens);
            if (text.StartsWith(before, StringComparison.Ordinal))
            {
                return text[before.Length..];
            }
        }

        return pipeline.Decode(response, skipSpecialTokens);
    }

    /// <summary>
    /// The tokens of a text that goes on from the prompt: those of the text by itself where they mean there what the text means after
    /// a line break, else those that it has after a line break, where these can be told from the line break's.
    /// </summary>
    public static int[] Encode(Pipeline pipeline, ReadOnlySpan<int> prompt, string text)
    {
        const string LineBreak = "\n";
        var apart = pipeline.Encode(text, addSpecialTokens: false);
        var line = pipeline.Encode(LineBreak, addSpecialTokens: false);
        var after = pipeline.Encode(LineBreak + text, addSpecialTokens: false);
        if (!after.AsSpan().StartsWith(line))
        {
            return apart;
        }

        // Compared with what the tokenizer can give back, not with the text: it may normalize, or not know a character.
        var rest = after[line.Length..];
        return Decode(pipeline, prompt, apart, skipSpecialTokens: false) == Decode(pipeline, line, rest, skipSpecialTokens: false)
            ? apart
            : rest;
    }
}
