using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Reft.Problems;

namespace Reft.Evaluation;

/// <summary>
/// Names a problem set by its ids, questions and answers, in their order: the same problems have the same hash whatever
/// file format they come in.
/// </summary>
internal static class ProblemsHash
{
    private const int Characters = 16;

    /// <summary>The hash: 16 hexadecimal characters.</summary>
    public static string Of(IEnumerable<Problem> problems)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in problems.SelectMany(problem => new[] { problem.Id, problem.Question, problem.Answer }))
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Characters];
    }
}
