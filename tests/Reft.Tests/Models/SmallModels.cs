using Reft.Checkpoints;
using Reft.Models.Families;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>A small model of every family in the catalog, whose every part matters: large weights, norms and biases that are not 1 and 0.</summary>
internal static class SmallModels
{
    public const int Vocabulary = 32;

    public static TheoryData<string> Families => [.. ModelFamilies.All.Select(family => family.ModelType)];

    public static PretrainedModel Of(string family, ScalarType dtype = ScalarType.Float32, double deviation = 0.3)
    {
        var range = deviation.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var model = PretrainedModel.Initialize(
            $$"""
            { "model_type": "{{family}}", "vocab_size": {{Vocabulary}}, "initializer_range": {{range}}, "init_std": {{range}}, "eos_token_id": 0,
              {{ModelFamilies.Find(family)!.Small}} }
            """,
            dtype, CPU, seed: 3);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var random = new CounterRandom(5);
        foreach (var parameter in model.Decoder.Parameters.Where(p => p.Value.dim() == 1))
        {
            parameter.Set(parameter.Value + tensor([.. Enumerable.Range(0, (int)parameter.Value.numel()).Select(_ => (float)(random.NextDouble() - 0.5))]));
        }

        return model;
    }

    public static int[] Ids(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => ((i * 13) + (seed * 7)) % Vocabulary)];
}
