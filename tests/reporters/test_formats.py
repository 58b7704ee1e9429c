"""The machines' formats: concise, github and json."""

import json

from lbcheck import __version__
from lbcheck.finding import Location, Related, Severity
from lbcheck.reporters import Style, render
from tests.reporters import reports

STYLE = Style()


def test_concise_is_one_line_a_finding() -> None:
    report = reports.report(reports.chat(), reports.resource(severity=Severity.WARNING))
    assert render("concise", report, STYLE) == (
        "edge/chat.conf:6:7: error LB301 cuts after 10s of silence; the next ping comes after 25s\n"
        "aws:eu-west-1 arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chat/0123: "
        "warning LB401 every target of `chat` is draining: new connections have nowhere to go\n"
    )


def test_github_annotates_the_span_and_escapes_what_would_end_a_property() -> None:
    where = reports.source("x 1;", "a,b:c%.conf")
    finding = reports.finding(reports.location(where, "x 1;"), message="50% of it: a, b")
    assert render("github", reports.report(finding), STYLE) == (
        "::error title=LB301 idle-timeout-below-heartbeat,file=a%2Cb%3Ac%25.conf,line=1,endLine=1,"
        "col=1,endColumn=5::50%25 of it: a, b\n"
    )


def test_github_leaves_columns_out_where_the_span_has_several_lines() -> None:
    where = reports.source("a 1\n 2;")
    finding = reports.finding(
        reports.location(where, "1\n 2;"), message="wrong", severity=Severity.INFO
    )
    assert render("github", reports.report(finding), STYLE) == (
        "::notice title=LB301 idle-timeout-below-heartbeat,file=edge/chat.conf,line=1,endLine=2"
        "::wrong\n"
    )


def test_github_names_a_resource_in_the_message() -> None:
    finding = reports.resource(severity=Severity.WARNING, message="draining")
    assert render("github", reports.report(finding), STYLE) == (
        "::warning title=LB401 route-to-draining-only::aws:eu-west-1 "
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chat/0123: draining\n"
    )


CHAT = {
    "code": "LB301",
    "name": "idle-timeout-below-heartbeat",
    "family": "idle",
    "severity": "error",
    "confidence": "certain",
    "message": "cuts after 10s of silence; the next ping comes after 25s",
    "path": "edge/chat.conf",
    "line": 6,
    "column": 7,
    "end_line": 6,
    "end_column": 30,
    "resource": None,
    "address": "http/server[chat.example]/location[/ws/]",
    "evidence": "Upgrade headers are forwarded",
    "related": [{"path": "edge/chat.conf", "line": 4, "column": 3, "message": "in this location"}],
    "fix": {
        "safe": True,
        "description": "proxy_read_timeout 60s;",
        "edits": [
            {
                "path": "edge/chat.conf",
                "start": 95,
                "end": 118,
                "text": "proxy_read_timeout 60s;",
            }
        ],
        "command": None,
    },
    "trial": None,
    "fingerprint": "0123456789abcdef",
}


def test_json_is_lbcheck_1_to_the_letter() -> None:
    other = Related(reports.location(reports.source(), "location /ws/ {"), "in this location")
    report = reports.report(
        reports.chat(related=(other,)),
        suppressed=(reports.silenced("2027-01-31"),),
        baselined=(reports.chat(),) * 4,
    )
    told = json.loads(render("json", report, STYLE))
    silenced = CHAT | {"related": [], "reason": "drained by hand", "until": "2027-01-31"}
    assert told == {
        "schema": "lbcheck/1",
        "version": __version__,
        "complete": True,
        "exit_code": 1,
        "profile": reports.report().profile.id,
        "shard": None,
        "sources": [{"name": "edge/chat.conf", "kind": "nginx", "status": "read", "detail": None}],
        "not_known": [],
        "findings": [CHAT],
        "suppressed": [silenced],
        "baselined": [CHAT | {"related": []}] * 4,
        "summary": {"error": 1, "warning": 0, "info": 0, "suppressed": 1, "baselined": 4},
    }
    assert list(told["findings"][0]) == list(CHAT)


def test_json_has_no_line_where_there_is_no_text() -> None:
    account = reports.source(None, "aws:eu-west-1", "aws")
    finding = reports.finding(Location(account, 1, 1, 1, 1))  # as of an empty span
    [told] = json.loads(render("json", reports.report(finding), STYLE))["findings"]
    assert [told[key] for key in ("path", "line", "column", "end_line", "end_column")] == [
        "aws:eu-west-1",
        None,
        None,
        None,
        None,
    ]


def test_json_tells_what_could_not_be_read() -> None:
    report = reports.report(sources=(reports.unread(),), complete=False, exit_code=3)
    told = json.loads(render("json", report, STYLE))
    assert (told["complete"], told["exit_code"]) == (False, 3)
    assert told["sources"] == [
        {
            "name": "edge/broken.conf",
            "kind": "nginx",
            "status": "unread",
            "detail": "cannot be read: Permission denied; check it",
        }
    ]


def test_json_is_ascii_and_readable_by_strict_parsers() -> None:
    output = render("json", reports.report(reports.chat(message="\udce9 \u202e é")), STYLE)
    assert output.isascii()
    assert json.loads(output)["findings"][0]["message"] == "\\xe9 \u202e é"
