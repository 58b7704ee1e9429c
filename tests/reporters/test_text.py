"""The text report, character by character."""

import pytest

from lbcheck.finding import Fix, Location, Related, Severity
from lbcheck.reporters import Style, render
from tests.reporters import reports

TODAY = Style(today="2026-11-23")
SILENCE = 'silence: # lbcheck: ignore[LB301] until=2027-01-31 reason="..."'


def shown(*findings: object, style: Style = TODAY, **changes: object) -> list[str]:
    return render("text", reports.report(*findings, **changes), style).split("\n")


def test_a_finding_is_a_frame_with_its_block_its_carets_its_fix_and_its_silence() -> None:
    report = reports.report(
        reports.chat(),
        suppressed=(reports.silenced(),),
        expiring=(reports.silenced("2026-11-29"),),
        not_asked=("AWS (--aws)",),
    )
    assert render("text", report, TODAY) == (
        """\
error[LB301] idle-timeout-below-heartbeat (certain: Upgrade headers are forwarded)
  --> edge/chat.conf:6:7
   |
 4 |   location /ws/ {
 6 |       proxy_read_timeout 10s;
   |       ^^^^^^^^^^^^^^^^^^^^^^^ cuts after 10s of silence; the next ping comes after 25s
   |
   = profile socketio-v4: the server pings every 25s
   = fix (safe): proxy_read_timeout 60s;
   = help: lbcheck explain LB301     """
        + SILENCE
        + """

1 error in 1 file (1 fixable, 1 suppressed, 1 expires in 6 days)
read: 1 of 1 file, 0 includes missing; not asked: AWS (--aws)
"""
    )


def test_a_resource_without_text_is_named_by_its_arn_and_offers_no_comment() -> None:
    finding = reports.resource(fix=Fix("drain one at a time", command="aws elbv2 register-targets"))
    assert shown(finding) == [
        "error[LB401] route-to-draining-only (certain: Upgrade headers are forwarded)",
        "  --> aws:eu-west-1 "
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chat/0123",
        "   |",
        "   | every target of `chat` is draining: new connections have nowhere to go",
        "   |",
        "   = fix (unsafe): drain one at a time",
        "   = command: aws elbv2 register-targets",
        "   = help: lbcheck explain LB401",
        "",
        "1 error in 1 AWS region",
        "read: 1 of 1 AWS region",
        "",
    ]


def test_a_snapshot_with_text_gets_a_frame_and_no_comment() -> None:
    snapshot = reports.source('{"LoadBalancers": [\n  "x"]}', "state.json", "aws")
    place = reports.location(snapshot, '"x"')
    with_arn = Location(
        snapshot, place.line, place.column, place.end_line, place.end_column, "arn:x"
    )
    assert shown(reports.finding(with_arn, evidence=""))[:7] == [
        "error[LB301] idle-timeout-below-heartbeat (certain)",
        "  --> state.json:2:3",
        "   |",
        ' 2 |   "x"]}',
        "   |   ^^^ cuts after 10s of silence; the next ping comes after 25s",
        "   |",
        "   = help: lbcheck explain LB301",
    ]


def test_a_long_line_is_cut_around_the_span_to_80_columns() -> None:
    line = "a" * 100 + " proxy_read_timeout 10s; " + "b" * 100
    lines = shown(
        reports.finding(reports.location(reports.source(line), "proxy_read_timeout 10s;"))
    )
    assert lines[3] == (" 1 | ..." + "a" * 15 + " proxy_read_timeout 10s; " + "b" * 29 + "...")
    assert len(lines[3]) == 80
    assert lines[4:6] == [
        "   |                    ^^^^^^^^^^^^^^^^^^^^^^^",
        "   |         cuts after 10s of silence; the next ping comes after 25s",
    ]


def test_a_line_of_a_megabyte_costs_no_more_than_what_is_shown() -> None:
    line = "a" * 500_000 + " here " + "b" * 500_000
    lines = shown(reports.finding(reports.location(reports.source(line), "here")))
    assert lines[3] == " 1 | ...aaaaaaaaaaaaaaa here " + "b" * 48 + "..."


def test_a_span_over_several_lines_is_marked_on_its_first() -> None:
    where = reports.source("a 1\n  2;\n")
    lines = shown(reports.finding(reports.location(where, "1\n  2;"), message="wrong"))
    assert lines[3:5] == [" 1 | a 1", "   |   ^ wrong"]


def test_an_empty_span_has_one_caret() -> None:
    where = reports.source("server {\n")
    lines = shown(reports.finding(Location(where, 1, 1, 1, 1), message="wrong"))
    assert lines[3:5] == [" 1 | server {", "   | ^ wrong"]


def test_carets_stand_under_wide_characters_and_escapes() -> None:
    where = reports.source("\tä漢\x1b[31m x;")
    lines = shown(reports.finding(reports.location(where, "x;"), message="wrong"))
    assert lines[3:5] == [" 1 |     ä漢\\x1b[31m x;", "   |                 ^^ wrong"]


def test_a_long_message_wraps_below_its_carets() -> None:
    finding = reports.chat(message="word " * 30, notes=(), fix=None)
    assert shown(finding)[5:9] == [
        "   |       ^^^^^^^^^^^^^^^^^^^^^^^",
        "   |       " + " ".join(["word"] * 14),
        "   |       " + " ".join(["word"] * 14),
        "   |       word word",
    ]


def test_haproxy_shows_the_section_above() -> None:
    where = reports.source(
        "defaults\n\tmode http\n\nbackend chat\n\tbalance leastconn\n\ttimeout tunnel 10s\n",
        "ha.cfg",
        "haproxy",
    )
    lines = shown(reports.finding(reports.location(where, "timeout tunnel 10s"), message="short"))
    assert lines[3:6] == [
        " 4 | backend chat",
        " 6 |     timeout tunnel 10s",
        "   |     ^^^^^^^^^^^^^^^^^^ short",
    ]


def test_the_block_is_found_past_closed_blocks_and_comments() -> None:
    where = reports.source("http {\n  # {\n  server { }\n  if (a) {\n  }\n  x 1;\n}\n")
    lines = shown(reports.finding(reports.location(where, "x 1;"), message="wrong"))
    assert lines[3:5] == [" 1 | http {", " 6 |   x 1;"]


def test_related_places_are_named() -> None:
    where = reports.source()
    other = Related(reports.location(where, "server {"), "the server it belongs to")
    assert "   = see edge/chat.conf:1:1: the server it belongs to" in shown(
        reports.chat(related=(other,))
    )


def test_counts_are_told_by_severity_and_by_file() -> None:
    other = reports.source("x 1;", "other.conf")
    lines = shown(
        reports.chat(severity=Severity.WARNING, fix=None),
        reports.chat(severity=Severity.WARNING, fix=None),
        reports.finding(reports.location(other, "x 1;"), severity=Severity.INFO),
        hidden=2,
        baselined=(reports.chat(),) * 3,
    )
    assert lines[-3] == "2 warnings, 1 info in 2 files (3 in the baseline, 2 not shown)"


def test_a_clean_report_says_what_was_read() -> None:
    lines = shown(sources=(reports.source(),), unjudged=3)
    assert lines == [
        "no findings",
        "read: 1 of 1 file, 0 includes missing; not judged: 3 routes without a sign of "
        "WebSockets (--min-confidence possible)",
        "",
    ]


def test_what_could_not_be_read_is_named_with_its_remedy() -> None:
    assert shown(sources=(reports.unread(),), complete=False) == [
        "no findings",
        "read: 0 of 1 file, 0 includes missing",
        "unread: edge/broken.conf: cannot be read: Permission denied; check it",
        "",
    ]


def test_what_a_finding_says_is_not_said_again() -> None:
    broken = reports.unread()
    finding = reports.finding(
        Location(broken, 1, 1, 1, 1),
        code="LB901",
        name="unreadable-source",
        message="cannot be read: Permission denied; check it",
        evidence="",
    )
    assert shown(finding, sources=(broken,)) == [
        "error[LB901] unreadable-source (certain)",
        "  --> edge/broken.conf:1:1",
        "   |",
        "   | cannot be read: Permission denied; check it",
        "   |",
        "   = help: lbcheck explain LB901",
        "",
        "1 error in 1 file",
        "read: 0 of 1 file, 0 includes missing",
        "",
    ]


def test_quiet_and_clean_is_silent() -> None:
    assert shown(sources=(reports.source(),), style=Style(quiet=True)) == [""]


def test_suppressed_findings_are_listed_on_request() -> None:
    lines = shown(
        suppressed=(reports.silenced("2027-01-31"),), style=Style(show_suppressed=True, quiet=True)
    )
    assert lines == [
        "edge/chat.conf:6:7: suppressed until 2027-01-31 LB301 cuts after 10s of silence; the "
        "next ping comes after 25s (reason: drained by hand)",
        "",
    ]


@pytest.mark.parametrize(
    ("today", "until"),
    [("2026-11-23", "2027-01-31"), ("2026-12-31", "2027-02-28"), ("2027-10-01", "2027-12-31")],
)
def test_the_proposed_end_is_a_month_end_two_months_away(today: str, until: str) -> None:
    assert f" until={until} " in "\n".join(shown(reports.chat(), style=Style(today=today)))


def test_colour_only_where_it_is_asked_for() -> None:
    coloured = shown(reports.chat(), style=Style(colour=True, today="2026-11-23"))
    assert coloured[0].startswith("\x1b[1;31merror[LB301]\x1b[0m idle-timeout")
    assert coloured[5] == (
        "\x1b[2m   |\x1b[0m       \x1b[1;31m^^^^^^^^^^^^^^^^^^^^^^^ cuts after 10s of silence; "
        "the next ping comes after 25s\x1b[0m"
    )
    assert "\x1b" not in "\n".join(shown(reports.chat()))
