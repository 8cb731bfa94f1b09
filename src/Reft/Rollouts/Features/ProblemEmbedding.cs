using Reft.Numerics;

namespace Reft.Rollouts.Features;

/// <summary>By what problems count as similar.</summary>
internal enum ProblemEmbedding
{
    /// <summary>The words and the structure of their questions.</summary>
    Text,

    /// <summary>The mean of the policy's final hidden states over their prompts, as the run begins.</summary>
    Hidden,

    /// <summary>Nothing: clusters are drawn at random, to compare with.</summary>
    Random,
}

/// <summary>Embeddings of a curriculum's problems.</summary>
internal static class ProblemEmbeddings
{
    // Wider states are added up in so many sums of random signs first, which keeps distances (Johnson and Lindenstrauss) and the components cheap.
    private const int MostWidth = 256;

    /// <summary>The problems as points, with a total variance of 1; without coordinates for <see cref="ProblemEmbedding.Random"/>.</summary>
    /// <param name="kind">By what they count as similar.</param>
    /// <param name="parts">The problems, and how the policy sees them.</param>
    /// <param name="dimensions">The most coordinates.</param>
    public static double[][] Of(ProblemEmbedding kind, CurriculumParts parts, int dimensions) => kind switch
    {
        ProblemEmbedding.Random => [.. parts.Problems.Select(_ => Array.Empty<double>())],
        ProblemEmbedding.Hidden => PrincipalComponents.Of(Folded(States(parts), parts.Seed), dimensions),
        _ => PrincipalComponents.Of(TextFeatures.Of(parts.Problems), dimensions),
    };

    private static double[][] States(CurriculumParts parts)
    {
        var states = parts.States ?? throw new InputException("an embedding by the policy's hidden states needs a policy, and there is none here");
        return states([.. parts.Problems.Select(problem => parts.Template.PromptTokens(parts.Tokenizer, problem.Question))]);
    }

    /// <summary>Points of many coordinates as sums of them with random signs, a fixed number.</summary>
    private static double[][] Folded(double[][] points, ulong seed)
    {
        if (points[0].Length <= MostWidth)
        {
            return points;
        }

        var random = new CounterRandom(CounterRandom.Hash(seed, "signs of hidden states"));
        var signs = Enumerable.Range(0, MostWidth).Select(_ => points[0].Select(_ => random.Chance(0.5)).ToArray()).ToArray();
        return [.. points.Select(point => signs.Select(row => point.Zip(row, (value, isPlus) => isPlus ? value : -value).Sum()).ToArray())];
    }
}
