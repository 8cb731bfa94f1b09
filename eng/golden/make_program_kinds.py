"""Writes the answers of the programs in eng/golden/programs/kinds.txt, as CPython gives them.

Run with CPython 3.11, sympy 1.11, numpy 1.24 and dateutil:  python3 eng/golden/make_program_kinds.py
The tests verify every program, with its answer as gold: it must be Correct, or an error where the answer is "error".
"""
import contextlib
import io
import json
import numbers
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent.parent / "tests/Reft.Tests/Python/Golden/kinds.jsonl"


def answer(program):
    space = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program, "<program>", "exec"), space)
        value = space["solution"]()
    if hasattr(value, "p") and hasattr(value, "q"):
        return f"{value.p}/{value.q}" if value.q != 1 else str(value.p)
    if isinstance(value, numbers.Integral):
        return str(int(value))
    return repr(float(value))


with OUT.open("w") as file:
    text = (HERE / "programs/kinds.txt").read_text()
    for header, program in re.findall(r"^### (.*)\n((?:(?!###).*\n)*)", text, re.M):
        kind, _, gold = header.partition(" = ")
        row = {"kind": kind, "input": program, "gold": gold or answer(program)}
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
