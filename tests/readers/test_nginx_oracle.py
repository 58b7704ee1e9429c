"""The nginx reader against others: nginx itself, a literal tokenizer, crossplane (ngxparse's)."""

import pathlib
import shutil
import sys

import crossplane
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lbcheck.model import Source
from lbcheck.sources.files import Files
from lbcheck.sources.nginx_include import load, touched
from lbcheck.sources.nginx_syntax import Directive, comments, parse
from tests.binaries import nginx

FIXTURES = pathlib.Path(__file__).parent / "nginx"
BENCH = pathlib.Path(__file__).parents[2] / "bench"
BLANK = " \t\r\n"


class RefusedError(Exception):
    """The text is no nginx configuration."""


Word = tuple[str, int, int]


class Tokenizer:
    """nginx's tokens, sign by sign, with no regular expression and no cleverness."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.comments: list[tuple[int, int]] = []

    def statement(self) -> tuple[list[Word], str]:
        """The next words and the sign that ends them; "" at the end of the text."""
        words: list[Word] = []
        while True:
            self.blanks()
            if self.at == len(self.text):
                if words:
                    raise RefusedError
                return words, ""
            sign = self.text[self.at]
            if sign in ";{}":
                self.at += 1
                if (sign == "}") == bool(words):
                    raise RefusedError
                return words, sign
            words.append(self.quoted(sign) if sign in "\"'" else self.word())

    def blanks(self) -> None:
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                start = self.at
                while self.at < len(self.text) and self.text[self.at] != "\n":
                    self.at += 1
                self.comments.append((start, self.at))
            elif self.text[self.at] in BLANK:
                self.at += 1
            else:
                return

    def quoted(self, quote: str) -> Word:
        start = self.at
        self.at += 1
        while self.peek() != quote:
            self.at += 2 if self.peek() == "\\" else 1
        self.at += 1
        if self.peek() not in BLANK + ";{)":
            raise RefusedError
        return unescaped(self.text[start + 1 : self.at - 1]), start, self.at

    def word(self) -> Word:
        start = self.at
        variable = False
        while True:
            sign = self.peek()
            if variable and sign == "{":
                self.at += 1
                continue
            variable = sign == "$"
            if sign in BLANK + ";{":
                return unescaped(self.text[start : self.at]), start, self.at
            self.at += 2 if sign == "\\" else 1

    def peek(self) -> str:
        if self.at >= len(self.text):
            raise RefusedError
        return self.text[self.at]


def unescaped(raw: str) -> str:
    parts, at = [], 0
    while at < len(raw):
        following = raw[at + 1 : at + 2]
        if raw[at] == "\\" and following and following in "\"'\\trn":
            parts.append({"t": "\t", "r": "\r", "n": "\n"}.get(following, following))
            at += 2
        else:
            parts.append(raw[at])
            at += 1
    return "".join(parts)


def literal(text: str) -> tuple[list[object], list[tuple[int, int]]]:
    """Every statement in order as (words, start, end, opens) and the offset of every `}`."""
    tokenizer = Tokenizer(text)
    found: list[object] = []
    depth = 0
    while True:
        words, sign = tokenizer.statement()
        if sign == "":
            if depth:
                raise RefusedError
            return found, tokenizer.comments
        depth += {"{": 1, "}": -1, ";": 0}[sign]
        if depth < 0:
            raise RefusedError
        if words:
            values = tuple(word[0] for word in words)
            found.append((values, words[0][1], words[-1][2], sign == "{"))
        elif sign == "}":
            found.append(tokenizer.at - 1)
        else:
            raise RefusedError


def flat(directives: list[Directive]) -> list[object]:
    """Our tree in the same shape."""
    found: list[object] = []
    for directive in directives:
        words = (directive.name, *directive.args)
        found.append((words, directive.start, directive.end, directive.block is not None))
        if directive.block is not None:
            found += [*flat(directive.block), directive.close]
    return found


TEXTS = st.text(st.sampled_from(" \n\t;{}#\"'\\$)a(\u00a0\v\r"), max_size=24)
LINES = st.lists(
    st.sampled_from(
        ["a b;\n", "a {\n", "}\n", "a 'b' \"c\" # d\n", ";\n", "a ${b}c\\;d;", "'a'{", "} ", "\r\n"]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=2000)
@given(TEXTS | LINES | st.tuples(LINES, TEXTS, LINES).map("".join))
@example('a "b")c;')
@example("a $${{ b;}")
@example("a\\\n;b")
@example("a b\\ ;\n")
def test_every_text_is_read_as_a_literal_tokenizer_reads_it(text):
    if any(mark in text for mark in ("{{", "{#")):
        text = text.replace("{{", "{ {").replace("{#", "{ #")
    source = Source("x", "nginx", text)
    tree = parse(source)
    try:
        expected, expected_comments = literal(text)
    except RefusedError:
        assert source.troubles
        return
    assert source.troubles == []
    assert flat(tree) == expected
    assert list(comments(source)) == expected_comments


@pytest.fixture(params=["nginx.conf", "quoting.conf"])
def fixture(request, tmp_path):
    shutil.copytree(FIXTURES, tmp_path, dirs_exist_ok=True)
    return tmp_path / request.param


def generated(folder: pathlib.Path, directives: int, files: int) -> pathlib.Path:
    sys.path.insert(0, str(BENCH))
    try:
        import gen_nginx
    finally:
        sys.path.remove(str(BENCH))
    return pathlib.Path(gen_nginx.write(directives, str(folder), files))


def loaded(main: pathlib.Path) -> list[Directive]:
    files = Files(folder=str(main.parent))
    source = files.open(str(main), "nginx")
    tree = load(source, files)
    assert [trouble for s in touched([source], files) for trouble in s.troubles] == []
    return tree


def accepted(main: pathlib.Path) -> None:
    for binary in nginx():
        folder = main.parent
        head = "" if "pid " in main.read_text() else f"pid {folder}/nginx.pid;\n"
        checked = folder / "checked.conf"
        checked.write_bytes(head.encode() + main.read_bytes())
        refusal = binary.refusal(checked.read_text(), folder)
        assert refusal is None, f"nginx {binary.text}: {refusal}"


def test_nginx_accepts_the_fixtures_and_so_do_we(fixture):
    accepted(fixture)
    assert loaded(fixture)


@pytest.mark.parametrize("files", [0, 7])
def test_nginx_accepts_what_the_generator_writes_and_so_do_we(tmp_path, files):
    main = generated(tmp_path, 1000, files)
    accepted(main)
    tree = loaded(main)
    count, pending = 0, list(tree)
    while pending:
        count += 1
        pending.extend(pending.pop().block or [])
    assert count == 20 + 23 * 43


def crossplane_tree(statements: list[dict], files: list[dict]) -> list[object]:
    found: list[object] = []
    for statement in statements:
        if statement["directive"] == "include":
            for index in statement["includes"]:
                found += crossplane_tree(files[index]["parsed"], files)
            continue
        words = (statement["directive"], *statement["args"])
        found.append((statement["line"], words))
        if "block" in statement:
            found.append(crossplane_tree(statement["block"], files))
    return found


def our_tree(directives: list[Directive]) -> list[object]:
    found: list[object] = []
    for directive in directives:
        line = directive.source.position(directive.start)[0]
        found.append((line, (directive.name, *directive.args)))
        if directive.block is not None:
            found.append(our_tree(directive.block))
    return found


@pytest.mark.parametrize("files", [0, 7])
def test_crossplane_reads_generated_files_as_we_do(tmp_path, files):
    main = generated(tmp_path, 1000, files)
    answer = crossplane.parse(str(main), check_ctx=False, check_args=False)
    theirs = crossplane_tree(answer["config"][0]["parsed"], answer["config"])
    ours = our_tree(loaded(main))
    assert theirs == ours


CROSSPLANE_DIFFERS = {
    "an escaped tab": (r"a x\ty;", ("a", "x\ty"), ("a", r"x\ty")),
    "a no-break space": ("a b\u00a0c;", ("a", "b\u00a0c"), ("a", "b", "c")),
}


@pytest.mark.parametrize("name", CROSSPLANE_DIFFERS)
def test_where_crossplane_differs_nginx_is_right(name, tmp_path):
    text, ours, theirs = CROSSPLANE_DIFFERS[name]
    path = tmp_path / "x.conf"
    path.write_text(text, encoding="utf-8")
    (directive,) = parse(Source("x", "nginx", text))
    assert (directive.name, *directive.args) == ours
    words = [token for token, _, _ in crossplane.lex(str(path)) if token != ";"]
    assert tuple(words) == theirs
