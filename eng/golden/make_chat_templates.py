"""Renders chat templates with Jinja2, set up as Transformers sets it up, over conversations of many kinds.

    python3 eng/golden/make_chat_templates.py FOLDER_OF_TEMPLATES OUT.tsv [TEXTS.json]

OUT.tsv gets a line for each template: its name, and a word for each conversation of tests/Reft.Tests/Python/Golden/conversations.json in
their order: "t" and the first four hex digits of the text's SHA-256, or the first letter of the kind of error. TEXTS.json, if named, gets
the texts themselves. Needs Python 3 with jinja2.
"""

import datetime
import hashlib
import json
import pathlib
import sys

import jinja2
import jinja2.ext
import jinja2.sandbox
from jinja2 import nodes

NOW = datetime.datetime(2026, 3, 7, 9, 5, 3)


class Generation(jinja2.ext.Extension):
    """The block that marks what the assistant wrote; it changes no text."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_keep"), [], [], body).set_lineno(line)

    def _keep(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda form: NOW.strftime(form)
    return made


def outcome(error):
    """Errors by kind, not by words."""
    if isinstance(error, (jinja2.exceptions.TemplateSyntaxError, SyntaxError)):
        return "syntax"
    if isinstance(error, jinja2.exceptions.SecurityError):
        return "security"
    if isinstance(error, jinja2.exceptions.UndefinedError):
        return "undefined"
    if type(error) is jinja2.exceptions.TemplateError:
        return "raised"
    return "type"


def render(source, variables):
    try:
        return "text", environment().from_string(source).render(**variables)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's template does
        return outcome(error), f"{type(error).__name__}: {error}"


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    golden = pathlib.Path(__file__).parents[2] / "tests/Reft.Tests/Python/Golden"
    conversations = json.loads((golden / "conversations.json").read_text(encoding="utf-8"))
    lines, texts = [], {}
    for path in sorted(folder.glob("*.jinja")):
        source, words = path.read_bytes().decode("utf-8"), []
        for name, variables in conversations.items():
            kind, text = render(source, variables)
            words.append("t" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:4] if kind == "text" else kind[0].upper())
            texts[f"{path.stem}\t{name}"] = [kind, text]
        lines.append(f"{path.stem}\t{' '.join(words)}\n")
    out.write_text("".join(lines), encoding="utf-8")
    if len(sys.argv) > 3:
        pathlib.Path(sys.argv[3]).write_text(json.dumps(texts), encoding="utf-8")


if __name__ == "__main__":
    main()
