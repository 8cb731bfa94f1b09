"""Writes src/Reft/Text/Normalizers/UnicodeNormalization.txt: decompositions, combining classes and marks of Unicode 9.0.
Writes tests/Reft.Tests/Text/Golden/normalization.json: what Python's unicodedata makes of random texts in each form.

The tokenizers library normalizes by the tables of Unicode 9.0, and .NET does not normalize at all where
InvariantGlobalization is on. The data of characters that Unicode 9.0 had never changes afterwards (stability policy),
so Python's newer tables, cut down to the characters of 9.0 (perl knows each character's age), are those tables.

    python3 eng/golden/unicode_normalization.py
"""
import json
import os
import random
import subprocess
import unicodedata

here = os.path.dirname(os.path.abspath(__file__))
target = os.path.join(here, "../../src/Reft/Text/Normalizers/UnicodeNormalization.txt")
age = 'for (0..0x10FFFF) { next if $_ >= 0xD800 && $_ < 0xE000; print "$_\\n" if chr($_) =~ /\\p{Present_In: 9.0}/ }'
known = {int(line) for line in subprocess.run(["perl", "-e", age], capture_output=True, check=True).stdout.split()}
hangul = range(0xAC00, 0xAC00 + 11172)


def ranges(points):
    points = sorted(points)
    start = previous = None
    for point in points + [None]:
        if start is not None and point == previous + 1:
            previous = point
            continue
        if start is not None:
            yield start, previous
        start = previous = point


with open(target, "w", encoding="ascii", newline="\n") as out:
    out.write("# Unicode 9.0, written by eng/golden/unicode_normalization.py.\n")
    out.write("# D code=canonical, K code=compatible (both one level), X=composition exclusion, C class=ranges, M=marks\n")
    for point in sorted(known):
        mapping = unicodedata.decomposition(chr(point))
        if not mapping or point in hangul:
            continue
        parts = mapping.split()
        kind = "D"
        if parts[0].startswith("<"):
            kind, parts = "K", parts[1:]
        out.write(f"{kind} {point:X}={' '.join(f'{int(part, 16):X}' for part in parts)}\n")
        if kind == "D" and unicodedata.normalize("NFC", chr(point)) != chr(point):
            out.write(f"X {point:X}\n")
    classes = {}
    for point in known:
        value = unicodedata.combining(chr(point))
        if value:
            classes.setdefault(value, []).append(point)
    for value in sorted(classes):
        out.write(f"C {value}={' '.join(f'{a:X}-{b:X}' for a, b in ranges(classes[value]))}\n")
    marks = [point for point in known if unicodedata.category(chr(point)).startswith("M")]
    out.write(f"M {' '.join(f'{a:X}-{b:X}' for a, b in ranges(marks))}\n")

source = random.Random(9)
combining = [point for point in sorted(known) if unicodedata.combining(chr(point))]
mapped = [point for point in sorted(known) if unicodedata.decomposition(chr(point))]
plain = [ord(unit) for unit in "aeiouAEIOUnsz   .1\u1100\u1161\u11a8\uac00\uac01\u05d0\u0627\u0b47\u0b3e\u1025\u102e"]
pools = [combining, mapped, mapped, plain, plain, plain, [0x301, 0x308, 0x323, 0x327], [0x1F642, 0x1D400, 0x1D15F]]
texts = ["".join(chr(source.choice(source.choice(pools))) for _ in range(source.randrange(1, 10))) for _ in range(600)]
with open(os.path.join(here, "../../tests/Reft.Tests/Text/Golden/normalization.json"), "w", newline="\n") as out:
    rows = [json.dumps([text] + [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")])
            for text in texts]
    out.write("[\n" + ",\n".join(rows) + "]\n")
