using Reft.Checkpoints;
using Reft.Text;

namespace Reft.Inputs;

/// <summary>What ends a completion. Training, evaluation, sampling and generation stop at the same tokens.</summary>
/// <param name="Learned">The one that completions are taught to end with.</param>
/// <param name="All">All that end one: those of generation_config.json or config.json, and what the chat template ends a turn with.</param>
internal sealed record EndTokens(int Learned, IReadOnlyList<int> All)
{
    /// <summary>Those of a model.</summary>
    /// <param name="path">Its folder, for messages.</param>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="chat">The chat template in use; null where none is.</param>
    /// <exception cref="InputException">Nothing says what ends a completion, or it is no token of the model.</exception>
    public static EndTokens Of(string path, PretrainedModel model, Tokenizer tokenizer, ChatTemplate? chat)
    {
        var stops = model.StopTokens;
        var learned = chat?.EndOfTurn(tokenizer)
            ?? (tokenizer.EosId is { } eos && (stops.Count == 0 || stops.Contains(eos)) ? eos : stops.Count > 0 ? stops[0]
            : throw new InputException(
                $"{OneLine.Of(path)}: nothing says which token ends a completion, and without one the model cannot learn to stop; name it "
                + "as 'eos_token_id' in generation_config.json or config.json, or as 'eos_token' in tokenizer_config.json"));
        int[] all = stops.Contains(learned) ? [.. stops] : [.. stops, learned];
        return all.FirstOrDefault(id => id >= model.Decoder.Config.VocabularySize, -1) is >= 0 and var beyond
            ? throw new InputException(
                $"{OneLine.Of(path)}: token {beyond} is to end completions, but the model's vocabulary has {model.Decoder.Config.VocabularySize} "
                + "tokens; mend 'eos_token_id', or take the tokenizer that belongs to the model")
            : new EndTokens(learned, all);
    }

    /// <summary>How prompts are made and what ends completions, in words.</summary>
    /// <param name="template">The template in use.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    public string Describe(PromptTemplate template, Tokenizer tokenizer)
    {
        var first = template.PromptTokens(tokenizer, "?")[0];
        var opens = tokenizer.IsSpecial(first) ? $"begin with {Token(first)}" : "begin with their text";
        return $"prompts are {(template.Form.IsChat ? "conversations in the model's chat template" : "between marks")} and {opens}; "
            + $"completions end at {string.Join(", ", All.Select(Token))}{(All.Count > 1 ? $" and learn {Token(Learned)}" : "")}";

        string Token(int id) => tokenizer.IdToToken(id) is { } text ? OneLine.Of(text, 60) : $"{id}";
    }

    /// <summary>
    /// Tells runs apart whose prompts and ends versions before this one made otherwise: conversations, tokenizers that put a token before a
    /// text, models that end at several tokens. Empty for the others, which go on as they were.
    /// </summary>
    public string Identity(PromptTemplate template, Tokenizer tokenizer, string question) =>
        template.Form.IsChat || tokenizer.Opening.Count > 0 || All.Count > 1
            ? $"\nprompt {string.Join(' ', template.PromptTokens(tokenizer, question))} end {string.Join(' ', All)}"
            : "";
}
