using Reft.Checkpoints;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Tests.Serving;

/// <summary>A folder with a small random model, a tokenizer trained on a sentence, and where asked for a chat template.</summary>
internal sealed class ChatFolder : IDisposable
{
    public const string Template = "{{ bos_token }}{% for m in messages %}<u>{{ m.role }}\n{{ m.content }}<e>\n{% endfor %}"
        + "{% if add_generation_prompt %}<u>assistant\n{% endif %}";

    private readonly TemporaryFolder _folder = new();

    public ChatFolder(bool isChat = true, int context = 400, int[]? stops = null)
    {
        BpeTrainer.Train(
            ["How many apples does Tom have? The answer is one and two, or so they say."],
            new BpeTrainerOptions
            {
                VocabularySize = 300,
                MinimumFrequency = 1,
                SpecialTokens = ["<s>", "</s>", "<u>", "<e>"],
                BosToken = "<s>",
                EosToken = "</s>",
                PadToken = "</s>",
            },
            Path);
        using var model = PretrainedModel.Initialize(
            $$"""
            { "model_type": "llama", "vocab_size": 300, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48,
              "max_position_embeddings": {{context}}, "hidden_act": "silu", "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "initializer_range": 0.4,
              "eos_token_id": [{{string.Join(", ", stops ?? [1])}}], "bos_token_id": 0 }
            """, ScalarType.Float32, CPU, seed: 3);
        model.Save(Path);
        if (isChat)
        {
            File.WriteAllText(_folder["model/chat_template.jinja"], Template);
        }
    }

    public string Path => _folder["model"];

    public void Dispose() => _folder.Dispose();
}
