"""Writes what CPython makes of the programs in eng/golden/programs.

Run with CPython 3.11, sympy 1.11, numpy 1.24 and dateutil:  python3 eng/golden/make_program_goldens.py
The interpreter's tests compare with the result; what the interpreter refuses as unsupported is marked by the tests,
not here.
"""
import contextlib
import io
import json
import pathlib
import signal

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent.parent / "tests/Reft.Tests/Python/Golden/programs.jsonl"
LIBRARY = (
    "import math, statistics, datetime, itertools, functools, collections, fractions, operator, heapq, bisect, string, copy\n"
    "from fractions import Fraction\nfrom collections import *\nfrom decimal import *\n"
)
SYMPY = "import math\nfrom fractions import Fraction\nfrom sympy import *\nx, y = symbols('x y')\n"
NUMPY = "import math\nimport numpy as np\n"


def sources():
    for name, header in (("core", LIBRARY), ("library", LIBRARY), ("sympy", SYMPY), ("numpy", NUMPY)):
        for line in (HERE / "programs" / (name + ".txt")).read_text().split("\n"):
            if line.strip() and not line.startswith("#"):
                yield f"{header}def solution():\n    return {line.strip()}\n"
    for name in ("programs", "language"):
        for program in (HERE / "programs" / (name + ".txt")).read_text().split("###\n"):
            yield program.strip("\n") + "\n"


def run(source):
    def stop(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    output = io.StringIO()
    space = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(output):
            exec(compile(source, "<program>", "exec"), space)
            if "solution" not in space:
                raise NameError("name 'solution' is not defined")
            return {"value": repr(space["solution"]()), "output": output.getvalue()}
    except BaseException as error:
        text = str(error)
        return {"error": type(error).__name__ + (": " + text if text else ""), "output": output.getvalue()}
    finally:
        signal.alarm(0)


with OUT.open("w") as file:
    for source in sources():
        result = run(source)
        if " at 0x" not in result.get("value", ""):
            file.write(json.dumps({"source": source, **result}) + "\n")
