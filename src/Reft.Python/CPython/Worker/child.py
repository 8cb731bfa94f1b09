"""Part 2 of the worker: what happens in the child of one program."""
import builtins
import decimal
import fractions
import json
import numbers
import random
import struct
import types

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
RESULT = 3
MAX_RESULT = 1 << 20

# System calls that programs have no use for. Memory that limits do not count, other ways to talk, kernel interfaces.
SECCOMP = {
    "x86_64": (0xC000003E, 56, [
        29, 30, 31, 41, 64, 68, 101, 103, 135, 154, 155, 159, 161, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173,
        175, 176, 179, 212, 227, 240, 246, 248, 249, 250, 272, 298, 300, 303, 304, 305, 308, 310, 311, 312, 313, 319, 320,
        321, 323]),
    "aarch64": (0xC00000B7, 220, [
        39, 40, 41, 51, 60, 89, 92, 97, 104, 105, 106, 112, 116, 117, 142, 161, 162, 170, 171, 180, 186, 190, 194, 195,
        196, 198, 217, 218, 219, 224, 225, 241, 262, 264, 265, 266, 268, 270, 271, 272, 273, 279, 280, 282, 294]),
}
# Without namespaces also: fork, vfork, execve, execveat, and every way to send a signal.
SECCOMP_UNSAFE = {
    "x86_64": [57, 58, 59, 322, 62, 129, 200, 234, 297, 424],
    "aarch64": [221, 281, 129, 130, 131, 138, 240, 424],
}
SECCOMP_EVERYWHERE = list(range(425, 434)) + [438, 442, 447, 467]
CLONE3 = 435
NEW_NAMESPACES, CLONE_THREAD = 0x7E020000, 0x10000


def seccomp_filter(isolate):
    """The filter as the kernel wants it; None for processors whose system calls are not listed."""
    arch, clone, denied = SECCOMP.get(os.uname().machine, (None, None, None))
    if arch is None:
        return None
    load, equal, least, bits, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, refuse, missing = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    code = [(load, 0, 0, 4), (equal, 1, 0, arch), (give, 0, 0, kill), (load, 0, 0, 0)]
    code += [(least, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # x32
    code += [(equal, 0, 1, CLONE3), (give, 0, 0, missing)]
    for number in denied + SECCOMP_EVERYWHERE + ([] if isolate else SECCOMP_UNSAFE[os.uname().machine]):
        code += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    code += [(equal, 0, 3, clone), (load, 0, 0, 16), (bits, 0, 1, NEW_NAMESPACES), (give, 0, 0, refuse)]
    if not isolate:
        code += [(load, 0, 0, 0), (equal, 0, 3, clone), (load, 0, 0, 16), (bits, 1, 0, CLONE_THREAD), (give, 0, 0, refuse)]
    code += [(give, 0, 0, allow)]
    text = b"".join(struct.pack("=HBBI", *step) for step in code)
    buffer = ctypes.create_string_buffer(text, len(text))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code), ctypes.addressof(buffer)))
    return buffer, program


def set_limits(settings, request):
    """Applies to the child and to all that it starts; soft and hard, so nothing can raise them."""
    memory = request["held"] + settings["memory"]
    seconds = int(request["deadline"]) + 2
    # Under a shared user id the outer process and the server count, too.
    shared = 0 if settings["own_user"] else settings["others"]
    for limit, value in (
            (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, settings["file"]),
            (resource.RLIMIT_NPROC, settings["processes"] + shared), (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_MEMLOCK, 0), (resource.RLIMIT_MSGQUEUE, 0)):
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def drop_privileges(settings):
    if settings["own_user"]:
        os.setgroups([])
        os.setresgid(1, 1, 1)
        os.setresuid(1, 1, 1)
    header = struct.pack("=Ii", 0x20080522, 0)
    must(libc.capset(header, bytes(24)), "dropping capabilities")
    must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    if settings["filter"] is not None:
        must(libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(settings["filter"][1]), 0, 0), "seccomp")


def open_streams():
    """Once, in the server: Python's streams on descriptors that mean something else there, and that children replace."""
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr


def take_streams(settings, result, output):
    """Nothing stays open but an empty input, the output, and the pipe for the result. See open_streams."""
    os.dup2(settings["null"], 0)
    os.dup2(settings["null"], 2)
    os.dup2(output, 1)
    os.dup2(result, RESULT, inheritable=False)
    os.closerange(RESULT + 1, settings["files"])


def clean(text):
    return text.encode("utf-8", "replace").decode("utf-8")


def exact(value):
    """The value as a ratio, where it is one."""
    sympy = sys.modules.get("sympy")
    if sympy is not None and isinstance(value, sympy.Basic):
        return (int(value.p), int(value.q)) if isinstance(value, sympy.Rational) else None
    if isinstance(value, decimal.Decimal):
        return value.as_integer_ratio() if value.is_finite() and abs(value.adjusted()) < 5000 else None
    if isinstance(value, numbers.Integral):
        return int(value), 1
    if isinstance(value, fractions.Fraction):
        return value.numerator, value.denominator
    if isinstance(value, numbers.Real):
        value = float(value)
        return value.as_integer_ratio() if value - value == 0 else None
    return None


def kind_of(value):
    sympy = sys.modules.get("sympy")
    if sympy is not None and isinstance(value, sympy.Expr):
        return "Fraction" if isinstance(value, sympy.Rational) else "Symbolic"
    for kind, types_ in (("None", type(None)), ("Boolean", bool), ("Text", str), ("DecimalNumber", decimal.Decimal),
                         ("WholeNumber", numbers.Integral), ("Fraction", fractions.Fraction),
                         ("FloatingPoint", numbers.Real)):
        if isinstance(value, types_):
            return kind
    return "Other"


def shown(how, value):
    text = how(value)
    return "<%s>" % type(value).__name__ if re.search(r" at 0x[0-9a-f]+>", text) else text


def float_of(value):
    try:
        return struct.unpack("<q", struct.pack("<d", float(value)))[0]
    except Exception:
        return None


def describe(error):
    name = type(error).__name__
    try:
        if isinstance(error, SyntaxError) and error.lineno:
            return "%s: %s (line %d)" % (name, error.msg, error.lineno)
        text = str(error)
    except BaseException:
        text = ""
    return "%s: %s" % (name, text[:2000]) if text else name


def evaluate(source, entry):
    code = compile(source, "<program>", "exec", dont_inherit=True)
    module = types.ModuleType("__main__")
    module.__builtins__ = builtins
    sys.modules["__main__"] = module
    exec(code, module.__dict__)
    if not entry:
        return None
    if entry not in module.__dict__:
        raise NameError("name '%s' is not defined" % entry)
    return module.__dict__[entry]()


def report(value, depth=0):
    # CPython refuses to write long integers in decimal; so does repr here, and then there is no value.
    ratio = exact(value)
    said = {
        "kind": kind_of(value), "repr": clean(shown(repr, value)), "text": clean(shown(str, value)),
        "ratio": None if ratio is None else ["%x" % ratio[0], "%x" % ratio[1]], "float": float_of(value)}
    if isinstance(value, (list, tuple, set, frozenset)) and len(value) == 1 and depth < 3:
        said["only"] = report(next(iter(value)), depth + 1)
    return said


def outcome_of(request):
    try:
        depth = 0
        frame = sys._getframe()
        while frame is not None:
            frame, depth = frame.f_back, depth + 1
        sys.setrecursionlimit(request["recursion"] + depth)
        return report(evaluate(request["source"], request["entry"]))
    except BaseException as error:
        return {"error": clean(describe(error))}


def live(settings, request, result, output):
    """The whole life of the child. Never returns."""
    write, leave, dump = os.write, os._exit, json.dumps
    try:
        take_streams(settings, result, output)
        os.setsid()
        set_limits(settings, request)
        drop_privileges(settings)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        random.seed(0)
        if not settings["isolate"]:
            os.environ["TMPDIR"] = request["scratch"]
        os.chdir(os.environ["TMPDIR"])
        said = outcome_of(request)
        try:
            sys.stdout.flush()
        except BaseException:
            pass
    except BaseException as error:
        said = {"error": "the sandbox failed: " + describe(error)}
    try:
        data = dump(said).encode()
        if len(data) > MAX_RESULT:
            data = dump({"error": "the value is too large to report"}).encode()
        data = struct.pack("<I", len(data)) + data
        while data:
            data = data[write(RESULT, data):]
    finally:
        leave(0)
