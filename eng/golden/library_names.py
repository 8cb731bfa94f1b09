"""Prints the names of the modules of which the interpreter has a part, for Library/LibraryNames.cs.

Run with CPython 3.11, sympy and numpy: a module a paragraph, its name, what `import *` takes, a bar, what else it has.
"""
import importlib
import sys
import textwrap

MODULES = (
    "math fractions decimal itertools functools collections statistics datetime operator heapq bisect copy string typing"
    " dataclasses random enum abc calendar numbers cmath collections.abc sympy numpy"
).split()

print("\n".join(textwrap.wrap(" ".join(n for n in sorted(sys.stdlib_module_names) if n[0] != "_"), 108)), end="\n\n")
for name in MODULES:
    module = importlib.import_module(name)
    public = sorted({n for n in dir(module) if n[0] != "_" and n.isascii()})
    star = [n for n in sorted(getattr(module, "__all__", public)) if n[0] != "_"]
    words = [name + ":", *star, "|", *(n for n in public if n not in star)]
    print("\n".join(textwrap.wrap(" ".join(words), 108)), end="\n\n")
