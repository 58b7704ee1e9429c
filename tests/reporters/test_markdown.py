"""Markdown for comments, read back by a CommonMark parser: hostile text is shown, never obeyed."""

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from lbcheck.finding import Finding, Fix, Trial, Verdict
from lbcheck.reporters import Style, render
from lbcheck.reporters.markdown import MOST_BYTES
from tests.reporters import reports

STYLE = Style(today="2026-11-23")
HOSTILE = (
    "<img src=https://evil.example/x>",
    "</details><script>alert(1)</script>",
    "[here](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example/",
    "(www.evil.example)",
    "@octocat and @org/team",
    "#1 and GH#2 and !3",
    "/close",
    "*a* _b_ ~~c~~ **d**",
    "`` a ` b ```",
    "`a` <b>`c`</b>",
    "a | b \\| c",
    "&lt;b&gt; &#60;",
    "a\\",
    "\\`<b>\\`",
    "`" * 300,
)


def markdown(*findings: Finding, **changes: object) -> str:
    return render("markdown", reports.report(*findings, **changes), STYLE)


def tokens(text: str) -> list[Token]:
    flat: list[Token] = []
    for token in MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(text):
        flat.append(token)
        flat += token.children or []
    return flat


def test_a_finding_is_an_item_and_its_frame_is_folded_away() -> None:
    report = reports.report(
        reports.chat(trial=Trial(Verdict.CONFIRMED, "cut after 10s")), not_asked=("AWS (--aws)",)
    )
    assert render("markdown", report, STYLE).partition("    error[LB301]")[0] == (
        "## lbcheck: 1 error in 1 file (1 fixable, 1 confirmed live)\n"
        "\n"
        "- **error** LB301 idle-timeout-below-heartbeat at `edge/chat.conf:6:7`: cuts after 10s of "
        "silence; the next ping comes after 25s\\\n"
        "  confirmed live: cut after 10s\\\n"
        "  fix (safe): `proxy_read_timeout 60s;`\n"
        "\n"
        "read: 1 of 1 file, 0 includes missing; not asked: AWS (--aws)\n"
        "\n"
        "<details><summary>Where it is, and what helps</summary>\n"
        "\n"
    )


def test_a_clean_report_says_what_was_read_and_what_was_not() -> None:
    assert markdown(sources=(reports.source(), reports.unread()), complete=False) == (
        "## lbcheck: no findings\n"
        "\n"
        "- unread: edge/broken.conf: cannot be read: Permission denied; check it\n"
        "\n"
        "read: 1 of 2 files, 0 includes missing\n"
    )


def test_a_slash_between_letters_is_no_reason_for_code() -> None:
    finding = reports.finding(
        reports.location(reports.source(), "location /ws/"),
        message="as HTTP/1.0, and/or 2/3 of /ws, or <b>: no",
    )
    assert ": as HTTP/1.0, and/or 2/3 of `/ws`, or `<b>`: no\n" in markdown(finding)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_code_wherever_they_come_from(words: str) -> None:
    where = reports.source(f"x {words};", f"edge/{words}.conf")
    broken = reports.unread()
    broken.name = words
    text = markdown(
        reports.finding(
            reports.location(where, "x"),
            message=words,
            fix=Fix(words),
            trial=Trial(Verdict.CONFIRMED, words),
            notes=(words,),
        ),
        sources=(where, broken),
        not_asked=(words,),
    )
    found = tokens(text)
    html = [token.content for token in found if token.type.startswith("html")]
    assert html == ["<details><summary>Where it is, and what helps</summary>\n", "</details>\n"]
    kinds = {token.type for token in found}
    assert not {kind for kind in kinds if kind.startswith(("link", "image", "table", "s_", "em"))}
    told = "".join(token.content for token in found if token.type == "text")
    for sign in "@#!/|<>[]*_~&\\`":
        assert sign not in told
    assert "www." not in told
    assert "://" not in told
    assert [token.type for token in found].count("strong_open") == 1  # the severity


def test_all_of_a_hostile_message_is_there() -> None:
    for words in HOSTILE:
        found = tokens(markdown(reports.chat(message=words, fix=None)))
        paragraph = next(token for token in found if "LB301" in token.content)
        shown = "".join(token.content for token in paragraph.children or [])
        told = shown.partition(":6:7: ")[2]
        assert told.replace(" ", "").replace("`", "") == words.replace(" ", "").replace("`", "")


@pytest.mark.parametrize("message", ["short", "long " * 2000, "ä`" * 900])
def test_a_comment_stays_within_its_limit_and_counts_what_is_left_out(message: str) -> None:
    where = reports.source()
    broken = [reports.source("", f"{number}/{'x' * 300}.conf") for number in range(400)]
    for source in broken:
        source.unread = True
    text = markdown(*[reports.chat(message=message)] * 3000, sources=(where, *broken))
    assert len(text.encode()) <= MOST_BYTES
    shown = text.count("- **error**")
    assert 0 < shown < 3000
    assert f"\n- and {3000 - shown} more\n" in text
    unread = text.count("- unread:")
    assert f"- and {400 - unread} more that could not be read\n" in text
    frames = text.count("    error[LB301]")
    assert frames == 0 or f"\n    and {3000 - frames} more\n" in text
    assert text.count("<details>") == text.count("</details>")
