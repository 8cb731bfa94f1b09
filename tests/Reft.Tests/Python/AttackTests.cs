using Reft.Python;

namespace Reft.Tests.Python;

/// <summary>Programs that try to hang, to fill memory or to break the interpreter: each ends by a budget.</summary>
public sealed class AttackTests
{
    private static readonly string Nl = "\n";

    public static TheoryData<string, string> Endless => new()
    {
        { "loop", "while True: pass" },
        { "loop that catches", "while True:\n    try:\n        1/0\n    except Exception:\n        pass" },
        { "bare except around a loop", "try:\n    while True: pass\nexcept:\n    pass" },
        { "finally around a loop", "try:\n    while True: pass\nfinally:\n    x = 1" },
        { "generator", "def g():\n    while True: yield 1\nsum(g())" },
        { "itertools.count", "import itertools\nfor i in itertools.count(): pass" },
        { "itertools.cycle", "import itertools\nmax(itertools.cycle([1]))" },
        { "mapped count", "import itertools\nlist(map(lambda x: 0, (x for x in itertools.count() if x < 0)))" },
        { "comprehension", "[0 for i in range(10**18) if i < 0]" },
        { "sum of a range", "sum(range(10**18))" },
        { "unpacking", "import itertools\n*a, b = (x for x in itertools.count() if x < 0)" },
        { "in", "import itertools\n-1 in itertools.count()" },
        { "all", "all(iter(int, 1) for i in range(10**9))" },
        { "sorting", "x = sorted(range(10**5)) \nwhile True: x.sort(key=lambda v: -v)" },
        { "exponential recursion", "def f(n):\n    try:\n        f(n + 1)\n    except RecursionError:\n        pass\n    f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    f(0)\nwhile True: f(0)" },
        { "products", "x = 3 ** 20000\nwhile True: y = x % 1000003 * x // 7" },
        { "power modulo", "while True: pow(3, 10**2000, 10**2000 + 1)" },
        { "string search", "s = 'a' * 10**6\nwhile True: s.find('a' * 1000 + 'b')" },
        { "string compare", "s = 'a' * 10**6\nt = s[1:] + 'a'\nwhile True: s == t" },
        { "replace", "s = 'a' * 10**5\nwhile True: s.count('ab')" },
        { "list in list", "x = list(range(10**5))\nwhile True: -1 in x" },
        { "colliding keys", "d = {}\nfor i in range(10**6): d[i * (2**61 - 1)] = i" },
        { "colliding set", "d = set()\nfor i in range(10**6): d.add(i * (2**61 - 1))" },
        { "list insert", "x = [0] * 10**6\nwhile True: x.insert(0, x.pop())" },
        { "deque rotate", "from collections import deque\nd = deque(range(10**5))\nwhile True: d.rotate(10**4)" },
        { "permutations", "import itertools\nfor p in itertools.permutations(range(20)): pass" },
        { "product", "import itertools\nsum(1 for p in itertools.product(range(10), repeat=20))" },
        { "fsum", "import math\nwhile True: math.fsum([1e300, 1e-300] * 1000)" },
        { "sqrt in sympy", "from sympy import sqrt\nwhile True: sqrt(10**14 + 31)" },
        { "len of a long string", "s = 'a' * (5 * 10**7)\nwhile True: len(s)" },
        { "item of a long string", "s = 'a' * (5 * 10**7)\nwhile True: s[5]" },
        { "find in a long string", "s = 'a' * (5 * 10**7)\nwhile True: s.find('a')" },
        { "comparison of a long string", "s = 'a' * (5 * 10**7)\nwhile True: s < 'b'" },
        { "holes in a dict", "d = dict.fromkeys(range(10**5))\nfor i in range(10**5 - 1): del d[i]\nwhile True: next(iter(d))" },
        { "holes in a set", "d = set(range(10**5))\nfor i in range(10**5 - 1): d.remove(i)\nwhile True: next(iter(d))" },
        { "deque count", "from collections import deque\nd = deque(range(10**5))\nwhile True: d.count(-1)" },
        { "decimal precision", "from decimal import *\ngetcontext().prec = 9000\nx = Decimal(2)\nwhile True: x.sqrt() * x.sqrt() / 7" },
        { "float of a long text", "s = '1' * 10**7\nwhile True: float(s)" },
        { "isqrt", "import math\nwhile True: math.isqrt(10**9000)" },
        { "fractions", "from fractions import Fraction\nx = Fraction(1)\nfor i in range(1, 10**6): x += Fraction(1, i)" },
        { "decimal", "from decimal import Decimal\nx = Decimal(2)\nwhile True: x = x.sqrt()" },
        { "special methods", "class A:\n    def __eq__(self, o): return False\nx = [A()] * 1000\nwhile True: A() in x" },
        { "getattr", "class A:\n    def __getattr__(self, n): return getattr(self, n + 'x')\nwhile True:\n    try:\n        A().y\n    except RecursionError:\n        pass" },
    };

    public static TheoryData<string, string> Greedy => new()
    {
        { "10**10**10", "10**10**10" },
        { "shift", "1 << 10**9" },
        { "factorial", "import math\nmath.factorial(10**6)" },
        { "factorial of a huge number", "import math\nmath.factorial(10**30)" },
        { "comb", "import math\nmath.comb(10**7, 5 * 10**6)" },
        { "perm", "import math\nmath.perm(10**7)" },
        { "lcm", "import math\nx = 1\nfor i in range(1, 10**6): x = math.lcm(x, i)" },
        { "squares", "x = 3\nwhile True: x = x * x" },
        { "sums of powers", "x = 1\nwhile True: x = (x << 1000) + 1" },
        { "prod", "import math\nmath.prod(range(1, 10**6))" },
        { "pow", "pow(7, 10**9)" },
        { "fraction power", "from fractions import Fraction\nFraction(1, 3) ** 10**8" },
        { "fraction text", "from fractions import Fraction\nFraction('1e1000000000')" },
        { "decimal sum", "from decimal import Decimal\nDecimal('1e90000') + Decimal('1e-90000')" },
        { "decimal precision", "from decimal import getcontext\ngetcontext().prec = 10**9" },
        { "string product", "'a' * 10**12" },
        { "list product", "[0] * 10**12" },
        { "tuple product", "(0,) * 10**12" },
        { "nested list product", "x = [0] * 1000\nwhile True: x = [x] * 1000 + x" },
        { "list of a range", "list(range(10**12))" },
        { "tuple of a range", "tuple(range(10**12))" },
        { "growing list", "x = []\nwhile True: x.append(x)" },
        { "growing list of lists", "x = [0]\nwhile True: x += x" },
        { "doubling string", "s = 'a'\nwhile True: s += s" },
        { "join", "s = 'a' * 10**6\n','.join([s] * 10**3)" },
        { "replace", "('a' * 10**5).replace('a', 'b' * 10**5)" },
        { "format width", "f\"{1:>1000000000}\"" },
        { "format width of text", "'{:>1000000000}'.format('a')" },
        { "percent width", "'%1000000000d' % 5" },
        { "percent star", "'%*d' % (10**9, 5)" },
        { "ljust", "'a'.ljust(10**10)" },
        { "center", "'a'.center(10**18)" },
        { "zfill", "'a'.zfill(10**10)" },
        { "expandtabs", "'\\t'.expandtabs(10**10)" },
        { "growing dict", "d = {}\ni = 0\nwhile True:\n    i += 1\n    d[i] = i" },
        { "growing set", "s = set()\ni = 0\nwhile True:\n    i += 1\n    s.add(i)" },
        { "slices", "x = list(range(10**6))\ny = [x[:] for i in range(1000)]" },
        { "attributes", "class A: pass\na = A()\ni = 0\nwhile True:\n    i += 1\n    setattr(a, str(i), i)" },
        { "Counter elements", "from collections import Counter\nlist(Counter(a=10**12).elements())" },
        { "repeat", "import itertools\nlist(itertools.repeat(0))" },
        { "product repeat", "import itertools\nlist(itertools.product([0], repeat=10**12))" },
        { "combinations", "import itertools\nlist(itertools.combinations_with_replacement([0], 10**12))" },
        { "output", "while True: print('x' * 1000)" },
        { "output at once", "print('x' * 10**7)" },
        { "repr of shared lists", "x = []\nfor i in range(60): x = [x, x]\nrepr(x)" },
        { "equality of shared lists", "x = []\ny = []\nfor i in range(60):\n    x = [x, x]\n    y = [y, y]\nx == y" },
        { "hash of shared tuples", "x = ()\nfor i in range(60): x = (x, x)\nhash(x)" },
        { "deepcopy", "import copy\nx = ()\nfor i in range(60): x = (x, x)\ncopy.deepcopy(x)" },
        { "sympy powers", "from sympy import symbols, expand\nx, y = symbols('x y')\ne = x + y + 1\nwhile True: e = expand(e * e)" },
    };

    public static TheoryData<string, string> Deep => new()
    {
        { "parentheses", new string('(', 100_000) + "1" + new string(')', 100_000) },
        { "open parentheses", new string('(', 100_000) },
        { "brackets", new string('[', 100_000) },
        { "150 parentheses", new string('(', 150) + "1" + new string(')', 150) },
        { "not", string.Concat(Enumerable.Repeat("not ", 50_000)) + "1" },
        { "minus", new string('-', 100_000) + "1" },
        { "powers", string.Concat(Enumerable.Repeat("2**", 50_000)) + "1" },
        { "lambdas", string.Concat(Enumerable.Repeat("lambda: ", 20_000)) + "1" },
        { "conditionals", string.Concat(Enumerable.Repeat("1 if 0 else ", 15_000)) + "1" },
        { "attributes", "x" + string.Concat(Enumerable.Repeat(".a", 50_000)) },
        { "calls", "x" + string.Concat(Enumerable.Repeat("()", 50_000)) },
        { "subscripts", "x" + string.Concat(Enumerable.Repeat("[0]", 50_000)) },
        { "calls in calls", string.Concat(Enumerable.Repeat("f(", 50_000)) },
        { "dicts", string.Concat(Enumerable.Repeat("{1:", 50_000)) },
        { "ifs", string.Concat(Enumerable.Range(0, 300).Select(i => new string(' ', i) + "if 1:\n")) },
        { "functions", string.Concat(Enumerable.Range(0, 300).Select(i => new string(' ', i) + "def f():\n")) },
        { "formatted strings", "f\"{f'{f\"\"\"{1}\"\"\"}'}\"" },
        { "format specs", "f\"{1:{1:{1:{1}}}}\"" },
        { "stars", "print(" + string.Concat(Enumerable.Repeat("*", 1000)) + "[])" },
        { "comprehensions", string.Concat(Enumerable.Repeat("[", 90)) + "0" + string.Concat(Enumerable.Repeat(" for x in y]", 90)) },
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public void Run_EndlessProgram_TimesOutByItsSteps(string name, string attack)
    {
        var result = Run.Attack(attack + "\n\ndef solution():\n    return 1\n");

        Assert.True(
            result.Outcome == ProgramOutcome.Timeout || result.Detail.Contains("budget", StringComparison.Ordinal),
            $"{name}: {result.Outcome} {result.Detail}");
        Assert.DoesNotContain("deadline", result.Detail, StringComparison.Ordinal);
        Assert.InRange(result.Steps, 0, new ProgramLimits().MaxSteps);
    }

    [Theory]
    [MemberData(nameof(Greedy))]
    public void Run_GreedyProgram_EndsByABudget(string name, string attack)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var result = Run.Attack("def solution():\n    return 1\n" + attack + Nl);

        Assert.True(result.Outcome != ProgramOutcome.Value, $"{name}: {result.Value?.Repr}");
        Assert.Contains("budget", result.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("deadline", result.Detail, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    [Theory]
    [MemberData(nameof(Deep))]
    public void Run_DeepSource_IsAVerdict(string name, string source)
    {
        var result = Run.Attack(source + Nl);

        Assert.True(result.Outcome == ProgramOutcome.Error, $"{name}: {result.Outcome} {result.Value?.Repr}");
    }

    [Fact]
    public void Run_LongChainOfOperators_IsCalculated()
    {
        var sum = string.Concat(Enumerable.Repeat("1+", 50_000)) + "1";
        var logic = string.Concat(Enumerable.Repeat("1 and ", 10_000)) + "1";

        Assert.Equal("50001", Run.Expression(sum));
        Assert.Equal("1", Run.Expression(logic));
    }

    [Fact]
    public void Run_EndlessRecursion_IsARecursionError()
    {
        var result = Run.Attack("def solution(n=0):\n    return solution(n + 1)\n");

        Assert.Equal(ProgramOutcome.Error, result.Outcome);
        Assert.Equal("RecursionError: maximum recursion depth exceeded", result.Detail);
    }

    [Fact]
    public void Run_DeepRecursionThroughLibrary_DoesNotOverflowTheStack()
    {
        const string source = """
            def f(n):
                return max([n], key=lambda v: sorted([v], key=lambda w: sum(f(x + 1) for x in [w])))[0]
            def solution():
                return f(0)
            """;

        Assert.StartsWith("RecursionError", Run.Attack(source).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_RecursionInsideDeepExpressions_DoesNotOverflowTheStack()
    {
        var source = $"def f(n):\n    return {new string('(', 70)}f(n + 1) + 1{new string(')', 70)}\n"
            + $"def g(n):\n    return {string.Concat(Enumerable.Repeat("[", 70))}g(n){new string(']', 70)}\n"
            + "def solution():\n    try:\n        f(0)\n    except RecursionError:\n        return g(0)\n";

        Assert.StartsWith("RecursionError", Run.Attack(source).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ListThatHoldsItself_IsShownWithDots() =>
        Assert.Equal("[[...]]", Run.Source("def solution():\n    a = []\n    a.append(a)\n    return a\n").Value?.Repr);

    [Fact]
    public void Run_EqualityOfListsThatHoldThemselves_IsARecursionError()
    {
        const string source = "def solution():\n    a = []\n    b = []\n    a.append(b)\n    b.append(a)\n    return a == b\n";

        Assert.StartsWith("RecursionError", Run.Attack(source).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_DeepData_IsARecursionError()
    {
        const string make = "def solution():\n    x = ()\n    for i in range(100000): x = (x,)\n    ";

        Assert.StartsWith("RecursionError", Run.Attack(make + "return repr(x)\n").Detail, StringComparison.Ordinal);
        Assert.StartsWith("RecursionError", Run.Attack(make + "return hash(x)\n").Detail, StringComparison.Ordinal);
        Assert.StartsWith("RecursionError", Run.Attack(make + "return isinstance(1, x)\n").Detail, StringComparison.Ordinal);
        Assert.StartsWith("RecursionError", Run.Attack(make + "return x\n").Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x = y = frozenset()\nfor i in range(100000):\n    x = frozenset([x])\n    y = frozenset([y])\nx == y")]
    [InlineData("import functools\nf = print\nfor i in range(100000): f = functools.lru_cache(f)\nf()")]
    [InlineData("e = Exception('a')\nfor i in range(100000): e = Exception(e)\nstr(e)")]
    [InlineData("x = ValueError\nfor i in range(100000): x = (x,)\ntry:\n    1 / 0\nexcept x:\n    pass")]
    [InlineData("i = iter([])\nfor n in range(100000): i = map(print, i)\nlist(i)")]
    [InlineData("def g(n):\n    yield from g(n + 1)\nlist(g(0))")]
    [InlineData("class A:\n    def __getattr__(self, n): return self.y\nA().x")]
    [InlineData("class A:\n    def __repr__(self): return repr(self)\nrepr(A())")]
    [InlineData("class A:\n    def __eq__(self, o): return self == o\nA() == A()")]
    [InlineData("class A: pass\nfor i in range(100000):\n    class A(A): pass\nA()")]
    [InlineData("from collections import deque\nx = y = deque()\nfor i in range(100000):\n    x = deque([x])\n    y = deque([y])\nx == y")]
    [InlineData("x = {}\nfor i in range(100000): x = {1: x}\nstr(x)")]
    [InlineData("def f(n):\n    try:\n        return f(n + 1)\n    finally:\n        n += 1\nf(0)")]
    [InlineData("def f(n):\n    try:\n        return f(n + 1)\n    except ValueError:\n        return 0\nf(0)")]
    [InlineData("def f(n):\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        return f(n + 1)\nf(0)")]
    [InlineData("def f(n):\n    try:\n        yield from f(n + 1)\n    except ValueError:\n        pass\nlist(f(0))")]
    [InlineData("class C:\n    def __enter__(self): return self\n    def __exit__(self, *a): return False\ndef f(n):\n    with C():\n        return f(n + 1)\nf(0)")]
    public void Run_DeepNestingAtRunTime_IsAVerdict(string source)
    {
        var result = Run.Attack(source + "\ndef solution():\n    return 1\n");

        Assert.Equal(ProgramOutcome.Error, result.Outcome);
    }

    [Fact]
    public void Run_DeepPartials_AreFlat() => Assert.NotEqual(
        ProgramOutcome.Timeout,
        Run.Attack("import functools\nf = print\nfor i in range(100000): f = functools.partial(f)\nf()\n").Outcome);

    [Fact]
    public void Run_Budgets_CannotBeCaught()
    {
        const string source = """
            def solution():
                try:
                    return 10 ** 10 ** 10
                except BaseException:
                    return 1
                finally:
                    return 2
            """;

        Assert.Equal("integer budget of 10000 digits exceeded", Run.Attack(source).Detail);
    }

    [Fact]
    public void Run_LongSource_IsRefused() =>
        Assert.Equal("source budget of 262144 characters exceeded", Run.Source(new string('#', 300_000)).Detail);

    [Theory]
    [InlineData("open('/etc/passwd')")]
    [InlineData("input()")]
    [InlineData("eval('1')")]
    [InlineData("exec('1')")]
    [InlineData("__import__('os')")]
    [InlineData("compile('1', '', 'eval')")]
    [InlineData("globals()")]
    [InlineData("().__class__.__bases__[0].__subclasses__()")]
    [InlineData("(lambda: 0).__globals__")]
    [InlineData("print.__self__")]
    [InlineData("''.__class__.__mro__[1].__subclasses__()")]
    public void Run_WayOut_IsUnsupported(string expression) =>
        Assert.StartsWith("unsupported", Run.Expression(expression), StringComparison.Ordinal);

    [Theory]
    [InlineData("os", "system('id')")]
    [InlineData("sys", "modules")]
    [InlineData("subprocess", "run('id')")]
    [InlineData("socket", "socket()")]
    [InlineData("random", "SystemRandom()")]
    [InlineData("time", "time()")]
    [InlineData("re", "compile('a')")]
    [InlineData("ctypes", "CDLL('libc.so')")]
    [InlineData("builtins", "open('x')")]
    [InlineData("threading", "Thread()")]
    public void Run_UseOfTheOutside_IsUnsupported(string module, string use)
    {
        var result = Run.Source(
            $"import {module}\ndef solution():\n    try:\n        {module}.{use}\n    except BaseException:\n        pass\n    return 1\n");

        Assert.Equal($"unsupported attribute '{module}.{use.Split('(')[0]}'", result.Detail);
    }

    [Theory]
    [InlineData("x = [(yield i) for i in range(3)]")]
    [InlineData("while True:\n        (yield 1)")]
    [InlineData("try:\n        yield 1\n    finally:\n        while True: pass")]
    [InlineData("(yield [0] * 10**9)")]
    [InlineData("(yield g())")]
    public void Run_GeneratorOnAThread_Ends(string body) =>
        Run.Attack($"def g():\n    {body}\ndef solution():\n    s = [g() for _ in range(60)]\n    for a in s: next(a)\n    return [list(a) for a in s]\n");

    [Fact]
    public void Run_GeneratorsThatAreLeft_LeaveNoThreads()
    {
        const string source = "def g():\n    x = (yield 1) or 2\n    yield x\ndef solution():\n    return sum(next(g()) for _ in range(40))\n";
        Assert.Equal("40", Run.Source(source).Value?.Repr);
        var before = System.Diagnostics.Process.GetCurrentProcess().Threads.Count;
        for (var i = 0; i < 20; i++)
        {
            Run.Source(source);
        }

        Assert.InRange(System.Diagnostics.Process.GetCurrentProcess().Threads.Count, 0, before + 40);
    }

    [Theory]
    [InlineData("solve(x**60 + sum(k*x**k for k in range(60)), x)")]
    [InlineData("expand((x + y + 1)**150)")]
    [InlineData("factorial(10**9)")]
    [InlineData("2**(10**9)*Integer(2)**(10**9)")]
    [InlineData("Integer(3)**(10**8)")]
    [InlineData("sqrt(Integer(10)**4000 + 3)")]
    [InlineData("exp(exp(exp(exp(10.0))))")]
    [InlineData("float(sin(Integer(10)**3000))")]
    [InlineData("float(exp(Integer(10)**9))")]
    [InlineData("solve(x**4 + 123456789012345678901*x + 98765432109876543211, x)")]
    [InlineData("summation(x**11, (x, 1, 10**40))")]
    [InlineData("Matrix([[Rational(i*j + 1, i + j + 1) for i in range(40)] for j in range(40)]).det()")]
    [InlineData("factorint(2**200 - 1)")]
    [InlineData("list(primerange(1, 10**12))")]
    [InlineData("(lambda f: f(f, x, 0))(lambda f, e, n: f(f, sqrt(e + 1), n + 1) if n < 900 else e)")]
    [InlineData("sum(sqrt(k) for k in range(2, 400)) - sum(sqrt(k) for k in range(2, 400)) + 1")]
    [InlineData("simplify(sum(1/(x + k) for k in range(30)))")]
    public void Run_LargeAlgebra_Ends(string expression) => Run.Attack(
        $"from sympy import *\nx, y = symbols('x y')\ndef solution():\n    return {expression}\n");

    [Fact]
    public void Run_TheClock_IsUnsupported() => Assert.Equal(
        "unsupported the clock (datetime.now)",
        Run.Source("from datetime import datetime\ndef solution():\n    return datetime.now()\n").Detail);

    [Fact]
    public void Run_SameProgramTwice_TakesTheSameSteps()
    {
        const string source = "def solution():\n    d = {str(i): i for i in range(500)}\n    return sorted(d)[-1], {1, 2} | set('abc') and 1\n";

        var steps = Enumerable.Range(0, 5).Select(_ => Run.Source(source).Steps).Distinct().ToList();

        Assert.Single(steps);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
            new ManagedEngine().Run("while True: pass", new ProgramLimits(), "solution", source.Token));
    }

    [Fact]
    public void Run_DeadlinePassed_TimesOut()
    {
        var result = Run.Source(
            "while True: pass",
            new ProgramLimits { MaxSteps = long.MaxValue / 2, Deadline = TimeSpan.FromMilliseconds(100) });

        Assert.Equal(ProgramOutcome.Timeout, result.Outcome);
        Assert.Equal("deadline of 0.1 s passed", result.Detail);
    }
}
