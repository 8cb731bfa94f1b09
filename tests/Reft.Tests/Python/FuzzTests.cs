using System.Diagnostics;
using System.Globalization;
using System.Text;
using Reft.Python;

namespace Reft.Tests.Python;

/// <summary>
/// Mutated programs: each ends with a verdict, soon, and never with a fault of the interpreter. REFT_FUZZ_PROGRAMS
/// says how many.
/// </summary>
public sealed class FuzzTests
{
    private static readonly string[] Pieces =
    [
        "(", ")", "[", "]", "{", "}", ":", ",", ".", "=", "==", "+", "-", "*", "**", "//", "%", "<<", "not ", "in ", "is ",
        "lambda: ", "for x in ", "if ", "else ", "yield ", "return ", "*", "'", "\"", "\\", "\n", "\n    ", "    ", "\t", "#",
        "f'{x}'", "f\"{1:{2}}\"", "0", "1", "-1", "10**400", "1e308", "float('nan')", "float('inf')", "None", "True", "''",
        "[]", "{}", "()", "set()", "x", "self", "range(10**9)", "'a'*99999", "lambda *a, **k: a", "print", "global x\n",
        "nonlocal x\n", "del x\n", "try:\n", "except:\n", "finally:\n", "class A:\n", "def f():\n", "raise\n", "import math\n",
        "break\n", "continue\n", "assert 0\n", "with x as y:\n", "é", "\u4e2d", "\U0001F600", "\ud800", "\0", "\r", "async ", "await ",
        "match x:\n", "0x", "1_0", "1__0", "1.e", "5j", "b''", "r'\\'", "@", "->", ":=", "...", ";", "!", "$", "?",
    ];

    [Fact]
    public void Run_MutatedPrograms_AllEndWithAVerdict()
    {
        var count = int.Parse(
            Environment.GetEnvironmentVariable("REFT_FUZZ_PROGRAMS") ?? "3000", CultureInfo.InvariantCulture);
        var seeds = GoldenProgramTests.Goldens().Select(g => g.Source).ToList();
        var random = new Random(20240501);
        var limits = new ProgramLimits { MaxSteps = 30_000, MaxMemoryBytes = 4 << 20, Deadline = TimeSpan.FromSeconds(20) };
        var outcomes = new int[3];
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < count; i++)
        {
            var source = Mutate(seeds, random);
            var started = Stopwatch.GetTimestamp();
            var result = Run.Source(source, limits);
            var elapsed = Stopwatch.GetElapsedTime(started);
            slowest = elapsed > slowest ? elapsed : slowest;
            outcomes[(int)result.Outcome]++;
            Assert.False(
                result.Detail.Contains("interpreter fault", StringComparison.Ordinal) || result.Detail.Contains("deadline", StringComparison.Ordinal),
                $"program {i}: {result.Detail}\n{source}");
            Assert.True(elapsed < TimeSpan.FromSeconds(60), $"program {i} took {elapsed}\n{source}");
            Assert.Equal(result.Outcome == ProgramOutcome.Value, result.Value is not null);
        }

        TestContext.Current.SendDiagnosticMessage(
            "{0} programs: {1} values, {2} errors, {3} timeouts; slowest {4} ms",
            count, outcomes[0], outcomes[1], outcomes[2], slowest.TotalMilliseconds);
        Assert.True(
            outcomes[0] > count / 20 && outcomes[1] > count / 5,
            $"the mutations are too wild or too tame: {string.Join(' ', outcomes)}");
    }

    private static string Mutate(List<string> seeds, Random random)
    {
        if (random.Next(2) == 0)
        {
            return Exchange(seeds, random);
        }

        var text = new StringBuilder(seeds[random.Next(seeds.Count)]);
        for (var edits = random.Next(1, 5); edits > 0; edits--)
        {
            // Most of the text is imports: change what lies at its end more often.
            var at = text.Length - (int)(text.Length * Math.Pow(random.NextDouble(), 2));
            var length = Math.Min(text.Length - at, random.Next(1, random.Next(2, 30)));
            switch (random.Next(7))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1 or 2:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 3:
                    text.Remove(at, length).Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 4:
                    text.Insert(random.Next(text.Length + 1), text.ToString(at, length));
                    break;
                case 5:
                    var other = seeds[random.Next(seeds.Count)];
                    var from = random.Next(other.Length);
                    text.Insert(at, other.AsSpan(from, Math.Min(other.Length - from, random.Next(1, 60))));
                    break;
                default:
                    if (at < text.Length)
                    {
                        text[at] = (char)random.Next(32, 127);
                    }

                    break;
            }
        }

        return text.ToString();
    }
    /// <summary>Puts words and numbers of other programs where words and numbers stand.</summary>
    private static string Exchange(List<string> seeds, Random random)
    {
        var tokens = Cut(seeds[random.Next(seeds.Count)]);
        var others = Cut(seeds[random.Next(seeds.Count)]);
        for (var edits = random.Next(1, 6); edits > 0; edits--)
        {
            var at = tokens.Count - 1 - (int)((tokens.Count - 1) * Math.Pow(random.NextDouble(), 2));
            var kind = Kind(tokens[at][0]);
            var same = others.Where(t => Kind(t[0]) == kind).ToList();
            if (same.Count > 0 && kind != 0)
            {
                tokens[at] = same[random.Next(same.Count)];
            }
        }

        return string.Concat(tokens);
    }

    private static List<string> Cut(string source) =>
        [.. System.Text.RegularExpressions.Regex.Matches(source, @"\w+|\s+|[^\w\s]+").Select(m => m.Value)];

    private static int Kind(char c) => char.IsWhiteSpace(c) ? 0 : char.IsDigit(c) ? 1 : char.IsLetter(c) ? 2 : 3;
}
