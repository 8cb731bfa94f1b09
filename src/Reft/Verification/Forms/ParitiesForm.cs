using Reft.Problems.Generated.Tasks;

namespace Reft.Verification.Forms;

/// <summary>Chains of parities (<see cref="ParityChain"/>): right where every parity follows from the bits that the response itself chose.</summary>
internal sealed record ParitiesForm : RuleForm
{
    /// <inheritdoc/>
    public override string Name => "parities";

    /// <inheritdoc/>
    public override string Summary => "chosen bits, each with the parity so far, every one of which is checked";

    /// <inheritdoc/>
    protected override RuleVerifier Rule => new()
    {
        Say = answer => ParityChain.Solve(answer, new string('0', answer.Length)),
        Wrong = answer => Enumerable.Range(0, answer.Length).Select(i => $"{answer[..i]}{(char)('0' + '1' - answer[i])}{answer[(i + 1)..]}"),
        Refuse = answer => answer.Length > 0 && AreBits(answer) ? null : "it must be the given bits",
        Judge = (response, answer) => response.Length != 2 * answer.Length || !AreBits(response)
            ? new Finding(Outcome.NoAnswer, null, $"not {2 * answer.Length} bits")
            : Compare(response, ParityChain.Solve(answer, string.Concat(response.Where((_, i) => i % 2 == 0)))),
    };

    private static bool AreBits(string text) => text.All(c => c is '0' or '1');

    private static Finding Compare(string response, string right) => response == right
        ? new Finding(Outcome.Correct, response, "every parity is right")
        : new Finding(Outcome.Incorrect, response, $"parity {(response.AsSpan().CommonPrefixLength(right) / 2) + 1} is wrong");
}
