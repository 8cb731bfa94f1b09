using System.Text;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Chain of parities (AdaBack, <see href="https://arxiv.org/abs/2506.18110"/>, section 4): to given bits X the model writes Y₁Z₁…Y_LZ_L, where the Y
/// are its own choice and <c>Z_i = Z_{i-1} ⊕ Y_i ⊕ X_i</c>, Z₀ = 0. Guessing is right once in 2^L. The solutions' Y are random.
/// </summary>
internal sealed record ParityChain : DrawnProblems
{
    /// <inheritdoc/>
    public override string Name => "parityChain";

    /// <inheritdoc/>
    public override string Summary => "bits of one's own choice, each followed by the parity of all bits so far, given and chosen; the whole chain is checked";

    /// <summary>Given bits L, in [1, 64].</summary>
    [Option("the given bits; guessing is right once in 2^bits", AtLeast = 1, AtMost = 64)]
    public int Bits { get; init => field = InRange.Of(this, value); } = 8;

    /// <inheritdoc/>
    public override string? Form => "parities";

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var given = Tossed();
        // A space after each bit: the bit that a step needs is then always as far behind it.
        return new Problem("", string.Join(' ', given.AsEnumerable()), given, Solve(given, Tossed()));

        string Tossed() => string.Concat(Enumerable.Range(0, Bits).Select(_ => random.Below(2)));
    }

    /// <summary>The chain of some given and as many chosen bits.</summary>
    internal static string Solve(string given, string chosen)
    {
        var chain = new StringBuilder();
        var parity = 0;
        for (var i = 0; i < given.Length; i++)
        {
            parity ^= (given[i] - '0') ^ (chosen[i] - '0');
            chain.Append(chosen[i]).Append(parity);
        }

        return chain.ToString();
    }
}
