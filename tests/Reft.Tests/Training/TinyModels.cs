using Reft.Checkpoints;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>Small models that learn in seconds.</summary>
internal static class TinyModels
{
    public static PretrainedModel Llama(
        int vocabulary, int width = 32, int layers = 1, ulong seed = 1, ScalarType dtype = ScalarType.Float32) =>
        PretrainedModel.Initialize($$"""
            {
              "model_type": "llama", "vocab_size": {{vocabulary}}, "hidden_size": {{width}},
              "num_hidden_layers": {{layers}}, "num_attention_heads": 2, "intermediate_size": {{2 * width}},
              "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "eos_token_id": 0
            }
            """, dtype, CPU, seed);

    public static PretrainedModel Gpt2(
        int vocabulary, int width = 32, int layers = 1, ulong seed = 1, ScalarType dtype = ScalarType.Float32) =>
        PretrainedModel.Initialize($$"""
            {
              "model_type": "gpt2", "vocab_size": {{vocabulary}}, "n_embd": {{width}}, "n_layer": {{layers}}, "n_head": 2,
              "n_positions": 64, "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new", "eos_token_id": 0
            }
            """, dtype, CPU, seed);

    public static PretrainedModel GptNeoX(
        int vocabulary, int width = 32, int layers = 1, ulong seed = 1, ScalarType dtype = ScalarType.Float32) =>
        PretrainedModel.Initialize($$"""
            {
              "model_type": "gpt_neox", "vocab_size": {{vocabulary}}, "hidden_size": {{width}},
              "num_hidden_layers": {{layers}}, "num_attention_heads": 2, "intermediate_size": {{3 * width}},
              "max_position_embeddings": 64, "layer_norm_eps": 1e-5, "rotary_pct": 0.5, "hidden_act": "gelu",
              "use_parallel_residual": true, "tie_word_embeddings": false, "eos_token_id": 0
            }
            """, dtype, CPU, seed);
}
