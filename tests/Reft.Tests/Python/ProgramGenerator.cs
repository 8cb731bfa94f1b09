using System.Globalization;

namespace Reft.Tests.Python;

/// <summary>Makes random programs out of everything the interpreter has; some raise on purpose or by chance.</summary>
internal sealed class ProgramGenerator(int seed)
{
    private readonly Random _random = new(seed);
    private int _depth;

    public string Make()
    {
        var lines = new List<string>
        {
            "import math, itertools, functools, statistics, datetime", "from fractions import Fraction",
            "from decimal import Decimal", "from collections import Counter, defaultdict, deque", "",
            "def helper(a, b=2, *rest, key=None, **more):", "    return a * b + len(rest) + len(more)", "",
            "def numbers(n):", "    for k in range(n):", "        yield k * k - 3", "",
            "def fib(n):", "    return n if n < 2 else fib(n - 1) + fib(n - 2)", "",
            "def run(f):", "    try:", "        return f()",
            "    except (ArithmeticError, ValueError, LookupError) as e:", "        return type(e).__name__, str(e)",
            "    except Exception as e:", "        return type(e).__name__", "",
            "def solution():", $"    a = {IntLeaf()}", $"    b = {IntLeaf()}", $"    x = {FloatLeaf()}", $"    y = {FloatLeaf()}",
            "    s = 'some text'", "    u = [3, 1, 2]", "    d = {1: 'one', 'k': 2.5}", "    z = {5, 90, 1}",
        };
        for (var i = _random.Next(2, 7); i > 0; i--)
        {
            lines.Add("    try:");
            Statement(lines, "        ", 2);
            lines.Add("    except Exception as e:");
            lines.Add("        print(type(e).__name__)");
        }

        var results = Enumerable.Range(0, 8).Select(_ => $"run(lambda: {Any()})");
        lines.Add($"    return {string.Join(", ", results)}, a, b, x, y, s, u, d, z");
        return string.Join('\n', lines) + "\n";
    }

    private string Pick(params string[] options) => options[_random.Next(options.Length)];

    private void Statement(List<string> lines, string indent, int depth)
    {
        var deeper = indent + "    ";
        switch (_random.Next(depth > 0 ? 17 : 9))
        {
            case 0:
                lines.Add($"{indent}a {Pick("+", "-", "*", "//", "%", "&", "|", "^")}= {Int()}");
                break;
            case 1:
                lines.Add($"{indent}x {Pick("+", "-", "*", "/", "//", "%")}= {Number()}");
                break;
            case 2:
                lines.Add($"{indent}a, b = {Int()}, {Int()}");
                break;
            case 3:
                lines.Add($"{indent}u{Pick(".append(" + Int() + ")", " += " + List(), "[0] = " + Int(), ".sort()", ".reverse()", ".pop()", "[1:2] = " + List())}");
                break;
            case 4:
                lines.Add($"{indent}d[{Key()}] = {Any()}");
                break;
            case 5:
                lines.Add($"{indent}print({Any()}, {Any()}{Pick("", ", sep='-'", ", end=''")})");
                break;
            case 6:
                lines.Add($"{indent}s = {Text()}");
                break;
            case 7:
                lines.Add($"{indent}z {Pick("|", "&", "-", "^")}= {Set()}");
                break;
            case 8:
                lines.Add($"{indent}{Pick("a", "b")} = {Int()}");
                break;
            case 9 or 10:
                lines.Add($"{indent}for i in {Pick("range(" + _random.Next(6) + ")", "u", "sorted(z, key=str)", "s", "list(d)", "numbers(4)")}:");
                Block(lines, deeper, depth);
                break;
            case 11 or 12:
                lines.Add($"{indent}if {Bool()}:");
                Block(lines, deeper, depth);
                lines.Add($"{indent}elif {Bool()}:");
                Block(lines, deeper, depth);
                lines.Add($"{indent}else:");
                Block(lines, deeper, depth);
                break;
            case 13:
                var name = $"w{_random.Next(1000)}";
                lines.Add($"{indent}{name} = 0");
                lines.Add($"{indent}while {name} < {_random.Next(1, 5)}:");
                lines.Add($"{deeper}{name} += 1");
                Block(lines, deeper, depth);
                if (_random.Next(2) == 0)
                {
                    lines.Add($"{deeper}if {Bool()}: {Pick("break", "continue")}");
                }

                break;
            case 14 or 15:
                lines.Add($"{indent}try:");
                Block(lines, deeper, depth);
                lines.Add($"{indent}except {Pick("ArithmeticError", "ValueError", "(TypeError, LookupError)", "Exception")} as e:");
                lines.Add($"{deeper}print(type(e).__name__, e)");
                if (_random.Next(3) == 0)
                {
                    lines.Add($"{indent}finally:");
                    lines.Add($"{deeper}a += 1");
                }

                break;
            default:
                lines.Add($"{indent}def f{depth}(p, r={Int()}):");
                lines.Add($"{deeper}return {Pick("p + r", "p * r - a", "(p, r, s)", "[p] * 2", "p if p > r else -r")}");
                lines.Add($"{indent}print(f{depth}({Int()}), f{depth}(r={Int()}, p={Number()}))");
                break;
        }
    }

    private void Block(List<string> lines, string indent, int depth)
    {
        for (var i = _random.Next(1, 3); i > 0; i--)
        {
            Statement(lines, indent, depth - 1);
        }
    }

    private string Any() => _random.Next(8) switch
    {
        0 or 1 => Int(),
        2 => Float(),
        3 => Text(),
        4 => List(),
        5 => Bool(),
        6 => Exact(),
        _ => Pick(Dict(), Set(), $"({Int()}, {Text()})", Format()),
    };

    private string Key() => Pick(Int(), Text(), Bool(), $"({Int()}, {Int()})", "1.0", "None");

    private string Number() => _random.Next(2) == 0 ? Int() : Float();

    private T Deeper<T>(Func<T> leaf, Func<T> inner)
    {
        if (_depth > 3 || _random.Next(5) == 0)
        {
            return leaf();
        }

        _depth++;
        var result = inner();
        _depth--;
        return result;
    }

    private string IntLeaf() => _random.Next(10) switch
    {
        0 => "0",
        1 => _random.NextInt64().ToString(CultureInfo.InvariantCulture),
        2 => $"10**{_random.Next(40)}",
        3 => $"{_random.Next(-20, 0)}",
        4 => "(2**63 - 1)",
        5 => $"{_random.Next(1000, 1_000_000)}",
        _ => _random.Next(20).ToString(CultureInfo.InvariantCulture),
    };

    private string Int() => Deeper(IntLeaf, () => _random.Next(22) switch
    {
        0 or 1 or 2 => $"({Int()} {Pick("+", "-", "*")} {Int()})",
        3 => $"({Int()} // {Int()})",
        4 => $"({Int()} % {Int()})",
        5 => $"({Int()} {Pick("&", "|", "^")} {Int()})",
        6 => $"({Int()} {Pick("<<", ">>")} {_random.Next(-1, 70)})",
        7 => $"({Int()} ** {_random.Next(5)})",
        8 => $"{Pick("abs", "int", "-", "~", "+")}({Int()})",
        9 => $"int({Float()})",
        10 => $"round({Float()})",
        11 => $"round({Int()}, {_random.Next(-4, 3)})",
        12 => $"len({Pick(Text(), List(), Set(), Dict())})",
        13 => $"math.{Pick("gcd", "lcm")}({Int()}, {Int()})",
        14 => $"math.{Pick("floor", "ceil", "trunc")}({Number()})",
        15 => $"pow({Int()}, {_random.Next(-3, 30)}, {_random.Next(-5, 100)})",
        16 => $"sum({List()})",
        17 => $"{Pick("max", "min")}({Int()}, {Int()}, {Int()})",
        18 => $"divmod({Int()}, {Int()})[{_random.Next(2)}]",
        19 => $"math.{Pick("comb", "perm")}({_random.Next(30)}, {_random.Next(-1, 12)})",
        20 => $"math.isqrt(abs({Int()}))",
        _ => $"({Int()} if {Bool()} else {Int()})",
    });

    private string FloatLeaf() => _random.Next(10) switch
    {
        0 => "0.1",
        1 => (_random.NextDouble() * Math.Pow(10, _random.Next(-12, 25))).ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant(),
        2 => "-0.0",
        3 => "1e308",
        4 => (_random.Next(-4000, 4000) / 8.0).ToString("0.0###", CultureInfo.InvariantCulture),
        5 => Pick("float('inf')", "float('nan')", "1e-320", "2.5", "1e16", "123456789.125"),
        _ => (_random.Next(100_000) / 100.0).ToString("0.0##", CultureInfo.InvariantCulture),
    };

    private string Float() => Deeper(FloatLeaf, () => _random.Next(15) switch
    {
        0 or 1 or 2 => $"({Float()} {Pick("+", "-", "*")} {Number()})",
        3 => $"({Number()} / {Number()})",
        4 => $"({Float()} // {Number()})",
        5 => $"({Int()} % {Float()})",
        6 => $"round({Float()}, {_random.Next(-3, 6)})",
        7 => $"float({Int()})",
        8 => $"math.sqrt({Number()})",
        9 => $"math.fsum([{Float()}, {Float()}, {Float()}])",
        10 => $"math.{Pick("hypot", "dist", "fmod", "copysign")}({Pick($"{Float()}, {Float()}", $"[{Float()}], [{Float()}]")})",
        11 => $"{Pick("abs", "-", "max", "min")}({Float()})",
        12 => $"statistics.{Pick("mean", "median", "pstdev", "stdev", "fmean", "variance")}([{Number()}, {Number()}, {Int()}])",
        13 => $"sum([{Float()}, {Float()}, {Int()}])",
        _ => $"(2.0 ** {_random.Next(-5, 12)})",
    });

    private string Exact() => Deeper(() => Pick("Fraction(1, 3)", "Fraction(-7, 2)", "Decimal('1.10')", "Decimal('2.675')", "datetime.date(2024, 2, 28)"), () =>
        _random.Next(9) switch
        {
            0 => $"(Fraction({_random.Next(-9, 9)}, {_random.Next(1, 9)}) {Pick("+", "-", "*", "/", "//", "%")} Fraction({_random.Next(9)}, {_random.Next(1, 9)}))",
            1 => $"(Decimal('{_random.Next(-999, 9999)}.{_random.Next(100)}') {Pick("+", "-", "*", "/", "//", "%")} Decimal('{_random.Next(99)}.{_random.Next(1, 100)}'))",
            2 => $"(Fraction({_random.Next(9)}, 7) {Pick("+", "*", "<", "==")} {Number()})",
            3 => $"round(Decimal('{_random.Next(999)}.{_random.Next(1000)}'), {_random.Next(-1, 3)})",
            4 => $"(datetime.date(2024, {_random.Next(1, 13)}, {_random.Next(1, 31)}) + datetime.timedelta(days={_random.Next(-500, 500)}))",
            5 => $"datetime.timedelta(hours={_random.Next(100)}, minutes={_random.Next(100)}) {Pick("* 2", "/ 7", "// 3", "- datetime.timedelta(1)")}",
            6 => $"str(Fraction({Int()}, {_random.Next(1, 20)}))",
            7 => $"Fraction({Float()})",
            _ => $"(Decimal({_random.Next(1, 50)}) ** {_random.Next(-5, 12)})",
        });

    private string Text() => Deeper(() => Pick("'abc'", "''", "'Hello, World'", "\"it's\"", "'a,b,c'", "'  pad '", "'12'", "s", "'\\t\\n'"), () =>
        _random.Next(16) switch
        {
            0 => $"({Text()} + {Text()})",
            1 => $"({Text()} * {_random.Next(-1, 4)})",
            2 => $"str({Any()})",
            3 => $"repr({Any()})",
            4 => $"{Text()}.{Pick("upper", "lower", "strip", "title", "capitalize", "swapcase", "lstrip", "rstrip")}()",
            5 => $"{Text()}.replace({Text()}, {Text()})",
            6 => $"{Text()}[{Slice()}]",
            7 => $"{Text()}.{Pick("center", "ljust", "rjust", "zfill")}({_random.Next(12)})",
            8 => $"'-'.join({Pick("sorted(set(" + Text() + "))", Text(), "map(str, " + List() + ")")})",
            9 => $"{Text()}.{Pick("partition", "rpartition")}({Text()})[{_random.Next(3)}]",
            10 or 11 => Format(),
            12 => $"chr({_random.Next(32, 500)})",
            13 => $"{Pick("hex", "bin", "oct")}({Int()})",
            14 => $"({Text()}).split({Pick("", "','", "None, 1", "' '")})[0]",
            _ => $"({Text()} if {Bool()} else {Text()})",
        });

    private string Format() => _random.Next(6) switch
    {
        0 => $"f\"{{{IntLeaf()}:{Pick("", "*", "0")}{Pick("<", ">", "^", "=")}{Pick("", "+", " ")}{_random.Next(12)}{Pick("", ",", "_")}{Pick("", "d", "x", "b", "o", "f", "e", "n")}}}\"",
        1 => $"f\"{{{FloatLeaf().Replace("'", "\\'", StringComparison.Ordinal).Replace("float(\\'inf\\')", "math.inf", StringComparison.Ordinal).Replace("float(\\'nan\\')", "math.nan", StringComparison.Ordinal)}:{Pick("", "+", " ", "-", "z")}{Pick("", "0")}{_random.Next(1, 14)}{Pick("", ",")}{Pick("", $".{_random.Next(9)}")}{Pick("", "f", "e", "g", "%", "E", "G", "n")}}}\"",
        2 => $"'%{Pick("", "-", "0", "+", " ")}{_random.Next(10)}{Pick("", ".2", ".0")}{Pick("d", "f", "s", "e", "g", "x")}' % {Pick(Int(), Float())}",
        3 => $"'{{:{Pick("<", ">", "^", "*^")}{_random.Next(10)}}}|{{!r}}'.format({Text()}, {Any()})",
        4 => $"f'{{a}} {{x:.2f}} {{len(s)}} {{u}}'",
        _ => $"format({Float()}, '{Pick("", "+", ",")}.{_random.Next(12)}{Pick("f", "e", "g", "%")}')",
    };

    private string Slice() => Pick($"{_random.Next(-3, 3)}:", $":{_random.Next(-4, 4)}", "::-1", $"::{_random.Next(1, 3)}", $"{_random.Next(-5, 2)}:{_random.Next(-2, 6)}:{Pick("1", "2", "-1")}");

    private string List() => Deeper(() => Pick("[]", "[3, 1, 2]", $"[{IntLeaf()}, {IntLeaf()}]", "list(range(5))"), () => _random.Next(16) switch
    {
        0 => $"[{Int()}, {Int()}, {Int()}]",
        1 => $"({List()} + {List()})",
        2 => $"({List()} * {_random.Next(3)})",
        3 => $"sorted({List()}{Pick("", ", reverse=True", ", key=lambda v: -v", ", key=lambda v: v % 3")})",
        4 => $"[v {Pick("+", "*", "-", "//")} {IntLeaf()} for v in {List()}]",
        5 => $"[v for v in {List()} if v {Pick("%", "//")} {_random.Next(1, 4)}]",
        6 => $"{List()}[{Slice()}]",
        7 => $"list({Pick("reversed", "set", "tuple", "iter")}({List()}))",
        8 => $"list(itertools.accumulate({List()}))",
        9 => $"[p * r for p, r in zip({List()}, {List()})]",
        10 => $"list(map(lambda v: v {Pick("*", "+", "-")} 2, {List()}))",
        11 => $"list(filter(lambda v: v > {IntLeaf()}, {List()}))",
        12 => $"[sum(c) for c in itertools.{Pick("combinations", "permutations")}({List()}[:4], 2)]",
        13 => $"[i * j for i in range({_random.Next(4)}) for j in range(i)]",
        14 => $"list(numbers({_random.Next(5)}))",
        _ => $"[helper({Int()}, {Int()}), helper(b={Int()}, a=1), helper(1, 2, 3, 4, z=5)]",
    });

    private string Dict() => Deeper(() => Pick("{}", "{1: 'one', 2: 'two'}", "{'a': 1, 'b': 2}"), () => _random.Next(6) switch
    {
        0 => $"{{{Key()}: {Int()}, {Key()}: {Text()}}}",
        1 => $"{{v: v * v for v in {List()}}}",
        2 => $"dict(zip({List()}, {List()}))",
        3 => $"dict(Counter({Pick(List(), Text())}))",
        4 => $"({Dict()} | {Dict()})",
        _ => $"{{**{Dict()}, {Key()}: {Int()}}}",
    });

    private string Set() => Deeper(() => Pick("set()", "{1, 2, 3}", $"{{{_random.Next(-50, 200)}, {_random.Next(99)}, {_random.Next(9999)}}}"), () => _random.Next(7) switch
    {
        0 => $"{{{Int()}, {Int()}, {Float()}}}",
        1 => $"set({List()})",
        2 => $"({Set()} {Pick("|", "&", "-", "^")} {Set()})",
        3 => $"{{v % {_random.Next(2, 90)} for v in {List()}}}",
        4 => $"set(range({_random.Next(-20, 5)}, {_random.Next(60)}, {_random.Next(1, 7)}))",
        5 => $"{{(v, v * v) for v in {List()}}}",
        _ => $"frozenset({List()}).union({List()})",
    });

    private string Bool() => Deeper(() => Pick("True", "False", "a > b", "x", "s"), () => _random.Next(11) switch
    {
        0 => $"({Number()} {Pick("<", "<=", ">", ">=", "==", "!=")} {Number()})",
        1 => $"({Int()} < {Int()} <= {Number()})",
        2 => $"({Text()} {Pick("<", "==", "in", "not in")} {Text()})",
        3 => $"({Int()} {Pick("in", "not in")} {Pick(List(), Set(), Dict())})",
        4 => $"({Bool()} {Pick("and", "or")} {Bool()})",
        5 => $"(not {Bool()})",
        6 => $"({List()} {Pick("<", "==", ">=")} {List()})",
        7 => $"({Set()} {Pick("<", "==", ">=")} {Set()})",
        8 => $"isinstance({Any()}, {Pick("int", "str", "(int, float)", "list")})",
        9 => $"{Pick("any", "all")}({List()})",
        _ => $"{Text()}.{Pick("isdigit()", "isalpha()", "isupper()", "startswith('a')", "isspace()")}",
    });
}
