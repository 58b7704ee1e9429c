"""Inline suppressions: what they reach, when they end, and what is said about wrong ones."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcheck.finding import Confidence, Finding, Location, Severity
from lbcheck.model import Source, Trouble
from lbcheck.run import suppressions
from lbcheck.sources import inline
from lbcheck.suppress import Mistake, Suppression, apply, parse
from tests.growth import linear_in

BARE = '`ignore[LB301]` gives no reason: add reason="..."'
FORM = '`ignore[LB301] until=2027-01-31 reason="..."`'
BLANKET = f"`ignore` names no rule, and there is no ignore for all: {FORM}"
TOKENS = (
    "a; \n \r\n # lbcheck: ignore [ ] LB301 , until= 2027-01-31 reason= \" ' = { } \ud800 \x00 é"
)


def read(text, blocks=None, kind="nginx"):
    source = Source("edge/chat.conf", kind, text)
    comments = [match.span() for match in re.finditer(r"#[^\n]*", text)]
    return source, *parse(source, comments, (blocks or {}).get)


def only(text, blocks=None) -> Suppression:
    _, found, mistakes = read(text, blocks)
    assert mistakes == []
    assert len(found) == 1
    return found[0]


def mistakes(text) -> list[tuple[str, str]]:
    return [(mistake.code, mistake.message) for mistake in read(text)[2]]


def finding(source, line, code="LB301"):
    return Finding(
        code=code,
        name="",
        family="idle",
        severity=Severity.ERROR,
        confidence=Confidence.CERTAIN,
        message="m",
        location=Location(source, line, 1, line, 2),
        address=None,
        evidence="",
        fingerprint="",
    )


def said(found: list[Mistake]) -> list[tuple[str, int, str]]:
    return [(m.code, m.place.source.position(m.place.start)[0], m.message) for m in found]


def test_on_a_statement_it_reaches_that_line():
    found = only('a;\nb 1s; # lbcheck: ignore[LB301] until=2027-01-31 reason="old bots"\nc;\n')
    assert (found.codes, found.reason, found.until) == (("LB301",), "old bots", "2027-01-31")
    assert (found.first, found.last) == (2, 2)


def test_alone_on_a_line_it_reaches_the_next_statement_past_blanks_and_comments():
    found = only("a;\n# lbcheck: ignore[LB301] reason=known\n\n  # why\nb;\nc;\n")
    assert (found.line, found.first, found.last) == (2, 5, 5)


def test_stacked_comments_reach_the_same_statement():
    _, found, wrong = read(
        "# lbcheck: ignore[LB301] reason=a\n# lbcheck: ignore[LB301] reason=b\nb;\n"
    )
    assert wrong == []
    assert [(s.line, s.first, s.last, s.reason) for s in found] == [(1, 3, 3, "a"), (2, 3, 3, "b")]


def test_on_the_opening_line_it_reaches_the_whole_block():
    found = only("location /ws/ { # lbcheck: ignore[LB301] reason=a\n x;\n}\ny;\n", {1: 3})
    assert (found.first, found.last) == (1, 3)


def test_above_a_block_it_reaches_the_opening_line_only():
    found = only("# lbcheck: ignore[LB301] reason=a\nlocation /ws/ {\n x;\n}\n", {2: 4})
    assert (found.first, found.last) == (2, 2)


def test_after_the_last_statement_it_reaches_its_own_line():
    assert only("a;\n# lbcheck: ignore[LB301] reason=a").first == 2


@pytest.mark.parametrize(
    "comment",
    [
        '#lbcheck:ignore[LB301]reason="x y"until=2027-01-31',
        "# lbcheck: ignore [ lb301,idle-timeout-below-heartbeat] reason='x y', until = 2027-01-31;",
        '# see OPS-1 # lbcheck: ignore[LB301] until=2027-01-31 reason="x y"\r',
        '## lbcheck: ignore[LB301]\tuntil="2027-01-31"\treason="x y"   ',
    ],
)
def test_blanks_quotes_case_and_order_are_free(comment):
    found = only(f"a; {comment}\n")
    assert (found.codes, found.reason, found.until) == (("LB301",), "x y", "2027-01-31")


def test_its_place_is_the_comment_from_its_own_hash_sign():
    source, found, _ = read("a; # see # lbcheck: ignore[LB301] reason=a  \r\nb;\n")
    place = found[0].place
    assert source.text[place.start : place.end] == "# lbcheck: ignore[LB301] reason=a"


@pytest.mark.parametrize(
    "text", ["a; # uses lbcheck: nightly\n", "a;\n", "", "# lbcheck is used\n"]
)
def test_other_comments_mean_nothing(text):
    assert read(text)[1:] == ([], [])


def test_a_text_without_the_mark_is_not_searched_for_comments(monkeypatch):
    def lexed(source):
        raise AssertionError("lexed for nothing")

    monkeypatch.setattr(inline, "read", lexed)
    sources = [Source("a", "nginx", "a;\n# b\n"), Source("a", "aws", None)]
    assert suppressions(sources) == ([], [])


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("ignore[LB301]", [("LB905", BARE)]),
        ("ignore[LB301] reason=''", [("LB905", BARE)]),
        (
            "ignore[LB301] reason=two words",
            [("LB905", f"`words` is not understood: write {FORM}")],
        ),
        (
            'ignore[LB301] reason="open',
            [("LB905", '`reason="open` is not understood: close the quote')],
        ),
        (
            "ignore[LB301] untill=2027-01-31 reason=a",
            [("LB905", f"`untill=` is not understood: write {FORM}")],
        ),
        (
            "ignore[LB301] until=31.1.2027 reason=a",
            [("LB904", "`until=31.1.2027` is not a date: write until=2027-01-31")],
        ),
        (
            "ignore[LB301] until=20270131 reason=a",
            [("LB904", "`until=20270131` is not a date: write until=2027-01-31")],
        ),
        ("ignore", [("LB906", BLANKET)]),
        ("ignore[ , ]", [("LB906", BLANKET)]),
        ("ignore[LB301", [("LB906", BLANKET)]),
        (
            "ingore[LB301]",
            [("LB906", f"`ingore` after `lbcheck:` is not understood: write {FORM}")],
        ),
        ("", [("LB906", f"this after `lbcheck:` is not understood: write {FORM}")]),
        (
            "ignore[idle-timeout-below-hartbeat] reason=a",
            [
                (
                    "LB906",
                    "no rule is called `idle-timeout-below-hartbeat`; "
                    "did you mean `idle-timeout-below-heartbeat`?",
                )
            ],
        ),
        ("ignore[zzz] reason=a", [("LB906", "no rule is called `zzz`: see `lbcheck rules`")]),
    ],
)
def test_a_mistake_says_what_to_write(comment, told):
    assert mistakes(f"a; # lbcheck: {comment}\n") == told


def test_without_a_reason_it_still_silences_and_with_a_wrong_date_it_does_not():
    assert len(read("a; # lbcheck: ignore[LB301]\n")[1]) == 1
    assert read("a; # lbcheck: ignore[LB301] until=soon reason=a\n")[1] == []


def test_the_known_rules_beside_an_unknown_one_are_silenced():
    _, found, wrong = read("a; # lbcheck: ignore[XX1,LB301] reason=a\n")
    assert [s.codes for s in found] == [("LB301",)]
    assert [m.code for m in wrong] == ["LB906"]


def test_findings_are_parted_by_source_rule_and_line():
    source, found, _ = read("a;\nb; # lbcheck: ignore[LB301] until=2027-01-31 reason=a\n")
    other = Source("edge/chat.conf", "nginx", source.text)
    findings = [
        finding(source, 1),
        finding(source, 2),
        finding(source, 2, "LB101"),
        finding(other, 2),
        finding(source, None),
    ]
    kept, suppressed, wrong = apply(findings, found, "2027-01-31")
    assert [findings.index(item) for item in kept] == [0, 2, 3, 4]
    assert [(s.finding is findings[1], s.reason, s.until) for s in suppressed] == [
        (True, "a", "2027-01-31")
    ]
    assert wrong == []


def test_an_expired_one_gives_its_finding_back():
    source, found, _ = read("b; # lbcheck: ignore[LB301] until=2026-11-22 reason=a\n")
    kept, suppressed, wrong = apply([finding(source, 1)], found, "2026-11-23")
    assert (len(kept), suppressed) == (1, [])
    assert said(wrong) == [
        ("LB904", 1, "ended on 2026-11-22: `LB301` is reported again; mend it or give a new date")
    ]
    assert apply([finding(source, 1)], found, "")[2] == []


def test_an_expired_one_without_a_finding_is_to_be_removed():
    _, found, _ = read("b; # lbcheck: ignore[LB301] until=2026-11-22 reason=a\n")
    assert said(apply([], found, "2026-11-23")[2]) == [
        ("LB904", 1, "ended on 2026-11-22 and would silence nothing: remove it")
    ]


def test_an_unused_one_is_said_unless_the_source_was_not_read_whole():
    source, found, _ = read("a;\nb; # lbcheck: ignore[LB301] reason=a\n")
    assert said(apply([finding(source, 1)], found, "")[2]) == [
        ("LB903", 2, "silences nothing: `LB301` reports nothing here; remove it")
    ]
    source.troubles.append(Trouble("an include is missing"))
    assert apply([finding(source, 1)], found, "")[2] == []


def test_the_innermost_is_shown_and_all_that_reach_a_finding_are_used():
    source, found, _ = read(
        "s { # lbcheck: ignore[LB301] reason=outer\n b; # lbcheck: ignore[LB301] reason=inner\n}\n",
        {1: 3},
    )
    kept, suppressed, wrong = apply([finding(source, 2)], found, "")
    assert (kept, [s.reason for s in suppressed], wrong) == ([], ["inner"], [])


@given(
    st.lists(st.sampled_from([" ", *TOKENS.split(" ")])).map("".join)
    | st.text().map("# lbcheck: ignore[".__add__)
)
def test_no_text_makes_it_crash_and_every_place_is_inside_the_text(text):
    source, found, wrong = read(text)
    for item in (*found, *wrong):
        assert 0 <= item.place.start < item.place.end <= len(text)
        assert text.startswith("#", item.place.start)
    for item in found:
        assert 1 <= item.first <= item.last <= len(source.starts)


@pytest.mark.parametrize(
    "text",
    [
        "# lbcheck: ignore[LB301] reason=a\n" * 5_000,
        "#" * 200_000 + " lbcheck:",
        "# lbcheck:" * 20_000,
        "# lbcheck: ignore[" + "[" * 200_000,
        "# lbcheck: ignore[LB301] " + "x=" * 100_000,
        "# lbcheck: ignore[LB301]" + " \t" * 100_000,
    ],
    ids=["stack", "hashes", "marks", "brackets", "options", "blanks"],
)
def test_hostile_comments_take_linear_time(text):
    assert linear_in(read, text)
