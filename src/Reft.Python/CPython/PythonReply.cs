using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Reft.Python.CPython;

/// <summary>
/// What a worker says of one program. The head is the worker's own word; the result and the output were written by the
/// program's process, so anything may stand there.
/// </summary>
internal sealed record PythonReply(byte[] Head, byte[] Result, byte[] Output)
{
    private static readonly Dictionary<string, ProgramValueKind> _kinds =
        Enum.GetValues<ProgramValueKind>().ToDictionary(kind => kind.ToString(), StringComparer.Ordinal);

    public static ProgramResult Failure(string detail, string output = "") =>
        new() { Outcome = ProgramOutcome.Error, Detail = detail, Output = output };

    public static ProgramResult Late(ProgramLimits limits, string output = "") => new()
    {
        Outcome = ProgramOutcome.Timeout,
        Detail = FormattableString.Invariant($"deadline of {limits.Deadline.TotalSeconds} s passed"),
        Output = output,
    };

    public ProgramResult ToResult(ProgramLimits limits)
    {
        using var head = JsonDocument.Parse(Head);
        var text = Encoding.UTF8.GetString(Output);
        var output = text.Length > limits.MaxOutputChars ? text[..limits.MaxOutputChars] : text;
        return head.RootElement.GetProperty("said").GetString() switch
        {
            "timeout" => Late(limits, output),
            "output" => Failure(
                FormattableString.Invariant($"output budget of {limits.MaxOutputChars} characters exceeded"), output),
            "died" => Failure(HowItDied(head.RootElement.GetProperty("status").GetInt32()), output),
            "done" => Read(output),
            _ => Failure("the program wrote something else where its result belongs", output),
        };
    }

    private ProgramResult Read(string output)
    {
        try
        {
            using var document = JsonDocument.Parse(Result);
            var root = document.RootElement;
            return root.TryGetProperty("error", out var error)
                ? Failure(error.GetString() ?? "", output)
                : new ProgramResult { Outcome = ProgramOutcome.Value, Value = Value(root), Output = output };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException)
        {
            return Failure("the program wrote something else where its result belongs", output);
        }
    }

    private static ProgramValue Value(JsonElement root)
    {
        var bits = root.GetProperty("float");
        var ratio = root.GetProperty("ratio");
        var exact = ratio.ValueKind != JsonValueKind.Null;
        var denominator = exact ? Whole(ratio[1]) : (BigInteger?)null;
        return denominator <= 0
            ? throw new FormatException("a ratio needs a positive denominator")
            : ProgramValue.FromOutside(
                _kinds[Word(root, "kind")],
                (Word(root, "repr"), Word(root, "text")),
                exact ? Whole(ratio[0]) : null,
                denominator,
                bits.ValueKind == JsonValueKind.Null ? null : BitConverter.Int64BitsToDouble(bits.GetInt64()),
                root.TryGetProperty("only", out var only) ? Value(only) : null);
    }

    private static string Word(JsonElement root, string name) =>
        root.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    private static BigInteger Whole(JsonElement element)
    {
        var digits = element.GetString() ?? throw new FormatException("a number is null");
        var negative = digits.StartsWith('-');
        // A leading 0 keeps the first hexadecimal digit from being read as a sign.
        var size = BigInteger.Parse(
            "0" + (negative ? digits[1..] : digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return negative ? -size : size;
    }

    /// <summary>The status is that of wait(2): the signal in the low 7 bits, or the exit code in the next byte.</summary>
    private static string HowItDied(int status)
    {
        var signal = status & 0x7F;
        var name = signal switch { 4 => " (SIGILL)", 6 => " (SIGABRT)", 7 => " (SIGBUS)", 8 => " (SIGFPE)", 9 => " (SIGKILL)", 11 => " (SIGSEGV)", 24 => " (SIGXCPU)", _ => "" };
        return signal == 0
            ? FormattableString.Invariant($"the process ended without a result (exit code {(status >> 8) & 0xFF})")
            : FormattableString.Invariant($"the process was ended by signal {signal}{name}");
    }
}
