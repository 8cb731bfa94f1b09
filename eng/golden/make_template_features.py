"""Small templates that together use what the language has, and what Jinja2 makes of them.

    python3 eng/golden/make_template_features.py OUT.json

Needs Python 3 with jinja2. The environment is that of make_chat_templates.py.
"""

import importlib.util
import json
import pathlib
import sys

VARIABLES = {
    "n": 7, "zero": 0, "big": 123456789012345678901234567890, "x": 2.5, "whole": 3.0, "tiny": 1e-7, "huge": 1e22,
    "t": True, "f": False, "no": None, "s": "Hello World", "empty": "", "uni": "Größe 💡 ½", "lines": "a\nb\n\n c",
    "html": "<b>\"q\" & 'x'</b>", "items": [3, 1, 2], "words": ["b", "A", "c", "a"], "nested": [[1, 2], [3, [4, 5]]],
    "d": {"b": 1, "a": {"c": [10, 20]}, "items": "own", "1": "one"},
    "people": [{"name": "Bo", "age": 30, "tags": ["x"]}, {"name": "al", "age": 25}, {"name": "Cy", "age": 30, "tags": []}],
    "mixed": [1, "a", None, True, 2.0], "pad": "  x \n",
}

SNIPPETS = r'''
{{ n }} {{ x }} {{ whole }} {{ tiny }} {{ huge }} {{ big }} {{ t }} {{ no }} {{ items }} {{ d }} {{ nested }} {{ mixed }}
{{ 1 + 2 * 3 ** 2 - -4 // 3 % 5 }} {{ 7 / 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}
{{ 1_000 }} {{ 0x1f }} {{ 0b101 }} {{ 0o17 }} {{ 1.5e3 }} {{ 1e-3 }} {{ 12.50 }}
{{ .5 }}
{{ 'a' 'b' "c" }} {{ 'it\'s' }} {{ "tab\there" }} {{ '\x41\u00e9\U0001F4A1' }} {{ 'a\
b' }} {{ '\q' }}
{{ 'a' ~ 1 ~ none ~ true ~ 2.0 ~ [1] }} {{ 'a' + 'b' * 3 }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'x' * 0 }}
{{ 1 < 2 < 3 }} {{ 1 < 2 > 5 }} {{ 1 == 1.0 }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ 1 != 2 }} {{ 2 >= 2 <= 3 }}
{{ 1 < 'a' }}
{{ 3 in items }} {{ 9 not in items }} {{ 'lo' in s }} {{ 'b' in d }} {{ 1 in missing }}
{{ 1 in s }}
{{ t and n }} {{ f or empty or 'x' }} {{ not t }} {{ not not s }} {{ f and missing.x }} {{ none or 0 }}
{{ 'y' if n > 5 else 'z' }} {{ 'y' if n > 50 }} {{ ('y' if n > 50) is defined }} {{ 1 if f else 2 if f else 3 }}
{{ s[0] }}{{ s[-1] }} {{ s[1:4] }} {{ s[::-1] }} {{ s[:-3] }} {{ items[1:] }} {{ items[-1] }} {{ items[9] }}| {{ s[99] }}| {{ items[::2] }}
{{ uni[6] }} {{ uni | length }} {{ uni[5:8] }} {{ uni | reverse }} {{ uni | upper }} {{ uni.find('½') }} {{ uni.split('💡') }} {{ uni.strip('G½') }}
{{ d.b }} {{ d['a'].c[1] }} {{ d.a['c'].0 }} {{ d['items'] }} {{ d.missing }}| {{ d['1'] }} {{ d.get('zz') }} {{ d.get('zz', 5) }}
{{ missing }}|{{ missing.x }}
{{ missing['x'] }}
{{ missing + 1 }}
{{ missing() }}
{{ missing | length }} {{ missing | upper }}| {{ missing | list }} {{ missing == other }} {{ missing is defined }} {{ missing | default('d') }}
{{ missing < 1 }}
{{ no.x }}|
{{ no.x.y }}
{{ n.x }}| {{ items.foo }}| {{ s.foo }}|
{{ s.__class__ }}| {{ s.__class__ is defined }} {{ d._x }}|
{{ s.__class__.__mro__ }}
{{ items.append(4) }}
{{ items.append is defined }} {{ d.update is defined }} {{ d.pop }}|
{{ d.setdefault('q', 1) }}
{% for i in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }} {{ loop.previtem }}|{{ loop.nextitem }};{% endfor %}
{% for i in [] %}x{% else %}none{% endfor %} {% for i in missing %}x{% else %}none{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in d %}{{ k }}{% endfor %} {% for k, v in d | items %}{{ k }}{% endfor %} {% for k in d.keys() %}{{ k }}{% endfor %} {{ d.values() | list }}
{% for i in range(3) %}{{ loop.cycle('a', 'b') }}{% endfor %} {% for i in range(10, 0, -3) %}{{ i }} {% endfor %}
{% for p in people if p.age > 26 %}{{ loop.index }}/{{ loop.length }} {{ p.name }} {% endfor %}
{% for c in 'abc' %}{{ c }}-{% endfor %} {% for a, b in [(1, 2), [3, 4]] %}{{ a }}{{ b }} {% endfor %}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for i in n %}{% endfor %}
{% for i in no %}{% endfor %}
{% for i in items %}{% if i == 1 %}{% continue %}{% endif %}{{ i }}{% if i == 2 %}{% break %}{% endif %}{% endfor %}
{% for i in range(9) %}{% for j in range(9) %}{% if j == 2 %}{% break %}{% endif %}{{ i }}{{ j }} {% endfor %}{% if i == 1 %}{% break %}{% endif %}{% endfor %}
{% break %}
{% for i in nested recursive %}{% if i is iterable %}[{{ loop(i) }}]{% else %}{{ i }}@{{ loop.depth }}{{ loop.depth0 }} {% endif %}{% endfor %}
{% for i in nested %}{{ loop(i) }}{% endfor %}
{% for i in [1, 1, 2] %}{{ loop.changed(i) }} {% endfor %} {% for i in items | map('string') %}{{ loop.last }}{{ loop.length }} {% endfor %}
{% set a = 1 %}{% for i in items %}{% set a = a + 1 %}{{ a }}{% endfor %}{{ a }}
{% set ns = namespace(a=1, b='x') %}{% for i in items %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c }}| {{ ns }}
{% set ns = namespace({'q': 1}) %}{{ ns.q }}{{ ns['q'] }}
{% set d.b = 2 %}
{% set x.y = 2 %}
{% set a, b = 1, 2 %}{{ b }}{{ a }} {% set c = 1, 2 %}{{ c }} {% set (a, b) = (3, 4) %}{{ a }}
{% set block %}text {{ n }}{% endset %}{{ block }}| {% set up | upper %}text{% endset %}{{ up }}
{% if t %}{% set inner = 5 %}{% endif %}{{ inner }} {% if f %}{% set other = 5 %}{% endif %}{{ other }}|
{% with a = 1, b = 2 %}{{ a }}{{ b }}{% set c = 9 %}{{ c }}{% endwith %}{{ a }}{{ c }}|
{% if n > 100 %}a{% elif n > 5 %}b{% else %}c{% endif %} {% if missing %}a{% elif empty %}b{% else %}c{% endif %}
{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(c=5, a=9) }} {{ m() }} {{ m.name }} {{ m.arguments }}
{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, k=2) }}
{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(4) }} {% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}
{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}
{% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}in {{ n }}{% endcall %}
{% macro each(xs) %}{% for x in xs %}{{ caller(x, loop.index) }}{% endfor %}{% endmacro %}{% call(v, i) each(items) %}({{ v }}:{{ i }}){% endcall %}
{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}
{% filter upper | replace('A', '_') %}abc {{ s }}{% endfilter %}
{% raw %}{{ not }} {% this %}{% endraw %} {%- raw -%} x {%- endraw -%} y
a {#- comment -#} b {# two #} c
  {% if t %}
    indented
  {% endif %}
after
  {%+ if t %}kept{% endif %}

{% if t %}+{% endif +%}
x {%- if t -%} y {%- endif %} z
{{- n -}} x {{ n -}}
   y
a
  {{ n }}
b {{ n }}
	{# tab #}
c
{% for i in [1,2] -%}
  {{ i }}
{%- endfor %}|
{{ s | upper }} {{ s | lower }} {{ s | title }} {{ 'foo bar-baz (qux)' | title }} {{ s | capitalize }} {{ pad | trim }}| {{ 'xxaxx' | trim('x') }} {{ s | center(21) }}|
{{ s.upper() }} {{ s.lower() }} {{ s.title() }} {{ s.swapcase() }} {{ s.startswith('He') }} {{ s.endswith(('x', 'ld')) }} {{ s.replace('o', '0', 1) }} {{ s.find('zz') }} {{ s.count('o') }}
{{ s.split() }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ lines.splitlines() }} {{ s.partition(' ') }} {{ ','.join(words) }}
{{ pad.strip() }}| {{ pad.lstrip() }}| {{ pad.rstrip() }}| {{ '12'.zfill(5) }} {{ '12'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'x'.ljust(3) }}| {{ 'x'.rjust(3, '.') }} {{ s.removeprefix('He') }} {{ s.removesuffix('ld') }}
{{ s.index('zz') }}
{{ '{0} {a} {0[0]}'.format('x', 'y', a=1) }}
{{ '{:>5}|{:.2f}|{:05d}'.format('x', 2.345, 42) }} {{ '%s %d %.2f %r %%' % ('x', 3, 2.5, 'q') }} {{ '%(a)s' % {'a': 1} }} {{ '%s-%s' | format('a', 1) }}
{{ words | join }} {{ words | join(', ') }} {{ people | join('/', attribute='name') }} {{ [1, none, 2.0] | join('-') }} {{ s | join('.') }}
{{ items | first }} {{ items | last }} {{ [] | first }}| {{ [] | last }}| {{ s | first }} {{ d | first }} {{ d | last }}
{{ items | length }} {{ s | count }} {{ d | length }}
{{ n | length }}
{{ items | sort }} {{ items | sort(reverse=true) }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ people | sort(attribute='name') | map(attribute='name') | list }} {{ people | sort(attribute='age,name') | map(attribute='name') | join }}
{{ mixed | sort }}
{{ words | unique | list }} {{ ['a', 'A', 'b'] | unique | list }} {{ ['a', 'A'] | unique(case_sensitive=true) | list }} {{ people | unique(attribute='age') | map(attribute='name') | list }}
{{ items | min }} {{ items | max }} {{ words | max }} {{ [] | max }}| {{ people | min(attribute='age') }}
{{ items | sum }} {{ people | sum(attribute='age') }} {{ items | sum(start=10) }} {{ [1.5, 2] | sum }}
{{ items | map('string') | list }} {{ words | map('upper') | join }} {{ people | map(attribute='tags', default='-') | list }} {{ words | map('replace', 'a', 'z') | list }}
{{ items | select('odd') | list }} {{ items | reject('odd') | list }} {{ mixed | select | list }} {{ items | select('>', 1) | list }} {{ items | select('in', [1, 2]) | list }}
{{ people | selectattr('tags') | map(attribute='name') | list }} {{ people | selectattr('age', 'equalto', 30) | map(attribute='name') | list }} {{ people | rejectattr('age', '==', 30) | list }} {{ people | selectattr('tags', 'defined') | list | length }}
{{ items | select('odd') | length }}
{{ items | map('nofilter') | list }}
{% for g, l in people | groupby('age') %}{{ g }}:{{ l | map(attribute='name') | join(',') }};{% endfor %} {% for g in people | groupby('age') %}{{ g.grouper }}{{ g.list | length }}{% endfor %} {{ (people | groupby('age'))[0] }}
{{ range(7) | batch(3) | list }} {{ range(7) | batch(3, 'x') | list }} {{ range(7) | slice(3) | list }} {{ range(7) | slice(3, 'x') | list }}
{{ d | dictsort }} {{ {'b': 2, 'A': 1} | dictsort }} {{ {'b': 2, 'A': 1} | dictsort(true) }} {{ {'b': 2, 'A': 1} | dictsort(by='value', reverse=true) }}
{{ items | reverse | list }} {{ s | reverse }} {{ items | list }} {{ s | list }} {{ d | list }}
{{ 3.7 | int }} {{ '42' | int }} {{ '42.9' | int }} {{ 'x' | int }} {{ 'x' | int(7) }} {{ '0x1f' | int(0, 16) }} {{ none | int }} {{ true | int }} {{ '1e3' | int }} {{ ' 5 ' | int }}
{{ '2.5' | float }} {{ 'x' | float }} {{ 3 | float }} {{ 'x' | float(1) }} {{ none | float }} {{ 'inf' | float }}
{{ 42.55 | round }} {{ 42.55 | round(1) }} {{ 42.55 | round(1, 'floor') }} {{ 42.51 | round(1, 'ceil') }} {{ 2.5 | round }} {{ 3.5 | round }} {{ 7 | round }} {{ 1234 | round(-2) }} {{ -3 | abs }} {{ -2.5 | abs }}
{{ missing | int }}
{{ no | default('x') }} {{ empty | default('x') }} {{ empty | default('x', true) }} {{ no | d('x', boolean=true) }} {{ missing | default }}|
{{ 'a\nb\n\nc' | indent }} {{ 'a\nb\n\nc' | indent(2, true) }} {{ 'a\nb\n\nc' | indent(2, blank=true) }} {{ 'a\nb' | indent('> ') }}
{{ 'foo bar baz qux' | truncate(9) }} {{ 'foo bar baz qux' | truncate(9, true) }} {{ 'foo bar baz qux' | truncate(11) }} {{ 'foo bar baz qux' | truncate(11, false, '..', 0) }}
{{ 'foo' | truncate(1) }}
{{ s | wordcount }} {{ 1000000 | filesizeformat }} {{ 1 | filesizeformat }} {{ 12 | filesizeformat }} {{ 1536 | filesizeformat(true) }} {{ 'a b/ü?' | urlencode }} {{ {'a b': 'c&d'} | urlencode }}
{{ html | escape }} {{ html | e | length }} {{ html | safe }} {{ html | safe | upper }} {{ html | e | e }} {{ html | e | forceescape }} {{ html | safe ~ '<' }} {{ (html | safe) is string }} {{ html is escaped }}
{{ d | tojson }} {{ mixed | tojson }} {{ uni | tojson }} {{ uni | tojson(ensure_ascii=true) }} {{ 'a"b\\c\n\t\x01\x7f' | tojson }} {{ (1, 2) | tojson }} {{ big | tojson }} {{ tiny | tojson }} {{ huge | tojson }} {{ html | tojson }}
{{ d | tojson(indent=2) }} {{ [] | tojson(indent=2) }} {{ {} | tojson(indent=2) }} {{ d | tojson(sort_keys=true) }} {{ d | tojson(separators=(',', ':')) }} {{ d | tojson(indent=1, separators=(',', ':')) }} {{ {1: 2, none: 3, true: 4, 2.5: 5} | tojson }}
{{ missing | tojson }}
{{ range(3) | tojson }}
{{ {(1, 2): 3} | tojson }}
{{ n is number }} {{ n is integer }} {{ x is float }} {{ t is integer }} {{ t is boolean }} {{ t is number }} {{ t is true }} {{ f is false }} {{ 1 is true }} {{ s is string }} {{ no is none }} {{ d is mapping }} {{ items is sequence }} {{ s is sequence }} {{ d is sequence }} {{ n is sequence }} {{ items is iterable }} {{ n is iterable }} {{ s is iterable }} {{ no is iterable }}
{{ 3 is odd }} {{ 4 is even }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ 'a' is lower }} {{ 'A' is upper }} {{ 2 is eq 2 }} {{ 2 is ne 3 }} {{ 2 is gt 1 }} {{ 2 is ge 2 }} {{ 2 is lt 1 }} {{ 2 is le 2 }} {{ 2 is in [1, 2] }} {{ 'x' is not in 'abc' }} {{ 2 is sameas none }} {{ none is sameas none }}
{{ s is defined }} {{ s is not defined }} {{ missing is undefined }} {{ range is callable }} {{ s is callable }} {{ 'upper' is filter }} {{ 'nope' is filter }} {{ 'odd' is test }} {{ not s is defined }} {{ s is defined and n is odd }} {{ s is not none and true }}
{{ 1 is nosuchtest }}
{{ 1 | nosuchfilter }}
{% if f %}{{ 1 | nosuchfilter }}{% endif %}ok
{% if t %}{{ 1 | nosuchfilter }}{% endif %}ok
{{ 1 | nosuchfilter if f else 2 }}
{{ dict(a=1, b=2) }} {{ dict({'x': 1}, y=2) }} {{ range(3) | list }} {{ range(2, 8, 3) | list }} {{ range(3) }}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set j = joiner(', ') %}{{ j() }}{{ j() }}{{ j() }}|
{{ range(100001) | length }}
{{ raise_exception('stop here') }}
{{ strftime_now('%Y-%m-%d %d %B %b %H:%M') }} {{ strftime_now('%A %a %y %j %I %p %%') }}
{{ [1, 2, 3,] }} {{ (1, 2,) }} {{ {'a': 1,} }} {{ () }} {{ [] }} {{ {} }} {{ (1) }} {{ 1, 2 }}
{{ {'a': {'b': {}}} }} {{ {'a': 1}['a'] }} {{ [[1]][0][0] }} {{ 'abc'[1] }} {{ {'a': {'b': 2}}.a.b }}
{{ m(*[1, 2], **{'k': 3}) if m is defined }} {{ '{}{}'.format(*[1, 2]) }} {{ dict(**{'z': 1}) }}
{% generation %}said {{ n }}{% endgeneration %} rest {% generation %}{% set q = 1 %}{% endgeneration %}{{ q }}|
{% print 1, 2, 'x' %} {%print n%}
{{ n
{{ n }
{% if t %}
{% endif %}
{% nosuch %}
{% for %}{% endfor %}
{{ }}
{{ 1 + }}
{{ (1 }}
{{ 1) }}
{% set 1 = 2 %}
{% set true = 2 %}
{{ 'abc }}
{# open
{% raw %} open
{{ a b }}
{{ a..b }}
{{ 1 is defined is defined }}
{% macro m(a=1, b) %}{% endmacro %}
{{ f(a=1, 2) }}
{{ n is divisibleby }}
{{ 1 / 0 }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ items + 'a' }}
{{ items + missing }}
{{ items[1:'x'] }}
{{ missing[1:] }}
{{ n[1:] }}
{{ {'a': 1} + {'b': 2} }}
{{ {[1]: 2} }}
{{ s() }}
{{ d.items() | length }} {{ d.keys() | list | length }} {{ d.items() | list | first }} {{ d.copy() == d }}
{{ items.index(2) }} {{ items.count(1) }} {{ items.copy() }} {{ (1, 2).index(2) }} {{ 5 .real }}
{{ items[0:2][1] }} {{ items[n] }}| {{ s[n] }} {{ d[n] }}| {{ items['0'] }}| {{ items[1.0] }}|
{% set x = [] %}{% for i in items %}{% set x = x + [i] %}{% endfor %}{{ x }}
{% for i in items %}{% set last = i %}{% endfor %}{{ last }}|
{% for i in items %}{{ i }}{% endfor %}{{ i }}|{{ loop }}|
{% for x in [1] %}{% for x in [2] %}{{ x }}{% endfor %}{{ x }}{% endfor %}{{ x }}
{{ none }} {{ None }} {{ True }} {{ False }} {{ true == True }} {{ none is none }}
{{ 'a' if true }}{{ '' if true }} {{ [1, 2][::-1] }} {{ 'x' ~ ('y' if f else 'z') ~ 'w' }} {{ not f and t or f }}
{{ 1.0 }} {{ 100000000000000000.0 }} {{ 1e16 }} {{ 0.1 + 0.2 }} {{ 5 % 3 }} {{ 5.5 // 2 }} {{ -0.0 }} {{ 1 / 3 }}
{{ '%5.1f|%-5s|%05d|%x|%e' % (2.25, 'ab', 42, 255, 12345.678) }}
{{ s | replace('l', 'L') }} {{ s | replace('l', 'L', 1) }} {{ n | replace('7', '8') }} {{ s | string | length }} {{ n | string + 'x' }} {{ items | string }}
{{ words | select('upper') | list }} {{ words | map('capitalize') | list }} {{ [words, items] | map('first') | list }} {{ nested | map('length') | list }} {{ people | map(attribute='name') | map('lower') | sort | join(' ') }}
{{ items | attr('count') is defined }} {{ d | attr('b') }}| {{ s | attr('upper') is callable }}
{% set z = {'k': [1, {'m': 'deep'}]} %}{{ z.k[1].m }} {{ z['k'][0] }} {{ z.k.1.m }}
{% if n == 7 and (t or f) and not f and s %}yes{% endif %}{% if n in [1, 7] and 'W' in s and n not in items %}yes{% endif %}
{%- set msg = 'q' -%}
{%- for i in range(2) %}
    {%- if i == 0 %}
        {{- 'a' + '\n' }}
    {%- else %}
        {{- 'b' }}
    {%- endif %}
{%- endfor %}
a{{ '\r\n' }}b{{ "\n" | length }}
'''


def split(text):
    """A snippet a line; a line that begins with a blank, or that follows an open tag, belongs to the one before."""
    snippets = []
    for line in text.strip("\n").split("\n"):
        if snippets and (line.startswith((" ", "\t", "b'", "{%- for", "{%- endfor", "after", "{%- if", "{% endif +"))
                         or line in ("", "a", "b {{ n }}", "c", "{%- endfor %}|")):
            snippets[-1] += "\n" + line
        else:
            snippets.append(line)
    return snippets


def main():
    path = pathlib.Path(__file__).parent / "make_chat_templates.py"
    spec = importlib.util.spec_from_file_location("make_chat_templates", path)
    chat = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(chat)
    cases = []
    for snippet in split(SNIPPETS):
        kind, text = chat.render(snippet, VARIABLES)
        cases.append({"template": snippet, "outcome": kind, "text": text})
    out = {"variables": VARIABLES, "cases": cases}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


main()
