using Reft.Text;
using Reft.Training.Runs;

namespace Reft.Reporting;

/// <summary>The text of single tokens, by the tokenizer of the newest checkpoint of a run.</summary>
internal sealed class TokenPieces
{
    private readonly Tokenizer? _tokenizer;

    private TokenPieces(Tokenizer? tokenizer)
    {
        _tokenizer = tokenizer;
    }

    /// <summary>Finds the tokenizer; where there is none, tokens have no text, and a note says why.</summary>
    public static TokenPieces Find(RunFolder run, List<string> notes)
    {
        // Numbers have leading zeros, so the newest is the last; step-… is behind epoch-….
        var folders = Directory.Exists(run.Checkpoints)
            ? Directory.GetDirectories(run.Checkpoints).Where(folder => !Path.GetFileName(folder).StartsWith('.'))
                .OrderDescending(StringComparer.Ordinal).ToArray()
            : [];
        if (folders.Length == 0)
        {
            notes.Add("checkpoints: none yet, so there is no tokenizer and tokens are shown by their ids");
            return new TokenPieces(null);
        }

        try
        {
            return new TokenPieces(Tokenizer.Load(folders[0]));
        }
        catch (InputException error)
        {
            notes.Add($"tokens are shown by their ids: {error.Message}");
            return new TokenPieces(null);
        }
    }

    /// <summary>
    /// What each token adds to the text of those before it: nothing where a character is not whole yet. null without tokenizer.
    /// </summary>
    public string[]? Of(IEnumerable<int> ids, int[] before)
    {
        if (_tokenizer is null)
        {
            return null;
        }

        var stream = _tokenizer.Stream(skipSpecialTokens: false, before);
        var pieces = ids.Select(id => stream.Append(id)).ToList();
        if (pieces.Count > 0)
        {
            pieces[^1] += stream.Finish();
        }

        return [.. pieces];
    }
}
