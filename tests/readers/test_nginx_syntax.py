"""The nginx reader: names, arguments and offsets, mistakes, templates, code, hostile texts."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbcheck.model import Source
from lbcheck.sources.nginx_syntax import Directive, arguments, comments, parse
from tests.growth import linear_in


def source(text: str) -> Source:
    return Source("nginx.conf", "nginx", text)


def shape(directives: list[Directive]) -> list[object]:
    """Names and arguments, a block as a list behind them."""
    found: list[object] = []
    for directive in directives:
        found.append((directive.name, *directive.args))
        if directive.block is not None:
            found.append(shape(directive.block))
    return found


def every(directives: list[Directive]) -> Iterator[Directive]:
    pending = list(reversed(directives))
    while pending:
        directive = pending.pop()
        yield directive
        pending.extend(reversed(directive.block or []))


def troubles(text: str) -> list[tuple[str, str]]:
    """Message and underlined text of each trouble."""
    read = source(text)
    parse(read)
    return [(t.message, text[t.start : t.end]) for t in read.troubles]


def test_a_directive_knows_its_text_and_the_brace_that_ends_its_block():
    text = "http {\n  server {\n    listen  80  ;\n  }\n}\n"
    http, server, listen = every(parse(source(text)))
    assert text[http.start : http.end] == "http"
    assert text[server.start : server.end] == "server"
    assert text[listen.start : listen.end] == "listen  80"
    assert (http.close, server.close, listen.close) == (text.rindex("}"), text.index("}"), -1)
    assert (listen.block, listen.args) == (None, ("80",))


def test_equal_lines_share_their_arguments():
    first, second = parse(source("listen 80 ssl;\nlisten 80 ssl;\n"))
    assert first.args is second.args
    assert first.name is second.name
    assert (first.start, second.start) == (0, 15)


def test_quotes_and_escapes_are_resolved_as_nginx_does():
    text = r"""a "x \"y\" \\ \t\n\r\d" 'it\'s' p\;q "";"""
    (directive,) = parse(source(text))
    assert directive.args == ('x "y" \\ \t\n\r\\d', "it's", "p\\;q", "")


def test_argument_spans_keep_the_quotes():
    text = "  set $a \"x y\" ${b}c 'd';"
    (directive,) = parse(source(text))
    assert [text[a:b] for a, b in arguments(directive)] == ["$a", '"x y"', "${b}c", "'d'"]


def test_only_nginx_own_blanks_separate_arguments():
    (directive,) = parse(source("a b\u00a0c\vd\fe f;"))
    assert directive.args == ("b\u00a0c\vd\fe", "f")


def test_windows_line_ends_and_bytes_that_are_no_text_survive():
    text = b"a b;\r\nc \xff\xfe {\r\n}\r\n".decode("utf-8", "surrogateescape")
    assert shape(parse(source(text))) == [("a", "b"), ("c", "\udcff\udcfe"), []]


def test_several_statements_on_a_line_and_one_statement_on_several_lines():
    text = "a 1; b { c 2; } d\n  # why\n  3\n;\n"
    assert shape(parse(source(text))) == [("a", "1"), ("b",), [("c", "2")], ("d", "3")]


def test_a_hash_is_a_comment_only_where_a_word_may_start():
    text = "a b#c '#d' # e;\n;#f\n# g"
    read = source(text)
    assert shape(parse(read)) == [("a", "b#c", "#d")]
    assert [text[a:b] for a, b in comments(read)] == ["# e;", "#f", "# g"]


def test_a_closing_brace_in_a_word_does_not_end_a_block():
    assert shape(parse(source("a { b c}d; }"))) == [("a",), [("b", "c}d")]]


def test_a_dollar_brace_is_part_of_a_word():
    assert shape(parse(source("a ${b} ${c}/d $e${f;"))) == [("a", "${b}", "${c}/d", "$e${f")]


def test_lua_code_is_opaque_with_its_braces_strings_and_comments():
    body = "\n local t = {{1}, '}', [[ } ]], [=[ ]] } ]=]} -- } # x\n --[[ }\n ]] ngx.say(\"}\")\n"
    text = f"a {{ content_by_lua_block {{{body}}} # c\n}} set_by_lua_block $x {{ return 1 }}\n b 1;"
    read = source(text)
    _, lua, other, b = every(parse(read))
    assert read.troubles == []
    assert (lua.name, lua.args, lua.block) == ("content_by_lua_block", (), [])
    assert text[lua.end : lua.close] == f" {{{body}"
    assert (other.name, other.args, b.name) == ("set_by_lua_block", ("$x",), "b")
    assert [text[x:y] for x, y in comments(read)] == ["# c"]


@pytest.mark.parametrize(
    ("text", "message", "marked", "rest"),
    [
        ("a {\n p http://x\n}\nb;", "`p` is not ended by `;`", "p http://x", ["a", "p", "b"]),
        (
            "a {\n proxy_pass http://x\n proxy_buffering off;\n}",
            "`proxy_pass` is not ended by `;`",
            "proxy_pass http://x",
            ["a", "proxy_pass", "proxy_buffering"],
        ),
        ("a b", "`a` is not ended by `;`", "a b", ["a"]),
        ("a; }\nb;", "this `}` closes nothing", "}", ["a", "b"]),
        ("a {};\nb;", "this `;` ends nothing", ";", ["a", "b"]),
        ("a {\n b;\n", "the block of `a` is not closed", "a", ["a", "b"]),
        ("{ b; }", "this `{` has no directive before it", "{", ["", "b"]),
        (
            'a "x"y;\nb;',
            "the text in quotes that starts here ends before `y`",
            '"x"',
            ["b"],
        ),
        ('a "x;\nb;', "the quote that opens here is not closed", '"', ["b"]),
        (
            "\ufeffa;",
            "the byte order mark is part of the first word for nginx",
            "\ufeff",
            ["a"],
        ),
        (
            "a_by_lua_block { '}",
            "the code of `a_by_lua_block` is not closed",
            "a_by_lua_block",
            ["a_by_lua_block"],
        ),
    ],
)
def test_a_mistake_is_named_and_the_rest_is_still_read(text, message, marked, rest):
    assert troubles(text) == [(message, marked)]
    assert [directive.name for directive in every(parse(source(text)))] == rest


def test_a_missing_brace_is_looked_for_where_the_indentation_breaks():
    text = "http {\n  server {\n    location / {\n      a;\n  }\n}\n"
    assert troubles(text) == [("the block of `location` is not closed", "location /")]


def test_a_quote_that_is_not_closed_in_a_block_opening_keeps_the_braces_paired():
    text = 'a {\n  location ~ "^/x {\n    b 1;\n  }\n}\nc 2;\n'
    names = [directive.name for directive in every(parse(source(text)))]
    assert names == ["a", "location", "b", "c"]
    assert troubles(text) == [("the quote that opens here is not closed", '"')]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (f"a {'x' * 4095};", False),
        (f"a {'x' * 4096};", True),
        (f'a "{"x" * 4094}";', False),
        (f'a "{"x" * 4095}";', True),
        (f"a {'é' * 2048};", True),
        (f"# {'x' * 4093}\na;", False),
        (f"# {'x' * 4094}\na;", True),
        (f"a;{' ' * 9000}b;", False),
    ],
)
def test_words_and_comments_longer_than_nginx_buffer_are_reported(text, refused):
    found = [message for message, _ in troubles(text)]
    assert found == (["nginx reads at most 4,095 bytes in one piece"] if refused else [])


def test_troubles_of_one_file_are_bounded():
    assert len(troubles("a {};\n" * 1000)) == 50


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server {{ host }};", [("server", "{{ host }}")]),
        ("a {\n{% if x %}\n  b 1;\n{% else %}\n  b 2;\n{%- endif %}\n}", None),
        ("a {\n<% if x %>\n  b 1;\n<% end %>\n  b 2;\n}", None),
        ("a {\n  {{ extra }}\n  b 1; {{- if x }}\n  b 2; {{ end }}\n}", None),
        ("a {\n {# it's { #}\n {{#x}} b 1; {{/x}}\n b 2;}", None),
        ("listen {{ a }}:{{ b }} <%= ssl %>;", [("listen", "{{ a }}:{{ b }}", "<%= ssl %>")]),
        ('a "{{ f(\'x\', "y z") }}";', [("a", "{{ f('x', \"y z\") }}")]),
        ("{{ key }} on;", [("{{ key }}", "on")]),
        (
            "l {% if s %}443 ssl{% else %}80{% endif %};",
            [("l", "{% if s %}443", "ssl{% else %}80{% endif %}")],
        ),
        ("a ${X} $Y ${Z}/;", [("a", "${X}", "$Y", "${Z}/")]),
        ("upstream {{ n }} {\n  b 1;\n}", [("upstream", "{{ n }}"), [("b", "1")]]),
    ],
)
def test_template_placeholders_are_opaque(text, expected):
    read = source(text)
    tree = parse(read)
    assert read.troubles == []
    assert shape(tree) == (expected or [("a",), [("b", "1"), ("b", "2")]])
    for directive in every(tree):
        words = [text[start:end] for start, end in arguments(directive)]
        assert tuple(word.strip('"') for word in words) == directive.args


def test_blocks_nest_as_deep_as_the_text_says():
    tree = parse(source("a {" * 100_000 + "}" * 100_000))
    assert sum(1 for _ in every(tree)) == 100_000


SIZE = 100_000
STORMS = {
    "unclosed quote": 'a "' + "x;" * (SIZE // 2),
    "quotes": 'a "b;\n' * (SIZE // 6),
    "both quotes": "a 'b; \"c;\n" * (SIZE // 10),
    "escaped quotes": '"\\' * (SIZE // 2),
    "opening braces": "{" * SIZE,
    "closing braces": "}" * SIZE,
    "spaced braces": "{ \n} " * (SIZE // 5),
    "dollar braces": "${" * (SIZE // 2),
    "template openers": "{{" * (SIZE // 2),
    "template openers, one closer": "{%" * (SIZE // 2) + "\n}}%}",
    "template pieces": "{{}}{%%}" * (SIZE // 8),
    "erb openers": "<%" * (SIZE // 2) + "{{ x }}",
    "backslashes": "\\" * SIZE,
    "comments": "#\n" * (SIZE // 2),
    "hashes": "#" * SIZE,
    "blanks": " " * SIZE + "}",
    "semicolons": ";" * SIZE,
    "words": "a " * (SIZE // 2),
    "one line": "a b;" * (SIZE // 4),
    "lines of one statement": "a\n" * (SIZE // 2),
    "swallowed": "proxy_a b\n" * (SIZE // 10),
    "lua brackets": "x_by_lua_block {" + "[" * SIZE,
    "lua long brackets": "x_by_lua_block {" + "[=[" * (SIZE // 3),
    "lua quotes": "x_by_lua_block {" + "\"'" * (SIZE // 2),
    "lua dashes": "x_by_lua_block {" + "-" * SIZE,
    "lua blocks": "x_by_lua_block {\n" * (SIZE // 16),
    "js comments": "x_by_js_block {" + "/*" * (SIZE // 2),
    "js slashes": "x_by_js_block {" + "/ " * (SIZE // 2),
}


def read_all(text: str) -> Source:
    read = source(text)
    tree = parse(read)
    sum(1 for _ in comments(read))
    for directive, _ in zip(every(tree), range(3), strict=False):
        arguments(directive)
    return read


@pytest.mark.parametrize("name", STORMS)
def test_no_text_makes_reading_slow(name):
    assert len(read_all(STORMS[name]).troubles) <= 50
    assert linear_in(read_all, STORMS[name])


SIGNS = " \t\r\n;{}#\"'\\$)ab"
MARKS = ("${", "{{", "}}", "{% ", " %}", "<%=", "%>", "{#", "#}", "[[", "--", "x_by_lua_block {")
ODDITIES = ("\ufeff", "é", "\udcff", "\u00a0", "proxy_pass ", "include ")
PIECES = st.lists(st.sampled_from([*SIGNS, *MARKS, *ODDITIES]), max_size=40).map("".join)


@settings(max_examples=300)
@given(PIECES | st.text())
def test_any_text_is_read_and_every_offset_points_into_it(text):
    read = source(text)
    for directive in every(parse(read)):
        assert 0 <= directive.start <= directive.end <= len(text)
        assert directive.close == -1 or text[directive.close] == "}"
        spans = arguments(directive)
        assert len(spans) == len(directive.args)
        for start, end in spans:
            assert directive.start < start < end <= directive.end
    for trouble in read.troubles:
        assert 0 <= trouble.start < trouble.end <= len(text)
    assert all(text[start] == "#" for start, _ in comments(read))
    assert read.text == text


def rendered(text: str, directives: list[Directive], start: int, end: int) -> str:
    """The text put together again from what the tree points at and what lies between."""
    parts, at = [], start
    for directive in directives:
        parts += [text[at : directive.start], text[directive.start : directive.end]]
        at = directive.end
        if directive.block is not None and directive.close >= 0:
            parts.append(rendered(text, directive.block, at, directive.close))
            at = directive.close
    return "".join([*parts, text[at:end]])


@settings(max_examples=200)
@given(PIECES)
def test_the_tree_put_together_again_is_the_same_text(text):
    read = source(text)
    tree = parse(read)
    if not read.troubles:
        assert rendered(text, tree, 0, len(text)) == text
