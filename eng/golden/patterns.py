"""Writes tests/Reft.Tests/Text/Golden/patterns.json: what Oniguruma matches in random texts.

Needs the shared library of Oniguruma (libonig.so.5, Debian package libonig5).

    python3 eng/golden/patterns.py
"""
import ctypes
import json
import os
import random

here = os.path.dirname(os.path.abspath(__file__))
target = os.path.join(here, "../../tests/Reft.Tests/Text/Golden/patterns.json")
library = ctypes.CDLL("libonig.so.5")
utf8 = ctypes.addressof(ctypes.c_char.in_dll(library, "OnigEncodingUTF8"))
ruby = ctypes.addressof(ctypes.c_char.in_dll(library, "OnigSyntaxRuby"))


class Region(ctypes.Structure):
    _fields_ = [("allocated", ctypes.c_int), ("count", ctypes.c_int),
                ("begin", ctypes.POINTER(ctypes.c_int)), ("end", ctypes.POINTER(ctypes.c_int))]


class ErrorInfo(ctypes.Structure):
    _fields_ = [("encoding", ctypes.c_void_p), ("parameter", ctypes.c_void_p), ("parameter_end", ctypes.c_void_p)]


library.onig_region_new.restype = ctypes.POINTER(Region)
library.onig_search.argtypes = [ctypes.c_void_p] * 5 + [ctypes.POINTER(Region), ctypes.c_uint]


def compile_pattern(pattern):
    data = pattern.encode()
    buffer = ctypes.create_string_buffer(data, len(data) + 1)
    start = ctypes.addressof(buffer)
    regex = ctypes.c_void_p()
    code = library.onig_new(ctypes.byref(regex), ctypes.c_void_p(start), ctypes.c_void_p(start + len(data)),
                            ctypes.c_uint(0), ctypes.c_void_p(utf8), ctypes.c_void_p(ruby), ctypes.byref(ErrorInfo()))
    assert code == 0, (code, pattern)
    return regex


def units(data):
    return len(data.decode().encode("utf-16-le")) // 2


def find(regex, text):
    """The start and length of each match in UTF-16 units."""
    data = text.encode()
    buffer = ctypes.create_string_buffer(data, len(data) + 1)
    start, region, position, matches = ctypes.addressof(buffer), library.onig_region_new(), 0, []
    while position < len(data):
        if library.onig_search(regex, start, start + len(data), start + position, start + len(data), region, 0) < 0:
            break
        begin, end = region.contents.begin[0], region.contents.end[0]
        assert end > begin
        matches += [units(data[:begin]), units(data[begin:end])]
        position = end
    return matches


gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
llama3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
patterns = [
    gpt2,
    llama3,
    llama3.replace("{1,3}", ""),
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"[\(\)\[\]\{\}]|([!\"\#\$%\&'\*\+,\-\./:;<=>\?\\\^_`\|\~])\1*",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"[一-龥぀-ゟ゠-ヿ]+",
    r"\w+|[^\w\s]+",
    r"\b\d|\B\S",
    r"^.|.$",
    r"(?i)k+s|[a-ck]é",
    r" {2,3}|\s{2}?x|a{,2}b|(?:ab)+?c|(?<=\d)x(?=\d)|\P{^L}\h\x{e9}",
]
alphabet = ("aabzZsStTrReEvVlLmMdDkK''''    \t\n\n\r\v\f\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\u200b\u200d\ufeff"
            "0123\u00b2\u00bd\u0663\u2167\u0bf0.,!?-_=+()[]{}<>/\\\"#$%&*@^`|~"
            "\u00e9\u00c9\u00df\u01c5\u02b0\u0391\u03c9\u0416\u05d0\u0627\u0300\u0301\u0903\u20dd\u017f\u212a"
            "\u65e5\u672c\u3042\u30ab\ud55c\u2211\u20ac\u00ab\u00bb\u24b6"
            "\U0001d400\U0001d41a\U0001d7d8\U00020000\U00010400\U00010428\U0001f642\U0001f3fd\U0001f468\U0001d165"
            "\U0001d16d\U000e0100\U00010140\U0001f10b\U000f0000\U0001e8d0\U0001f130")
source = random.Random(20)
texts = ["".join(source.choice(alphabet) for _ in range(source.randrange(1, 28))) for _ in range(160)]
texts += ["don't I'LL you'rE we\u2019ve it'\u017f HE'S", "  \n\n  x  \r\n", "a  b   c ", "x\u00a0\u00a0y", "123456 7890"]
with open(target, "w", encoding="ascii", newline="\n") as out:
    out.write('{"texts":[\n' + ",\n".join(json.dumps(text) for text in texts) + '],\n"patterns":[\n')
    rows = []
    for pattern in patterns:
        regex = compile_pattern(pattern)
        matches = ",\n".join(json.dumps(find(regex, text), separators=(",", ":")) for text in texts)
        rows.append('{"pattern":' + json.dumps(pattern) + ',"matches":[\n' + matches + "]}")
    out.write(",\n".join(rows) + "]}\n")
