"""Edits that mend a statement keep everything around it."""

import pytest

from lbcheck import fix
from lbcheck.finding import Fix
from lbcheck.model import Pointer, Source, Span


def span(text: str, words: str) -> Span:
    start = text.index(words)
    return Span(Source("site.conf", "nginx", text), start, start + len(words))


def applied(mended: Fix | None) -> str:
    assert mended is not None
    (edit,) = mended.edits
    text = edit.source.text or ""
    return text[: edit.start] + edit.text + text[edit.end :]


@pytest.mark.parametrize("words", ["a 1;", "a 1"])
def test_a_replaced_statement_keeps_its_semicolon_and_its_comment(words: str) -> None:
    assert applied(fix.replace(span("x { a 1; # why\n}", words), "a 2")) == "x { a 2; # why\n}"


@pytest.mark.parametrize("words", ["a 1;", "a 1"])
def test_a_deleted_statement_takes_its_line_with_it(words: str) -> None:
    assert applied(fix.delete(span("x {\n\ta 1;\n\tb 2;\n}\n", words))) == "x {\n\tb 2;\n}\n"


def test_a_deleted_statement_leaves_what_else_stands_on_its_line() -> None:
    assert applied(fix.delete(span("x { a 1; b 2; }", "a 1;"))) == "x {  b 2; }"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x {\n\n\ta 1;\n}\n", "x {\n\tnew;\n\n\ta 1;\n}\n"),
        ("  x {\n  }\n", "  x {\n      new;\n  }\n"),
        ("x # {\nserver a\n", "x # {\n    new;\nserver a\n"),
        ("x {\n  a 1; }", "x {\n  new;\n  a 1; }"),
    ],
)
def test_an_inserted_line_is_indented_like_the_next(text: str, wanted: str) -> None:
    assert applied(fix.insert(span(text, "x"), ("new;",))) == wanted


def test_a_block_on_one_line_stays_on_it() -> None:
    mended = fix.insert(span("x ~ ^/a{2}$ { a 1; } # why\n", "x ~ ^/a{2}$ {"), ("new;", "b;"))
    assert applied(mended) == "x ~ ^/a{2}$ { new; b; a 1; } # why\n"
    assert fix.insert(span("x { a 1; }\n", "x"), ("new;",)) is None  # no block is seen
    commented = fix.insert(span("x { # }\n a 1; }\n", "x {"), ("new;",))
    assert applied(commented) == "x { new; # }\n a 1; }\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x {\n\ta 1;\n}\n", "x {\n\ta 1;\n\tnew;\n\tb;\n}\n"),
        ("x {\n  a 1;   # why\n}\n", "x {\n  a 1;   # why\n  new;\n  b;\n}\n"),
        ("x { a 1; c; }\n", "x { a 1; new; b; c; }\n"),
        ("  a 1;", "  a 1;\n  new;\n  b;"),
    ],
)
def test_a_line_below_a_statement_is_indented_like_it(text: str, wanted: str) -> None:
    for words in ("a 1;", "a 1"):
        assert applied(fix.after(span(text, words), ("new;", "b;"))) == wanted


def test_an_aws_answer_is_not_edited() -> None:
    pointer = Pointer(Source("state.json", "aws", "{}"), (), "arn")
    assert fix.after(pointer, ("new;",)) is None
    assert fix.replace(pointer, "a 2") is None
    assert fix.delete(pointer) is None
    assert fix.insert(pointer, ("new;",)) is None
